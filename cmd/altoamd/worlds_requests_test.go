package main

import (
	"fmt"
	"net/http"
	"strings"
)

// The requests of the two worlds. Names are of three kinds: hers, hidden ones, which the
// full world has, and names that no world has.

const worldData = "/restconf/data/ietf-alto:alto/alto-server"

// worldPlaces are resources of RESTCONF; those with a time of the whole datastore in
// their headers are hers alone to read in no world.
func worldPlaces(open bool) []string {
	places := []string{
		"", "/ietf-alto:alto", "/ietf-alto:alto/alto-server", "/ietf-alto:alto/alto-server/resource", "/ietf-alto:alto/alto-server/role",
		"/ietf-alto:alto/alto-server/data-source", "/ietf-alto:alto/alto-server/data-source=secret-lab", "/ietf-alto:alto/alto-server/ietf-alto-stats:server-level-stats",
		"/ietf-system:system/authentication/user=tess", "/ietf-system:system/authentication/user=secret", "/ietf-netconf-acm:nacm",
		"/ietf-netconf-acm:nacm/rule-list=admin", "/altoam-commit:commits/commit", "/altoam-commit:commits/commit=2", "/altoam-commit:commits/pending",
	}
	if open { // its root and state of the server tell of more than resources
		places = places[1:]
	} else {
		places = append(places, "/altoam-alarms:alarms", "/ietf-netconf-monitoring:netconf-state", "/ietf-netconf-monitoring:netconf-state/sessions", "/altoam-commit:commits")
	}
	for _, id := range []string{"mine", "hers", "secret-map", "a-secret", "nowhere"} {
		at := "/ietf-alto:alto/alto-server/resource=" + id
		places = append(places, at, at+"/description", at+"/accepted-role=secret-role", at+"/ietf-alto-stats:resource-level-stats", at+"/alto-networkmap-params/altoam-algorithm-from-source:from-source")
	}
	return places
}

// worldQueries are query parameters.
var worldQueries = []string{
	"", "content=config", "content=nonconfig", "depth=1", "depth=3", "depth=6", "fields=resource(resource-id)", "fields=resource-id;description",
	"fields=alto-server/resource", "with-defaults=report-all", "with-defaults=report-all-tagged", "with-defaults=trim", "with-origin", "limit=1", "limit=1&offset=1", "limit=2&direction=backwards",
	"sort-by=description", "sort-by=resource-id&direction=backwards", "where=resource-id='secret-map'", "where=contains(description,'secret')", "where=count(../resource)>1",
	"where=/ietf-alto:alto/alto-server/resource[resource-id='secret-map']", "where=position()=2", "where=../role[role-name='secret-role']", "cursor=secret-map&limit=1", "cursor=bWluZQ&limit=1",
	"sublist-limit=1", "filter=x", "start-time=2020-01-01T00:00:00Z", "stop-time=2020-01-01T00:00:00Z", "insert=first", "point=/x", "nonsense=1",
}

func worldReads(open bool) (all []request) {
	roots := []string{"/restconf/data", "/restconf/ds/ietf-datastores:running", "/restconf/ds/ietf-datastores:operational"}
	for i, place := range worldPlaces(open) {
		main := strings.HasSuffix(place, "/resource") || strings.HasSuffix(place, "=mine") || strings.HasSuffix(place, "=secret-map")
		for j, query := range worldQueries {
			for k, root := range roots {
				if query != "" && (i+j+k)%6 != 0 && (!main || k > 0) {
					continue // elsewhere each parameter now and then
				}
				all = append(all, request{method: http.MethodGet, path: root + place + "?" + strings.ReplaceAll(query, " ", "%20")})
			}
		}
		all = append(all,
			request{method: http.MethodHead, path: "/restconf/data" + place}, request{method: http.MethodOptions, path: "/restconf/data" + place},
			request{method: http.MethodGet, path: "/restconf/data" + place, header: [2]string{"Accept", "application/yang-data+xml"}},
			request{method: http.MethodGet, path: "/restconf/data" + place, header: [2]string{"Accept", "application/yang-data+xml-list"}},
		)
		for _, h := range [][2]string{
			{"If-None-Match", "*"},
			{"If-Match", "*"},
			{"If-Match", `"1"`},
			{"If-None-Match", `"1"`},
			{"If-Modified-Since", "Mon, 01 Jan 2035 00:00:00 GMT"},
			{"If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"},
		} {
			all = append(all, request{method: http.MethodGet, path: "/restconf/data" + place, header: h})
		}
	}
	for _, path := range []string{
		"/restconf", "/restconf/operations", "/restconf/yang-library-version", "/restconf/data/ietf-yang-library:yang-library/content-id",
		"/restconf/data/ietf-restconf-monitoring:restconf-state", "/restconf/openapi.json", "/restconf/yang/ietf-alto", "/.well-known/host-meta", "/restconf/streams/nothing",
		"/restconf/data/ietf-alto:alto/alto-server/resource=secret-map/nothing", "/restconf/data/ietf-alto:alto/alto-server/resource=secret-map,b",
	} {
		all = append(all, request{method: http.MethodGet, path: path})
	}
	return all
}

// worldFilters are retrievals over NETCONF.
func worldFilters(open bool) (all []request) {
	const a = `<alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server>%s</alto-server></alto>`
	xpaths := []string{
		"/a:alto", "/a:alto/a:alto-server/a:resource", "/a:alto/a:alto-server/a:resource[2]", "/a:alto/a:alto-server/a:resource[last()]", "/a:alto/a:alto-server/a:resource[position()&gt;1]",
		"/a:alto[count(a:alto-server/a:resource)&gt;1]", "/a:alto[count(//a:role)=2]/a:alto-server/a:resource", "/a:alto[.//a:resource-id='secret-map']",
		"/a:alto/a:alto-server/a:resource[a:resource-id='mine'][../a:resource/a:description='a secret']", "/a:alto/a:alto-server/a:resource[a:resource-id='secret-map'] | /a:alto/a:alto-server/a:resource[a:resource-id='mine']",
		"deref(/a:alto/a:alto-server/a:resource/a:accepted-role)", "deref(/a:alto/a:alto-server/a:resource//*)", "//*[contains(.,'secret')]", "//a:description", "/a:alto/a:alto-server/a:resource/preceding-sibling::*",
		"/a:alto/a:alto-server/a:resource[a:resource-id='mine']/following-sibling::*", "/*", "//a:resource[string-length(.)&gt;5]/..", "/a:alto[sum(//a:resource) or true()]", "/a:alto[string(.)!='']/a:alto-server/a:resource/a:resource-id",
		"/a:alto/a:alto-server[not(a:resource[a:resource-id='a-secret'])]", "id('x')", "/a:alto[starts-with(translate(//a:resource[2]/a:description,'as','AS'),'A')]", "/a:nothing",
	}
	subtrees := []string{
		"", "<resource/>", "<resource><resource-id>secret-map</resource-id></resource>", "<resource><resource-id/><description>a secret</description></resource>",
		"<resource><description/></resource>", "<resource><resource-id>mine</resource-id></resource><resource><resource-id>a-secret</resource-id></resource>", "<role/>", "<data-source><source-id/></data-source>", "<nothing/>",
	}
	var filters []string
	for _, x := range xpaths {
		if open && x == "/*" || open && strings.Contains(x, "//*") {
			continue // of all the server
		}
		filters = append(filters, `<%sfilter type="xpath" xmlns:a="urn:ietf:params:xml:ns:yang:ietf-alto" select="`+x+`"/>`)
	}
	for _, s := range subtrees {
		filters = append(filters, `<%sfilter type="subtree">`+fmt.Sprintf(a, s)+`</%[1]sfilter>`)
	}
	const nmda = `xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores" xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin"`
	for i, f := range filters {
		plain := strings.ReplaceAll(strings.ReplaceAll(f, "<%s", "<"), "</%[1]s", "</")
		wd := ""
		if i%2 == 1 {
			wd = `<with-defaults xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults">report-all</with-defaults>`
		}
		nm := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(f, "<%s", "<subtree-"), "</%[1]s", "</subtree-"), ` type="subtree"`, "")
		if strings.Contains(f, "select=") {
			x := xpaths[0]
			if _, after, ok := strings.Cut(f, `select="`); ok {
				x, _, _ = strings.Cut(after, `"/>`)
			}
			nm = `<xpath-filter xmlns:a="urn:ietf:params:xml:ns:yang:ietf-alto">` + x + `</xpath-filter>`
		}
		all = append(all,
			request{body: "<get>" + plain + wd + "</get>"},
			request{body: "<get-config><source><running/></source>" + plain + wd + "</get-config>"},
			request{body: "<get-config><source><candidate/></source>" + plain + "</get-config>"},
			request{body: "<get-data " + nmda + "><datastore>ds:operational</datastore>" + nm + "<max-depth>5</max-depth><with-origin/></get-data>"},
			request{body: "<get-data " + nmda + "><datastore>ds:operational</datastore>" + nm + "<origin-filter>or:intended</origin-filter></get-data>"},
			request{body: "<get-data " + nmda + "><datastore>ds:running</datastore>" + nm + "<config-filter>true</config-filter></get-data>"},
			request{body: "<get-data " + nmda + "><datastore>ds:intended</datastore>" + nm + "</get-data>"},
		)
	}
	return all
}

// worldEdits are changes: of what is hers, hidden, or nowhere.
func worldEdits() (all []request) {
	rest := func(method, path, body string) {
		all = append(all, request{method: method, path: worldData + path, body: body})
	}
	resource := func(id, more string) string {
		return fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"%s","resource-type":"ird","alto-ird-params":{"delegation":"https://x.example.net/"}%s}]}`, id, more)
	}
	for _, id := range []string{"secret-map", "a-secret", "nowhere", "mine", "hers"} {
		if id != "mine" {
			rest(http.MethodPost, "", resource(id, ""))
			rest(http.MethodPut, "/resource="+id, resource(id, ""))
		}
		rest(http.MethodPatch, "/resource="+id, fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"%s","description":"new"}]}`, id))
		rest(http.MethodPut, "/resource="+id+"/description", `{"ietf-alto:description":"newer"}`)
		rest(http.MethodDelete, "/resource="+id+"/description", "")
		rest(http.MethodDelete, "/resource="+id+"/accepted-role=secret-role", "")
		rest(http.MethodPost, "/resource="+id, `{"ietf-alto:nothing":1}`)
		for _, h := range [][2]string{{"If-Match", "*"}, {"If-Match", `"x"`}, {"If-None-Match", "*"}, {"If-Unmodified-Since", "Mon, 01 Jan 2035 00:00:00 GMT"}} {
			if id != "mine" && id != "hers" {
				all = append(all, request{method: http.MethodDelete, path: worldData + "/resource=" + id, header: h})
			}
		}
		// what she may write refers to what she may not read
		for _, name := range []string{"secret-map", "a-secret", "nowhere"} {
			rest(http.MethodPatch, "/resource="+id, fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"%s","dependency":["%s"]}]}`, id, name))
		}
		for _, name := range []string{"secret-role", "shared", "no-role"} {
			rest(http.MethodPatch, "/resource="+id, fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"%s","accepted-role":["%s"]}]}`, id, name))
			rest(http.MethodPatch+"", "/resource="+id+"?dry-run", fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"%s","accepted-role":["%s"]}]}`, id, name))
			rest(http.MethodPatch, "/resource="+id, fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"%s","alto-networkmap-params":{"altoam-algorithm-from-source:from-source":{"source":"%s"}}}]}`, id, strings.Replace(name, "role", "lab", 1)))
		}
		for _, id2 := range []string{"secret-map", "nowhere"} {
			rest(http.MethodPost, "?insert=after&point="+worldResource+"="+id2, resource(id, ""))
			rest(http.MethodPut, "/resource="+id+"?insert=before&point="+worldResource+"="+id2, resource(id, ""))
		}
		all = append(all, request{
			method: http.MethodPatch, path: worldData, header: [2]string{"Content-Type", "application/yang-patch+json"},
			body: fmt.Sprintf(`{"ietf-yang-patch:yang-patch":{"patch-id":"p","edit":[{"edit-id":"1","operation":"merge","target":"/resource=%s","value":{"ietf-alto:resource":[{"resource-id":"%s","description":"p"}]}},{"edit-id":"2","operation":"delete","target":"/resource=%s"}]}}`, id, id, "nowhere"),
		})
	}
	for _, body := range []string{`{}`, `{"ietf-alto:alto":{}}`, resource("mine", ""), `nonsense`} {
		all = append(all, request{method: http.MethodPut, path: "/restconf/data", body: body})
	}
	rest(http.MethodDelete, "", "")
	rest(http.MethodDelete, "/resource", "")
	rest(http.MethodDelete, "/data-source=secret-lab", "")
	rest(http.MethodDelete, "/data-source=no-lab", "")
	return append(all, worldNetconfEdits()...)
}

func worldNetconfEdits() (all []request) {
	for _, id := range []string{"secret-map", "nowhere", "mine"} {
		for _, op := range []string{"merge", "replace", "create", "delete", "remove"} {
			if id == "mine" && op != "merge" {
				continue
			}
			for _, target := range []string{"running", "candidate"} {
				for _, option := range []string{"", "<default-operation>none</default-operation>", "<test-option>test-only</test-option>", "<error-option>continue-on-error</error-option>"} {
					all = append(all, request{body: `<edit-config><target><` + target + `/></target>` + option + `<config><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server>` +
						`<resource xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="` + op + `"><resource-id>` + id + `</resource-id><description>by netconf</description></resource></alto-server></alto></config></edit-config>`})
				}
			}
		}
	}
	return append(all, request{body: "<discard-changes/>"})
}

// worldOperations are operations.
func worldOperations() (all []request) {
	const commits = ` xmlns="urn:altoam:yang:altoam-commit"`
	for _, text := range []string{
		"<validate><source><candidate/></source></validate>", "<commit/>", "<discard-changes/>", "<copy-config><source><running/></source><target><candidate/></target></copy-config>",
		"<copy-config><target><running/></target><source><config/></source></copy-config>", "<copy-config><source><candidate/></source><target><running/></target></copy-config>",
		"<kill-session><session-id>1</session-id></kill-session>", "<kill-session><session-id>4000</session-id></kill-session>", "<delete-config><target><startup/></target></delete-config>",
		"<lock><target><candidate/></target></lock>", "<unlock><target><candidate/></target></unlock>", "<lock><target><running/></target></lock>", "<unlock><target><running/></target></unlock>",
		`<partial-lock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0" xmlns:a="urn:ietf:params:xml:ns:yang:ietf-alto"><select>/a:alto/a:alto-server/a:resource[a:resource-id='secret-map']</select></partial-lock>`,
		`<partial-lock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0" xmlns:a="urn:ietf:params:xml:ns:yang:ietf-alto"><select>//a:resource</select></partial-lock>`,
		`<get-schema xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><identifier>ietf-alto</identifier></get-schema>`,
		`<get-schema xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><identifier>nothing</identifier></get-schema>`,
		"<compare" + commits + "><from><number>1</number></from></compare>", "<dry-run" + commits + "><rollback><number>1</number></rollback></dry-run>",
		"<dry-run" + commits + "><candidate/></dry-run>", "<rollback" + commits + "><to><number>1</number></to></rollback>", "<rollback" + commits + "><to><label>secret</label></to></rollback>",
		`<action xmlns="urn:ietf:params:xml:ns:yang:1"><alarms xmlns="urn:altoam:yang:altoam-alarms"><alarm-list><alarm><resource>/ietf-alto:alto/alto-server/resource[resource-id='secret-map']</resource><alarm-type-id>source-stale</alarm-type-id><acknowledge/></alarm></alarm-list></alarms></action>`,
	} {
		all = append(all, request{body: text})
	}
	return all
}
