package client

import "strings"

// challenge is one of WWW-Authenticate (RFC 9110 Section 11.6.1). Its scheme and the names
// of its parameters are in lower case.
type challenge struct {
	scheme     string
	parameters map[string]string
}

// parseChallenges reads those of a header as far as they are well-formed.
func parseChallenges(values []string) (list []challenge) {
	for _, text := range values {
		for text = strings.TrimLeft(text, ", \t"); text != ""; text = strings.TrimLeft(text, ", \t") {
			name, rest := token(text)
			if name == "" {
				break
			}
			after := strings.TrimLeft(rest, " \t")
			if value, ok := strings.CutPrefix(after, "="); ok && len(list) > 0 && !strings.HasPrefix(value, "=") {
				if value, text, ok = parameterValue(strings.TrimLeft(value, " \t")); !ok {
					break
				}
				list[len(list)-1].parameters[strings.ToLower(name)] = value
				continue
			}
			list = append(list, challenge{strings.ToLower(name), make(map[string]string)})
			text = strings.TrimLeft(rest, "=") // of a token68
		}
	}
	return list
}

// token splits a token off (RFC 9110 Section 5.6.2).
func token(text string) (name, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// parameterValue splits a token or a quoted-string off (RFC 9110 Section 5.6.4).
func parameterValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		value, rest = token(text)
		return value, rest, value != ""
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), text[i+1:], true
		case '\\':
			if i++; i == len(text) {
				return "", "", false
			}
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}
