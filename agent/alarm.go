package agent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/tree"
)

// The types of alarms: identities of altoam-alarms.
const (
	alarmSourceStale   = "source-stale"
	alarmSourceRefused = "source-data-refused"
	alarmOutOfService  = "resource-out-of-service"
	alarmListener      = "listener-down"
	alarmGuard         = "guard-tripped"
	alarmExpiring      = "certificate-expiring"
	alarmExpired       = "certificate-expired"
	alarmProbe         = "probe-failed"
	alarmLog           = "log-target-down"
	alarmSouthbound    = "southbound-unreachable"
	alarmMapSize       = "map-too-large"
	alarmPartial       = "topology-partial"
	alarmAudit         = "audit-failing"
)

// watched are the types whose conditions are looked for; those of the probe are once it has
// run.
var watched = []string{
	alarmSourceStale, alarmSourceRefused, alarmOutOfService, alarmListener, alarmGuard, alarmExpiring, alarmExpired, alarmSouthbound, alarmLog, alarmMapSize, alarmPartial, alarmAudit,
}

// alarmLoop keeps the list of alarms until ctx ends.
func (a *Agent) alarmLoop(ctx context.Context) {
	every(ctx, min(lookEvery, a.retry), func(time.Time) { a.lookForAlarms() })
}

func (a *Agent) lookForAlarms() {
	a.mu.Lock()
	w := a.world.Load()
	unbound := a.unboundAddresses()
	a.mu.Unlock()
	if w.root == nil {
		return // what holds is not known yet
	}
	a.limitAlarms(w.root)
	types := watched
	if a.lastProbe.Load() != nil {
		types = append(slices.Clip(types), alarmProbe)
	}
	a.alarms.Reconcile(types, slices.Concat(
		a.sourceConditions(w), w.faultConditions(), w.listening.conditions(unbound),
		a.certificateConditions(w), a.guardConditions(), a.probeConditions(w), a.southboundConditions(),
		a.logConditions(w), a.agedConditions(w), a.sizes.conditions(w), a.partials.conditions(w), a.auditConditions(),
	))
	a.saveAlarms()
}

// limitAlarms sets how many alarms are kept as configured.
func (a *Agent) limitAlarms(root *tree.Node) {
	const control = "/" + alarmsModule + ":alarms/control/"
	a.alarms.Limit(alarms.Limits{Cleared: int(a.number(root, control+"max-cleared")), History: int(a.number(root, control+"max-status-changes"))})
}

func condition(resource, kind string, s alarms.Severity, format string, args ...any) alarms.Condition {
	return alarms.Condition{Key: alarms.Key{Resource: resource, Type: kind}, Severity: s, Text: printable(fmt.Sprintf(format, args...))}
}

// auditConditions tells whether the audit cannot be written.
func (a *Agent) auditConditions() []alarms.Condition {
	if a.auditFailure == nil {
		return nil
	}
	err := a.auditFailure()
	if err == nil {
		return nil
	}
	return []alarms.Condition{condition("/altoam-audit:audit", alarmAudit, alarms.Critical, "the audit cannot be written: %v", err)}
}

// sourceConditions tells which sources cannot be read, or not be made use of.
func (a *Agent) sourceConditions(w *world) (list []alarms.Condition) {
	for id, s := range w.sources.All() {
		_, status := s.Snapshot()
		refused := s.refused.Load()
		switch {
		case status.LastError != "" && w.data.Has(id):
			list = append(list, condition(sourcePath(id), alarmSourceStale, alarms.Major, "the last good data stays in use: %s", status.LastError))
		case status.LastError != "":
			list = append(list, condition(sourcePath(id), alarmSourceStale, alarms.Critical, "there is no data: %s", status.LastError))
		case refused != nil && !s.guarded.Load():
			list = append(list, condition(sourcePath(id), alarmSourceRefused, alarms.Major, "%s", *refused))
		}
	}
	return list
}

// faultConditions tells which resources are out of service, but for those that are so
// because a source or another resource is.
func (w *world) faultConditions() (list []alarms.Condition) {
	for id, why := range w.index.faulty.All() {
		if !w.suffers(w.resources.At(id)) {
			list = append(list, condition(resourcePath(id), alarmOutOfService, alarms.Critical, "%s", why.Message))
		}
	}
	return list
}

// suffers tells whether something that r needs has no data or is out of service.
func (w *world) suffers(r *resource) bool {
	if r.plan == nil {
		return false
	}
	without := func(id string) bool { return w.sources.Has(id) && !w.data.Has(id) }
	return slices.ContainsFunc(r.plan.needs.Sources, without) || slices.ContainsFunc(r.plan.asked, w.index.faulty.Has)
}

// conditions tells where nothing listens.
func (l *listening) conditions(unbound []string) (list []alarms.Condition) {
	if l.idle != nil {
		list = append(list, condition(serverPath+"/listen/"+l.scheme, alarmListener, alarms.Critical, "nothing listens: %s", l.idle))
	}
	for _, addr := range unbound {
		at := l.bindRefusal(&alto.BindError{Addr: addr}).Path
		list = append(list, condition(at, alarmListener, alarms.Critical, "nothing listens on %s, which is tried again", addr))
	}
	return list
}
