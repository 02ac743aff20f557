package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// manyMaps serves n network maps, each with its filtered variant, of source "old"; source
// "new" has another prefix in the same PID.
func manyMaps(l *lab, n int) {
	source := func(id, prefix string) object {
		return object{"source-id": id, "source-type": "altoam-source-static:static", "source-params": object{"altoam-source-static:static": object{
			"pid": list{object{"name": "lan", "prefix": list{prefix}}},
		}}}
	}
	resources := make(list, n)
	for i := range resources {
		resources[i] = mapFrom(fmt.Sprint("m", i), "old")
	}
	l.must(l.merge(object{
		"listen":      object{"http": object{"tcp-server-parameters": object{"local-bind": list{object{"local-address": "127.0.0.1", "local-port": 0}}}}},
		"data-source": list{source("old", "192.0.2.0/24"), source("new", "198.51.100.0/24")},
		"resource":    resources,
	}))
}

func mapFrom(id, source string) object {
	return object{"resource-id": id, "resource-type": "ietf-alto:network-map", "alto-networkmap-params": object{
		"filtered": true, "altoam-algorithm-from-source:from-source": object{"source": source, "default-pid": "rest"},
	}}
}

// TestOneOfManyUnderLoad changes one of 10 000 resources again and again while 200 clients
// ask for it and for others: no request fails, and each answer is the old map or the new
// one.
func TestOneOfManyUnderLoad(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	l := newLab(t)
	manyMaps(l, n)
	const changing = "networkmap/m7"
	answers := make(map[string]bool)
	for _, source := range []string{"new", "old"} {
		l.must(l.merge(object{"resource": list{mapFrom("m7", source)}}))
		_, body := l.get(changing)
		answers[body] = true
	}
	if len(answers) != 2 {
		t.Fatalf("the maps do not differ: %v", answers)
	}
	done, failed := make(chan struct{}), make(chan error, loadClients())
	var clients sync.WaitGroup
	var asked atomic.Int64
	for i := range loadClients() {
		clients.Go(func() {
			if err := l.ask(i, n, changing, answers, done, &asked); err != nil {
				failed <- err
			}
		})
	}
	changes := 0
	for end := time.Now().Add(time.Minute); (changes < 40 || asked.Load() < int64(10*loadClients())) && len(failed) == 0 && time.Now().Before(end); changes++ {
		l.must(l.merge(object{"resource": list{mapFrom("m7", []string{"new", "old"}[changes%2])}}))
		time.Sleep(5 * time.Millisecond)
	}
	close(done)
	clients.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	if changes < 40 || asked.Load() < int64(10*loadClients()) {
		t.Errorf("only %d changes and %d requests", changes, asked.Load())
	}
	t.Logf("%d changes, %d requests", changes, asked.Load())
}

// ask asks by turns for the resource that changes and for others, until the channel is
// closed.
func (l *lab) ask(client, n int, changing string, answers map[string]bool, done <-chan struct{}, asked *atomic.Int64) error {
	kept := new(http.Transport)
	defer kept.CloseIdleConnections()
	base := l.base()
	for k := client; ; k++ {
		select {
		case <-done:
			return nil
		default:
		}
		path := changing
		if k%2 == 0 {
			path = fmt.Sprint("networkmap/m", 8+k*37%(n-8))
		}
		r, err := http.NewRequest(http.MethodGet, base+path, nil)
		if err != nil {
			return err
		}
		resp, err := kept.RoundTrip(r)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || path == changing && !answers[string(body)] {
			return fmt.Errorf("%s: %d %s %v", path, resp.StatusCode, body, err)
		}
		asked.Add(1)
		time.Sleep(5 * time.Millisecond)
	}
}
