package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
)

// TestCertificatesAnywhere: certificates that nothing refers to and those in files count
// too, and one that is replaced no longer.
func TestCertificatesAnywhere(t *testing.T) {
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	file := certs.Held{Place: "/etc/altoam/restconf.pem", Subject: "CN=file", NotAfter: time.Now().Add(time.Hour)}
	l := labOf(t, t.TempDir()+"/s.db", s, func(o *agent.Options) {
		o.CertificateFiles = func() []certs.Held { return []certs.Held{file} }
	})
	_, certificate := keyPair(t)
	l.clock.advance(time.Since(l.clock.Now())) // to the present
	l.must(l.merge(campusServer()))
	is := func(place, kind, want string) {
		t.Helper()
		at := alarmList + `alarm[resource="` + place + `"][alarm-type-id='altoam-alarms:` + kind + `']/`
		got := ""
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			got = l.operational(at+"perceived-severity") + " " + l.operational(at+"is-cleared") + " " + l.operational(at+"alarm-text")
			if strings.HasPrefix(got, want) {
				return
			}
		}
		t.Errorf("%s of %s: %q, want %q", kind, place, got, want)
	}
	is(file.Place, "certificate-expiring", "major false the certificate of CN=file expires at ")
	const bag = "/ietf-truststore:truststore/certificate-bags/certificate-bag[name='b']"
	l.must(l.session().Edit(ctx, datastore.Running, l.edit(edit.Merge, object{"ietf-truststore:truststore": object{"certificate-bags": object{"certificate-bag": list{
		object{"name": "b", "certificate": list{object{"name": "ca", "cert-data": text(certificate)}}},
	}}}}), noOptions))
	is(bag+"/certificate[name='ca']", "certificate-expiring", "major false the certificate of CN=alto expires at ")
	l.clock.advance(2 * time.Hour)
	is(bag+"/certificate[name='ca']", "certificate-expired", "critical false the certificate of CN=alto expired at ")
	is(file.Place, "certificate-expired", "critical false the certificate of CN=file expired at ")
	l.must(l.delete(bag))
	is(bag+"/certificate[name='ca']", "certificate-expired", "critical true")
}
