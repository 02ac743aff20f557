package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/logging"
)

// maxConfBytes bounds a syslog configuration.
const maxConfBytes = 1 << 20

// confQueue is how many records wait for a destination of a syslog configuration.
const confQueue = 4096

// syslogConf is what a syslog configuration makes of the log.
type syslogConf struct {
	path  string // "" where there is none
	text  string
	rules []confRule
	err   string // why the last reading failed
}

type confRule struct {
	logging.Rule
	target *logging.Target
}

func (c syslogConf) targets() (list []*logging.Target) {
	for _, r := range c.rules {
		list = append(list, r.target)
	}
	return list
}

func (c syslogConf) plain() (list []logging.Rule) {
	for _, r := range c.rules {
		list = append(list, r.Rule)
	}
	return list
}

// readConf reads the syslog configuration that the leaf, which may not exist, names with uri.
func (r *loggingReader) readConf(leaf certs.Place, uri string) {
	if !leaf.Exists() {
		return
	}
	prev := r.setup
	path, err := filePath(uri)
	if err != nil {
		r.refuse(leaf.Refuse(rpcerr.InvalidValue, "%v", err))
		return
	}
	c := syslogConf{path: path}
	var rules []logging.Rule
	switch c.text, rules, err = parseConf(path); {
	case err != nil && r.resumed: // read again until it can be
		c.err = err.Error()
		r.log.Error("the syslog configuration has no effect until it can be read", "at", leaf.Path.String(), "error", err)
	case err != nil && !r.change.conf: // what it said stays
		c, rules = prev.conf, prev.conf.plain()
	case err != nil:
		refused := leaf.Refuse(rpcerr.OperationFailed, "the syslog configuration cannot be used: %v", err)
		refused.Err = err
		r.refuse(refused)
	}
	c.rules = r.ruled(rules, prev.conf, r.next.header, prev.header.Enterprise == r.next.header.Enterprise)
	r.checkFiles(c, leaf)
	r.next.conf = c
}

// checkFiles refuses files of a syslog configuration that cannot be written to, or are those of
// targets.
func (r *loggingReader) checkFiles(c syslogConf, leaf certs.Place) {
	for _, rule := range c.rules {
		f, ok := rule.Destination.(logging.File)
		if !ok {
			continue
		}
		if other, taken := r.files[f.Path]; taken {
			r.refuse(leaf.Refuse(rpcerr.InvalidValue, "target %q writes to %s already, expected each file in one target", other, f.Path))
		} else if r.change.conf && !r.resumed {
			r.check(f, leaf)
		}
	}
}

// ruled makes targets for rules; those of prev that are the same stay, if any may.
func (l *Logging) ruled(rules []logging.Rule, prev syslogConf, h logging.Header, may bool) (list []confRule) {
	for _, rule := range rules {
		i := slices.IndexFunc(prev.rules, func(old confRule) bool { return old.Rule == rule })
		if may && i >= 0 {
			list = append(list, prev.rules[i])
			continue
		}
		list = append(list, confRule{rule, logging.NewTarget(logging.Settings{
			Name: rule.Action, Selection: rule.Selection, Header: h, Destination: rule.Destination, Queue: confQueue,
		}, l.log)})
	}
	return list
}

// filePath is the path that a file URI of this host names (RFC 8089 Section 2).
func filePath(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", err
	}
	if u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || len(u.Path) < 2 || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q is not the file URI of an absolute path on this host", uri)
	}
	return u.Path, nil
}

func parseConf(path string) (text string, rules []logging.Rule, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // to open it may wait
		return "", nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, maxConfBytes+1))
	if err == nil && len(all) > maxConfBytes {
		err = errors.New("the file is larger than a mebibyte")
	}
	if err == nil {
		rules, err = logging.ParseConf(string(all))
	}
	return string(all), rules, err
}

// watchConf reads the syslog configuration anew when it has changed, until ctx ends. What
// cannot be read leaves everything as it is.
func (l *Logging) watchConf(ctx context.Context) {
	every(ctx, l.poll, func(time.Time) { l.rereadConf() })
}

func (l *Logging) rereadConf() {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.setup
	if next.conf.path == "" {
		return
	}
	text, rules, err := parseConf(next.conf.path)
	files := make(map[string]bool)
	for _, t := range next.targets {
		if f, ok := t.Destination.(logging.File); ok {
			files[f.Path] = true
		}
	}
	for _, r := range rules {
		f, ok := r.Destination.(logging.File)
		switch {
		case !ok || err != nil:
		case files[f.Path]:
			err = fmt.Errorf("a target writes to %s already", f.Path)
		case l.home.holds(f.Path):
			err = fmt.Errorf("%s is in the data folder, where only files of altoamd are", f.Path)
		}
	}
	switch {
	case err != nil && err.Error() != next.conf.err:
		next.conf.err = err.Error()
		l.log.Error("the syslog configuration cannot be used, what it said before stays", "error", err)
	case err != nil, text == next.conf.text && next.conf.err == "":
		return
	default:
		next.conf = syslogConf{path: next.conf.path, text: text, rules: l.ruled(rules, next.conf, next.header, true)}
		l.log.Info("the syslog configuration was read", "path", next.conf.path, "destinations", len(rules))
	}
	l.use(next)
}
