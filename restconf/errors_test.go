package restconf

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// TestStatus goes through the table of RFC 8040 Section 7.
func TestStatus(t *testing.T) {
	for _, c := range []struct {
		err  *rpcerr.Error
		want int
	}{
		{rpcerr.New(rpcerr.InUse, "", ""), 409},
		{rpcerr.New(rpcerr.InvalidValue, "", ""), 400},
		{rpcerr.New(rpcerr.InvalidValue, "", "").WithReason(rpcerr.NoSuchResource), 404},
		{rpcerr.New(rpcerr.InvalidValue, "", "").WithReason(rpcerr.NoSuchSchema), 404},
		{rpcerr.New(rpcerr.TooBig, "", ""), 413},
		{rpcerr.New(rpcerr.MissingAttribute, "", ""), 400},
		{rpcerr.New(rpcerr.BadAttribute, "", ""), 400},
		{rpcerr.New(rpcerr.UnknownAttribute, "", ""), 400},
		{rpcerr.New(rpcerr.MissingElement, "", ""), 400},
		{rpcerr.New(rpcerr.BadElement, "", ""), 400},
		{rpcerr.New(rpcerr.UnknownElement, "", ""), 400},
		{rpcerr.New(rpcerr.UnknownNamespace, "", ""), 400},
		{rpcerr.New(rpcerr.AccessDenied, "", ""), 403},
		{rpcerr.New(rpcerr.AccessDenied, "", "").WithReason(rpcerr.NotAuthentic), 401},
		{rpcerr.New(rpcerr.LockDenied, "", ""), 409},
		{rpcerr.New(rpcerr.ResourceDenied, "", ""), 409},
		{rpcerr.New(rpcerr.RollbackFailed, "", ""), 500},
		{rpcerr.New(rpcerr.DataExists, "/a:b", ""), 409},
		{rpcerr.New(rpcerr.DataMissing, "/a:b", ""), 409},
		{rpcerr.New(rpcerr.DataMissing, "/a:b", "").WithReason(rpcerr.NoSuchResource), 404},
		{rpcerr.New(rpcerr.OperationNotSupported, "", ""), 501},
		{rpcerr.New(rpcerr.OperationNotSupported, "", "").WithReason(rpcerr.MethodForbidden), 405},
		{rpcerr.New(rpcerr.OperationFailed, "", ""), 500},
		{rpcerr.New(rpcerr.OperationFailed, "/a:b", "").WithApp(rpcerr.AppMust), 412},
		{rpcerr.New(rpcerr.OperationFailed, "/a:b", "").WithReason(rpcerr.Internal), 500},
		{rpcerr.New(rpcerr.OperationFailed, "", "").WithReason(rpcerr.Precondition), 412},
		{rpcerr.New(rpcerr.InUse, "", "").WithReason(rpcerr.Conflict), 409},
		{rpcerr.New(rpcerr.MalformedMessage, "", ""), 400},
		{rpcerr.New("never-heard-of", "", ""), 500},
	} {
		if got := status(c.err); got != c.want {
			t.Errorf("%s with reason %d = %d, want %d", c.err.Tag, c.err.Reason, got, c.want)
		}
	}
}

func TestErrorBody(t *testing.T) {
	f := newFixture(t, nil)
	several := rpcerr.List{
		{
			Tag: rpcerr.OperationFailed, AppTag: "too hot", Path: "/example-top:top/form[kind='example-more:square']",
			Message: `"a" < b & c`, Err: errors.New("secret cause"),
			Info: []rpcerr.Info{
				{Name: "session-id", Value: "42"},
				{Name: "bad-element", Value: "x"},
				{Module: "yang", Name: "non-unique", Value: "/a"},
				{Module: "yang", Name: "non-unique", Value: "/b"},
				{Module: "yang", Name: "non-unique", Value: "/c"},
				{Module: "example-more", Name: "why", Value: "<>"},
				{Module: "urn:other", Name: "else", Value: ""},
			},
		},
		{Type: rpcerr.RPC, Tag: rpcerr.MalformedMessage, Path: "/"},
	}
	answer := func(e encoding, err error) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		q := &request{Server: f.server, w: w, r: httptest.NewRequest("GET", "/restconf", nil), out: e}
		q.fail(err)
		return w
	}
	j := answer(inJSON, several)
	const wantJSON = `{"ietf-restconf:errors":{"error":[{"error-type":"application","error-tag":"operation-failed","error-app-tag":"too hot",` +
		`"error-path":"/example-top:top/form[kind='example-more:square']","error-message":"\"a\" < b & c","error-info":{` +
		`"example-more:why":"<>","ietf-netconf:bad-element":"x","ietf-netconf:session-id":42,"urn:other:else":"","yang:non-unique":["/a","/b","/c"]}},` +
		`{"error-type":"rpc","error-tag":"malformed-message"}]}}`
	if got := strings.TrimSpace(j.Body.String()); got != wantJSON || j.Code != 412 {
		t.Errorf("%d\n%s\nwant\n%s", j.Code, got, wantJSON)
	}
	x := answer(inXML, several)
	const wantXML = `<errors xmlns="urn:ietf:params:xml:ns:yang:ietf-restconf"><error><error-type>application</error-type>` +
		`<error-tag>operation-failed</error-tag><error-app-tag>too hot</error-app-tag>` +
		`<error-path xmlns:more="http://example.com/ns/example-more" xmlns:top="http://example.com/ns/example-top">` +
		`/top:top/top:form[top:kind=&#39;more:square&#39;]</error-path><error-message>&#34;a&#34; &lt; b &amp; c</error-message><error-info>` +
		`<session-id xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">42</session-id><bad-element xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">x</bad-element>` +
		`<non-unique xmlns="urn:ietf:params:xml:ns:yang:1">/a</non-unique><non-unique xmlns="urn:ietf:params:xml:ns:yang:1">/b</non-unique>` +
		`<non-unique xmlns="urn:ietf:params:xml:ns:yang:1">/c</non-unique><why xmlns="http://example.com/ns/example-more">&lt;&gt;</why><else xmlns="urn:other"></else></error-info></error>` +
		`<error><error-type>rpc</error-type><error-tag>malformed-message</error-tag></error></errors>`
	if got := strings.TrimSpace(x.Body.String()); got != wantXML {
		t.Errorf("%s\nwant\n%s", got, wantXML)
	}
	if w := answer(inJSON, errors.New("secret cause")); w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
