package expiry

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// TestStage: once a month, once a week, each day.
func TestStage(t *testing.T) {
	for _, x := range []struct {
		left time.Duration
		want int
	}{
		{365 * day, 0},
		{90*day + 1, 0},
		{90 * day, 1},
		{61 * day, 1},
		{60 * day, 2},
		{31 * day, 2},
		{30 * day, 3},
		{21 * day, 4},
		{14 * day, 5},
		{7*day + 1, 5},
		{7 * day, 6},
		{6*day + 1, 6},
		{6 * day, 7},
		{day, 12},
		{0, 13},
		{-day, 14},
		{-30 * day, 43},
	} {
		if got := stage(x.left); got != x.want {
			t.Errorf("%v before the end: %d, want %d", x.left, got, x.want)
		}
	}
}

// trusted is a truststore with a certificate of each name that ends at the time.
func trusted(t testing.TB, s *yang.Schema, ends map[string]time.Time) *tree.Tree {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var entries []string
	for name, end := range ends {
		c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: end}
		der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, fmt.Sprintf(`{"name":%q,"cert-data":%q}`, name, base64.StdEncoding.EncodeToString(der)))
	}
	text := `{"ietf-truststore:truststore":{"certificate-bags":{"certificate-bag":[{"name":"b","certificate":[` + strings.Join(entries, ",") + `]}]}}}`
	b := tree.NewBuilder(s.Root)
	if err := codec.DecodeJSON(strings.NewReader(text), s, s.Root, b, codec.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	data, err := b.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestWatch moves the clock over the end of a certificate, and replaces it.
func TestWatch(t *testing.T) {
	for _, on := range []bool{true, false} {
		o := yang.Options{Implement: []yang.ModuleSpec{{Name: "ietf-crypto-types"}, {Name: "ietf-truststore"}}}
		if !on {
			o.Features = map[string][]string{"ietf-crypto-types": {}}
		}
		s, err := yang.Compile(yang.Builtin(), o)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
		var events []string
		w := New(Options{
			Now: func() time.Time { return now },
			Publish: func(_ context.Context, e notify.Event) error {
				events = append(events, fmt.Sprint(e.Path, " ", e.Tree.Root().Leaf("expiration-date")))
				return nil
			},
			Files: func() []certs.Held { return []certs.Held{{Place: "f.pem", NotAfter: now}} },
		})
		apply := func(ends map[string]time.Time) {
			t.Helper()
			p, err := w.Prepare(t.Context(), datastore.Change{New: trusted(t, s, ends)})
			if err != nil {
				t.Fatal(err)
			}
			p.Apply()
		}
		expect := func(what string, want ...string) {
			t.Helper()
			w.tell(t.Context())
			if !on {
				want = nil
			}
			if fmt.Sprint(events) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", what, events, want)
			}
			events = nil
		}
		event := func(name string, end time.Time) string {
			return "/ietf-truststore:truststore/certificate-bags/certificate-bag[name='b']/certificate[name='" + name + "'] " + end.Format(time.RFC3339)
		}
		w.tell(t.Context()) // before there is any configuration
		end := now.Add(100 * day)
		apply(map[string]time.Time{"a": end, "later": now.Add(1000 * day)})
		expect("long before")
		now = end.Add(-80 * day)
		expect("in the last three months", event("a", end))
		now = end.Add(-70 * day)
		expect("no month later")
		now = end.Add(-2 * day)
		expect("in the last days", event("a", end))
		now = end.Add(-36 * time.Hour)
		expect("the same day")
		now = end.Add(time.Hour)
		expect("after the end", event("a", end))
		next := now.Add(20 * day)
		apply(map[string]time.Time{"a": next})
		expect("another certificate in its place", event("a", next))
		expect("once")
		apply(nil)
		expect("none")
		apply(map[string]time.Time{"a": next})
		expect("it is back", event("a", next))
		if err := testutil.CollectAndCompare(w, strings.NewReader(fmt.Sprintf(`
# HELP altoam_certificate_expiry_timestamp_seconds When the certificate expires, or the one of its chain that does so first; of the first 1000.
# TYPE altoam_certificate_expiry_timestamp_seconds gauge
altoam_certificate_expiry_timestamp_seconds{place="/ietf-truststore:truststore/certificate-bags/certificate-bag[name='b']/certificate[name='a']"} %d
altoam_certificate_expiry_timestamp_seconds{place="f.pem"} %d
# HELP altoam_certificates Certificates of the configuration and of files.
# TYPE altoam_certificates gauge
altoam_certificates 2
`, next.Unix(), now.Unix()))); err != nil {
			t.Error(err)
		}
	}
}
