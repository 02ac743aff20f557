package query_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/dstest"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/xpath"
	"github.com/altoam/altoam/yang"
)

func TestXPath(t *testing.T) {
	schema := dstest.Schema(t, company)
	model, err := xpath.NewModel(schema)
	if err != nil {
		t.Fatal(err)
	}
	data := parse(t, schema, `{"company:top":{"motto":"go","user":[{"name":"ann","type":"user","info":{"id":1}},{"name":"bob","type":"root"}]}}`)
	tests := []struct {
		name, expr string
		mode       query.Mode
		depth      int
		want       string // "" for invalid-value
	}{
		{"one entry", "/top/user[name='bob']", query.Explicit, 0, `{"company:top":{"user":[{"name":"bob","type":"root"}]}}`},
		{"a leaf with its ancestors", "//id", query.Explicit, 0, `{"company:top":{"user":[{"name":"ann","info":{"id":1}}]}}`},
		{"the root", "/", query.Explicit, 1, `{"company:top":{}}`},
		{"nothing", "/top/user[name='eve']", query.ReportAll, 0, `{}`},
		{"unknown node", "/top/roof", query.Explicit, 0, `{}`},
		{"no node-set", "1 + 1", query.Explicit, 0, ""},
		{"syntax", "/top[", query.Explicit, 0, ""},
		{
			"defaults of what is selected and of nothing else", "/top/user/info", query.ReportAll, 0,
			`{"company:top":{"user":[{"name":"ann","info":{"dept":1,"id":1}},{"name":"bob","info":{"dept":1}}]}}`,
		},
		{"a default selected", "/top/empty/x", query.ReportAll, 0, `{"company:top":{"empty":{"x":"y"}}}`},
		{"a default that is not seen", "/top/empty/x", query.Explicit, 0, `{}`},
		{"trimmed below", "/top/user", query.Trim, 0, `{"company:top":{"user":[{"name":"ann","info":{"id":1}},{"name":"bob","type":"root"}]}}`},
		{"trimmed itself", "/top/user/type", query.Trim, 0, `{"company:top":{"user":[{"name":"bob","type":"root"}]}}`},
		{"trimmed before it is looked at", "/top/user[type='user']", query.Trim, 0, `{}`},
		{"a namespace of no module", "/x:top", query.Explicit, 0, `{}`},
		{"nodes and what is below them", "//*", query.Explicit, 0, `{"company:top":{"motto":"go","user":[{"name":"ann","type":"user","info":{"id":1}},{"name":"bob","type":"root"}]}}`},
		{"overlapping", "//id | /top/user[name='bob'] | /top/user/name", query.Explicit, 0, `{"company:top":{"user":[{"name":"ann","info":{"id":1}},{"name":"bob","type":"root"}]}}`},
		{"texts", "//name/text()", query.Explicit, 0, `{"company:top":{"user":[{"name":"ann"},{"name":"bob"}]}}`},
		{"depth from the selected entries", "/top/user", query.Explicit, 1, `{"company:top":{"user":[{"name":"ann"},{"name":"bob"}]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, err := query.CompileXPath(tt.expr, yang.XPathOptions{Default: yang.AnyModule, Resolve: func(p string) (string, bool) { return "urn:" + p, true }}, model)
			got := ""
			if err == nil {
				x.Depth = tt.depth
				if out, applyErr := x.Apply(t.Context(), data, tt.mode); applyErr == nil {
					got = show(t, out, codec.EncodeOptions{})
				} else {
					err = applyErr
				}
			}
			var e *rpcerr.Error
			if tt.want == "" && (!errors.As(err, &e) || e.Tag != rpcerr.InvalidValue) || tt.want != "" && err != nil {
				t.Fatalf("error %v", err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestXPathLimits is about filters that take more than a client may ask for.
func TestXPathLimits(t *testing.T) {
	schema := dstest.Schema(t, company)
	model, err := xpath.NewModel(schema)
	if err != nil {
		t.Fatal(err)
	}
	data := parse(t, schema, `{"company:top":{"motto":"go","user":[{"name":"ann"},{"name":"bob"},{"name":"eve"}]}}`)
	for _, c := range []struct {
		text   string
		limits xpath.Limits
		want   rpcerr.Tag
	}{
		{"//user[count(//*) > 3]", xpath.Limits{Visits: 20}, rpcerr.ResourceDenied},
		{"//user[count(//*) > 3]", xpath.Limits{}, ""},
		{"//user | //name", xpath.Limits{Memory: 100}, rpcerr.TooBig},
		{"//name", xpath.Limits{Memory: 100}, ""}, // nothing is held
	} {
		x, err := query.CompileXPath(c.text, query.ModulePrefixes(schema, nil), model)
		if err != nil {
			t.Fatal(err)
		}
		x.Limits = c.limits
		if x.Limits.Memory == 0 {
			x.Limits.Memory = 1 << 20
		}
		paths, pathsErr := x.Paths(t.Context(), data)
		if tooMany := strings.HasPrefix(c.text, "//name") && c.limits.Memory > 0; (pathsErr != nil) != (c.want != "" || tooMany) || pathsErr == nil && len(paths) != 3 {
			t.Errorf("%s: paths %v, %v", c.text, paths, pathsErr)
		}
		_, err = x.Apply(t.Context(), data, query.Explicit)
		var e *rpcerr.Error
		if errors.As(err, &e); c.want == "" && err != nil || c.want != "" && (e == nil || e.Tag != c.want || e.Type != rpcerr.Protocol || e.Path != "") {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
	x, err := query.CompileXPath("//user[count(//*[count(//*) > 3]) > 3]", query.ModulePrefixes(schema, nil), model)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Apply(ctx, data, query.Explicit); !errors.Is(err, context.Canceled) {
		t.Errorf("a filter after the end of its request: %v", err)
	}
	if _, err := query.CompileXPath("/*"+strings.Repeat("/*", 2000), query.ModulePrefixes(schema, nil), model); err == nil {
		t.Error("a filter of 2000 steps is accepted")
	}
}

// TestModulePrefixes follows stream-xpath-filter in RFC 8639 Section 4.
func TestModulePrefixes(t *testing.T) {
	schema := dstest.Schema(t, company)
	declared := yang.ModuleResolver{Prefixes: map[string]string{"c": "company", "company": "none"}}
	for _, c := range []struct {
		prefix   string
		declared yang.Resolver
		want     string
	}{
		{"company", nil, "company"}, {"c", nil, ""}, {"c", declared, "company"}, {"company", declared, "none"}, {"other", declared, ""},
	} {
		module, ok := query.ModulePrefixes(schema, c.declared).Resolve(c.prefix)
		if ok != (c.want != "") || ok && module != c.want {
			t.Errorf("%s: %q, %v, want %q", c.prefix, module, ok, c.want)
		}
	}
}
