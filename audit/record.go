package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// What says what a record is about.
type What string

// What records are about. The last five are about the record itself.
const (
	Start       What = "start"
	Stop        What = "stop"
	Login       What = "login"
	LoginFailed What = "login-failed"
	Logout      What = "logout"
	Locked      What = "locked" // logins of a user or from a source are refused for a while
	Commit      What = "commit" // running has changed
	Edit        What = "edit"   // of another datastore, or one that did not come about
	Refusal     What = "refusal"
	RPC         What = "rpc"
	Action      What = "action"
	Read        What = "read"
	Subscribe   What = "subscribe"
	Unsubscribe What = "unsubscribe"

	Baseline What = "baseline" // commits up to this one are not on record
	Settings What = "settings" // of the audit, as they are from here on
	Rotation What = "rotation" // a file begins
	Lost     What = "lost"     // records could not be written
	Damage   What = "damage"   // the files were not as they had been left
)

// Whats are all there are.
var Whats = []What{
	Start, Stop, Login, LoginFailed, Logout, Locked, Commit, Edit, Refusal, RPC, Action, Read, Subscribe, Unsubscribe,
	Baseline, Settings, Rotation, Lost, Damage,
}

// OK is the Result of what was done; of what was not it is the error-tag.
const OK = "ok"

// Record is one entry. The Log numbers it.
type Record struct {
	Sequence uint64    `json:"seq"`
	Time     time.Time `json:"time"`
	What     What      `json:"what"`
	// Who, and from where; no user stands for the agent itself.
	User     string   `json:"user,omitempty"`
	Groups   []string `json:"groups,omitempty"`
	Session  uint32   `json:"session,omitempty"`
	Protocol string   `json:"protocol,omitempty"`
	Address  string   `json:"address,omitempty"`
	// What was asked for.
	Operation string `json:"operation,omitempty"`
	Datastore string `json:"datastore,omitempty"`
	DryRun    bool   `json:"dry-run,omitempty"`
	// What came of it; Path is where an error is, or what an action or read is about.
	Result string `json:"result,omitempty"`
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Of a commit: its number, kind and time in the history, and whether the record was made of
	// the history afterwards.
	Commit    uint64     `json:"commit,omitempty"`
	Kind      string     `json:"kind,omitempty"`
	Committed *time.Time `json:"committed,omitempty"`
	Recovered bool       `json:"recovered,omitempty"`
	Comment   string     `json:"comment,omitempty"`
	Label     string     `json:"label,omitempty"`
	Changes   []Change   `json:"changes,omitempty"`
	More      *More      `json:"more,omitempty"`
	// Count is how many records were lost, or octets cut off.
	Count   uint64   `json:"count,omitempty"`
	File    uint64   `json:"file,omitempty"` // that begins
	Removed *Removed `json:"removed,omitempty"`

	Prev string `json:"prev"` // hash of the record before

	hash string
}

// Hash is that of a record that was written or read.
func (r *Record) Hash() string { return r.hash }

// Change is one leaf, or list entry or container without leafs, that changed.
type Change struct {
	Path      string  `json:"path"`
	Operation string  `json:"op"` // create, delete, replace, move
	Old       *string `json:"old,omitempty"`
	New       *string `json:"new,omitempty"`
}

// More counts changes that were not listed. SHA256 is the hash of their list.
type More struct {
	Changes uint64 `json:"changes"`
	SHA256  string `json:"sha256"`
}

// Removed tells which records are not kept any more.
type Removed struct {
	Last uint64 `json:"last"` // the newest of them
	Hash string `json:"hash"` // of that one
}

// Bounds of a line, in octets.
const (
	maxText = 1024 // of a value, before it is escaped
	maxLine = 1 << 20
)

// Clip is text as a record has it: valid UTF-8, and what is longer than a value may be is cut
// off.
func Clip(text string) string {
	if len(text) > maxText {
		cut := maxText
		for cut > maxText-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// clip bounds what others have chosen.
func (r *Record) clip() {
	for _, p := range []*string{
		&r.User, &r.Protocol, &r.Address, &r.Operation, &r.Datastore, &r.Result, &r.Path, &r.Reason, &r.Kind, &r.Comment, &r.Label,
	} {
		*p = Clip(*p)
	}
	r.Groups = r.Groups[:min(len(r.Groups), 32)]
	for i, g := range r.Groups {
		if c := Clip(g); c != g {
			r.Groups = append([]string(nil), r.Groups...)
			r.Groups[i] = c
		}
	}
}

// appendBody appends r as JSON without what seal appends. Control characters are escaped, so
// that it is one line.
func (r *Record) appendBody(dst []byte) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("}\n")), nil
}
