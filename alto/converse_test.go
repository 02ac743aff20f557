package alto

import (
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// converse replays a conversation about update streams: a script is a series of files
// whose names say what happens.
//
//	post PATH        opens the stream with these parameters
//	events           must come, in this order
//	publish CHANGE   publishes, one of changes
//	control STATUS   sends a stream control request, answered so
//	error            must have been the body of that answer
//	end              of the stream must come
func converse(t *testing.T, name string, s *Server, changes map[string]func(*Config)) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	base := listening(t, s)
	var c *client
	var answer string
	for _, f := range archive.Files {
		verb, what, _ := strings.Cut(f.Name, " ")
		switch text := string(f.Data); verb {
		case "post":
			c = subscribe(t, base, what, text, http.Header{"Accept": {MediaEventStream + "," + MediaError}})
			c.readControl()
		case "events":
			c.expect(eventsIn(text)...)
		case "publish":
			if changes[what] == nil {
				t.Fatalf("no change %q", what)
			}
			republish(t, s, changes[what])
		case "control":
			var status int
			if status, answer = c.send(text, nil); strconv.Itoa(status) != what {
				t.Errorf("control: status %d, want %s", status, what)
			}
		case "error":
			if diff := cmp.Diff(decode(t, text), decode(t, answer)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		case "end":
			c.expectEnd()
		default:
			t.Fatalf("script step %q", f.Name)
		}
	}
}

func eventsIn(text string) []event {
	var list []event
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var e event
		for line := range strings.SplitSeq(block, "\n") {
			if name, ok := strings.CutPrefix(line, "event: "); ok {
				e.name = name
			} else {
				e.data += strings.TrimPrefix(line, "data: ") + "\n"
			}
		}
		list = append(list, e)
	}
	return list
}
