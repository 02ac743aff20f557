package restconf

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestBothRandomly makes edits drawn at random over both protocols.
func TestBothRandomly(t *testing.T) {
	b := newBoth(t)
	r := rand.New(rand.NewPCG(6241, 8040))
	outcomes := map[string]int{}
	for i := range 400 {
		method, target, body := drawEdit(r)
		name := fmt.Sprintf("edit %d: %s %s %s", i, method, target, body)
		if method == "PATCH" && b.rest.do("GET "+strings.Split(target, "?")[0]+"?content=config").Code != 200 {
			method = "PUT" // for PATCH the node has to exist, for a merge it need not
		}
		out := b.make(name, method, target, body, b.editConfig(method, target, body))
		outcomes[strings.SplitN(out, "\n", 2)[0]]++
	}
	for _, code := range []string{"201", "204", "404", "409", "412"} {
		if outcomes[code] < 5 {
			t.Errorf("only %d edits end with %s: %v", outcomes[code], code, outcomes)
		}
	}
}

// drawEdit draws an edit of a few nodes: a list in the order of the user, one with rules,
// leafs, a leaf-list, a choice.
func drawEdit(r *rand.Rand) (method, target, body string) {
	const top, rules = "/restconf/data/example-top:top", "/restconf/data/example-rules:rules"
	id, other, n := pick(r, "a", "b", "c", "d"), pick(r, "a", "b", "c", "d"), r.IntN(10)
	place := pick(r, "", "", "?insert=first", "?insert=last",
		"?insert=before&point=%2Fexample-top:top%2Fqueue="+other, "?insert=after&point=%2Fexample-top:top%2Fqueue="+other)
	queue := fmt.Sprintf(`{"example-top:queue": [{"id": %q}]}`, id)
	port := fmt.Sprintf(`{"example-rules:port": [{"name": %q, "number": %d}]}`, id, n%3)
	put := pick(r, "PUT", "PUT", "PATCH")
	choices := [][3]string{
		{"POST", top + place, queue},
		{"PUT", top + "/queue=" + id + place, queue},
		{"DELETE", top + "/queue=" + id, ""},
		{"POST", top, fmt.Sprintf(`{"example-top:Y": [%d]}`, n)},
		{"DELETE", fmt.Sprintf("%s/Y=%d", top, n), ""},
		{put, top, fmt.Sprintf(`{"example-top:top": {"names": [%q], "Y": [%d], "queue": [{"id": %q}]}}`, other, n, id)},
		{put, rules, fmt.Sprintf(`{"example-rules:rules": {"needed": "x", "low": %d, "high": %d}}`, n, n+3)},
		{put, rules + "/low", fmt.Sprintf(`{"example-rules:low": %d}`, n)},
		{put, rules + "/high", fmt.Sprintf(`{"example-rules:high": %d}`, n)},
		{put, rules + "/port=" + id, port},
		{"POST", rules, port},
		{"DELETE", rules + "/port=" + id, ""},
		{put, rules + "/use", fmt.Sprintf(`{"example-rules:use": %q}`, id)},
		{"DELETE", rules + "/use", ""},
		{put, rules + "/left", `{"example-rules:left": "l"}`},
		{put, rules + "/right", `{"example-rules:right": {"far": "f"}}`},
		{put, rules + "/extra", `{"example-rules:extra": "e"}`},
		{"DELETE", rules + pick(r, "", "/needed", "/left", "/low"), ""},
	}
	c := choices[r.IntN(len(choices))]
	return c[0], c[1], c[2]
}
