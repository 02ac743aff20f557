package yang

// path parses a location path, or a primary expression with what may follow it.
func (p *xpathParser) path() (Expr, error) {
	t := p.peek()
	switch {
	case t.is(tokenOperator, "/"), t.is(tokenOperator, "//"), p.atStep():
		path := &PathExpr{}
		if err := p.node(); err != nil {
			return nil, err
		}
		if p.take(tokenOperator, "/") {
			path.Absolute = true
			if !p.atStep() {
				return path, nil
			}
		} else if p.take(tokenOperator, "//") {
			path.Absolute = true
			path.Steps = append(path.Steps, anyDepth)
		}
		return path, p.steps(path)
	}
	base, err := p.primary()
	if err != nil {
		return nil, err
	}
	path := &PathExpr{Base: base}
	if path.Preds, err = p.predicates(); err != nil {
		return nil, err
	}
	switch {
	case p.take(tokenOperator, "/"):
		err = p.steps(path)
	case p.take(tokenOperator, "//"):
		path.Steps = append(path.Steps, anyDepth)
		err = p.steps(path)
	case path.Preds == nil:
		return base, nil
	}
	if err == nil && !isNodeSet(base) {
		err = xpathErrorAt(p.text, t.pos, "what stands before a predicate or a path must be a node-set")
	}
	return path, err
}

// anyDepth is what "//" stands for.
var anyDepth = Step{Axis: AxisDescendantOrSelf, Test: TestNode}

// atStep tells whether a location step starts here.
func (p *xpathParser) atStep() bool {
	t := p.peek()
	switch t.kind {
	case tokenName, tokenNodeType, tokenAxis:
		return true
	case tokenSymbol:
		return t.text == "." || t.text == ".." || t.text == "@"
	}
	return false
}

// steps parses one step and those that "/" and "//" add.
func (p *xpathParser) steps(path *PathExpr) error {
	for {
		s, err := p.step()
		if err != nil {
			return err
		}
		path.Steps = append(path.Steps, s)
		switch {
		case p.take(tokenOperator, "/"):
		case p.take(tokenOperator, "//"):
			path.Steps = append(path.Steps, anyDepth)
		default:
			return nil
		}
	}
}

func (p *xpathParser) step() (s Step, err error) {
	if err := p.node(); err != nil {
		return s, err
	}
	t := p.peek()
	switch {
	case p.take(tokenSymbol, "."):
		return Step{Axis: AxisSelf, Test: TestNode}, nil
	case p.take(tokenSymbol, ".."):
		return Step{Axis: AxisParent, Test: TestNode}, nil
	case p.take(tokenSymbol, "@"):
		s.Axis = AxisAttribute
	case t.kind == tokenAxis:
		axis, ok := xpathAxes[t.text]
		if !ok || t.prefix != "" {
			return s, xpathErrorAt(p.text, t.pos, "there is no axis %s", t)
		}
		s.Axis = axis
		p.i++
	}
	if err := p.nodeTest(&s); err != nil {
		return s, err
	}
	s.Preds, err = p.predicates()
	return s, err
}

func (p *xpathParser) nodeTest(s *Step) error {
	t := p.peek()
	switch t.kind {
	case tokenName:
		p.i++
		s.Module, s.Name = t.module, t.text
		switch {
		case t.text == "*":
			s.Test, s.Name = TestAny, ""
		case t.prefix == "":
			s.Module = p.o.Default
		}
		return nil
	case tokenNodeType:
		p.i += 2 // the name and "("
		switch t.text {
		case "node":
			s.Test = TestNode
		case "text":
			s.Test = TestText
		default:
			s.Test = TestNothing
		}
		if t.text == "processing-instruction" && p.peek().kind == tokenLiteral {
			p.i++
		}
		return p.symbol(")")
	}
	return p.expected("a node name")
}

func (p *xpathParser) predicates() (preds []Expr, err error) {
	for p.take(tokenSymbol, "[") {
		err := p.nested(func() error {
			e, err := p.expr(0)
			if err == nil {
				err = p.symbol("]")
			}
			preds = append(preds, e)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return preds, nil
}
