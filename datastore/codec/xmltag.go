package codec

func (x *XMLReader) startTag() error {
	if len(x.stack) == x.limits.Depth {
		return x.tooBig("elements are nested deeper than %d", x.limits.Depth)
	}
	at := x.base + int64(x.pos)
	x.pos++
	name, err := x.qname()
	if err != nil {
		return err
	}
	x.tagName = int(x.base + int64(x.pos) - at)
	outer := x.scope
	x.attrs, x.tagDecls = x.attrs[:0], x.tagDecls[:0]
	for {
		spaced := x.skipSpace()
		if !x.ahead(1) {
			return x.unexpectedEnd()
		}
		c := x.buf[x.pos]
		if c == '>' || c == '/' {
			break
		}
		if !spaced {
			return x.malformed("white space must separate the attributes of <%s>", name.raw)
		}
		if err := x.attribute(name); err != nil {
			return err
		}
	}
	if x.buf[x.pos] == '/' {
		x.pos++
		x.pendingEnd = true
	}
	if !x.ahead(1) || x.buf[x.pos] != '>' {
		return x.malformed("the start tag of <%s> must end with \">\" or \"/>\"", name.raw)
	}
	x.pos++
	space, err := x.resolveTag(name)
	if err != nil {
		return err
	}
	x.stack = append(x.stack, openElement{name, space, outer})
	x.token = XMLToken{Kind: XMLStart, Space: space, Local: name.local, Attrs: x.attrs}
	return nil
}

func (x *XMLReader) endTag() error {
	x.pos += 2
	open := x.stack[len(x.stack)-1].name.raw
	if !x.ahead(len(open)) || string(x.buf[x.pos:x.pos+len(open)]) != open {
		return x.malformed("</%s> expected", open)
	}
	x.pos += len(open)
	x.skipSpace()
	if !x.ahead(1) || x.buf[x.pos] != '>' {
		return x.malformed("</%s> expected", open)
	}
	x.pos++
	x.closeElement()
	return nil
}

func (x *XMLReader) closeElement() {
	e := x.stack[len(x.stack)-1]
	x.stack = x.stack[:len(x.stack)-1]
	x.scope = e.scope
	x.ended = len(x.stack) == 0
	x.token = XMLToken{Kind: XMLEnd, Space: e.space, Local: e.name.local}
}

// attribute reads name="value" into attrs or, for a namespace declaration, scope.
func (x *XMLReader) attribute(element *qname) error {
	if len(x.attrs)+len(x.tagDecls) == x.limits.Attrs {
		return x.tooBig("<%s> has more than %d attributes", element.raw, x.limits.Attrs)
	}
	name, err := x.qname()
	if err != nil {
		return err
	}
	x.skipSpace()
	if !x.ahead(1) || x.buf[x.pos] != '=' {
		return x.malformed("attribute %s of <%s> has no value", name.raw, element.raw)
	}
	x.pos++
	x.skipSpace()
	value, err := x.attrValue(name)
	if err != nil {
		return err
	}
	switch {
	case name.prefix == "xmlns":
		return x.declare(name.local, value)
	case name.raw == "xmlns":
		return x.declare("", value)
	}
	x.attrs = append(x.attrs, XMLAttr{Local: name.local, Prefix: name.prefix, Value: value})
	return nil
}

// attrValue reads a quoted attribute value (XML 1.0 Section 3.3.3: white space
// characters become spaces).
func (x *XMLReader) attrValue(name *qname) (string, error) {
	if !x.ahead(1) || (x.buf[x.pos] != '"' && x.buf[x.pos] != '\'') {
		return "", x.malformed("the value of attribute %s must be quoted", name.raw)
	}
	quote := x.buf[x.pos]
	x.pos++
	x.scratch = x.scratch[:0]
	for i := 0; ; {
		if !x.ahead(i + 1) {
			return "", x.unexpectedEnd()
		}
		if i+len(x.scratch) > x.limits.Text {
			return "", x.tooBig("the value of attribute %s is longer than %d bytes", name.raw, x.limits.Text)
		}
		c := x.buf[x.pos+i]
		if c != quote && c != '\t' && c != '\n' && c != '\r' && c != '<' && c != '&' {
			n := 1
			var err error
			switch textClass[c] {
			case highByte:
				n, err = x.multibyte(i)
			case badByte:
				err = x.badChar(rune(c))
			}
			if err != nil {
				return "", err
			}
			i += n
			continue
		}
		x.scratch = append(x.scratch, x.buf[x.pos:x.pos+i]...)
		x.pos += i
		i = 0
		switch c {
		case quote:
			x.pos++
			return x.internValue(x.scratch), nil
		case '<':
			return "", x.malformed("\"<\" must be escaped in the value of attribute %s", name.raw)
		case '&':
			if err := x.reference(); err != nil {
				return "", err
			}
		default:
			x.scratch = append(x.scratch, ' ')
			x.pos++
			if c == '\r' && x.ahead(1) && x.buf[x.pos] == '\n' {
				x.pos++
			}
		}
	}
}
