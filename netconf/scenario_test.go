package netconf

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the replies in testdata")

// TestScenarios plays the conversations in testdata: "running" is the
// configuration at the start, each "request" is sent and its reply compared with
// the "reply" that follows. A number after request names the session, whose
// session-id it is. "notification" is what comes
// next in a session besides replies. A request that is no whole message is put into an <rpc>.
// "features" are those of ietf-netconf that are on besides; "file" is in the folder
// of URLs at the start, "content" is what the file has then.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { play(t, path) })
	}
}

// scene is one conversation: what there is at its start.
type scene struct {
	running, operational string
	features             []string
}

func play(t *testing.T, path string) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s scene
	folder, o := t.TempDir(), Options{}
	for _, x := range a.Files {
		switch name, of, _ := strings.Cut(x.Name, " "); name {
		case "running":
			s.running = string(x.Data)
		case "operational":
			s.operational = string(x.Data)
		case "features":
			s.features = strings.Fields(string(x.Data))
		case "file":
			if err := os.WriteFile(filepath.Join(folder, of), x.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if strings.HasPrefix(path, "testdata/rfc") {
		s.features = rfcFeatures
	}
	if slices.Contains(s.features, "url") {
		o.URLs = &URLs{Dir: folder}
	}
	f := start(t, s.running, o, s.features...)
	f.operational.Store(&s.operational)
	var sessions []*client
	for i := range a.Files {
		name, who, _ := strings.Cut(a.Files[i].Name, " ")
		if name == "content" {
			text, err := os.ReadFile(filepath.Join(folder, who))
			if err != nil {
				t.Error(err)
			}
			if *update {
				a.Files[i].Data = text
			} else if string(text) != string(a.Files[i].Data) {
				t.Errorf("%s has %s", who, text)
			}
		}
		if name != "request" && name != "notification" {
			continue
		}
		n := 1
		if who != "" {
			fmt.Sscan(who, &n)
		}
		for len(sessions) < n {
			sessions = append(sessions, f.session())
		}
		if name == "notification" {
			got := indent(sessions[n-1].read())
			if *update {
				a.Files[i].Data = []byte(got)
			} else if want := string(a.Files[i].Data); got != want {
				t.Errorf("notification\ngot  %s\nwant %s", got, want)
			}
			judge(t, a.Files[i+1:], got)
			continue
		}
		sessions[n-1].write(message(string(a.Files[i].Data)))
		got := indent(sessions[n-1].read())
		if i+1 < len(a.Files) && (a.Files[i+1].Name == "rfc" || a.Files[i+1].Name == "like") {
			judge(t, a.Files[i+1:], got)
			continue
		}
		if *update {
			if i+1 == len(a.Files) || a.Files[i+1].Name != "reply" {
				t.Fatalf("%s: request %d needs a reply section", path, i)
			}
			a.Files[i+1].Data = []byte(got)
		} else if want := string(a.Files[i+1].Data); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", a.Files[i].Data, got, want)
		}
		judge(t, a.Files[i+2:], got)
	}
	for _, c := range sessions {
		c.close()
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// message puts an operation into an <rpc>.
func message(text string) string {
	if strings.Contains(text, "message-id") || !strings.HasPrefix(text, "<") || strings.HasPrefix(text, "<?") || strings.Contains(text, "rpc") {
		return text
	}
	return fmt.Sprintf("<rpc message-id=\"101\" xmlns=%q>\n%s</rpc>\n", nsBase, text)
}

var tag = regexp.MustCompile(`<[^>]*>`)

// indent writes one element a line. Text stays beside its tags.
func indent(text string) string {
	if text == "" {
		return "(the session has ended)\n"
	}
	var b strings.Builder
	depth := 0
	tags := tag.FindAllStringIndex(text, -1)
	for i, at := range tags {
		x := text[at[0]:at[1]]
		closing := strings.HasPrefix(x, "</")
		if closing {
			depth--
		}
		beside := closing && i > 0 && text[tags[i-1][1]-2] != '/' && !strings.HasPrefix(text[tags[i-1][0]:], "</")
		if !beside {
			b.WriteString(strings.Repeat("  ", depth))
		}
		b.WriteString(x)
		if !closing && !strings.HasSuffix(x, "/>") {
			depth++
		}
		next := len(text)
		if i+1 < len(tags) {
			next = tags[i+1][0]
		}
		b.WriteString(text[at[1]:next])
		leaf := !closing && !strings.HasSuffix(x, "/>") && i+1 < len(tags) && strings.HasPrefix(text[next:], "</")
		if !leaf {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
