package restconf

import (
	"net/http"
	"testing"
)

func TestNegotiate(t *testing.T) {
	const j, x = "application/yang-data+json", "application/yang-data+xml"
	for _, c := range []struct {
		name, accept, content string
		want                  encoding
		ok                    bool
	}{
		{"nothing asked", "", "", inJSON, true},
		{"as the body", "", x, inXML, true},
		{"as the body, with a parameter", "", x + "; charset=utf-8", inXML, true},
		{"JSON", j, x, inJSON, true},
		{"XML", x, j, inXML, true},
		{"anything", "*/*", "", inJSON, true},
		{"anything, as the body", "*/*", x, inXML, true},
		{"one of the family", "application/*", x, inXML, true},
		{"the weights", j + ";q=0.5, " + x + ";q=0.8", "", inXML, true},
		{"the weights, the other way", j + ";q=0.8, " + x + ";q=0.5", "", inJSON, true},
		{"equal weights, as the body", x + ", " + j, x, inXML, true},
		{"named goes before the rest", x + ", */*", "", inXML, true},
		{"the rest may weigh more", x + ";q=0.1, */*", "", inJSON, true},
		{"excluded", "*/*, " + j + ";q=0", "", inXML, true},
		{"both excluded", j + ";q=0, " + x + ";q=0.0, */*", "", inJSON, false},
		{"other types", "text/html, application/json", "", inJSON, false},
		{"other types, error as the body", "text/html", x, inXML, false},
		{"no weight", j + ";q=heavy", "", inJSON, false},
		{"too heavy", j + ";q=2, " + x, "", inXML, true},
		{"no media type at all", ";;;", "", inJSON, false},
	} {
		h := http.Header{}
		if c.accept != "" {
			h.Set("Accept", c.accept)
		}
		if c.content != "" {
			h.Set("Content-Type", c.content)
		}
		if got, ok := negotiate(h); got != c.want || ok != c.ok {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestNegotiateSeveralFields(t *testing.T) {
	h := http.Header{"Accept": {"text/html", "application/yang-data+xml"}}
	if got, ok := negotiate(h); got != inXML || !ok {
		t.Errorf("%v %v", got, ok)
	}
}

func TestContentType(t *testing.T) {
	for _, c := range []struct {
		typ, coding string
		want        encoding
		ok          bool
	}{
		{"application/yang-data+json", "", inJSON, true},
		{"Application/YANG-Data+XML", "identity", inXML, true},
		{"application/yang-data+xml; charset=UTF-8", "", inXML, true},
		{"application/yang-data+xml; charset=latin1", "", 0, false},
		{"application/yang-data+json", "br", 0, false},
		{"application/json", "", 0, false},
		{"application/yang-patch+json", "", 0, false},
		{"", "", 0, false},
	} {
		h := http.Header{"Content-Type": {c.typ}}
		if c.coding != "" {
			h.Set("Content-Encoding", c.coding)
		}
		got, err := contentType(h, mediaTypes)
		if (err == nil) != c.ok || c.ok && encoding(got) != c.want {
			t.Errorf("%s %s: %v, %v", c.typ, c.coding, got, err)
		}
	}
}
