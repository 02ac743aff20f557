package yang

// XPath is a parsed XPath 1.0 expression with the YANG functions of RFC 7950
// Section 10. Prefixes are resolved: every name carries its module. Immutable.
type XPath struct {
	Text string // as written
	Expr Expr

	tokens []xpathToken // prefixes resolved, for Canonical
}

// Expr is one of *BinaryExpr, *NegateExpr, NumberExpr, LiteralExpr, NameExpr, *CallExpr, *PathExpr, VariableExpr.
type Expr interface{ isExpr() }

// Op is a binary operator.
type Op uint8

// The operators, loosest binding first.
const (
	OpOr Op = iota + 1
	OpAnd
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMod
	OpUnion
)

// BinaryExpr is L Op R.
type BinaryExpr struct {
	Op   Op
	L, R Expr
}

// NegateExpr is unary minus.
type NegateExpr struct{ X Expr }

// NumberExpr is a number literal.
type NumberExpr float64

// LiteralExpr is a string literal.
type LiteralExpr string

// NameExpr is a string literal "prefix:name" whose prefix is known where the
// expression was parsed. Name reads "module:name", which is the canonical form of
// an identityref value; it counts where Text is compared with one or names one.
type NameExpr struct{ Text, Name string }

// VariableExpr is a variable reference, without the dollar.
type VariableExpr string

// CallExpr is a function call.
type CallExpr struct {
	Name string
	Args []Expr
}

// PathExpr is a location path. With Base (a filter expression) the steps start
// from its node-set, after Preds; else from the root if Absolute, or the context node.
type PathExpr struct {
	Base     Expr
	Preds    []Expr
	Absolute bool
	Steps    []Step
}

// Axis is an XPath axis.
type Axis uint8

// The axes. Attribute and namespace axes select nothing in a YANG data tree.
const (
	AxisChild Axis = iota
	AxisParent
	AxisSelf
	AxisDescendant
	AxisDescendantOrSelf
	AxisAncestor
	AxisAncestorOrSelf
	AxisFollowing
	AxisFollowingSibling
	AxisPreceding
	AxisPrecedingSibling
	AxisAttribute
	AxisNamespace
)

// NodeTest is what kind of node test a Step has.
type NodeTest uint8

// The node tests: a name, "*" or "module:*", node(), text(), and comment() or
// processing-instruction(), which match nothing in a data tree.
const (
	TestName NodeTest = iota
	TestAny
	TestNode
	TestText
	TestNothing
)

// AnyModule as Step.Module matches a name in every module: an unprefixed name of
// an expression that came without a default namespace.
const AnyModule = "*"

// Step is one location step; "//" is a descendant-or-self::node() step.
type Step struct {
	Axis         Axis
	Test         NodeTest
	Module, Name string // TestName; with TestAny Module is "" or limits it
	Preds        []Expr
}

func (*BinaryExpr) isExpr()  {}
func (*NegateExpr) isExpr()  {}
func (NumberExpr) isExpr()   {}
func (LiteralExpr) isExpr()  {}
func (NameExpr) isExpr()     {}
func (VariableExpr) isExpr() {}
func (*CallExpr) isExpr()    {}
func (*PathExpr) isExpr()    {}
