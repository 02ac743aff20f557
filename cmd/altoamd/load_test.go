package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// process is an altoamd of its own, with figures that are not mixed with the test's.
type process struct {
	*started
	pid  int
	seen atomic.Pointer[atomic.Uint64] // the peak in kB since resetPeak, where the kernel does not tell
}

// launch starts the program without ALTO, unless full, with the modules of the benchmarks.
func launch(t testing.TB, full bool, args ...string) *process {
	t.Helper()
	t.Setenv(adminPasswordEnv, "x")
	dir := t.TempDir()
	bin, err := builtProgram()
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{
		"run", "--data-dir", filepath.Join(dir, "data"),
		"--netconf-ssh", "127.0.0.1:0", "--restconf", "127.0.0.1:0", "--metrics", "127.0.0.1:0",
	}, args...)
	if !full {
		args = append(args, "--bare", "--module", "ietf-alto", "--feature", "ietf-alto:alto-server,http-listen")
	}
	c := exec.Command(bin, args...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		if err := c.Wait(); err != nil || t.Failed() {
			t.Logf("altoamd: %v\n%s", err, &log)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("altoamd is not ready: %v", err)
	}
	p := &process{started: &started{t: t}, pid: c.Process.Pid}
	if err := json.Unmarshal(line, p.started); err != nil {
		t.Fatalf("ready line %s: %v", line, err)
	}
	return p
}

// memory is what the kernel says of the process, in MB.
type memory struct {
	peak float64 // of the resident set since resetPeak
	anon float64 // resident now: heap and stacks
	file float64 // resident now: program and pages of the database, which the kernel takes back when it needs them
}

func (p *process) memory() memory {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		p.t.Fatal(err)
	}
	field := func(name string) uint64 {
		_, rest, _ := strings.Cut(string(text), name+":")
		kb, err := strconv.ParseUint(strings.Fields(rest + " 0")[0], 10, 64)
		if err != nil {
			p.t.Error(err)
		}
		return kb
	}
	peak := field("VmHWM")
	if seen := p.seen.Load(); seen != nil {
		peak = max(seen.Load(), field("VmRSS"))
		seen.Store(peak)
	}
	mb := func(kb uint64) float64 { return float64(kb) / 1000 * 1.024 }
	return memory{mb(peak), mb(field("RssAnon")), mb(field("RssFile"))}
}

// resetPeak starts a new peak (proc(5): 5 to clear_refs). Only root may do that to a
// process that nobody may look into; others look every millisecond.
func (p *process) resetPeak() {
	p.t.Helper()
	err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.pid), []byte("5"), 0)
	switch {
	case errors.Is(err, os.ErrPermission):
		if p.seen.Swap(new(atomic.Uint64)) == nil {
			p.follow()
		}
	case err != nil:
		p.t.Fatal(err)
	}
}

// follow looks at the memory of the process until the test ends.
func (p *process) follow() {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.Tick(time.Millisecond); ; {
			select {
			case <-done:
				return
			case <-tick:
				p.memory()
			}
		}
	}()
	p.t.Cleanup(func() { close(done); <-ended })
}

// loadEdit writes an edit-config of the resources from one number up to another, of
// ten leafs each, as a client prints it that indents.
func loadEdit(w io.Writer, from, to int) {
	b := bufio.NewWriterSize(w, 64<<10)
	defer b.Flush()
	b.WriteString(`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><edit-config><target><candidate/></target><config>
<alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto">
  <alto-server>
    <listen><http><tcp-server-parameters><local-bind><local-address>127.0.0.1</local-address><local-port>0</local-port></local-bind></tcp-server-parameters></http></listen>
`)
	for i := range 20 {
		fmt.Fprintf(b, "    <role><role-name>role%d</role-name></role>\n", i)
	}
	for i := from; i < to; i++ {
		uses := ""
		if i > 1 {
			uses = fmt.Sprintf("      <dependency>directory-%d</dependency>\n      <dependency>directory-%d</dependency>\n", i/2, i/2-1)
		}
		fmt.Fprintf(b, `    <resource>
      <resource-id>directory-%d</resource-id>
      <resource-type>ird</resource-type>
      <description>delegated directory number %d</description>
      <accepted-role>role0</accepted-role>
      <accepted-role>role7</accepted-role>
      <accepted-role>role13</accepted-role>
%s      <alto-ird-params>
        <delegation>https://alto%d.example.net/directory</delegation>
      </alto-ird-params>
      <resource-limits>
        <notify-res-mem-limit>%d</notify-res-mem-limit>
      </resource-limits>
    </resource>
`, i, i, uses, i, 100_000+i)
	}
	b.WriteString("  </alto-server>\n</alto>\n</config></edit-config></rpc>")
}

// loadJSON writes n resources as the content of the resource ietf-alto:alto.
func loadJSON(w io.Writer, n int) {
	b := bufio.NewWriterSize(w, 64<<10)
	defer b.Flush()
	b.WriteString(`{
  "ietf-alto:alto": {
    "alto-server": {
      "listen": {"http": {"tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": 0}]}}},
      "role": [`)
	for i := range 20 {
		fmt.Fprintf(b, `%s{"role-name": "role%d"}`, separator(i), i)
	}
	b.WriteString("],\n      \"resource\": [")
	for i := range n {
		uses := ""
		if i > 1 {
			uses = fmt.Sprintf(`"directory-%d", "directory-%d"`, i/2, i/2-1)
		}
		fmt.Fprintf(b, `%s
        {
          "resource-id": "directory-%d",
          "resource-type": "ird",
          "description": "delegated directory number %d",
          "accepted-role": ["role0", "role7", "role13"],
          "dependency": [%s],
          "alto-ird-params": {
            "delegation": "https://alto%d.example.net/directory"
          },
          "resource-limits": {
            "notify-res-mem-limit": "%d"
          }
        }`, separator(i), i, i, uses, i, 100_000+i)
	}
	b.WriteString("\n      ]\n    }\n  }\n}\n")
}

func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// loadAtOnce is how many resources go into one edit-config: a message may have 256 MiB.
const loadAtOnce = 300_000

// load sends resources to the candidate and returns the size of the messages.
func (n *netconfClient) load(resources int) (size int64) {
	n.b.Helper()
	var c counter
	for from := 0; from < resources; from += loadAtOnce {
		m := n.f.NewMessage()
		loadEdit(io.MultiWriter(m, &c), from, min(from+loadAtOnce, resources))
		if err := m.Close(); err != nil {
			n.b.Fatal(err)
		}
		if reply := n.receive(); !strings.Contains(reply, "<ok/>") {
			n.b.Fatal(reply)
		}
	}
	return int64(c)
}

// TestLoadGrowth loads 10 000 resources: the process may grow by three times the
// message, besides what Go's collector leaves in a small heap.
func TestLoadGrowth(t *testing.T) {
	growsAtMost(t, "an edit-config", 3, 8, func() (size, grown float64) {
		p := launch(t, false)
		c := dial(t, p.started)
		idle := p.memory()
		p.resetPeak()
		size = float64(c.load(10_000)) / 1e6
		return size, p.memory().peak - idle.anon - idle.file
	})
}

// loadSizes are numbers of resources.
func loadSizes() []int {
	if n, err := strconv.Atoi(os.Getenv("ALTOAM_LOAD")); err == nil {
		return []int{n}
	}
	return []int{10_000, 100_000}
}

// BenchmarkLoad loads n resources into a new process by one edit-config of the
// candidate and its commit. growth is that of the process during the edit-config in
// times the size of the message; peak and after, some seconds after the commit, are
// of the process; file is the part of after that is not its own. ALTOAM_LOAD sets the
// size, ALTOAM_FULL=1 takes the server with ALTO.
func BenchmarkLoad(b *testing.B) {
	for _, n := range loadSizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				benchLoad(b, n)
			}
		})
	}
}

// BenchmarkLoadRestconf is the same by one PUT of JSON, which commits.
func BenchmarkLoadRestconf(b *testing.B) {
	for _, n := range loadSizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				benchPut(b, n)
			}
		})
	}
}

func benchPut(b *testing.B, n int) {
	b.StopTimer()
	p := launch(b, os.Getenv("ALTOAM_FULL") != "")
	if code, text := p.get("/restconf/data/ietf-alto:alto", "x"); code != http.StatusNotFound {
		b.Fatalf("GET: %d %s", code, text)
	}
	time.Sleep(300 * time.Millisecond)
	idle := p.memory()
	p.resetPeak()
	r, w := io.Pipe()
	var size counter
	go func() {
		loadJSON(io.MultiWriter(w, &size), n)
		w.Close()
	}()
	b.StartTimer()
	start := time.Now()
	q, err := http.NewRequest(http.MethodPut, "https://"+p.Restconf+"/restconf/data/ietf-alto:alto", r)
	if err != nil {
		b.Fatal(err)
	}
	q.SetBasicAuth(adminUser, "x")
	q.Header.Set("Content-Type", "application/yang-data+json")
	a, err := client.Do(q)
	if err != nil {
		b.Fatal(err)
	}
	text, _ := io.ReadAll(a.Body)
	a.Body.Close()
	if a.StatusCode != http.StatusCreated {
		b.Fatalf("PUT: %d %s", a.StatusCode, text)
	}
	took := time.Since(start)
	b.StopTimer()
	p.report(b, idle, float64(size)/1e6, took)
	b.StartTimer()
}

func benchLoad(b *testing.B, n int) {
	b.StopTimer()
	p := launch(b, os.Getenv("ALTOAM_FULL") != "")
	c := dial(b, p.started)
	time.Sleep(300 * time.Millisecond)
	idle := p.memory()
	p.resetPeak()
	b.StartTimer()
	start := time.Now()
	size := float64(c.load(n)) / 1e6
	edited := time.Since(start)
	edit := p.memory()
	c.call(`<commit/>`)
	took := time.Since(start)
	b.StopTimer()
	b.ReportMetric((edit.peak-idle.anon-idle.file)/size, "growth/message")
	b.ReportMetric(edit.peak-idle.anon-idle.file, "growth-MB")
	b.ReportMetric(edited.Seconds(), "edit-s")
	p.report(b, idle, size, took)
	b.StartTimer()
}

// report reports a load that took so long and is done.
func (p *process) report(b *testing.B, idle memory, message float64, took time.Duration) {
	peak := p.memory().peak
	time.Sleep(6 * time.Second)
	after := p.memory()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(message, "message-MB")
	b.ReportMetric(idle.anon+idle.file, "idle-MB")
	b.ReportMetric(took.Seconds(), "load-s")
	b.ReportMetric(peak, "peak-MB")
	b.ReportMetric(after.anon+after.file, "after-MB")
	b.ReportMetric(after.file, "file-MB")
}
