package restconf

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// refusedStream subscribes in vain.
func (f *fixture) refusedStream(url string, code int) {
	f.t.Helper()
	r, _ := http.NewRequest(http.MethodGet, url, nil)
	r.SetBasicAuth("admin", "secret")
	a, err := f.client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != code || a.Header.Get("Retry-After") != streamRetry || a.Header.Get("Content-Type") != mediaTypes[inJSON] {
		f.t.Errorf("%s %v, want %d", a.Status, a.Header, code)
	}
}

func TestStreamsAtOnce(t *testing.T) {
	for limit, code := range map[string]int{"event-streams": 503, "event-streams-per-user": 429, "event-streams-per-source": 429} {
		t.Run(limit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, url, ended := live(t, nil, policyModule)
				f.limit(limit, 2)
				f.limit("requests", 1) // streams are none of them
				first, _ := f.listen(url)
				f.listen(url)
				f.refusedStream(url, code)
				<-ended
				f.counted(limit, 1)
				first.Body.Close()
				within(t, "the end with the client's", ended)
				f.listen(url)
				f.refusedStream(url, code)
				<-ended
				f.limit(limit, 3)
				f.listen(url)
				f.server.EndStreams()
				for range 3 {
					within(t, "the end with the server's", ended)
				}
				if n := len(f.server.subscribers.counts); n > 0 || f.server.answering.Load() != 0 {
					t.Errorf("%d parties and %d requests are counted still", n, f.server.answering.Load())
				}
			})
		})
	}
}

// TestEventTimeoutIsLive has a client that reads nothing.
func TestEventTimeoutIsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, url, ended := live(t, nil, policyModule)
		f.limit("event-timeout", 2)
		start := time.Now()
		f.listen(url)
		for i := range 16 {
			f.happen(fmt.Sprint(i, strings.Repeat("x", 1<<20)))
		}
		within(t, "the end of who does not read", ended)
		if d := time.Since(start); d > 4*time.Second {
			t.Errorf("after %v", d)
		}
		f.counted("event-timeout", 1)
	})
}

func TestStreamEndsWithItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(15 * time.Second)
		f, url, ended := live(t, func(o *Options) { o.Until = func(*http.Request) time.Time { return until } })
		_, r := f.listen(url)
		time.Sleep(14 * time.Second)
		f.happen("one")
		wantEvent(t, r, "one")
		time.Sleep(2 * time.Second)
		select {
		case <-ended:
		default:
			t.Error("the stream goes on after the token has expired")
		}
	})
}

func TestLastEventID(t *testing.T) {
	f := newFixture(t, nil)
	const get = "GET /restconf/streams/NETCONF/json\nLast-Event-ID: "
	for _, hostile := range []string{
		"-1", "+1", "1.0", "0x10", "1e3", "١", "9223372036854775808", "18446744073709551615", "18446744073709551616",
		strings.Repeat("9", 10_000), "1\nLast-Event-ID: 2", "1, 2", "null", "'", "%31", "1;q=1", "☃",
	} {
		w := f.do(get + hostile)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "Last-Event-ID") || w.Body.Len() > 1000 {
			t.Errorf("%.50q: %d %.300s", hostile, w.Code, w.Body)
		}
	}
	f.server.EndStreams() // what is subscribed to ends at once
	for _, good := range []string{"0", "1", "007", "9223372036854775807"} {
		if w := f.do(get + good); w.Code != 200 {
			t.Errorf("%q: %d %s", good, w.Code, w.Body)
		}
	}
}

// TestRefusals says what the client sees of errors of authentication.
func TestRefusals(t *testing.T) {
	var refusal error
	f := newFixture(t, func(o *Options) {
		o.Authenticate = func(*http.Request) (datastore.User, error) { return datastore.User{}, refusal }
	})
	secret := rpcerr.New(rpcerr.OperationFailed, "", "the secret cause")
	for _, x := range []struct {
		err       error
		code      int
		challenge []string
		text      string
	}{
		{secret, 401, []string{`Basic realm="altoam", charset="UTF-8"`}, "a user name and the password"},
		{&Refusal{Status: 401, Challenges: []string{"A", "B"}, Message: "who", Err: secret}, 401, []string{"A", "B"}, "who"},
		{fmt.Errorf("more: %w", &Refusal{Status: 403, Challenges: []string{"A"}, Message: "no", Err: secret}), 403, []string{"A"}, "no"},
		{&Refusal{Status: 403, Message: "no"}, 403, nil, "no"},
		{&Refusal{Status: 503, Message: "later"}, 503, nil, "later"},
	} {
		refusal = x.err
		w := f.do("GET /restconf" + wantXML)
		if got := w.Header().Values("WWW-Authenticate"); w.Code != x.code || strings.Join(got, "|") != strings.Join(x.challenge, "|") {
			t.Errorf("%v: %d %q", x.err, w.Code, got)
		}
		if body := w.Body.String(); !strings.Contains(body, x.text) || !strings.Contains(body, "<error-tag>access-denied<") != (x.code == 503) || strings.Contains(body, "secret") {
			t.Errorf("%v: %s", x.err, body)
		}
	}
}
