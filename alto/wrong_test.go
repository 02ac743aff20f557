package alto

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/altoam/altoam/alto/schema/schematest"
)

// mutant is a request body with one thing changed, and what has to come of it: 200 where
// code is "".
type mutant struct {
	what, body         string
	code, field, value string
	lax                bool // field and value are not looked at
}

// optionalMembers may be left out, by name.
var optionalMembers = map[string]bool{
	"address-types": true, "constraints": true, "or-constraints": true, "calendared": true,
	"ane-property-names": true, "tag": true, "incremental-changes": true,
}

// freeText are members whose strings a server need not know (RFC 7285 Sections 11.3.1.3
// and 11.3.2.3): unknown PIDs and address types count as not mentioned.
var freeText = map[string]bool{"pids": true, "pids/srcs": true, "pids/dsts": true, "address-types": true}

var wrongTexts = []string{"", "no such", strings.Repeat("x", 1<<16)}

// otherKinds are JSON values of all types but that of v.
func otherKinds(v any) (list []any) {
	for _, other := range []any{nil, true, json.Number("1e999"), "x", []any{}, map[string]any{}} {
		if fmt.Sprintf("%T", other) != fmt.Sprintf("%T", v) {
			list = append(list, other)
		}
	}
	return list
}

func jsonText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// mutator makes mutants of a request, each from the whole of it.
type mutator struct {
	media string
	root  any
	list  []mutant
}

// optional tells whether member name of o at path may be left out.
func (m *mutator) optional(path, name string, o map[string]any) bool {
	switch name {
	case "srcs", "dsts":
		return path == "endpoints" && len(o) > 1 // RFC 7285 Section 11.5.1.3
	case "pids":
		return m.media == MediaCostMapFilter
	case "properties":
		return m.media == MediaPropertyMapParams || path != "" && o["entities"] != nil // RFC 9240 Section 8.3
	case "cost-type":
		return o["multi-cost-types"] != nil
	}
	return optionalMembers[name] || path == "add" && len(o) > 1
}

// with adds the mutant whose value is changed at this moment. Errors in the input of a
// substream are those that its resource would have (RFC 8895 Section 6.5).
func (m *mutator) with(what, code, field, value string, lax bool) {
	if _, below, ok := strings.Cut(field, "/input/"); ok {
		field = below
	}
	m.list = append(m.list, mutant{what, jsonText(m.root), code, field, value, lax})
}

// object mutates each member of o, at path.
func (m *mutator) object(path string, o map[string]any) {
	prefix := path
	if prefix != "" {
		prefix += "/"
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		v, field, code := o[name], prefix+name, errMissingField
		if m.optional(path, name, o) {
			code = ""
		}
		if name == "testable-cost-types" { // the constraints are about them
			code = errInvalidFieldValue
		}
		delete(o, name)
		m.with("without "+field, code, field, "", path == "add" || name == "input" || name == "multi-cost-types" || name == "testable-cost-types")
		for _, other := range otherKinds(v) {
			o[name] = other
			m.with(fmt.Sprintf("%s is %v", field, jsonText(other)), errInvalidFieldType, field, "", false)
		}
		if _, ok := v.(string); ok {
			for _, wrong := range wrongTexts {
				o[name] = wrong
				m.text(field, wrong)
			}
		}
		o[name] = v
		switch v := v.(type) {
		case map[string]any:
			m.object(field, v)
		case []any:
			m.array(field, v)
		}
	}
	o["\u2028unknown"] = []any{o[""], map[string]any{"a": json.Number("-0")}}
	if path != "add" {
		m.with("an unknown member of "+path, "", "", "", false)
	}
	delete(o, "\u2028unknown")
}

// text adds the mutant where a string is not one of those that are known.
func (m *mutator) text(field, wrong string) {
	if freeText[field] || strings.HasSuffix(field, "/tag") || field == "tag" || strings.HasSuffix(field, "/description") {
		m.with(fmt.Sprintf("%s is %.20q", field, wrong), "", "", "", false)
		return
	}
	m.with(fmt.Sprintf("%s is %.20q", field, wrong), errInvalidFieldValue, field, wrong, false)
}

// array mutates each element: one of a wrong type is an invalid value of the array (RFC
// 7285 Section 8.5.2).
func (m *mutator) array(field string, list []any) {
	for i, v := range list {
		for _, other := range otherKinds(v) {
			text, ok := other.(string)
			if !ok {
				text = jsonText(other)
			}
			list[i] = other
			m.with(fmt.Sprintf("%s[%d] is %s", field, i, jsonText(other)), errInvalidFieldValue, field, text, false)
		}
		if _, ok := v.(string); ok {
			for _, wrong := range wrongTexts {
				list[i] = wrong
				m.text(field, wrong)
			}
		}
		list[i] = v
		switch v := v.(type) {
		case map[string]any:
			if strings.HasSuffix(field, "cdni-capabilities") {
				m.capability(field, v)
				continue
			}
			m.object(field, v)
		case []any:
			m.array(field, v)
		}
	}
}

// capability mutates a CDNI capability, whose value is one for the server as a whole (RFC
// 9241 Sections 5.3 and 5.6), as is one with null.
func (m *mutator) capability(path string, o map[string]any) {
	for _, name := range []string{"capability-type", "capability-value"} {
		v := o[name]
		delete(o, name)
		m.with("without "+path+"/"+name, errMissingField, path+"/"+name, "", false)
		o[name] = nil
		m.with(path+"/"+name+" is null", errInvalidFieldValue, path, jsonText(o), false)
		o[name] = v
	}
	kind := o["capability-type"]
	o["capability-type"] = 1
	m.with(path+"/capability-type is 1", errInvalidFieldType, path+"/capability-type", "", false)
	o["capability-type"] = "no such"
	m.with(path+"/capability-type is not known", "", "", "", false)
	o["capability-type"] = kind
}

// mutantsOf also has what is wrong with the text of a request.
func mutantsOf(t *testing.T, media, body string) []mutant {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	m := mutator{media: media}
	if err := d.Decode(&m.root); err != nil {
		t.Fatal(err)
	}
	root := m.root.(map[string]any)
	m.with("nothing", "", "", "", false)
	m.object("", root)
	whole := jsonText(root)
	name := slices.Sorted(maps.Keys(root))[0]
	rest := whole[1:]
	for what, wrong := range map[string]string{
		"empty":                "",
		"cut off":              whole[:len(whole)-1],
		"more after it":        whole + "x",
		"twice":                whole + whole,
		"a byte order mark":    "\ufeff" + whole,
		"a member twice":       `{"` + name + `":1,` + rest,
		"an escaped duplicate": fmt.Sprintf(`{"\u%04x%s":1,%s`, name[0], name[1:], rest),
		"unknown twice":        `{"x":{"y":1,"y":2},` + rest,
		"a comma too many":     whole[:len(whole)-1] + ",}",
		"invalid UTF-8":        "{\"x\":\"\xff\"," + rest,
		"overlong UTF-8":       "{\"x\":\"\xc0\xaf\"," + rest,
		"a lone surrogate":     `{"x":"\ud800",` + rest,
		"a control character":  "{\"x\":\"\x01\"," + rest,
		"a number with a zero": `{"x":01,` + rest,
		"hexadecimal":          `{"x":0x1,` + rest,
		"not a number":         `{"x":NaN,` + rest,
		"a comment":            `{/**/` + rest,
		"single quotes":        `{'x':1,` + rest,
		"too deep":             `{"x":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `,` + rest,
		"deep and cut off":     `{"x":` + strings.Repeat(`{"x":`, 20_000),
		"an array":             "[" + whole + "]", "a string": `"x"`, "null": "null", "a number": "-0",
	} {
		m.list = append(m.list, mutant{what: what, body: wrong, code: errSyntax, lax: true})
	}
	for what, fine := range map[string]string{
		"numbers out of range": `{"x":[1e999,-1e999,-0,1E-400,123456789012345678901234567890],` + rest,
		"deep":                 `{"x":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `,` + rest,
		"white space":          strings.Repeat(" \r\n\t", 1000) + whole + strings.Repeat("\n", 1000),
		"an empty name":        `{"":null,` + rest, "nul in a name": `{"\u0000":null,` + rest,
		"a long name": `{"` + strings.Repeat("x", 1<<16) + `":1,` + rest,
	} {
		m.list = append(m.list, mutant{what: what, body: fine})
	}
	return m.list
}

// checkMutant demands what the mutant says, in a response that fits its schema.
func checkMutant(t *testing.T, x example, m mutant) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // an update stream ends as soon as it has begun
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, x.path, strings.NewReader(m.body))
	r.Header.Set("Content-Type", x.media)
	r.RemoteAddr = "192.0.2.2:40000"
	w := httptest.NewRecorder()
	x.server.ServeHTTP(w, r)
	if err := schematest.Check(w.Header().Get("Content-Type"), w.Body.Bytes()); err != nil {
		t.Errorf("%s: %s: %v", x.name, m.what, err)
	}
	if m.code == "" {
		if w.Code != http.StatusOK {
			t.Errorf("%s: %s: status %d, %.200s, want 200", x.name, m.what, w.Code, w.Body)
		}
		return
	}
	var got struct {
		Meta struct {
			Code, Field string
			Value       *string
		}
	}
	if w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != MediaError {
		t.Errorf("%s: %s: status %d of type %q, %.200s, want %s", x.name, m.what, w.Code, w.Header().Get("Content-Type"), w.Body, m.code)
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Errorf("%s: %s: %v", x.name, m.what, err)
	}
	e := got.Meta
	right := e.Code == m.code && (m.lax || e.Field == m.field)
	if right && !m.lax {
		right = (e.Value != nil) == (m.code == errInvalidFieldValue) && (e.Value == nil || *e.Value == m.value)
	}
	if !right {
		t.Errorf("%s: %s: %.300s\nwant %s field %s value %.50q", x.name, m.what, w.Body, m.code, m.field, m.value)
	}
}

// TestWrongRequests changes one thing of each example of the RFCs at a time: what is wrong
// is refused with exactly one error, its code, field and value as RFC 7285 Section 8.5.2 has
// them, and what is right is answered.
func TestWrongRequests(t *testing.T) {
	n := 0
	for _, x := range rfcExamples(t) {
		for _, m := range mutantsOf(t, x.media, x.body) {
			checkMutant(t, x, m)
			n++
		}
	}
	if n < 1000 {
		t.Errorf("%d requests only", n)
	}
	t.Logf("%d requests", n)
}
