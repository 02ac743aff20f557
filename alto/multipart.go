package alto

import (
	"net/netip"
	"net/url"
	"strings"
)

// part is a part of a multipart/related response (RFC 9275 Section 7.2.6): a JSON object
// in two pieces.
type part struct {
	contentID  string // without the angle brackets
	media      string
	head, body []byte
}

// relatedParts is a response of several parts, of which the first is the root. No line of
// them begins with two hyphens and the boundary.
type relatedParts struct {
	boundary string
	parts    []part
}

// relatedTo is the media type of a multipart response by that of its root part, as the
// IRD has it.
func relatedTo(root string) string { return MediaRelated + ";type=" + root }

// contentType is that of the response. The type is quoted, since '/' stands in no token
// of a parameter (RFC 2045 Section 5.1).
func (m *relatedParts) contentType() string {
	return MediaRelated + "; boundary=" + m.boundary + `; type="` + m.parts[0].media + `"`
}

// encoded writes all parts, lines ending in newline.
func (m *relatedParts) encoded(newline string) []byte {
	size := 0
	for _, p := range m.parts {
		size += len(p.head) + len(p.body) + len(p.contentID) + len(p.media) + 128
	}
	b := make([]byte, 0, size)
	line := func(texts ...string) {
		for _, text := range texts {
			b = append(b, text...)
		}
		b = append(b, newline...)
	}
	for _, p := range m.parts {
		line("--", m.boundary)
		line("Content-ID: <", p.contentID, ">")
		line("Content-Type: ", p.media)
		line()
		b = append(append(b, p.head...), p.body...)
		line()
	}
	line("--", m.boundary, "--")
	return b
}

// contentDomain is the domain name of the server in Content-IDs (RFC 9275 Section 6.6):
// the host of the base URI, and one that is not there where the base URI has none or it
// is an IPv6 address, which is no dot-atom.
func (b baseURI) contentDomain() string {
	const none = "alto.invalid"
	u, err := url.Parse(b.origin)
	if err != nil || u.Hostname() == "" {
		return none
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return none
	}
	return host
}

// answer is the response to a request.
func (m *relatedParts) answer() *answer {
	return &answer{media: m.contentType(), body: m.encoded("\r\n"), related: m}
}

// namesType reports whether an element of an Accept header has the parameter "type" of a
// media type, or none (RFC 9275 Section 5.3.1).
func namesType(element, media string) bool {
	_, want, _ := strings.Cut(media, ";type=")
	for p := range strings.SplitSeq(element, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(key), "type") {
			return strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), want)
		}
	}
	return true
}
