package openapi

import "github.com/altoam/altoam/yang"

const (
	headerComment = "Altoam-Comment"
	headerLabel   = "Altoam-Label"
	headerBase    = "Altoam-Base"
	headerCommit  = "Altoam-Commit"
)

const patchBody = "yang-patch.body"

// fixed makes the components that do not depend on data nodes.
func (d *document) fixed() {
	d.queryParameters()
	d.headerFields()
	d.errors()
	d.done()
	d.outcomes()
}

// outcomes are the answers to edits that have a body: what became of a YANG Patch, and what
// an edit that is only tried would do.
func (d *document) outcomes() {
	var status, tried string
	if d.implements(patchModule) {
		d.put(schemas, patchBody, ref(schemas, d.structure(patchModule, "yang-patch")))
		status = d.structure(patchModule, "yang-patch-status")
		d.put(responses, "patched", object{{"description", "The YANG Patch is done (RFC 8072 Section 2.3)"}, {"content", encoded(status)}})
	}
	if !d.o.DryRun {
		return
	}
	op := d.o.Schema.RPC(historyModule, "dry-run")
	tried = d.share(schemas, part(op, op.Output(), d.component(op.Output())), namesOf(op, ".output.body")...)
	d.put(responses, "tried", object{{"description", "With dry-run: what the edit would do"}, {"content", encoded(tried)}})
	d.put(parameters, "dry-run", valueless("dry-run", "Only try the edit"))
	if status != "" {
		either := d.share(schemas, object{{"anyOf", []object{ref(schemas, status), ref(schemas, tried)}}}, "patched-or-tried")
		d.put(responses, "patched-or-tried", object{
			{"description", "The YANG Patch is done (RFC 8072 Section 2.3); or with dry-run, what the edit would do"}, {"content", encoded(either)},
		})
	}
}

// valueless is a query parameter without a value.
func valueless(name, description string) object {
	return object{{"name", name}, {"in", "query"}, {"description", description}, {"allowEmptyValue", true}, {"schema", object{{"const", ""}}}}
}

func (d *document) parameter(name, in, description string, schema object) {
	d.put(parameters, name, object{{"name", name}, {"in", in}, {"description", description}, {"schema", schema}})
}

// queryParameters are those of RFC 8040 Section 4.8 and RFC 8527 Section 3.2.2.
func (d *document) queryParameters() {
	str := object{{"type", "string"}}
	when := object{{"type", "string"}, {"format", "date-time"}}
	d.parameter("content", "query", "Configuration, state or both", append(names([]string{"config", "nonconfig", "all"}), member{"default", "all"}))
	d.parameter("depth", "query", "How many levels of nodes to show", object{
		{"anyOf", []object{{{"type", "integer"}, {"minimum", 1}, {"maximum", 65535}}, {{"const", "unbounded"}}}}, {"default", "unbounded"},
	})
	d.parameter("fields", "query", "The nodes to show: a;b(c;d)/e", str)
	d.parameter("with-defaults", "query", "Which default values to show (RFC 6243)", names([]string{"report-all", "report-all-tagged", "trim", "explicit"}))
	d.put(parameters, "with-origin", valueless("with-origin", "Show the origin of values"))
	d.parameter("insert", "query", "Where the entry goes in a list or leaf-list that is ordered by the user",
		append(names([]string{"first", "last", "before", "after"}), member{"default", "last"}))
	d.parameter("point", "query", "The path of the entry before or after which the new one goes", str)
	d.parameter("filter", "query", "An XPath expression: events for which it is true", str)
	d.parameter("start-time", "query", "Replay events from then on", when)
	d.parameter("stop-time", "query", "End the stream then", when)
	d.pageParameters()
}

// pageParameters are those of draft-ietf-netconf-list-pagination-rc-10 Section 2.3.
func (d *document) pageParameters() {
	str := object{{"type", "string"}}
	count := object{{"type", "integer"}, {"minimum", 0}, {"maximum", 1<<32 - 1}}
	limit := object{{"anyOf", []object{{{"type", "integer"}, {"minimum", 1}, {"maximum", 1<<32 - 1}}, {{"const", "unbounded"}}}}, {"default", "unbounded"}}
	d.parameter("limit", "query", "The most entries to show", limit)
	d.parameter("sublist-limit", "query", "The most entries to show of each list below", limit)
	d.parameter("locale", "query", "The language whose rules texts are sorted by", str)
	d.parameter("offset", "query", "How many entries to leave out at the start", append(count, member{"default", 0}))
	d.parameter("cursor", "query", "The entry to begin with, from an answer", str)
	d.parameter("direction", "query", "Which end to begin at", append(names([]string{"forwards", "backwards"}), member{"default", "forwards"}))
	d.parameter("sort-by", "query", "The descendant leaf to sort by", str)
	d.parameter("where", "query", "An XPath expression: entries for which it is true", str)
}

// headerFields are the conditions of RFC 9110 Section 13.1 and those of
// altoam-commit.
func (d *document) headerFields() {
	str, date := object{{"type", "string"}}, object{{"type", "string"}}
	d.parameter("If-Match", "header", "Edit only what has this entity tag", str)
	d.parameter("If-None-Match", "header", "Answer only what has another entity tag; * on PUT: create, do not replace", str)
	d.parameter("If-Modified-Since", "header", "Answer only what was changed since", date)
	d.parameter("If-Unmodified-Since", "header", "Edit only what was not changed since", date)
	d.header("ETag", "The entity tag", str)
	d.header("Last-Modified", "The time of the last change", date)
	d.header("Location", "The URI of what was created", object{{"type", "string"}, {"format", "uri-reference"}})
	d.header("Allow", "The methods of the resource", str)
	d.header("WWW-Authenticate", "How to authenticate", str)
	if !d.implements(historyModule) {
		return
	}
	d.header(headerCommit, "The number of the newest commit", object{{"type", "string"}, {"pattern", "^[0-9]+$"}})
	d.parameter(headerComment, "header", "What the history notes with the commit", d.inputLeaf("rollback", "comment"))
	d.parameter(headerLabel, "header", "A name for the commit", d.inputLeaf("rollback", "label"))
	d.parameter(headerBase, "header", "The newest commit that the client knows", d.inputLeaf("dry-run", "base"))
}

// inputLeaf is the schema of a leaf in the input of an RPC of altoam-commit.
func (d *document) inputLeaf(rpc, leaf string) object {
	if op := d.o.Schema.RPC(historyModule, rpc); op != nil {
		if n := op.Input().Child(historyModule, leaf); n != nil && n.Kind == yang.Leaf {
			return d.leafType(n)
		}
	}
	return object{{"type", "string"}}
}

func (d *document) header(name, description string, schema object) {
	d.put(headers, name, object{{"description", description}, {"schema", schema}})
}

// headersOf are references to those of the headers that there are.
func (d *document) headersOf(names ...string) (o object) {
	for _, name := range names {
		if d.has(headers, name) {
			o.set(name, ref(headers, name))
		}
	}
	return o
}

func tagHeaders() object {
	return object{{"ETag", ref(headers, "ETag")}, {"Last-Modified", ref(headers, "Last-Modified")}}
}

// patchError is the component of the answer to PATCH with that code.
func patchError(code string) string { return "patch-" + code }

// errors are the answers with an errors container (RFC 8040 Section 7); those to PATCH may have
// the errors in a yang-patch-status (RFC 8072 Section 2.3).
func (d *document) errors() {
	body := encoded(d.structure(restconfModule, "yang-errors"))
	ofPatch := body
	if d.implements(patchModule) {
		list := []object{ref(schemas, d.structure(restconfModule, "yang-errors")), ref(schemas, d.structure(patchModule, "yang-patch-status"))}
		ofPatch = encoded(d.share(schemas, object{{"anyOf", list}}, "errors-of-patch"))
	}
	for _, e := range []struct {
		code, description string
		headers           []string
	}{
		{"400", "The request is malformed, or a value is wrong", nil},
		{"401", "No user, or the wrong password, token or certificate", []string{"WWW-Authenticate"}},
		{"403", "The user may not do this", nil},
		{"404", "There is no such resource", nil},
		{"409", "In conflict with the data, or with a lock", nil},
		{"412", "A condition does not hold, of the request or of the YANG modules", []string{"ETag", "Last-Modified"}},
		{"error", "Any other error: 405 where the resource does not have the method, 406 and 415 for media types, " +
			"408 and 413 for bodies that are too slow or too large, 429 for too many requests, 5XX for what fails in the server", []string{"Allow"}},
	} {
		r := object{{"description", e.description}}
		if list := d.headersOf(e.headers...); len(list) > 0 {
			r.set("headers", list)
		}
		d.put(responses, e.code, append(r[:len(r):len(r)], member{"content", body}))
		d.put(responses, patchError(e.code), append(r[:len(r):len(r)], member{"content", ofPatch}))
	}
	d.put(responses, "304", object{{"description", "It is as the client has it"}, {"headers", tagHeaders()}})
}

// done are the answers without a body.
func (d *document) done() {
	d.put(responses, "created", object{{"description", "Created"}, {"headers", d.headersOf("Location", "ETag", "Last-Modified", headerCommit)}})
	edited := d.headersOf("ETag", "Last-Modified", headerCommit)
	d.put(responses, "replaced", object{{"description", "Created"}, {"headers", edited}})
	d.put(responses, "done", object{{"description", "Done"}, {"headers", edited}})
	d.put(responses, "no-output", object{{"description", "Done; there is no output"}})
}
