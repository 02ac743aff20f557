package yang

import (
	"strconv"
	"strings"
)

// XPathOptions is the context of an expression.
type XPathOptions struct {
	// Resolve maps a prefix to a module name; nil knows no prefix.
	Resolve func(prefix string) (module string, ok bool)
	// Default is the module of names without prefix: the module's own (RFC 7950
	// Section 6.4.1), or AnyModule.
	Default string
	// Module is that of identity names without prefix: the one in which the
	// expression stands (RFC 7950 Section 10.4); "" leaves them open.
	Module string
	// NoVariables refuses references to variables: no module's expression has
	// any (RFC 7950 Section 6.4.1).
	NoVariables bool
	// MaxNodes bounds the nodes of the parsed expression; 0 means 10000.
	MaxNodes int
}

const (
	defaultXPathNodes = 10000
	// maxXPathDepth bounds how deep parentheses, predicates and arguments nest.
	maxXPathDepth = 100
)

// ParseXPath parses an XPath 1.0 expression with the functions of RFC 7950
// Section 10. Prefixes are resolved, function names and the number of their
// arguments are checked, and so is that node-sets stand where the grammar or a
// function demands one. The error is an *XPathError. Cost is linear in the text,
// which may have 64 KiB.
func ParseXPath(text string, o XPathOptions) (*XPath, error) {
	p, err := newXPathParser(text, o)
	if err != nil {
		return nil, err
	}
	e, err := p.expr(0)
	if err == nil && p.peek().kind != tokenEnd {
		err = p.expected("an operator or the end")
	}
	if err != nil {
		return nil, err
	}
	return &XPath{Text: text, Expr: e, tokens: p.tokens[:len(p.tokens)-1]}, nil
}

type xpathParser struct {
	text   string
	o      XPathOptions
	tokens []xpathToken
	i      int
	nodes  int
	depth  int
}

func newXPathParser(text string, o XPathOptions) (*xpathParser, error) {
	tokens, err := lexXPath(text)
	if err != nil {
		return nil, err
	}
	if o.MaxNodes == 0 {
		o.MaxNodes = defaultXPathNodes
	}
	p := &xpathParser{text: text, o: o, tokens: tokens}
	for i := range tokens {
		if err := p.resolve(&tokens[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// resolve finds the module of a prefixed name, and of a literal that is written
// like one; a literal with an unknown prefix is plain text.
func (p *xpathParser) resolve(t *xpathToken) error {
	prefix := t.prefix
	if t.kind == tokenLiteral {
		before, local, _ := strings.Cut(t.text, ":")
		if !isIdentifier(before) || !isIdentifier(local) {
			return nil
		}
		prefix = before
	}
	if prefix == "" || p.o.Resolve == nil && t.kind == tokenLiteral {
		return nil
	}
	var module string
	ok := false
	if p.o.Resolve != nil {
		module, ok = p.o.Resolve(prefix)
	}
	switch {
	case t.kind == tokenLiteral && ok:
		t.text, t.prefix = module+t.text[len(prefix):], prefix
	case t.kind != tokenLiteral && !ok:
		return xpathErrorAt(p.text, t.pos, "prefix %q stands for no module here", prefix)
	case t.kind != tokenLiteral:
		t.module = module
	}
	return nil
}

func (p *xpathParser) peek() xpathToken { return p.tokens[p.i] }

func (p *xpathParser) take(kind xpathTokenKind, text string) bool {
	if p.peek().is(kind, text) {
		p.i++
		return true
	}
	return false
}

func (p *xpathParser) symbol(text string) error {
	if !p.take(tokenSymbol, text) {
		return p.expected(strconv.Quote(text))
	}
	return nil
}

func (p *xpathParser) expected(what string) error {
	return xpathErrorAt(p.text, p.peek().pos, "expected %s, found %s", what, p.peek())
}

// node counts a node of the result against the limit.
func (p *xpathParser) node() error {
	if p.nodes++; p.nodes > p.o.MaxNodes {
		return xpathErrorAt(p.text, p.peek().pos, "the expression has more than %d parts", p.o.MaxNodes)
	}
	return nil
}

// expr parses operators that bind stronger than floor, and their operands.
func (p *xpathParser) expr(floor int) (Expr, error) {
	left, err := p.unary()
	for err == nil {
		t := p.peek()
		o, ok := xpathOperators[t.text]
		if t.kind != tokenOperator || !ok || o.strength <= floor {
			break
		}
		if err = p.node(); err != nil {
			break
		}
		if o.op == OpUnion && !isNodeSet(left) {
			return nil, xpathErrorAt(p.text, t.pos, `the left side of "|" is no node-set`)
		}
		p.i++
		start := p.peek().pos
		var right Expr
		if right, err = p.expr(o.strength); err == nil && o.op == OpUnion && !isNodeSet(right) {
			return nil, xpathErrorAt(p.text, start, `the right side of "|" is no node-set`)
		}
		left = &BinaryExpr{Op: o.op, L: left, R: right}
	}
	return left, err
}

// unary parses any number of minus signs and what they stand before.
func (p *xpathParser) unary() (Expr, error) {
	minus := 0
	for p.take(tokenOperator, "-") {
		minus++
	}
	if minus == 0 {
		return p.path()
	}
	e, err := p.expr(unaryStrength)
	if err != nil {
		return nil, err
	}
	// Two signs are not the same as none: they make a number of the operand.
	for range 2 - minus%2 {
		if err := p.node(); err != nil {
			return nil, err
		}
		e = &NegateExpr{X: e}
	}
	return e, nil
}

// nested runs parse one level deeper.
func (p *xpathParser) nested(parse func() error) error {
	if p.depth++; p.depth > maxXPathDepth {
		return xpathErrorAt(p.text, p.peek().pos, "the expression nests deeper than %d", maxXPathDepth)
	}
	defer func() { p.depth-- }()
	return parse()
}

// primary parses a variable, parenthesised expression, literal, number or call.
func (p *xpathParser) primary() (e Expr, err error) {
	if err := p.node(); err != nil {
		return nil, err
	}
	t := p.peek()
	switch {
	case t.kind == tokenLiteral:
		p.i++
		if t.prefix != "" {
			_, name, _ := strings.Cut(t.text, ":")
			return NameExpr{Text: t.prefix + ":" + name, Name: t.text}, nil
		}
		return LiteralExpr(t.text), nil
	case t.kind == tokenNumber:
		p.i++
		n, _ := strconv.ParseFloat(t.text, 64) // infinite when too large, as IEEE 754 has it
		return NumberExpr(n), nil
	case t.kind == tokenFunction:
		return p.call()
	case p.o.NoVariables && t.is(tokenSymbol, "$"):
		return nil, xpathErrorAt(p.text, t.pos, "there are no variables here")
	case p.take(tokenSymbol, "$"):
		name := p.peek()
		if name.kind != tokenName || name.text == "*" {
			return nil, p.expected("a variable name")
		}
		p.i++
		if name.module != "" {
			return VariableExpr(name.module + ":" + name.text), nil
		}
		return VariableExpr(name.text), nil
	case p.take(tokenSymbol, "("):
		err = p.nested(func() error {
			if e, err = p.expr(0); err == nil {
				err = p.symbol(")")
			}
			return err
		})
		return e, err
	}
	return nil, p.expected("an expression")
}

func (p *xpathParser) call() (Expr, error) {
	t := p.peek()
	f, ok := xpathFunctions[t.text]
	if !ok || t.prefix != "" {
		return nil, xpathErrorAt(p.text, t.pos, "there is no function %s", t)
	}
	p.i += 2 // the name and "("
	c := &CallExpr{Name: t.text}
	err := p.nested(func() error {
		for !p.take(tokenSymbol, ")") {
			if len(c.Args) > 0 {
				if !p.take(tokenSymbol, ",") {
					return p.expected(`"," or ")"`)
				}
			}
			start := p.peek().pos
			arg, err := p.expr(0)
			if err != nil {
				return err
			}
			if n := len(c.Args); n < 8 && f.nodes&(1<<n) != 0 && !isNodeSet(arg) {
				return xpathErrorAt(p.text, start, "argument %d of %s() must be a node-set", n+1, t.text)
			}
			c.Args = append(c.Args, arg)
		}
		return nil
	})
	if f.identity && p.o.Module != "" && len(c.Args) == 2 {
		if name, ok := c.Args[1].(LiteralExpr); ok && isIdentifier(string(name)) {
			c.Args[1] = NameExpr{Text: string(name), Name: p.o.Module + ":" + string(name)}
		}
	}
	if err == nil && (len(c.Args) < f.min || f.max >= 0 && len(c.Args) > f.max) {
		err = xpathErrorAt(p.text, t.pos, "%s() takes %s, found %d", t.text, f.arity(), len(c.Args))
	}
	return c, err
}

// arity says how many arguments the function takes.
func (f xpathFunction) arity() string {
	switch {
	case f.max < 0:
		return strconv.Itoa(f.min) + " or more arguments"
	case f.max == 0:
		return "no arguments"
	case f.min == f.max && f.min == 1:
		return "1 argument"
	case f.min == f.max:
		return strconv.Itoa(f.min) + " arguments"
	}
	return strconv.Itoa(f.min) + " to " + strconv.Itoa(f.max) + " arguments"
}
