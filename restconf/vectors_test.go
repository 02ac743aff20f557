package restconf

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestVectors plays the messages of the RFCs in testdata/rfc, as they stand and with the
// encodings exchanged: each "request" has the "answer" that follows, of which all headers
// shown and the data are compared. "*" is any value of a header, "none" its absence, $ETag
// in a request the entity tag that came last. An answer may have more "among others".
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, file := range files {
		for name, swap := range map[string]bool{"": false, ", encodings exchanged": true} {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+name, func(t *testing.T) {
				a, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				v := &vectors{fixture: newVectorFixture(t), swap: swap}
				for i := 0; i+1 < len(a.Files); i += 2 {
					name, isRequest := strings.CutSuffix(a.Files[i].Name, " request")
					more, isAnswer := strings.CutPrefix(a.Files[i+1].Name, name+" answer")
					if !isRequest || !isAnswer {
						t.Fatalf("%s and %s are no request with its answer", a.Files[i].Name, a.Files[i+1].Name)
					}
					if err := v.play(string(a.Files[i].Data), string(a.Files[i+1].Data), more != ""); err != nil {
						t.Errorf("%s\n%s%v", name, a.Files[i].Data, err)
					}
				}
			})
		}
	}
}

// vectors is a walk through messages.
type vectors struct {
	*fixture
	swap bool
	etag string
}

// httpMessage is a message as the RFCs print it: lines that end in a backslash go on.
type httpMessage struct {
	start  string
	header map[string]string
	body   string
}

func parseMessage(text string) httpMessage {
	parts := strings.Split(text, "\\\n")
	for i := range parts[1:] {
		parts[i+1] = strings.TrimLeft(parts[i+1], " ")
	}
	head, body, _ := strings.Cut(strings.Join(parts, ""), "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	m := httpMessage{start: lines[0], header: map[string]string{}, body: body}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ": ")
		m.header[name] = value
	}
	return m
}

// play sends a request and tells what its answer has other than want.
func (v *vectors) play(request, want string, among bool) error {
	ask, expect := parseMessage(request), parseMessage(want)
	method, target, _ := strings.Cut(strings.TrimSuffix(ask.start, " HTTP/1.1"), " ")
	body := ask.body
	if v.swap {
		body = v.swapped(method, target, ask.header, body)
	}
	if accept, isData := encodingOf(ask.header["Accept"]); isData && v.swap {
		ask.header["Accept"] = (1 - accept).mediaType()
	}
	r := httptest.NewRequest(method, "https://"+ask.header["Host"]+target, strings.NewReader(body))
	r.SetBasicAuth("admin", "secret")
	for name, value := range ask.header {
		r.Header.Set(name, strings.ReplaceAll(value, "$ETag", v.etag))
	}
	w := httptest.NewRecorder()
	v.server.ServeHTTP(w, r)
	if tag := w.Header().Get("ETag"); tag != "" {
		v.etag = tag
	}
	if got := fmt.Sprintf("HTTP/1.1 %d %s", w.Code, http.StatusText(w.Code)); got != expect.start {
		return fmt.Errorf("got %s, want %s\n%s", got, expect.start, w.Body)
	}
	if err := v.headers(w, expect); err != nil {
		return err
	}
	return v.body(method, target, w, expect, among)
}

func (v *vectors) headers(w *httptest.ResponseRecorder, expect httpMessage) error {
	for _, name := range slices.Sorted(maps.Keys(expect.header)) {
		got, want := w.Header().Get(name), expect.header[name]
		if _, isData := encodingOf(want); isData && v.swap {
			continue
		}
		if want == "*" && got == "" || want == "none" && got != "" || want != "*" && want != "none" && want != got {
			return fmt.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	return nil
}

func (v *vectors) body(method, target string, w *httptest.ResponseRecorder, expect httpMessage, among bool) error {
	in, isData := encodingOf(expect.header["Content-Type"])
	switch {
	case expect.body == "":
		return nil
	case !isData:
		if tidy(w.Body.String()) != tidy(expect.body) {
			return fmt.Errorf("got %s, want %s", w.Body, expect.body)
		}
		return nil
	}
	want, err := v.read(method, target, in, expect.body)
	if err != nil {
		return fmt.Errorf("the vector: %w", err)
	}
	out, _ := encodingOf(w.Header().Get("Content-Type"))
	if _, asked := expect.header["Accept"]; v.swap && asked && out == in {
		return fmt.Errorf("Content-Type is %s", out.mediaType())
	}
	got, err := v.read(method, target, out, w.Body.String())
	if err != nil {
		return err
	}
	if !like(want.value(), got.value(), among) {
		return fmt.Errorf("got %s\nwant %s", got.text(inJSON), want.text(inJSON))
	}
	return nil
}

// tidy is XML with one kind of quotes and no white space between elements.
func tidy(text string) string {
	return strings.NewReplacer("'", `"`, "\n", "", "  ", "").Replace(text)
}

func encodingOf(mediaType string) (encoding, bool) {
	i := slices.Index(mediaTypes, mediaType)
	return encoding(max(i, 0)), i >= 0
}
