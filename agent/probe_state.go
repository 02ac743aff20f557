package agent

import (
	"context"
	"fmt"
	"strings"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/prometheus/client_golang/prometheus"
)

var (
	probeOKDesc       = metric("probe_ok", "Whether the last run of the probe found all right.")
	probeFailuresDesc = metric("probe_failures", "Resources that the last run of the probe found wrong.")
	probeTimeDesc     = metric("probe_duration_seconds", "How long the last run of the probe took.")
	probeRunDesc      = metric("probe_timestamp_seconds", "When the last run of the probe began.")
)

func (a *Agent) collectProbe(ch chan<- prometheus.Metric) {
	p := a.lastProbe.Load()
	if p == nil {
		return
	}
	ok := 0.0
	if p.ok() {
		ok = 1
	}
	gauge(ch, probeOKDesc, ok, nil)
	gauge(ch, probeFailuresDesc, float64(p.failures), nil)
	gauge(ch, probeTimeDesc, p.duration.Seconds(), nil)
	instant(ch, probeRunDesc, p.began, nil)
}

// probeState writes what the last run found below the server.
func (a *Agent) probeState(server *datastore.Writer) {
	p := a.lastProbe.Load()
	if p == nil {
		return
	}
	w := server.In(probeModule + ":probe").In("probe-state")
	w.Set("last-run", dateAndTime(p.began)).Set("duration", p.duration.Milliseconds()).Set("ok", p.ok()).Set("failures", p.failures)
	if p.directory != "" {
		w.Set("directory", p.directory)
	}
	if p.err != nil {
		w.Set("error", printable(p.err.Error()))
	}
	for _, o := range p.others {
		e := w.Entry("address", o.directory)
		if e.Set("duration", o.duration.Milliseconds()).Set("ok", o.err == nil); o.err != nil {
			e.Set("error", printable(o.err.Error()))
		}
	}
	for _, r := range p.resources {
		if w.Full() {
			return
		}
		e := w.Entry("resource", printable(r.ID))
		if r.Skipped {
			e.Set("result", "skipped")
			continue
		}
		e.Set("duration", r.Duration.Milliseconds()).Set("size", r.Bytes)
		if r.Status != 0 {
			e.Set("status", r.Status)
		}
		if r.VTag.Tag != "" {
			e.Set("tag", printable(r.VTag.Tag))
		}
		if r.Err == nil {
			e.Set("result", "ok")
			continue
		}
		e.Set("result", "failed").Set("error", printable(r.Err.Error()))
	}
}

// probeConditions tells what the last run found wrong: each resource, and as one the
// addresses, or that there was nothing to go out from. Filtered variants are told with
// their own ID.
func (a *Agent) probeConditions(w *world) (list []alarms.Condition) {
	p := a.lastProbe.Load()
	if p == nil || w.server == nil {
		return nil
	}
	var wrong []string
	if p.err != nil {
		wrong = append(wrong, p.err.Error())
	}
	for _, o := range p.others {
		if o.err != nil {
			wrong = append(wrong, fmt.Sprintf("at %s: %s", o.directory, o.err))
		}
	}
	if len(wrong) > 0 {
		list = append(list, condition(probePath, alarmProbe, alarms.Major, "%s", strings.Join(wrong, "; ")))
	}
	for _, r := range p.resources {
		if r.Err == nil {
			continue
		}
		id := r.ID
		if owner, ok := w.index.variants.Get(id); ok {
			id = owner
		}
		list = append(list, condition(resourcePath(id), alarmProbe, alarms.Major, "%s: %s", r.ID, r.Err))
	}
	return list
}

// runProbe handles the action run.
func (a *Agent) runProbe(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
	p := a.probe(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return output(c.Node, func(w *datastore.Writer) { w.Set("ok", p.ok()).Set("failures", p.failures) })
}
