package agent

import (
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"net"
	"os"
	"strconv"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/logging"
)

// loggingReader reads the container logging-system into the setup to come.
type loggingReader struct {
	*preparedLogging
	change   *loggingChange
	resumed  bool
	stores   *certs.Stores
	refusals *refusals
	files    map[string]string // who writes to a file, by path
}

// read reads everything but targets that stay as they are. at may not exist.
func (r *loggingReader) read(at certs.Place) {
	next, prev := &r.next, r.setup
	r.files = make(map[string]string)
	next.keep = logging.DefaultTruncation
	bits := at.Below(loggingModule + ":client-address")
	if bits.Exists() {
		next.keep = logging.Truncation{IPv4: int(bits.Uint("ipv4-prefix-length")), IPv6: int(bits.Uint("ipv6-prefix-length"))}
	}
	next.header = logging.Header{
		Hostname: r.host, AppName: "altoamd", ProcID: os.Getpid(), Enterprise: logging.DocumentationEnterprise,
	}
	if number := at.Below(loggingModule + ":enterprise-number"); number.Exists() {
		n, _ := number.Node.Value().Uint()
		next.header.Enterprise = uint32(n)
	}
	before := make(map[string]*logging.Target)
	for _, t := range prev.targets {
		before[t.Name] = t
	}
	for _, e := range at.Entries(loggingModule + ":target") {
		old := before[e.Key()]
		if r.stays(old, e, prev) {
			next.targets = append(next.targets, old)
			r.claim(old.Settings, e)
			continue
		}
		if s, ok := r.settings(e); ok && r.claim(s, e) {
			r.open(s, e)
			next.targets = append(next.targets, logging.NewTarget(s, r.log))
		}
	}
	r.readConf(at.Below("syslog-params", "config-file"), at.Below("syslog-params").Leaf("config-file").String())
}

// stays tells whether a target is the same after the change.
func (r *loggingReader) stays(old *logging.Target, e certs.Place, prev loggingSetup) bool {
	if old == nil || r.change.targets[old.Name] || r.next.header.Enterprise != prev.header.Enterprise {
		return false
	}
	return !r.change.stores || !e.Has("tls")
}

// claim refuses a second target with the same file.
func (r *loggingReader) claim(s logging.Settings, e certs.Place) bool {
	f, ok := s.Destination.(logging.File)
	if !ok {
		return true
	}
	if other, taken := r.files[f.Path]; taken {
		r.refuse(e.Below("file", "path").Refuse(rpcerr.InvalidValue, "target %q writes to %s already, expected each file in one target", other, f.Path))
		return false
	}
	r.files[f.Path] = s.Name
	return true
}

// open makes sure that a file can be written to.
func (r *loggingReader) open(s logging.Settings, e certs.Place) {
	f, ok := s.Destination.(logging.File)
	if !ok || r.resumed {
		return
	}
	r.check(f, e.Below("file", "path"))
}

// check opens a file; the node at leaf names it.
func (r *loggingReader) check(f logging.File, leaf certs.Place) {
	if r.home.holds(f.Path) {
		r.refuse(leaf.Refuse(rpcerr.InvalidValue, "%s is in the data folder, where only files of altoamd are", f.Path))
		return
	}
	undo, err := f.Check()
	if err != nil {
		refused := leaf.Refuse(rpcerr.OperationFailed, "cannot write to the file: %v", err)
		refused.Err = err
		r.refuse(refused)
		return
	}
	r.undo = append(r.undo, undo)
}

func (r *loggingReader) refuse(err *rpcerr.Error) { *r.refusals = append(*r.refusals, err) }

// settings reads an entry of the list target.
func (r *loggingReader) settings(e certs.Place) (s logging.Settings, ok bool) {
	least, _ := severityNamed(e)
	var records []logging.Kind
	for _, x := range e.Entries("record") {
		if k, known := logging.ParseKind(x.Key()); known {
			records = append(records, k)
		}
	}
	s = logging.Settings{
		Name: e.Key(), Selection: logging.Select(least, records...), Header: r.next.header, Queue: int(e.Uint("queue-length")),
	}
	if e.Has("facility") {
		f := logging.Facility(e.Uint("facility"))
		s.Facility = &f
	}
	if e.Has("app-name") {
		s.AppName = e.Leaf("app-name").String()
	}
	if e.Has("host-name") {
		s.Hostname = e.Leaf("host-name").String()
	}
	s.Destination, ok = r.destination(e)
	return s, ok
}

// severityNamed reads the leaf severity of a target.
func severityNamed(e certs.Place) (logging.Severity, bool) {
	names := []string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}
	for i, name := range names {
		if e.Leaf("severity").String() == name {
			return logging.Severity(i), true
		}
	}
	return logging.Informational, false
}

// destination reads the choice destination.
func (r *loggingReader) destination(e certs.Place) (logging.Destination, bool) {
	path := func(at certs.Place, otherwise string) string {
		if p := at.Leaf("path").String(); at.Has("path") {
			return p
		}
		return otherwise
	}
	switch {
	case e.Has("file"):
		at := e.Below("file")
		mode := uint64(0o640)
		if at.Has("mode") {
			mode, _ = strconv.ParseUint(at.Leaf("mode").String(), 8, 16) // its pattern
		}
		return logging.File{
			Path: at.Leaf("path").String(), Mode: fs.FileMode(mode), MaxBytes: int64(min(at.Uint("max-size"), 1<<62)), Keep: int(at.Uint("keep")),
		}, true
	case e.Has("local-syslog"):
		return logging.Socket{Path: path(e.Below("local-syslog"), logging.SyslogSocket)}, true
	case e.Has("journald"):
		return logging.Journal{Path: path(e.Below("journald"), logging.JournalSocket)}, true
	case e.Has("udp"):
		return remote(logging.UDP, e.Below("udp")), true
	case e.Has("tcp"):
		return remote(logging.TCP, e.Below("tcp")), true
	}
	return r.secured(e.Below("tls"))
}

func remote(transport logging.Transport, at certs.Place) logging.Remote {
	return logging.Remote{Transport: transport, Addr: net.JoinHostPort(at.Leaf("remote-address").String(), strconv.FormatUint(at.Uint("remote-port"), 10))}
}

// secured reads the container tls.
func (r *loggingReader) secured(at certs.Place) (logging.Destination, bool) {
	d := remote(logging.TLS, at)
	d.Security = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: at.Leaf("remote-address").String(), RootCAs: x509.NewCertPool()}
	if at.Has("server-name") {
		d.Security.ServerName = at.Leaf("server-name").String()
	}
	trusted, err := r.stores.Certificates(at.Below("ca-certs"))
	if err == nil && len(trusted) == 0 {
		err = at.Below("ca-certs").Refuse(rpcerr.DataMissing, "there is no certificate that the server's could come from")
	}
	for _, c := range trusted {
		d.Security.RootCAs.AddCert(c)
	}
	if identity := at.Below("client-identity"); err == nil && identity.Exists() {
		var c tls.Certificate
		if c, err = r.stores.ServerCertificate(identity); err == nil {
			d.Security.Certificates = []tls.Certificate{c}
		}
	}
	if err == nil {
		return d, true
	}
	if r.resumed { // it is reported as down: nobody is trusted
		r.log.Error("a log target trusts nobody", "error", err)
		return d, true
	}
	r.refuse(rpcerr.All(err)[0])
	return nil, false
}
