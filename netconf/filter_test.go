package netconf

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/xpath"
)

// TestFilterLimits shows what a client is told whose filter takes too much, and that
// the session goes on.
func TestFilterLimits(t *testing.T) {
	f := start(t, `<top xmlns="http://example.com/schema/1.2/config"/>`, Options{XPath: xpath.Limits{Visits: 50, Memory: 1000}})
	c := f.session()
	for select_, want := range map[string]string{
		"//*[count(//*[count(//*[count(//*) &gt; 1]) &gt; 1]) &gt; 1]": "<error-tag>resource-denied</error-tag>",
		"//node()[count(//node() | /) = 0]":                            "<error-tag>too-big</error-tag>",
		"/*" + "[" + strings.Repeat("(", 200):                          "<error-tag>invalid-value</error-tag>",
	} {
		got := c.rpc(fmt.Sprintf(`<get><filter type="xpath" select="%s"/></get>`, select_))
		if !strings.Contains(got, want) || !strings.Contains(got, "<error-type>protocol</error-type>") || strings.Contains(got, "error-path") {
			t.Errorf("%s: got %s, want %s", select_, got, want)
		}
	}
	c.must("<discard-changes/>")
	c.close()
}

// TestFilterEnds shows that a filter's evaluation ends with its session.
func TestFilterEnds(t *testing.T) {
	var farm strings.Builder
	for i := range 300 {
		fmt.Fprintf(&farm, "<stall><name>s%d</name></stall>", i)
	}
	f := start(t, `<farm xmlns="urn:farm">`+farm.String()+`</farm>`, Options{
		Grace: time.Millisecond, XPath: xpath.Limits{Visits: 1 << 29, Memory: 1 << 40},
	})
	victim, killer := f.session(), f.session()
	victim.write(`<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1"><get><filter type="xpath" select="//*[count(//*[count(//*[count(//*) &gt; 1]) &gt; 1]) &gt; 1]"/></get></rpc>`)
	time.Sleep(20 * time.Millisecond) // the evaluation is under way, most likely
	killer.must("<kill-session><session-id>1</session-id></kill-session>")
	killer.must("<close-session/>")
	ended := make(chan struct{})
	go func() { f.serve.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the filter is still evaluated")
	}
}
