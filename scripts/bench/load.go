package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// asker sends one request and reads its answer.
type asker func() error

// run lets all askers ask at once for some time.
func (c *child) run(askers []asker, d time.Duration) (sample, error) {
	before, err := c.processorTime()
	if err != nil {
		return sample{}, err
	}
	var count atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, len(askers))
	start := time.Now()
	end := start.Add(d)
	for i, ask := range askers {
		wg.Go(func() {
			for failed[i] == nil && time.Now().Before(end) {
				failed[i] = ask()
				count.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	after, err := c.processorTime()
	if err = errors.Join(append(failed, err)...); err != nil {
		return sample{}, err
	}
	n := float64(count.Load())
	return sample{n / took.Seconds(), float64((after - before).Microseconds()) / n}, nil
}

// load has clients GET uri, over connections or streams that stay open.
func (c *child) load(uri string, clients int, two bool, d time.Duration) (sample, error) {
	var askers []asker
	if two {
		client := newClient(true)
		defer client.CloseIdleConnections()
		for range clients {
			askers = append(askers, c.stream(client, http.MethodGet, func() (string, string) { return uri, "" }))
		}
	} else {
		for range clients {
			ask, closer, err := c.connection(uri)
			if err != nil {
				return sample{}, err
			}
			defer closer.Close()
			askers = append(askers, ask)
		}
	}
	for _, ask := range askers { // the first of each pays for what is made once
		if err := ask(); err != nil {
			return sample{}, err
		}
	}
	return c.run(askers, d)
}

// patches has clients PATCH one leaf of resources, each time to another value: an edit that
// changes nothing is no commit.
func (c *child) patches(n, clients int, d time.Duration) (sample, error) {
	client := newClient(false)
	defer client.CloseIdleConnections()
	var askers []asker
	for range clients {
		askers = append(askers, c.stream(client, http.MethodPatch, func() (string, string) {
			k := c.edits.Add(1)
			id := int(k) * 7919 % n
			return entry(id), fmt.Sprintf(`{"ietf-alto:resource":[{"resource-id":"r%d","description":"edit %d"}]}`, id, k)
		}))
	}
	return c.run(askers, d)
}

// newClient is a client that trusts everybody, of HTTP/2 or of HTTP/1.1.
func newClient(two bool) *http.Client {
	var p http.Protocols
	p.SetHTTP1(!two)
	p.SetHTTP2(two)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, Protocols: &p, MaxIdleConnsPerHost: 1024, DisableCompression: true,
	}}
}

func (c *child) stream(client *http.Client, method string, next func() (uri, body string)) asker {
	return func() error {
		uri, body := next()
		r, err := http.NewRequest(method, "https://"+c.addr+uri, strings.NewReader(body))
		if err != nil {
			return err
		}
		r.SetBasicAuth(user, password)
		if body != "" {
			r.Header.Set("Content-Type", "application/yang-data+json")
		}
		a, err := client.Do(r)
		if err != nil {
			return err
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		if err == nil && a.StatusCode/100 != 2 {
			err = fmt.Errorf("%s %s: %s %s", method, uri, a.Status, text)
		}
		return err
	}
}

// connection asks over HTTP/1.1 with as little work as can be, as wrk does: the
// processors are for the server.
func (c *child) connection(uri string) (asker, io.Closer, error) {
	conn, err := tls.Dial("tcp", c.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return nil, nil, err
	}
	request := []byte("GET " + uri + " HTTP/1.1\r\nHost: " + c.addr + "\r\nAuthorization: Basic " +
		base64.StdEncoding.EncodeToString([]byte(user+":"+password)) + "\r\n\r\n")
	r := bufio.NewReaderSize(conn, 16<<10)
	return func() error {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		return skipAnswer(r)
	}, conn, nil
}

// skipAnswer reads an answer that has a Content-Length.
func skipAnswer(r *bufio.Reader) error {
	size, first := -1, true
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !strings.HasPrefix(string(line), "HTTP/1.1 200 ") {
			return fmt.Errorf("the answer is %q", line)
		}
		first = false
		if len(line) == 2 {
			break
		}
		if name, value, _ := strings.Cut(string(line), ":"); strings.EqualFold(name, "Content-Length") {
			if _, err := fmt.Sscan(value, &size); err != nil {
				return err
			}
		}
	}
	if size < 0 {
		return errors.New("the answer has no Content-Length")
	}
	_, err := r.Discard(size)
	return err
}
