package yang

// xpathFunction is the signature of a function: how many arguments it takes,
// which of them are node-sets, and whether its result is one.
type xpathFunction struct {
	min, max int  // arguments; max -1 is any number
	nodes    uint // bit i: argument i is a node-set
	result   bool // a node-set
	identity bool // the second argument names an identity
}

// xpathFunctions are the core library of XPath 1.0 Section 4 and the functions
// of RFC 7950 Section 10.
var xpathFunctions = map[string]xpathFunction{
	"last":          {},
	"position":      {},
	"count":         {min: 1, max: 1, nodes: 1},
	"id":            {min: 1, max: 1, result: true},
	"local-name":    {max: 1, nodes: 1},
	"namespace-uri": {max: 1, nodes: 1},
	"name":          {max: 1, nodes: 1},

	"string":           {max: 1},
	"concat":           {min: 2, max: -1},
	"starts-with":      {min: 2, max: 2},
	"contains":         {min: 2, max: 2},
	"substring-before": {min: 2, max: 2},
	"substring-after":  {min: 2, max: 2},
	"substring":        {min: 2, max: 3},
	"string-length":    {max: 1},
	"normalize-space":  {max: 1},
	"translate":        {min: 3, max: 3},

	"boolean": {min: 1, max: 1},
	"not":     {min: 1, max: 1},
	"true":    {},
	"false":   {},
	"lang":    {min: 1, max: 1},

	"number":  {max: 1},
	"sum":     {min: 1, max: 1, nodes: 1},
	"floor":   {min: 1, max: 1},
	"ceiling": {min: 1, max: 1},
	"round":   {min: 1, max: 1},

	"current":              {result: true},
	"re-match":             {min: 2, max: 2},
	"deref":                {min: 1, max: 1, nodes: 1, result: true},
	"derived-from":         {min: 2, max: 2, nodes: 1, identity: true},
	"derived-from-or-self": {min: 2, max: 2, nodes: 1, identity: true},
	"enum-value":           {min: 1, max: 1, nodes: 1},
	"bit-is-set":           {min: 2, max: 2, nodes: 1},
}

// isNodeSet tells whether the expression's value is a node-set; a variable's
// type is not known before evaluation.
func isNodeSet(e Expr) bool {
	switch e := e.(type) {
	case *PathExpr, VariableExpr:
		return true
	case *CallExpr:
		return xpathFunctions[e.Name].result
	case *BinaryExpr:
		return e.Op == OpUnion
	}
	return false
}

var xpathAxes = map[string]Axis{
	"child": AxisChild, "parent": AxisParent, "self": AxisSelf,
	"descendant": AxisDescendant, "descendant-or-self": AxisDescendantOrSelf,
	"ancestor": AxisAncestor, "ancestor-or-self": AxisAncestorOrSelf,
	"following": AxisFollowing, "following-sibling": AxisFollowingSibling,
	"preceding": AxisPreceding, "preceding-sibling": AxisPrecedingSibling,
	"attribute": AxisAttribute, "namespace": AxisNamespace,
}

// xpathOperators gives each binary operator and its binding strength.
var xpathOperators = map[string]struct {
	op       Op
	strength int
}{
	"or": {OpOr, 1}, "and": {OpAnd, 2},
	"=": {OpEq, 3}, "!=": {OpNe, 3},
	"<": {OpLt, 4}, "<=": {OpLe, 4}, ">": {OpGt, 4}, ">=": {OpGe, 4},
	"+": {OpAdd, 5}, "-": {OpSub, 5},
	"*": {OpMul, 6}, "div": {OpDiv, 6}, "mod": {OpMod, 6},
	"|": {OpUnion, 8},
}

// unaryStrength is that of the minus sign: above "*", below "|".
const unaryStrength = 7
