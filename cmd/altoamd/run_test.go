package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// started is a server that run serves in this process.
type started struct {
	t                          testing.TB
	stop                       context.CancelFunc
	done                       chan error
	Restconf, Metrics, Netconf string
	ALTO                       []string
}

func start(t testing.TB, o runOptions) *started {
	t.Helper()
	o.NetconfSSH, o.Restconf, o.Metrics = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	s := &started{t: t, stop: stop, done: make(chan error, 1)}
	go func() {
		err := run(ctx, o, w)
		w.CloseWithError(io.EOF)
		s.done <- err
	}()
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		t.Fatalf("not ready: %v", <-s.done)
	}
	var ready struct {
		Msg, Netconf, Restconf, Metrics string
		ALTO                            []string
	}
	if err := json.Unmarshal(line, &ready); err != nil || ready.Msg != "ready" {
		t.Fatalf("ready line %s: %v", line, err)
	}
	s.Restconf, s.Metrics, s.Netconf, s.ALTO = ready.Restconf, ready.Metrics, ready.Netconf, ready.ALTO
	return s
}

func (s *started) end() {
	s.t.Helper()
	s.stop()
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Fatalf("the server ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		s.t.Fatal("the server did not end")
	}
}

var client = &http.Client{Transport: &http.Transport{
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
}}

func (s *started) get(path, password string) (int, string) {
	s.t.Helper()
	return s.do(http.MethodGet, path, password, "")
}

func (s *started) post(path, body string) (int, string) {
	s.t.Helper()
	return s.do(http.MethodPost, path, "x", body)
}

func (s *started) do(method, path, password, body string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, "https://"+s.Restconf+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(adminUser, password)
	r.Header.Set("Content-Type", "application/yang-data+json")
	a, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

func TestRun(t *testing.T) {
	t.Setenv(adminPasswordEnv, "of-the-environment")
	dir := filepath.Join(t.TempDir(), "data")
	seed := filepath.Join(t.TempDir(), "seed.json")
	write(t, filepath.Dir(seed), "seed.json", `{"ietf-alto:alto":{"alto-server":{"meta":[{"meta-key":"k","meta-value":"IngiCg=="}],
		"listen":{"http":{"tcp-server-parameters":{"local-bind":[{"local-address":"127.0.0.1","local-port":0}]}}}}}}`)
	s := start(t, runOptions{DataDir: dir, Seed: seed})
	if code, text := s.get("/restconf/data/ietf-alto:alto/alto-server/meta=k", "of-the-environment"); code != 200 || !strings.Contains(text, "IngiCg==") {
		t.Errorf("GET: %d %s", code, text)
	}
	if code, _ := s.get("/restconf/data", "wrong"); code != 401 {
		t.Errorf("a wrong password: %d", code)
	}
	a, err := client.Get("http://" + s.Metrics + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(a.Body)
	a.Body.Close()
	if err != nil || !strings.Contains(string(text), "altoam_commits_total") {
		t.Errorf("metrics: %v", err)
	}
	s.end()

	// The second start ignores the seed and the environment: the data is there.
	t.Setenv(adminPasswordEnv, "another")
	s = start(t, runOptions{DataDir: dir, Seed: seed})
	defer s.end()
	if code, _ := s.get("/restconf/data", "of-the-environment"); code != 200 {
		t.Errorf("the password did not stay: %d", code)
	}
	for _, file := range []string{"running.db", "restconf.key"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", file, info, err)
		}
	}
}

func TestFirstPassword(t *testing.T) {
	t.Setenv(adminPasswordEnv, "")
	for _, bare := range []bool{false, true} {
		dir := t.TempDir()
		o := runOptions{DataDir: dir}
		o.Bare = bare
		s := start(t, o)
		file := filepath.Join(dir, passwordFile)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v; want 0600", info, err)
		}
		if code, _ := s.get("/restconf/data", strings.TrimSpace(string(text))); code != 200 {
			t.Errorf("bare %v: the password in the file gives %d", bare, code)
		}
		s.end()
	}
}

// TestSeedWithAdmin: an administrator of the seed stays as he is, and a start that
// fails leaves no password behind.
func TestSeedWithAdmin(t *testing.T) {
	t.Setenv(adminPasswordEnv, "")
	dir := t.TempDir()
	write(t, dir, "seed.json", `{"ietf-system:system":{"authentication":{"user-authentication-order":["local-users"],
		"user":[{"name":"admin","password":"$0$of-the-seed"}]}}}`)
	write(t, dir, "bad.json", `{"ietf-alto:alto":{"alto-server":{"cost-type":[{"cost-type-name":"x"}]}}}`)
	o := runOptions{DataDir: filepath.Join(dir, "data"), Seed: filepath.Join(dir, "bad.json"), NetconfSSH: "127.0.0.1:0"}
	if err := run(context.Background(), o, io.Discard); err == nil {
		t.Fatal("a bad seed was accepted")
	}
	o.Seed = filepath.Join(dir, "seed.json")
	s := start(t, o)
	defer s.end()
	if code, _ := s.get("/restconf/data", "of-the-seed"); code != 200 {
		t.Errorf("the password of the seed gives %d", code)
	}
	if _, err := os.Stat(filepath.Join(o.DataDir, passwordFile)); !os.IsNotExist(err) {
		t.Errorf("there is a password file: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	write(t, dir, "bad.json", `{"ietf-alto:alto":{"nothing":1}}`)
	write(t, dir, "bad.xml", `<data><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><nothing/></alto></data>`)
	write(t, dir, "good.xml", `<data><truststore xmlns="urn:ietf:params:xml:ns:yang:ietf-truststore"/></data>`)
	tests := []struct {
		name, want string
		options    runOptions
	}{
		{"a seed that does not fit, in JSON", "nothing", runOptions{Seed: filepath.Join(dir, "bad.json")}},
		{"a seed that does not fit, in XML", "nothing", runOptions{Seed: filepath.Join(dir, "bad.xml")}},
		{"no folder of modules", "is no folder", runOptions{moduleOptions: moduleOptions{Dirs: []string{filepath.Join(dir, "none")}}}},
		{"no seed file", "no such file", runOptions{Seed: filepath.Join(dir, "none")}},
		{"an address that is no address", "NETCONF", runOptions{NetconfSSH: "nowhere:1:2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.DataDir = t.TempDir()
			err := run(context.Background(), tt.options, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
		})
	}
	s := start(t, runOptions{DataDir: t.TempDir(), Seed: filepath.Join(dir, "good.xml")})
	s.end()
}
