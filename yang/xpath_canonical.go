package yang

import "strings"

// Canonical is the expression as facts print it: prefixes are module names and
// dropped where they are own, white space is only around binary operators,
// literals stand in double quotes unless they hold one. With own "" every
// prefix is kept. Names written without a prefix stay so.
func (x *XPath) Canonical(own string) string {
	var b strings.Builder
	for i, t := range x.tokens {
		switch t.kind {
		case tokenLiteral:
			mark := `"`
			if strings.Contains(t.text, mark) {
				mark = "'"
			}
			b.WriteString(mark + t.text + mark)
		case tokenOperator:
			if t.text == "/" || t.text == "//" || t.text == "-" && !x.endsOperand(i-1) {
				b.WriteString(t.text)
			} else {
				b.WriteString(" " + t.text + " ")
			}
		case tokenAxis:
			b.WriteString(t.text + "::")
		default:
			if t.module != "" && t.module != own {
				b.WriteString(t.module + ":")
			}
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// endsOperand tells whether token i can be the last of an operand: a minus sign
// after it is a subtraction.
func (x *XPath) endsOperand(i int) bool {
	if i < 0 {
		return false
	}
	switch t := x.tokens[i]; t.kind {
	case tokenName, tokenLiteral, tokenNumber:
		return true
	case tokenSymbol:
		return t.text == ")" || t.text == "]" || t.text == "." || t.text == ".."
	}
	return false
}
