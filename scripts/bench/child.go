package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	user     = "admin"
	password = "a password of usual length"
)

// child is a server in a process of its own.
type child struct {
	cmd  *exec.Cmd
	dir  string // removed at the end; "" for none
	addr string

	edits atomic.Int64 // made so far
}

// begin starts cmd and reads the line that tells its address.
func begin(cmd *exec.Cmd, dir string) (*child, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, dir: dir}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var ready struct{ Restconf string }
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("%s: %w\n%s", cmd.Path, err, &log)
	}
	c.addr = ready.Restconf
	return c, nil
}

func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // in the background, an interrupt is ignored
	_ = c.cmd.Wait()
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
}

func startBare(a shown) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, bareCommand)
	cmd.Stdin = bytes.NewReader(text)
	return begin(cmd, "")
}

// startAgent starts altoamd with n resources.
func startAgent(bin string, args []string, n int) (*child, error) {
	dir, err := os.MkdirTemp("", "altoam-bench")
	if err != nil {
		return nil, err
	}
	args = append([]string{"run", "--data-dir", dir, "--restconf", "127.0.0.1:0", "--netconf-ssh", "", "--metrics", ""}, args...)
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "ALTOAMD_ADMIN_PASSWORD="+password)
	c, err := begin(cmd, dir)
	if err != nil {
		return nil, err
	}
	if err := c.put("/restconf/data/ietf-alto:alto", resources(n)); err != nil {
		c.stop()
		return nil, err
	}
	time.Sleep(5 * time.Second) // it becomes calm
	return c, nil
}

func (c *child) put(path string, body io.Reader) error {
	r, err := http.NewRequest(http.MethodPut, "https://"+c.addr+path, body)
	if err != nil {
		return err
	}
	r.SetBasicAuth(user, password)
	r.Header.Set("Content-Type", "application/yang-data+json")
	a, err := newClient(false).Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if text, _ := io.ReadAll(a.Body); a.StatusCode/100 != 2 {
		return fmt.Errorf("PUT %s: %s %s", path, a.Status, text)
	}
	return nil
}

// capture is what a GET is answered with, but for what net/http itself adds.
func capture(c *child, uri string) (shown, error) {
	r, err := http.NewRequest(http.MethodGet, "https://"+c.addr+uri, nil)
	if err != nil {
		return shown{}, err
	}
	r.SetBasicAuth(user, password)
	a, err := newClient(false).Do(r)
	if err != nil {
		return shown{}, err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err == nil && a.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s %s", uri, a.Status, text)
	}
	a.Header.Del("Date")
	a.Header.Del("Content-Length")
	return shown{a.Header, text}, err
}

// processorTime is what the process has used up to now.
func (c *child) processorTime() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var ticks int
	for _, field := range f[11:13] { // utime and stime of proc(5)
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// entry is the URI of a resource.
func entry(i int) string {
	return fmt.Sprintf("/restconf/data/ietf-alto:alto/alto-server/resource=r%d", i)
}

// resources is a configuration of n directories that are delegated.
func resources(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		b := bufio.NewWriter(w)
		b.WriteString(`{"ietf-alto:alto":{"alto-server":{"listen":{"http":{"tcp-server-parameters":{"local-bind":` +
			`[{"local-address":"127.0.0.1","local-port":0}]}}},"role":[{"role-name":"everybody"}],"resource":[`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, `{"resource-id":"r%d","resource-type":"ird","description":"delegated directory number %d","accepted-role":["everybody"],`+
				`"alto-ird-params":{"delegation":"https://alto%d.example.net/directory"},"resource-limits":{"notify-res-mem-limit":"%d"}}`, i, i, i, 100_000+i)
		}
		b.WriteString(`]}}}`)
		w.CloseWithError(b.Flush())
	}()
	return r
}
