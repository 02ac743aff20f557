package alto

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// acceptable reports whether the Accept headers allow a media type (RFC 9110
// Section 12.5.1): the most specific range that matches decides.
func acceptable(h http.Header, media string) bool {
	values := h.Values("Accept")
	if len(values) == 0 {
		return true
	}
	kind, _, _ := strings.Cut(media, "/")
	bare, _, parameterised := strings.Cut(media, ";")
	best, allowed := -1, false
	for element := range listElements(values) {
		name, q := quality(element)
		rank := -1
		switch name = strings.ToLower(name); {
		case name == bare && (!parameterised || namesType(element, media)):
			rank = 2
		case name == kind+"/*":
			rank = 1
		case name == "*/*":
			rank = 0
		}
		if rank > best || rank == best && rank >= 0 && q > 0 {
			best, allowed = rank, q > 0
		}
	}
	return allowed
}

// acceptsGzip reports whether the Accept-Encoding headers allow gzip (RFC 9110
// Section 12.5.3).
func acceptsGzip(h http.Header) bool {
	any, named := false, false
	for element := range listElements(h.Values("Accept-Encoding")) {
		name, q := quality(element)
		switch strings.ToLower(name) {
		case "gzip", "x-gzip":
			if q == 0 {
				return false
			}
			named = true
		case "*":
			any = q > 0
		}
	}
	return named || any
}

// listElements iterates over the elements of comma-separated header values.
func listElements(values []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range values {
			for element := range strings.SplitSeq(v, ",") {
				if element = strings.TrimSpace(element); element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// quality splits "name;q=0.5" with any other parameters; q is 1 where it is
// missing and 0 where it is malformed.
func quality(element string) (name string, q float64) {
	name, rest, _ := strings.Cut(element, ";")
	q = 1
	for p := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			q, _ = strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return strings.TrimSpace(name), q
}

// contentTypeIs reports whether a request body has the media type; parameters are
// tolerated.
func contentTypeIs(h http.Header, media string) bool {
	got, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && got == media
}

// noneMatch reports whether If-None-Match names the entity tag (RFC 9110 Section
// 13.1.2), compared weakly; either encoding of the same version counts.
func noneMatch(h http.Header, etag string) bool {
	for element := range listElements(h.Values("If-None-Match")) {
		tag := strings.TrimPrefix(element, "W/")
		if tag == "*" || tag == `"`+etag+`"` || tag == `"`+etag+gzipSuffix+`"` {
			return true
		}
	}
	return false
}

// gzipSuffix sets the strong entity tag of a compressed representation apart.
const gzipSuffix = "-gzip"
