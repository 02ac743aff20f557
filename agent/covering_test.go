package agent_test

import (
	"strings"
	"testing"
)

// TestCoveredVariants has update streams and views of the filtered variant of what an
// update stream service and a TIPS depend on, also when it comes and goes.
func TestCoveredVariants(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	l.must(l.merge(tipsOf(object{})))
	input := `"resource-id":"rc-filtered","input":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"},"pids":{"srcs":["lan"],"dsts":["world"]}}`
	filtered := func(on bool) {
		l.must(l.merge(object{"resource": list{object{"resource-id": "rc", "alto-costmap-params": object{"filtered": on}}}}))
		_, ird := l.get("directory")
		for _, uses := range []string{`"uses":["net","net-filtered","rc"`, `"uses":["both","net","net-filtered","rc"`} {
			if got := strings.Contains(ird, uses+`,"rc-filtered"]`); got != on {
				t.Errorf("rc-filtered is after %s: %t, want %t, in %s", uses, got, on, ird)
			}
		}
	}
	filtered(true)
	_, lines, _ := l.dialStream(`"part":{` + input + `}`)
	l.untilLine(lines, "event: application/alto-costmap+json,part")
	v := l.openView(`{` + input + `}`)
	l.recost(21)
	l.untilLine(lines, `data: {"cost-map":{"lan":{"world":21}}}`)
	if _, body := l.edge(v, 1, 2); body != `{"cost-map":{"lan":{"world":21}}}` {
		t.Errorf("edge of the view: %s", body)
	}
	filtered(false)
	if got := l.untilLine(lines, "data: "); !strings.Contains(got, `"stopped":["part"]`) {
		t.Errorf("the stream says %s", got)
	}
	if status, body := l.edge(v, 2, 3); status != 404 {
		t.Errorf("edge of a view of what is gone: %d %s", status, body)
	}
	filtered(true)
}

// TestCoveredVariantsRefused refuses a change by which an update stream service would cover
// less, and then makes it.
func TestCoveredVariantsRefused(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	_, before := l.get("directory")
	less := object{"resource-id": "rc", "alto-costmap-params": object{"filtered": false}}
	l.veto.Store(true)
	if err := l.merge(object{"resource": list{less}}); err == nil {
		t.Fatal("what another participant refuses is accepted")
	}
	l.veto.Store(false)
	if _, after := l.get("directory"); after != before {
		t.Errorf("the refused change left the IRD %s", after)
	}
	l.must(l.merge(object{"resource": list{less}}))
	if _, ird := l.get("directory"); strings.Contains(ird, "rc-filtered") {
		t.Errorf("the IRD names what is gone: %s", ird)
	}
}
