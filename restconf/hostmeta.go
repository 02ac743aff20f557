package restconf

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// hostMetaPath is where clients look for the API root (RFC 8040 Section 3.1).
const hostMetaPath = "/.well-known/host-meta"

// hostMeta resolves the host-meta document, an XRD unless the client wants JSON.
func hostMeta(*Server, string) (resource, error) {
	return resource{media: anyMedia, methods: methods{http.MethodGet: {(*request).getHostMeta, nil}}}, nil
}

// hostMetaJSON resolves the document in JSON (RFC 6415 Section 3).
func hostMetaJSON(*Server, string) (resource, error) {
	return resource{media: "application/json", methods: methods{http.MethodGet: {(*request).getHostMetaJSON, nil}}}, nil
}

func (q *request) getHostMeta() error {
	const xrd = "application/xrd+xml"
	if !accepts(q.r.Header, xrd) && accepts(q.r.Header, "application/json") {
		return q.getHostMetaJSON()
	}
	var b bytes.Buffer
	b.WriteString(`<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="restconf" href="`)
	escape(&b, q.o.Root)
	b.WriteString("\"/></XRD>\n")
	return q.sendBytes(xrd, b.Bytes())
}

func (q *request) getHostMetaJSON() error {
	type link struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	}
	text, err := json.Marshal(map[string][]link{"links": {{"restconf", q.o.Root}}})
	if err != nil {
		return err
	}
	return q.sendBytes("application/json", append(text, '\n'))
}
