package client

import (
	"net/http"
	"strings"
	"testing"
)

const pathVectorMedia = "multipart/related;type=application/alto-costmap+json"

// pathVectors is the answer of RFC 9275 Section 4.2.3, shortened.
func pathVectors(tag string) string {
	return strings.ReplaceAll(`--example
Content-ID: <costmap@alto.example.com>
Content-Type: application/alto-costmap+json

{"meta":{"vtag":{"resource-id":"pv.costmap","tag":"d8"},"dependent-vtags":[{"resource-id":"net","tag":"a"}],"cost-type":{"cost-mode":"array","cost-metric":"ane-path"}},"cost-map":{"PID1":{"PID2":["ANE1","ANE3"]}}}
--example
Content-ID: <propmap@alto.example.com>
Content-Type: application/alto-propmap+json

{"meta":{"dependent-vtags":[{"resource-id":"pv.costmap","tag":"`+tag+`"}]},"property-map":{".ane:ANE1":{"max-reservable-bandwidth":100000000},".ane:ANE3":{"max-reservable-bandwidth":1}}}
--example--
`, "\n", "\r\n")
}

// TestPathVectors reads costs and properties of a multipart answer (RFC 9275 Section
// 7.2.6).
func TestPathVectors(t *testing.T) {
	for _, c := range []struct{ name, media, body, want string }{
		{"quoted type", `Multipart/Related; type="application/alto-costmap+json"; boundary="example"`, pathVectors("d8"), ""},
		{"whole", pathVectorMedia + "; boundary=example", pathVectors("d8"), ""},
		{"no boundary", pathVectorMedia, pathVectors("d8"), "has no parts"},
		{"another boundary", pathVectorMedia + "; boundary=x", pathVectors("d8"), "cannot be read"},
		{"one part", pathVectorMedia + "; boundary=example", "--example\r\n\r\n{}\r\n--example--", "has 1 parts"},
		{"no costs", pathVectorMedia + "; boundary=example", strings.Replace(pathVectors("d8"), `"cost-map"`, `"x"`, 1), `first part: the answer has no member "cost-map"`},
		{"no properties", pathVectorMedia + "; boundary=example", strings.Replace(pathVectors("d8"), `"property-map"`, `"x"`, 1), "second part: the answer has no member"},
		{"many parts", pathVectorMedia + "; boundary=b", strings.Repeat("--b\r\n\r\n{}\r\n", 20) + "--b--", "more than 16 parts"},
	} {
		costs, properties, err := (&Response{Media: c.media, Body: []byte(c.body)}).PathVectors()
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
			continue
		}
		must(t, err)
		if got := string(costs.From["PID1"]["PID2"]); got != `["ANE1","ANE3"]` || len(properties.Of) != 2 || Fits(properties.Depends, costs.VTag) != nil {
			t.Errorf("%s: %s, %v", c.name, got, properties)
		}
	}
}

// TestWalkPathVectors: a walk reads path vectors too, and checks the tags in both parts.
func TestWalkPathVectors(t *testing.T) {
	const entry = `"pv":{"uri":"pv","media-type":"` + pathVectorMedia + `","accepts":"application/alto-costmapfilter+json","uses":["net"],"capabilities":{"cost-type-names":["path"]}},"net":`
	listed := strings.Replace(strings.Replace(directory, `"net":`, entry, 1), `"cost-types":{`, `"cost-types":{"path":{"cost-mode":"array","cost-metric":"ane-path"},`, 1)
	for name, c := range map[string]struct{ media, body, want string }{
		"right":          {pathVectorMedia + "; boundary=example", pathVectors("d8"), ""},
		"other parts":    {pathVectorMedia + "; boundary=example", pathVectors("x"), `it is of version "x" of resource "pv.costmap"`},
		"other versions": {pathVectorMedia + "; boundary=example", strings.Replace(pathVectors("d8"), `"tag":"a"`, `"tag":"b"`, 1), `it is of version "b" of resource "net"`},
		"other root":     {"multipart/related;type=application/alto-endpointcost+json; boundary=example", pathVectors("d8"), "the answer is"},
	} {
		pages := good()
		pages["/directory"], pages["/pv"] = alto("directory", listed), page{200, c.media, c.body}
		list, err := (&Client{HTTP: http.DefaultClient}).Walk(t.Context(), serve(t, pages, nil), local)
		must(t, err)
		for _, r := range list {
			if r.ID == "pv" && (r.Skipped || (r.Err == nil) != (c.want == "") || r.Err != nil && !strings.Contains(r.Err.Error(), c.want)) {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// FuzzResponse reads any answer as anything without a panic.
func FuzzResponse(f *testing.F) {
	f.Add(pathVectorMedia+"; boundary=example", pathVectors("d8"))
	f.Add("application/alto-networkmap+json", vtag)
	f.Add("application/alto-costmap+json", `{"meta":{"cost-type":{"cost-mode":"numerical"}},"cost-map":{"a":{"b":[1,null]}}}`)
	f.Add("application/alto-cdni+json", `{"cdni-advertisement":{"capabilities-with-footprints":[{"capability-type":"x"}]}}`)
	f.Fuzz(func(t *testing.T, media, text string) {
		r := &Response{Media: media, Body: []byte(text)}
		if _, err := count(media, text); err == nil && text == "" {
			t.Error("nothing was read")
		}
		if c, p, err := r.PathVectors(); err == nil && (c.From == nil || p.Of == nil) {
			t.Errorf("%q has neither costs nor properties", text)
		}
	})
}
