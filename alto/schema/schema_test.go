package schema_test

import (
	"strings"
	"testing"

	"github.com/altoam/altoam/alto/schema"
	"github.com/altoam/altoam/alto/schema/schematest"
)

// TestSchemas has, for each media type, a message that is one and some that are not.
func TestSchemas(t *testing.T) {
	const (
		vtags = `"dependent-vtags":[{"resource-id":"net","tag":"t1"}]`
		num   = `"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}`
	)
	for media, c := range map[string]struct{ good, bad []string }{
		"directory": {
			[]string{`{"meta":{"cost-types":{"num":{"cost-mode":"numerical","cost-metric":"routingcost"}},"default-alto-network-map":"net","x":1},"resources":{"net":{"uri":"/net","media-type":"application/alto-networkmap+json"}}}`},
			[]string{
				`{}`, `{"resources":{"net":{"uri":"/net"}}}`, `{"resources":{"n t":{"uri":"/net","media-type":"a/b"}}}`,
				`{"resources":{"net":{"uri":"/net","media-type":"a/b","capabilities":{"max-cost-types":0}}}}`,
				`{"meta":{"cost-types":{"num":{"cost-mode":"odd","cost-metric":"routingcost"}}},"resources":{}}`,
			},
		},
		"networkmap": {
			[]string{`{"meta":{"vtag":{"resource-id":"net","tag":"t1"}},"network-map":{"PID1":{"ipv4":["192.0.2.0/24"],"ipv6":["::/0","2001:db8::/32"]}}}`},
			[]string{
				`{"meta":{},"network-map":{}}`, `{"meta":{"vtag":{"resource-id":"net","tag":"t 1"}},"network-map":{}}`,
				`{"meta":{"vtag":{"resource-id":"net","tag":"t1"}},"network-map":{"PID1":{"ipv4":["::/0"]}}}`,
				`{"meta":{"vtag":{"resource-id":"net","tag":"t1"}},"network-map":{"PID1":{"ipv4":["192.0.2.0/33"]}}}`,
				`{"meta":{"vtag":{"resource-id":"net","tag":"t1"}},"network-map":{"` + strings.Repeat("x", 65) + `":{}}}`,
			},
		},
		"networkmapfilter": {[]string{`{"pids":[],"address-types":["ipv4"],"x":1}`}, []string{`{}`, `{"pids":"PID1"}`, `{"pids":[],"address-types":["ipx"]}`}},
		"costmap": {
			[]string{
				`{"meta":{` + vtags + `,` + num + `},"cost-map":{"a":{"b":1.5}}}`,
				`{"meta":{` + vtags + `,"cost-type":{},"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"delay-ow:p95"}]},"cost-map":{"a":{"b":[1,null]}}}`,
				`{"meta":{` + vtags + `,` + num + `,"calendar-response-attributes":[{"calendar-start-time":"Mon, 01 Jul 2019 13:00:00 GMT","time-interval-size":7200,"number-of-intervals":2}]},"cost-map":{"a":{"b":[1,2]}}}`,
			},
			[]string{
				`{"meta":{` + num + `},"cost-map":{}}`, `{"meta":{` + vtags + `},"cost-map":{}}`, `{"meta":{` + vtags + `,` + num + `},"cost-map":{"a":{"b":"1"}}}`,
				`{"meta":{` + vtags + `,` + num + `},"cost-map":{"a":{"b":null}}}`, `{"meta":{` + vtags + `,` + num + `},"cost-map":{"a":1}}`,
			},
		},
		"costmapfilter": {
			[]string{`{` + num + `,"constraints":["ge 1"],"pids":{"srcs":[],"dsts":["a"]}}`, `{"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"x"}],"or-constraints":[["[0] ge 1"]],"calendared":[true]}`},
			[]string{`{}`, `{` + num + `,"multi-cost-types":[{"cost-mode":"numerical","cost-metric":"x"}]}`, `{` + num + `,"pids":{"srcs":[]}}`, `{` + num + `,"constraints":[1]}`, `{` + num + `,"calendared":[]}`},
		},
		"endpointcost":       {[]string{`{"meta":{` + num + `},"endpoint-cost-map":{"ipv4:192.0.2.1":{"ipv6:2001:db8::1":1}}}`}, []string{`{"meta":{` + num + `},"endpoint-cost-map":{"192.0.2.1":{}}}`, `{"endpoint-cost-map":{}}`}},
		"endpointcostparams": {[]string{`{` + num + `,"endpoints":{"srcs":["ipv4:192.0.2.1"]}}`}, []string{`{` + num + `}`, `{` + num + `,"endpoints":{"srcs":["192.0.2.1"]}}`}},
		"endpointprop":       {[]string{`{"meta":{` + vtags + `},"endpoint-properties":{"ipv4:192.0.2.1":{"net.pid":"a"}}}`}, []string{`{"meta":{}}`, `{"meta":{},"endpoint-properties":{"ipv4:192.0.2.1":"a"}}`}},
		"endpointpropparams": {[]string{`{"properties":["pid"],"endpoints":["ipv4:192.0.2.1"]}`}, []string{`{"properties":[],"endpoints":["ipv4:192.0.2.1"]}`, `{"properties":["pid"]}`}},
		"propmap":            {[]string{`{"meta":{` + vtags + `},"property-map":{"net.pid:a":{".region":"x","asn":null}}}`}, []string{`{"meta":{},"property-map":{"nothing":{}}}`, `{"property-map":{}}`}},
		"propmapparams":      {[]string{`{"entities":["ipv4:192.0.2.0/24"],"properties":["asn"]}`}, []string{`{}`, `{"entities":["x"]}`}},
		"cdni": {
			[]string{`{"meta":{},"cdni-advertisement":{"capabilities-with-footprints":[{"capability-type":"FCI.X","capability-value":{},"footprints":[{"footprint-type":"asn","footprint-value":["as64496"]}]}]}}`},
			[]string{`{"meta":{},"cdni-advertisement":{}}`, `{"meta":{},"cdni-advertisement":{"capabilities-with-footprints":[{"capability-type":"x"}]}}`},
		},
		"cdnifilter":          {[]string{`{"cdni-capabilities":[{"capability-type":"x","capability-value":{}}]}`}, []string{`{"cdni-capabilities":[{}]}`, `[]`}},
		"updatestreamparams":  {[]string{`{"add":{"s1":{"resource-id":"net","incremental-changes":false}},"remove":["s0"]}`}, []string{`{"add":{"s1":{}}}`, `{"remove":"s1"}`}},
		"updatestreamcontrol": {[]string{`{"control-uri":null}`, `{"started":["a"]}`}, []string{`{}`, `{"stopped":[]}`, `{"control-uri":1}`}},
		"tips": {
			[]string{`{"tips-view-uri":"https://a.example/tips/x","tips-view-summary":{"updates-graph-summary":{"start-seq":0,"end-seq":3,"start-edge-rec":{"seq-i":0,"seq-j":3}}}}`},
			[]string{`{"tips-view-uri":"ftp://a/x","tips-view-summary":{"updates-graph-summary":{"start-seq":0,"end-seq":3,"start-edge-rec":{"seq-i":0,"seq-j":3}}}}`, `{"tips-view-uri":"/x"}`},
		},
		"tipsparams": {[]string{`{"resource-id":"net","tag":"t"}`}, []string{`{}`, `{"resource-id":"net","input":1}`}},
		"error": {
			[]string{`{"meta":{"code":"E_SYNTAX","syntax-error":"x"}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","field":"a/b","value":"x"}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"a"}}`},
			[]string{`{"meta":{}}`, `{"meta":{"code":"E_OTHER"}}`, `{"meta":{"code":"E_INVALID_FIELD_VALUE","value":"x"}}`, `{"meta":{"code":"E_SYNTAX","field":"x"}}`, `{"meta":{"code":"E_MISSING_FIELD","field":"a","value":"x"}}`},
		},
	} {
		media = "application/alto-" + media + "+json"
		for _, text := range c.good {
			if err := schematest.Check(media, []byte(text)); err != nil {
				t.Errorf("%s: %s: %v", media, text, err)
			}
		}
		for _, text := range append(c.bad, `7`, `{`) {
			if schematest.Check(media, []byte(text)) == nil {
				t.Errorf("%s: %s is one", media, text)
			}
		}
	}
}

func TestFile(t *testing.T) {
	files, err := schema.FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for media, want := range map[string]string{
		"application/alto-costmap+json": "costmap.schema.json", "application/json": "", "application/alto-none+json": "", "application/alto-costmap": "",
	} {
		if got := schema.File(media); got != want {
			t.Errorf("%s: %q, want %q", media, got, want)
		}
	}
	if len(files) != 19 {
		t.Errorf("%d files", len(files))
	}
}

// TestCheck looks into parts, and at parameters.
func TestCheck(t *testing.T) {
	const body = "--b\r\nContent-Type: application/alto-error+json\r\n\r\n%s\r\n--b--\r\n"
	if err := schematest.Check("multipart/related;boundary=b", []byte(strings.Replace(body, "%s", `{"meta":{"code":"E_SYNTAX"}}`, 1))); err != nil {
		t.Error(err)
	}
	if schematest.Check("multipart/related;boundary=b", []byte(strings.Replace(body, "%s", `{}`, 1))) == nil {
		t.Error("a part is no error")
	}
	if schematest.Check("application/alto-error+json; charset=utf-8", []byte(`{"meta":{"code":"E_SYNTAX"}}`)) == nil {
		t.Error("a media type with a charset")
	}
	if schematest.Check("application/alto-none+json", []byte(`{}`)) == nil {
		t.Error("a media type that there is not")
	}
	if err := schematest.Check("text/plain", []byte(`x`)); err != nil {
		t.Error(err)
	}
}
