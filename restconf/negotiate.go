package restconf

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// encoding is how YANG data is carried (RFC 8040 Section 3.2).
type encoding uint8

const (
	inJSON encoding = iota
	inXML
)

var mediaTypes = []string{"application/yang-data+json", "application/yang-data+xml"}

// contentTypes are the values of Content-Type in answers; nobody changes them.
var contentTypes = [...][]string{mediaTypes[:1:1], mediaTypes[1:2:2]}

// mediaType is the encoding's media type.
func (e encoding) mediaType() string { return mediaTypes[e] }

// negotiate chooses the encoding of the answer: the one that the Accept headers
// like best, else that of the request's body, else JSON (RFC 8040 Section 5.2). ok
// is false when the client accepts neither; errors then go in the one returned.
func negotiate(h http.Header) (e encoding, ok bool) {
	if text := h.Get("Content-Type"); text != "" {
		if typ, _, _ := mime.ParseMediaType(text); strings.HasSuffix(typ, "+xml") {
			e = inXML
		}
	}
	accept := strings.Join(h.Values("Accept"), ",")
	if i := slices.Index(mediaTypes, accept); i >= 0 { // as most clients write it
		return encoding(i), true
	}
	if accept == "*/*" || strings.TrimSpace(accept) == "" {
		return e, true
	}
	own, other := preferenceFor(accept, e.mediaType()), preferenceFor(accept, (1-e).mediaType())
	if other.q > own.q || other.q == own.q && other.specific > own.specific {
		e, own = 1-e, other
	}
	if own.q > 0 {
		return e, true
	}
	if list := preferenceFor(accept, listMediaType); list.q > 0 && list.specific == 3 {
		e = inXML
	}
	return e, false
}

// listMediaType carries several entries in XML
// (draft-ietf-netconf-list-pagination-rc-10 Section 2.2).
const listMediaType = "application/yang-data+xml-list"

var listContentType = []string{listMediaType}

// prefersList tells whether the Accept headers name listMediaType, and like it no
// less than the encoding that was negotiated.
func (q *request) prefersList() bool {
	accept := strings.Join(q.r.Header.Values("Accept"), ",")
	list, other := preferenceFor(accept, listMediaType), preferenceFor(accept, q.out.mediaType())
	switch {
	case list.q == 0 || list.specific < 3 || list.q < other.q:
		return false
	}
	return list.q > other.q || q.out == inXML || other.specific < 3
}

// accepts tells whether the Accept headers allow the media type; all do when
// there are none.
func accepts(h http.Header, mediaType string) bool {
	accept := strings.Join(h.Values("Accept"), ",")
	return strings.TrimSpace(accept) == "" || preferenceFor(accept, mediaType).q > 0
}

// preference is what an Accept header says about one media type: the weight that
// the most specific range for it has (RFC 9110 Section 12.5.1).
type preference struct {
	q        float64
	specific int
}

func preferenceFor(accept, mediaType string) (best preference) {
	major, _, _ := strings.Cut(mediaType, "/")
	for item := range strings.SplitSeq(accept, ",") {
		typ, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		p := preference{q: 1}
		switch typ {
		case mediaType:
			p.specific = 3
		case major + "/*":
			p.specific = 2
		case "*/*":
			p.specific = 1
		default:
			continue
		}
		if text, ok := params["q"]; ok {
			if p.q, err = strconv.ParseFloat(text, 64); err != nil || p.q < 0 || p.q > 1 {
				continue
			}
		}
		if p.specific > best.specific {
			best = p
		}
	}
	return best
}

// contentType is which of the media types on offer the request's body has.
func contentType(h http.Header, offer []string) (int, error) {
	if _, err := codingOf(h); err != nil {
		return 0, err
	}
	text := h.Get("Content-Type")
	typ, params, err := mime.ParseMediaType(text)
	if charset, ok := params["charset"]; err == nil && (!ok || strings.EqualFold(charset, "utf-8")) {
		if i := slices.Index(offer, typ); i >= 0 {
			return i, nil
		}
	}
	return 0, unsupportedMedia("Content-Type is %q; expected %s, in UTF-8", clip(text), strings.Join(offer, " or "))
}
