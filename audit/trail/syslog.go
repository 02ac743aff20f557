package trail

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/logging"
)

// severities are those of records that are not notices.
var severities = map[audit.What]logging.Severity{
	audit.LoginFailed: logging.Warning, audit.Locked: logging.Warning, audit.Refusal: logging.Warning,
	audit.Lost: logging.Error, audit.Damage: logging.Alert, audit.Read: logging.Informational,
}

// pass gives a record that was written to the targets of the log. Its hash is that of the line,
// so that a copy elsewhere proves what the files should hold.
func (t *Trail) pass(r *audit.Record) {
	severity, other := severities[r.What]
	if !other {
		severity = logging.Notice
	}
	if t.o.Router == nil || !t.o.Router.Wants(logging.Audit, severity) {
		return
	}
	p := params{{Name: "seq", Value: strconv.FormatUint(r.Sequence, 10)}, {Name: "hash", Value: r.Hash()}, {Name: "what", Value: string(r.What)}}
	p.add("user", r.User)
	p.add("groups", strings.Join(r.Groups, " "))
	p.number("session", uint64(r.Session))
	p.add("protocol", r.Protocol)
	p.add("address", r.Address)
	p.add("operation", r.Operation)
	p.add("datastore", r.Datastore)
	p.add("result", r.Result)
	p.add("path", r.Path)
	p.number("commit", r.Commit)
	p.add("kind", r.Kind)
	p.add("comment", r.Comment)
	count := uint64(len(r.Changes))
	if r.More != nil {
		count += r.More.Changes
	}
	p.number("changes", count)
	p.number("count", r.Count)
	t.o.Router.Log(&logging.Record{Time: r.Time, Kind: logging.Audit, Severity: severity, Message: message(r), Params: p})
}

// message is a record in a few words.
func message(r *audit.Record) string {
	text := string(r.What)
	if r.Commit > 0 {
		text += fmt.Sprint(" ", r.Commit)
	}
	if r.User != "" {
		text += " by " + r.User
	}
	if r.Result != "" && r.Result != audit.OK {
		text += ": " + r.Result
	}
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	return text
}

type params []logging.Param

func (p *params) add(name, value string) {
	if value != "" {
		*p = append(*p, logging.Param{Name: name, Value: value})
	}
}

func (p *params) number(name string, n uint64) {
	if n > 0 {
		p.add(name, strconv.FormatUint(n, 10))
	}
}
