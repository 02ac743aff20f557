package agent_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// guardedSource is mixedServer with a safeguard for the source that is a file.
func guardedSource(path string, safeguard object) object {
	s := mixedServer(path)
	for _, e := range s["data-source"].(list) {
		if e.(object)["source-id"] == "maps" {
			e.(object)["altoam-source:safeguard"] = safeguard
		}
	}
	return s
}

// mapOfMany is a network map with so many PIDs.
func mapOfMany(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"p%d":{"ipv4":["10.%d.%d.0/24"]},`, i, i/250, i%250)
	}
	return `{"meta":{"vtag":{"resource-id":"x","tag":"many"}},"network-map":{` + b.String() + `"rest":{"ipv4":["0.0.0.0/0"]}}}`
}

// extAnswers is what a client gets of the map of the file: its tag, or the status.
func (l *lab) extAnswers() string {
	l.Helper()
	status, body := l.get("networkmap/ext")
	if status != 200 {
		return fmt.Sprint(status)
	}
	_, after, _ := strings.Cut(body, `"tag":"`)
	tag, _, _ := strings.Cut(after, `"`)
	return tag
}

// TestSafeguard has a source go bad in each way, while the agent runs and over a restart:
// clients keep the last good map, or lose it where that is what the source is to do. Good
// data is in use again at once.
func TestSafeguard(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"missing":   os.Remove,
		"malformed": func(path string) error { return os.WriteFile(path, []byte(`{"meta":]`), 0o600) },
		"empty":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"an empty map": func(path string) error {
			return os.WriteFile(path, []byte(strings.Replace(completeMap, `"a":{"ipv4":["0.0.0.0/0"]}`, "", 1)), 0o600)
		},
		"half-written":   func(path string) error { return os.WriteFile(path, []byte(completeMap[:len(completeMap)/2]), 0o600) },
		"incomplete":     func(path string) error { return os.WriteFile(path, []byte(incompleteMap), 0o600) },
		"much too large": func(path string) error { return os.WriteFile(path, []byte(mapOfMany(100)), 0o600) },
	} {
		for _, policy := range []string{"freeze", "withdraw"} {
			for _, when := range []string{"running", "restart"} {
				t.Run(name+"/"+when+"/"+policy, func(t *testing.T) {
					t.Parallel()
					path, store := filepath.Join(t.TempDir(), "map.json"), filepath.Join(t.TempDir(), "store")
					write(t, path, completeMap)
					want := map[string]string{"freeze": "t", "withdraw": "404"}[policy]
					bad := func(l *lab) {
						l.alarmedAny("/data-source[source-id='maps']")
						l.eventually("clients get "+want, func() bool { return l.extAnswers() == want })
						for range 10 { // and it stays so
							if got := l.extAnswers(); got != want {
								t.Fatalf("clients get %s, want %s", got, want)
							}
							time.Sleep(10 * time.Millisecond)
						}
						l.body("networkmap/net")
						replaceFile(t, path, strings.Replace(completeMap, `"t"`, `"t2"`, 1))
						l.eventually("the next good map", func() bool { return l.extAnswers() == "t2" })
					}
					t.Run("before", func(t *testing.T) {
						l := labAt(t, store)
						l.must(l.merge(guardedSource(path, object{"when-failing": policy})))
						l.eventually("the map", func() bool { return l.extAnswers() == "t" })
						if when == "running" {
							l.must(harm(path))
							bad(l)
						}
					})
					if when == "restart" {
						if err := harm(path); err != nil {
							t.Fatal(err)
						}
						t.Run("after", func(t *testing.T) { bad(labAt(t, store)) })
					}
				})
			}
		}
	}
}

// alarmedAny waits for an alarm of a source that is active.
func (l *lab) alarmedAny(resource string) {
	l.Helper()
	l.eventually("an alarm of "+resource, func() bool {
		for _, kind := range []string{"source-stale", "source-data-refused"} {
			if got := l.alarm(resource, kind); got != "" && !strings.HasSuffix(got, " cleared") {
				return true
			}
		}
		return false
	})
}

// TestSafeguardLimits changes the safeguard of a source while its file is gone or too large.
func TestSafeguardLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, completeMap)
	l := newLab(t)
	l.must(l.merge(guardedSource(path, object{})))
	set := func(safeguard object) {
		t.Helper()
		l.must(l.merge(object{"data-source": list{object{"source-id": "maps", "altoam-source:safeguard": safeguard}}}))
	}
	gets := func(want string) {
		t.Helper()
		l.eventually("clients get "+want, func() bool { return l.extAnswers() == want })
	}
	maps := "/data-source[source-id='maps']"
	gets("t")
	for _, leaf := range []string{"age", "in-use-since", "lag", "records"} {
		if l.sourceState("maps", leaf) == "" {
			t.Errorf("no %s", leaf)
		}
	}
	if got := l.sourceState("campus", "age"); got != "" {
		t.Errorf("age %s of what is configured", got)
	}
	l.must(os.Remove(path))
	l.alarmed(maps, "source-stale", "major ")
	gets("t")
	set(object{"when-failing": "withdraw"}) // though the file is not there
	gets("404")
	l.alarmed(maps, "source-stale", "critical ")
	set(object{"maximum-age": 3600}) // it is not that old
	replaceFile(t, path, completeMap)
	gets("t")
	l.must(os.Remove(path))
	l.alarmed(maps, "source-stale", "major ")
	gets("t")
	set(object{"maximum-age": 1})
	gets("404")
	replaceFile(t, path, completeMap)
	gets("t")
	set(object{"when-failing": "freeze"})
	l.alarmed(maps, "source-stale", "major the data was read more than 1s ago")
	gets("t")
	set(object{"maximum-age": 0})
	l.alarmed(maps, "source-stale", "major cleared")

	replaceFile(t, path, mapOfMany(300))
	l.alarmed(maps, "source-data-refused", "major the data cannot be served: it has 602 parts, which is 301 times as many as the data in use, not less than 10 times")
	gets("t")
	set(object{"max-growth": 0})
	gets("many")
	l.alarmed(maps, "source-data-refused", "major cleared")
}

// TestGuardAfterRestart has a map that changes too much while the agent is away: it waits
// for an operator as it would have done before, and what waits is not lost over another
// restart.
func TestGuardAfterRestart(t *testing.T) {
	path, store := filepath.Join(t.TempDir(), "map.json"), filepath.Join(t.TempDir(), "store")
	write(t, path, mapOf(1, 2, 3, 4))
	t.Run("before", func(t *testing.T) {
		l := labAt(t, store)
		l.must(l.merge(object{
			"listen": listenHTTP(), "data-source": list{file("files", path)}, "altoam-guard:guard": shares("50", "", ""),
			"resource": list{networkMap("net", "files", object{"is-default": true})},
		}))
	})
	write(t, path, mapOf(7, 8))
	for _, when := range []string{"after", "after again"} {
		t.Run(when, func(t *testing.T) {
			l := labAt(t, store)
			l.eventually("held back", func() bool { return l.held("net", "state") == "waiting" })
			if body := l.body("networkmap/net"); !strings.Contains(body, `"p4"`) {
				t.Errorf("clients get %s", body)
			}
			if when == "after" {
				return
			}
			_, err := l.call(fmt.Sprintf(resourceAt, "net"), "accept", nil)
			l.must(err)
			if body := l.body("networkmap/net"); !strings.Contains(body, `"p8"`) {
				t.Errorf("clients get %s of what was accepted", body)
			}
		})
	}
	l := labAt(t, store)
	if body := l.body("networkmap/net"); !strings.Contains(body, `"p8"`) {
		t.Errorf("clients get %s", body)
	}
}

// TestKeptBroken starts with data that was kept and is damaged: the source's own is used.
func TestKeptBroken(t *testing.T) {
	path, store := filepath.Join(t.TempDir(), "map.json"), filepath.Join(t.TempDir(), "store")
	write(t, path, completeMap)
	t.Run("before", func(t *testing.T) {
		l := labAt(t, store)
		l.must(l.merge(mixedServer(path)))
	})
	files, err := filepath.Glob(store + ".state/sources/*")
	if err != nil || len(files) != 1 {
		t.Fatalf("%q %v: one file for one source", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{nil, text[:len(text)-1], append(text[:40:40], make([]byte, 1000)...)} {
		if err := os.WriteFile(files[0], broken, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run("after", func(t *testing.T) {
			if l := labAt(t, store); l.extAnswers() != "t" {
				t.Errorf("clients get %s", l.extAnswers())
			}
		})
	}
	t.Run("removed", func(t *testing.T) {
		l := labAt(t, store)
		l.eventually("kept again", func() bool { f, _ := filepath.Glob(store + ".state/sources/*"); return len(f) == 1 })
		l.must(l.replaceServer(campusServer()))
		l.eventually("forgotten", func() bool { f, _ := filepath.Glob(store + ".state/sources/*"); return len(f) == 0 })
	})
}

// TestRefusedIsLeftAlone refuses data while none is in use: it is not judged again as long
// as nothing changes.
func TestRefusedIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "map.json")
	write(t, path, completeMap)
	l := newLab(t)
	l.must(l.merge(guardedSource(path, object{"when-failing": "withdraw"})))
	l.eventually("the map", func() bool { return l.extAnswers() == "t" })
	replaceFile(t, path, mapOfMany(100))
	l.eventually("the map is withdrawn", func() bool { return l.extAnswers() == "404" })
	l.must(l.merge(object{"data-source": list{object{"source-id": "maps", "altoam-source:safeguard": object{"when-failing": "freeze"}}}}))
	l.eventually("nothing to do", func() bool { return l.agent.AnnouncedLost() == 0 })
	replaceFile(t, path, strings.Replace(completeMap, `"t"`, `"t2"`, 1))
	l.eventually("the next good map", func() bool { return l.extAnswers() == "t2" })
}
