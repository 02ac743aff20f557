package restconf

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// TestWindow sends a frame of zstd whose decoder would need a window of 2 GiB: it is
// refused, and the memory is not taken.
func TestWindow(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	frame := func(window byte) string { // RFC 8878 Section 3.1.1; one raw block of 2 octets
		return "\x28\xb5\x2f\xfd\x00" + string([]byte{window}) + "\x11\x00\x00{}"
	}
	put := func(window byte) (int, string, uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := f.do("PATCH /restconf/data\nContent-Encoding: zstd" + jsonBody + frame(window))
		runtime.ReadMemStats(&after)
		return w.Code, w.Body.String(), after.TotalAlloc - before.TotalAlloc
	}
	if code, text, _ := put(0x48); strings.Contains(text, "is no zstd") { // 512 KiB
		t.Errorf("a usual window: %d %s", code, text)
	}
	for name, window := range map[string]byte{"16 MiB": 0x70, "2 GiB": 0xa8} {
		if code, text, taken := put(window); code != http.StatusBadRequest || !strings.Contains(text, "is no zstd") || taken > 64<<20 {
			t.Errorf("a window of %s: %d %s, %d bytes", name, code, text, taken)
		}
	}
}

// TestBombInBomb sends gzip in gzip: only one coding is taken off.
func TestBombInBomb(t *testing.T) {
	f := newFixture(t, nil, policyModule)
	inner := encoded(t, "gzip", strings.Repeat(" ", 50<<20))
	w := f.do("PATCH /restconf/data\nContent-Encoding: gzip" + jsonBody + encoded(t, "gzip", inner))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "malformed-message") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestManyEdits sends YANG patches of twenty thousand edits, of which all, or the last, are
// wrong: the answer is short and running stays.
func TestManyEdits(t *testing.T) {
	f := newFixture(t, nil)
	before := f.store.Running()
	const times = 20_000
	for name, edit := range map[string]func(i int) string{
		"all wrong": func(i int) string {
			return fmt.Sprintf(`{"edit-id":"e%d","operation":"create","target":"/example-top:top/queue=%[1]d","value":{"example-top:queue":[{"id":"%[1]d","none":1}]}}`, i)
		},
		"the last wrong": func(i int) string {
			id := fmt.Sprint(i)
			if i == times-1 {
				id = "0"
			}
			return fmt.Sprintf(`{"edit-id":"e%d","operation":"create","target":"/example-top:top/queue=%[2]s","value":{"example-top:queue":[{"id":"%[2]s"}]}}`, i, id)
		},
		"one name": func(int) string {
			return `{"edit-id":"e","operation":"merge","target":"/example-top:top","value":{"example-top:top":{}}}`
		},
	} {
		var edits strings.Builder
		for i := range times {
			if i > 0 {
				edits.WriteByte(',')
			}
			edits.WriteString(edit(i))
		}
		w := f.do("PATCH /restconf/data\nAccept: application/yang-data+json\nContent-Type: " + yangPatchTypes[inJSON] + "\n\n" +
			`{"ietf-yang-patch:yang-patch":{"patch-id":"p","edit":[` + edits.String() + `]}}`)
		if w.Code < 400 || w.Code >= 500 || w.Body.Len() > 400*mostFailed || f.store.Running() != before {
			t.Errorf("%s: %d, %d bytes %.300s", name, w.Code, w.Body.Len(), w.Body)
		}
		if told := strings.Count(w.Body.String(), `"edit-id"`); name == "all wrong" && (told != mostFailed || !strings.Contains(w.Body.String(), "more edits have errors")) {
			t.Errorf("%s: errors of %d edits are told", name, told)
		}
	}
}

// TestManyValues puts a hundred thousand values into a leaf-list, once each different and
// once all the same, which is refused at the second one.
func TestManyValues(t *testing.T) {
	f := newFixture(t, nil)
	put := func(value func(i int) string) int {
		var b strings.Builder
		for i := range 100_000 {
			fmt.Fprintf(&b, `,"%s"`, value(i))
		}
		w := f.do("PUT /restconf/data/example-top:top" + jsonBody + `{"example-top:top":{"names":[` + b.String()[1:] + `]}}`)
		if w.Body.Len() > 2000 {
			t.Errorf("an answer of %d bytes", w.Body.Len())
		}
		return w.Code
	}
	if code := put(func(int) string { return "x" }); code != http.StatusBadRequest {
		t.Errorf("the same: %d", code)
	}
	if code := put(func(i int) string { return fmt.Sprint(i) }); code != http.StatusCreated {
		t.Errorf("different: %d", code)
	}
}
