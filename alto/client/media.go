package client

import "strings"

// parseMedia splits a media type from its parameters, both in lower case but for the
// values. A value may have a slash without quotes, as RFC 9275 Section 7.2.6 writes the
// type of multipart/related.
func parseMedia(text string) (media string, parameters map[string]string) {
	media, rest, _ := strings.Cut(text, ";")
	parameters = make(map[string]string)
	for rest != "" {
		name, after, ok := strings.Cut(strings.TrimLeft(rest, "; \t"), "=")
		if !ok {
			break
		}
		value, remains := "", ""
		if strings.HasPrefix(after, `"`) {
			if value, remains, ok = parameterValue(after); !ok {
				break
			}
		} else {
			value, remains, _ = strings.Cut(after, ";")
		}
		parameters[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		rest = remains
	}
	return strings.ToLower(strings.TrimSpace(media)), parameters
}

// sameMedia compares media types, and of multipart/related the type of its root too
// (RFC 2387 Section 3.1).
func sameMedia(got, want string) bool {
	a, parameters := parseMedia(got)
	b, wanted := parseMedia(want)
	return a == b && (a != mediaMultipart || parameters["type"] == wanted["type"])
}
