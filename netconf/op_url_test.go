package netconf

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// shelf is an HTTPS server that keeps what is put there for "ann".
type shelf struct {
	mu   sync.Mutex
	held map[string]string
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch _, there := s.held[r.URL.Path]; {
	case r.URL.Path == "/moved":
		http.Redirect(w, r, "/held", http.StatusFound)
	case r.URL.Path == "/plain":
		http.Redirect(w, r, "http://"+r.Host+"/held", http.StatusFound)
	case r.URL.Path == "/slow":
		<-r.Context().Done()
	case r.Method == http.MethodPut:
		text, _ := io.ReadAll(r.Body)
		s.held[r.URL.Path] = string(text)
	case !there:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodDelete:
		delete(s.held, r.URL.Path)
	default:
		io.WriteString(w, s.held[r.URL.Path])
	}
}

const ownedBy = `<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><farm xmlns="urn:farm"><owner>%s</owner></farm></config>`

func TestHTTPS(t *testing.T) {
	s := &shelf{held: map[string]string{
		"/held": fmt.Sprintf(ownedBy, "bob"), "/large": strings.Repeat(" ", 5000) + fmt.Sprintf(ownedBy, "x"),
	}}
	srv := httptest.NewUnstartedServer(s)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	f := start(t, `<farm xmlns="urn:farm"><owner>ann</owner></farm>`,
		Options{URLs: &URLs{Dir: t.TempDir(), Roots: roots, MaxSize: 2000, Timeout: 300 * time.Millisecond}}, "url")
	c := f.session()
	defer c.close()
	at := strings.Replace(srv.URL, "https://", "https://ann:secret@", 1)
	fetch := func(url string) string {
		return c.rpc("<copy-config><target><candidate/></target><source><url>" + url + "</url></source></copy-config>")
	}
	c.must("<copy-config><target><url>" + at + "/backup</url></target><source><running/></source></copy-config>")
	if got := s.held["/backup"]; !strings.Contains(got, "<owner>ann</owner>") {
		t.Errorf("put %q", got)
	}
	c.must("<copy-config><target><url>" + at + "/copy</url></target><source><url>" + at + "/backup</url></source></copy-config>")
	c.must("<edit-config><target><candidate/></target><url>" + at + "/moved</url></edit-config>")
	if got := c.rpc("<get-config><source><candidate/></source></get-config>"); !strings.Contains(got, "<owner>bob</owner>") {
		t.Errorf("candidate is %s", got)
	}
	c.must("<delete-config><target><url>" + at + "/copy</url></target></delete-config>")
	for url, want := range map[string]string{
		at + "/backup":                          "<ok/>",
		at + "/copy":                            "data-missing",
		srv.URL + "/backup":                     "the server answers 401",
		at + "/plain":                           "cannot be reached",
		at + "/slow":                            "cannot be reached",
		at + "/large":                           "too-big",
		at + "/copy?key=secret":                 "there is no https://ann:xxxxx@",
		"https:///backup":                       "invalid-value",
		"https://ann:secret@127.0.0.1:1/backup": "cannot be reached",
		"https://127.0.0.1:1/backup?key=secret": "cannot be reached",
	} {
		if got := fetch(url); !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
	f.server.o.URLs.Roots = nil
	if got := fetch(at + "/backup"); !strings.Contains(got, "cannot be reached") {
		t.Errorf("a server that is not trusted: %s", got)
	}
}

// TestFileURLStaysInFolder tries every way out of the folder.
func TestFileURLStaysInFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "s.xml")
	text := fmt.Sprintf(ownedBy, "eve")
	write := func(path string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(secret)
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link(secret, "link.xml")
	link(outside, "out")
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "sub", "in.xml"))
	f := start(t, "", Options{URLs: &URLs{Dir: dir}}, "url")
	c := f.session()
	defer c.close()
	for _, url := range []string{
		"file:///link.xml", "file:///out/s.xml", "file:///../" + filepath.Base(outside) + "/s.xml", "file:///sub/../../x",
		"file://" + secret, "file://host/in.xml", "file:///", "file:///sub", "file:///sub/", "file:///.hidden", "file:///a%00b",
		"file:in.xml", "file:///in.xml?x=y", "file:///in.xml#x", `file:///sub\in.xml`, "/sub/in.xml", "::",
	} {
		for _, op := range []string{
			"<copy-config><target><candidate/></target><source><url>%s</url></source></copy-config>",
			"<copy-config><target><url>%s</url></target><source><running/></source></copy-config>",
		} {
			if got := c.rpc(fmt.Sprintf(op, url)); !strings.Contains(got, "<rpc-error>") {
				t.Errorf("%s of %s: %s", op, url, got)
			}
		}
	}
	if got, err := os.ReadFile(secret); err != nil || string(got) != text {
		t.Errorf("outside is now %q, %v", got, err)
	}
	c.must("<copy-config><target><candidate/></target><source><url>file:///sub/in.xml</url></source></copy-config>")
	c.must("<copy-config><target><url>file:///sub/in.xml</url></target><source><running/></source></copy-config>")
	info, err := os.Stat(filepath.Join(dir, "sub", "in.xml"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	entries, _ := os.ReadDir(filepath.Join(dir, "sub"))
	if len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
}

func TestURLCapability(t *testing.T) {
	const want = "<capability>urn:ietf:params:netconf:capability:url:1.0?scheme=file,https</capability>"
	for _, on := range []bool{true, false} {
		o, features := Options{}, []string(nil)
		if on {
			o.URLs, features = &URLs{Dir: t.TempDir()}, []string{"url"}
		}
		c := start(t, "", o, features...).connect()
		if got := c.read(); strings.Contains(got, want) != on {
			t.Errorf("%v: hello %s", on, got)
		}
		c.close()
	}
}

// TestURLNotLogged: what is logged of a transfer that failed has neither the password nor the
// query of the URL; places that differ in those are others.
func TestURLNotLogged(t *testing.T) {
	of := func(text string) place {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := (&URLs{Timeout: time.Second}).https(u)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	at := of("https://ann:secret@127.0.0.1:1/b?key=secret")
	_, err := at.read(ctx)
	if err == nil || strings.Contains(fmt.Sprintf("%v %v", err, errors.Unwrap(err)), "secret") || !strings.Contains(fmt.Sprint(errors.Unwrap(err)), "127.0.0.1:1") {
		t.Errorf("%v: %v", err, errors.Unwrap(err))
	}
	if !at.is(of(at.(resource).url.String())) || at.is(of("https://ann:secret@127.0.0.1:1/b?key=other")) || at.is(file{}) {
		t.Error("places are not told apart")
	}
}
