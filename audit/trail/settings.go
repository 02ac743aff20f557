package trail

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/altoam/altoam/audit"
	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
)

// module is the name of the module with the configuration.
const module = "altoam-audit"

// settings are what a configuration makes of the Trail. They are not changed.
type settings struct {
	enabled, reads, refuse bool
	limits                 audit.Limits
	without                map[string]bool // operations whose success is not on record
}

// defaults hold until the configuration is known, and without the module.
var defaults = settings{enabled: true, limits: audit.DefaultLimits}

func settingsOf(t *tree.Tree) *settings {
	at := certs.Root(t).Below(module + ":audit")
	files := at.Below("files")
	s := &settings{
		enabled: at.Leaf("enabled").String() != "false",
		reads:   at.Leaf("reads").String() == "true",
		refuse:  at.Leaf("on-failure").String() == "refuse",
		limits: audit.Limits{
			Bytes: int64(files.Uint("size")) << 20, Age: time.Duration(files.Uint("age")) * time.Hour, Files: int(files.Uint("count")),
		},
		without: map[string]bool{},
	}
	for _, e := range at.Entries("without-operation") {
		s.without[e.Key()] = true
	}
	return s
}

func (s *settings) equal(o *settings) bool {
	return s.enabled == o.enabled && s.reads == o.reads && s.refuse == o.refuse && s.limits == o.limits && maps.Equal(s.without, o.without)
}

func (s *settings) String() string {
	onFailure := "continue"
	if s.refuse {
		onFailure = "refuse"
	}
	text := fmt.Sprintf("enabled %t, reads %t, on-failure %s, files: size %d, age %d, count %d",
		s.enabled, s.reads, onFailure, s.limits.Bytes>>20, int(s.limits.Age/time.Hour), s.limits.Files)
	if len(s.without) > 0 {
		text += ", without-operation " + strings.Join(slices.Sorted(maps.Keys(s.without)), " ")
	}
	return text
}

// Name implements datastore.Participant.
func (t *Trail) Name() string { return "audit" }

// Prepare implements datastore.Participant. It refuses nothing.
func (t *Trail) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	p := prepared{trail: t}
	if t.o.Schema.Module(module) != nil && (c.Resumed || concerns(c.Diff)) {
		p.next = settingsOf(c.New)
	}
	return p, nil
}

func concerns(d *tree.Diff) bool {
	return d.Root != nil && slices.ContainsFunc(d.Root.Children, func(c *tree.Change) bool { return c.Schema.Module.Name == module })
}

// prepared is a change that the Trail agreed to; next is nil where it is none of its settings.
type prepared struct {
	trail *Trail
	next  *settings
}

// Abort implements datastore.Prepared.
func (p prepared) Abort() {}

// Apply implements datastore.Prepared. The commit that ends the record is still on it.
func (p prepared) Apply() {
	t := p.trail
	was := t.settings.Load()
	if p.next == nil || was.equal(p.next) {
		return
	}
	t.log.SetLimits(p.next.limits)
	t.lastly.Store(was.enabled && !p.next.enabled)
	t.settings.Store(p.next)
	t.record(&audit.Record{What: audit.Settings, User: system, Reason: p.next.String()})
	if head := t.store.Running().Head; !was.enabled && head.Revision > 1 {
		t.record(&audit.Record{What: audit.Baseline, User: system, Commit: head.Revision - 1, Reason: "the record goes on behind this commit"})
	}
}
