package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/go-json-experiment/json/jsontext"
)

// wrong are parameters that a service refuses, with the error that tells why (RFC 7285
// Section 8.5.2). COST stands for a cost type that it has.
var wrong = map[string][]struct{ body, code, field string }{
	"networkmapfilter": {
		{`{}`, "E_MISSING_FIELD", "pids"},
		{`{"pids":1}`, "E_INVALID_FIELD_TYPE", "pids"},
	},
	"costmapfilter": {
		{`{"pids":{"srcs":[],"dsts":[]}}`, "E_MISSING_FIELD", "cost-type"},
		{`{"cost-type":COST,"pids":[]}`, "E_INVALID_FIELD_TYPE", "pids"},
		{`{"cost-type":{"cost-mode":"numerical","cost-metric":"moon"},"pids":{"srcs":[],"dsts":[]}}`, "E_INVALID_FIELD_VALUE", "cost-type/cost-metric"},
		{`{"cost-type":COST,"constraints":["like 5"],"pids":{"srcs":[],"dsts":[]}}`, "E_INVALID_FIELD_VALUE", "constraints"},
	},
	"endpointcostparams": {
		{`{"cost-type":COST}`, "E_MISSING_FIELD", "endpoints"},
		{`{"cost-type":COST,"endpoints":1}`, "E_INVALID_FIELD_TYPE", "endpoints"},
		{`{"cost-type":COST,"endpoints":{"srcs":["ipv4:1.2.3"],"dsts":["ipv4:1.2.3.4"]}}`, "E_INVALID_FIELD_VALUE", "endpoints/srcs"},
	},
	"endpointpropparams": {
		{`{"endpoints":[]}`, "E_MISSING_FIELD", "properties"},
		{`{"properties":{},"endpoints":[]}`, "E_INVALID_FIELD_TYPE", "properties"},
		{`{"properties":["priv:moon"],"endpoints":["ipv4:1.2.3.4"]}`, "E_INVALID_FIELD_VALUE", "properties"},
	},
	"propmapparams": {
		{`{}`, "E_MISSING_FIELD", "entities"},
		{`{"entities":1}`, "E_INVALID_FIELD_TYPE", "entities"},
		{`{"entities":["moon:1"]}`, "E_INVALID_FIELD_VALUE", "entities"},
	},
	"updatestreamparams": {
		{`{"add":{"1":{}}}`, "E_MISSING_FIELD", "add/1/resource-id"},
		{`{"add":1}`, "E_INVALID_FIELD_TYPE", "add"},
		{`{"add":{"1":{"resource-id":"moon"}}}`, "E_INVALID_FIELD_VALUE", "add/1/resource-id"},
	},
}

// errors asks each service wrongly in all ways, in JSON and in HTTP.
func (w *walk) errors(ctx context.Context) error {
	asked := 0
	var faults []error
	for _, e := range w.directory.Entries {
		kind := strings.TrimSuffix(strings.TrimPrefix(e.Accepts, "application/alto-"), "+json")
		for _, c := range append(wrong[kind], struct{ body, code, field string }{`[]`, "E_SYNTAX", ""}) {
			if e.Accepts == "" {
				break
			}
			asked++
			_, err := w.client.Ask(ctx, client.Request{Entry: e, Parameters: jsontext.Value(strings.ReplaceAll(c.body, "COST", w.costType(e)))})
			var got *client.StatusError
			if !errors.As(err, &got) || got.Status != 400 || got.Code != c.code || got.Field != c.field || (got.Value != "") != (c.code == "E_INVALID_FIELD_VALUE") {
				faults = append(faults, fmt.Errorf("resource %q, %s: %w, expected %s of field %q", e.ID, c.body, err, c.code, c.field))
			}
		}
		faults = append(faults, w.httpErrors(ctx, e)...)
		asked += 3
	}
	fmt.Printf("errors: %d requests refused\n", asked)
	return errors.Join(faults...)
}

// costType is the first one of an entry, in JSON.
func (w *walk) costType(e client.Entry) string {
	if len(e.Capabilities.CostTypeNames) == 0 {
		return "{}"
	}
	t := w.directory.CostTypes[e.Capabilities.CostTypeNames[0]]
	return fmt.Sprintf(`{"cost-mode":%q,"cost-metric":%q}`, t.Mode, t.Metric)
}

// httpErrors asks with another method, another type wanted and one given.
func (w *walk) httpErrors(ctx context.Context, e client.Entry) (faults []error) {
	method, other := http.MethodGet, http.MethodPost
	if e.Accepts != "" {
		method, other = other, method
	}
	for _, c := range []struct {
		method, accept, given string
		want                  int
	}{
		{other, "*/*", e.Accepts, http.StatusMethodNotAllowed},
		{method, "text/html", e.Accepts, http.StatusNotAcceptable},
		{http.MethodPost, "*/*", "text/html", http.StatusUnsupportedMediaType},
	} {
		if e.Accepts == "" && c.want == http.StatusUnsupportedMediaType {
			c.want = http.StatusMethodNotAllowed
		}
		r, err := http.NewRequestWithContext(ctx, c.method, e.URI.String(), strings.NewReader("{}"))
		if err != nil {
			return append(faults, err)
		}
		r.Header.Set("Accept", c.accept)
		r.Header.Set("Content-Type", c.given)
		if w.client.User != "" {
			r.SetBasicAuth(w.client.User, w.client.Password)
		}
		resp, err := w.client.HTTP.Do(r)
		if err != nil {
			return append(faults, err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			faults = append(faults, fmt.Errorf("resource %q: %s of %s with %s: status %d, expected %d", e.ID, c.method, c.accept, c.given, resp.StatusCode, c.want))
		}
	}
	return faults
}
