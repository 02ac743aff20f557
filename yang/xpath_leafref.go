package yang

import "strings"

// ParseLeafrefPath parses a leafref's path: an absolute path or one that starts
// with "..", along child names only, whose predicates compare a key with a leaf
// at a path from current() (RFC 7950 Section 9.9.2 and path-arg in Section 14).
func ParseLeafrefPath(text string, o XPathOptions) (*XPath, error) {
	x, err := ParseXPath(text, o)
	if err != nil {
		return nil, err
	}
	if bad := x.notInLeafref(); bad != nil {
		return nil, xpathErrorAt(text, bad.pos, "%s cannot stand in a leafref path", bad)
	}
	if i := spaceOutside(text); i >= 0 {
		return nil, xpathErrorAt(text, i, "a leafref path has white space in predicates only")
	}
	wrong := func(what string) error { return &XPathError{Text: text, Position: 1, Message: what} }
	path, ok := x.Expr.(*PathExpr)
	if !ok || path.Base != nil {
		return nil, wrong(`a leafref path must start with "/" or "../"`)
	}
	up := parents(path.Steps)
	switch {
	case path.Absolute && up > 0:
		return nil, wrong(`".." cannot follow the root in a leafref path`)
	case !path.Absolute && up == 0:
		return nil, wrong(`a leafref path must start with "/" or "../"`)
	case !onlyNames(path.Steps[up:]):
		return nil, wrong(`a leafref path must go up by ".." and then down by node names`)
	}
	for _, s := range path.Steps {
		for _, pred := range s.Preds {
			if !isKeyEquality(pred) {
				return nil, wrong("a predicate in a leafref path must have the form [key = current()/../leaf]")
			}
		}
	}
	return x, nil
}

// spaceOutside is where white space stands outside of predicates, -1 for nowhere.
func spaceOutside(text string) int {
	depth := 0
	for i, r := range text {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0 && strings.ContainsRune(xmlSpace, r):
			return i
		}
	}
	return -1
}

// notInLeafref is the first token that the grammar of leafref paths excludes.
func (x *XPath) notInLeafref() *xpathToken {
	for i := range x.tokens {
		t := &x.tokens[i]
		switch {
		case t.kind == tokenName && t.text != "*",
			t.kind == tokenFunction && t.text == "current",
			t.kind == tokenOperator && (t.text == "/" || t.text == "="),
			t.kind == tokenSymbol && strings.Contains(" .. ( ) [ ] ", " "+t.text+" "):
		default:
			return t
		}
	}
	return nil
}

// parents is the number of ".." that l starts with.
func parents(l []Step) int {
	for i, s := range l {
		if s.Axis != AxisParent {
			return i
		}
	}
	return len(l)
}

// onlyNames tells that l is not empty and goes down by names.
func onlyNames(l []Step) bool {
	for _, s := range l {
		if s.Axis != AxisChild || s.Test != TestName {
			return false
		}
	}
	return len(l) > 0
}

// isKeyEquality checks for "key = current()/../leaf" without further predicates.
func isKeyEquality(e Expr) bool {
	eq, ok := e.(*BinaryExpr)
	if !ok || eq.Op != OpEq {
		return false
	}
	key, ok := eq.L.(*PathExpr)
	if !ok || key.Base != nil || key.Absolute || len(key.Steps) != 1 || !onlyNames(key.Steps) || key.Steps[0].Preds != nil {
		return false
	}
	value, ok := eq.R.(*PathExpr)
	if !ok || value.Base == nil || value.Preds != nil {
		return false
	}
	for _, s := range value.Steps {
		if s.Preds != nil {
			return false
		}
	}
	call, ok := value.Base.(*CallExpr)
	up := parents(value.Steps)
	return ok && call.Name == "current" && up > 0 && onlyNames(value.Steps[up:])
}
