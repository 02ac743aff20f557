package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/yang"
)

// TestOperationsNeedARule: out of the box nobody but administrators runs an operation of our
// modules, besides those that only read.
func TestOperationsNeedARule(t *testing.T) {
	s, err := loadSchema(moduleOptions{})
	if err != nil {
		t.Fatal(err)
	}
	reads := []string{"/altoam-commit:compare", "/altoam-commit:dry-run"}
	guarded := 0
	for _, n := range s.Nodes {
		switch {
		case n.Kind != yang.RPC && n.Kind != yang.Action, !strings.HasPrefix(n.Module.Name, "altoam-"), slices.Contains(reads, n.Path()):
		case n.DefaultDeny == yang.DenyAll:
			guarded++
		default:
			t.Errorf("everybody may run %s", n.Path())
		}
	}
	if guarded < 9 {
		t.Errorf("only %d operations need a rule", guarded)
	}
}

// TestAcceptAll: who may accept the maps of one resource accepts with "all" no others, and
// who has no rule for it accepts none.
func TestAcceptAll(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	w := operator(t, runOptions{})
	dir := t.TempDir()
	file := func(pids int) {
		var b strings.Builder
		for i := range pids {
			fmt.Fprintf(&b, `"p%d":{"ipv4":["10.%d.0.0/16"]},`, i, i)
		}
		write(t, dir, "map.json", `{"meta":{"vtag":{"resource-id":"x","tag":"t"}},"network-map":{`+b.String()+`"rest":{"ipv4":["0.0.0.0/0"]}}}`)
	}
	file(8)
	resource := func(id string) string {
		return `{"resource-id":"` + id + `","resource-type":"network-map","alto-networkmap-params":{"altoam-algorithm-from-source:from-source":{"source":"files"}}}`
	}
	if code, text := w.do(http.MethodPatch, worldData, "x", `{"ietf-alto:alto-server":{"altoam-guard:guard":{"max-changed-share":{"pids":"10"}},
		"data-source":[{"source-id":"files","source-type":"altoam-source-file:file","source-params":{"altoam-source-file:file":{"path":["`+filepath.Join(dir, "map.json")+`"],"poll-interval":1}}}],
		"resource":[`+resource("hers")+`,`+resource("theirs")+`]}}`); code != 204 {
		t.Fatal(code, text)
	}
	file(2)
	held := func(id string) string {
		_, text := w.get(worldData+"/resource="+id+"/altoam-guard:guard/held/state", "x")
		return text
	}
	for end := time.Now().Add(20 * time.Second); strings.Count(held("hers")+held("theirs"), "waiting") < 2; {
		if time.Now().After(end) {
			t.Fatal("nothing is held back")
		}
		time.Sleep(50 * time.Millisecond)
	}
	accept := request{method: http.MethodPost, path: worldData + "/resource=hers/altoam-guard:guard/accept", body: `{"altoam-guard:input":{"all":[null]}}`}
	w.ruled(`{"name":"1","path":"` + worldResource + `[resource-id='hers']","access-operations":"read create update delete","action":"permit"}`)
	if text := w.answer(accept); !strings.HasPrefix(text, "403") || !strings.Contains(held("hers"), "waiting") {
		t.Errorf("without a rule: %s", text)
	}
	w.ruled(`{"name":"1","path":"` + worldResource + `[resource-id='hers']","action":"permit"}`)
	if text := w.answer(accept); !strings.HasPrefix(text, "200") {
		t.Errorf("with a rule: %s", text)
	}
	if !strings.Contains(held("hers"), "accepted") || !strings.Contains(held("theirs"), "waiting") {
		t.Errorf("hers is %s, theirs %s", held("hers"), held("theirs"))
	}
}
