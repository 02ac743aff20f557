package agent

import (
	"context"
	"errors"
	"time"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	alarmsModule  = "altoam-alarms"
	alarmListPath = "/" + alarmsModule + ":alarms/alarm-list"
)

var alarmDesc = metric("alarm_active", "Alarms that are not cleared.", "type", "severity")

// dateAndTime is a yang:date-and-time.
func dateAndTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// alarmState writes the list of alarms.
func (a *Agent) alarmState(w *datastore.Writer) {
	all := a.alarms.All()
	active := 0
	for _, x := range all {
		if w.Full() {
			return
		}
		if x.Active {
			active++
		}
		e := w.Entry("alarm", x.Resource, alarmsModule+":"+x.Type).
			Set("is-cleared", !x.Active).
			Set("time-created", dateAndTime(x.Created)).
			Set("last-raised", dateAndTime(x.Raised)).
			Set("last-changed", dateAndTime(x.Changed)).
			Set("perceived-severity", x.Severity).
			Set("alarm-text", x.Text).
			Set("operator-state", x.State)
		for _, c := range x.Changes {
			e.Entry("status-change", dateAndTime(c.Time)).Set("perceived-severity", c.Severity).Set("alarm-text", c.Text)
		}
		for _, c := range x.Actions {
			o := e.Entry("operator-state-change", dateAndTime(c.Time)).Set("operator", c.Operator).Set("state", c.State)
			withText(o, c.Text)
		}
	}
	w.Set("number-of-alarms", len(all)).Set("active", active)
	if last := a.alarms.Changed(); !last.IsZero() {
		w.Set("last-changed", dateAndTime(last))
	}
}

func withText(w *datastore.Writer, text string) {
	if text != "" {
		w.Set("text", text)
	}
}

// tellAlarm logs and publishes a change of an alarm.
func (a *Agent) tellAlarm(e alarms.Event) {
	of, kind := e.Alarm.Resource, alarmsModule+":"+e.Alarm.Type
	if c := e.Change; c != nil {
		a.log.Warn("alarm", "type", e.Alarm.Type, "severity", c.Severity, "at", of, "text", c.Text)
		a.notify("/"+alarmsModule+":alarm-notification", func(w *datastore.Writer) {
			w.Set("resource", of).Set("alarm-type-id", kind).Set("time", dateAndTime(c.Time)).
				Set("perceived-severity", c.Severity).Set("alarm-text", c.Text)
		})
	}
	if c := e.Action; c != nil {
		a.notify("/"+alarmsModule+":operator-action", func(w *datastore.Writer) {
			w.Set("resource", of).Set("alarm-type-id", kind).Set("time", dateAndTime(c.Time)).
				Set("operator", c.Operator).Set("state", c.State)
			withText(w, c.Text)
		})
	}
}

// notify publishes a top-level notification, where the schema has it.
func (a *Agent) notify(path string, fill func(*datastore.Writer)) {
	s := a.schema.Find(path)
	if s == nil || s.Kind != yang.Notification {
		return
	}
	m := tree.New(s).Mutate()
	w := datastore.NewWriter(m)
	fill(w)
	err := w.Err()
	if err == nil {
		err = a.publish(context.Background(), notify.Event{Tree: m.Done()})
	}
	if err != nil {
		a.log.Warn("event not published", "event", path, "error", err)
	}
}

// handleActions registers the actions of the modules that the schema has, unless another
// agent has.
func (a *Agent) handleActions(s *datastore.Store) {
	for path, h := range map[string]datastore.Handler{
		alarmListPath + "/alarm/acknowledge": a.operate(alarms.Acknowledged),
		alarmListPath + "/alarm/close":       a.operate(alarms.Closed),

		serverPath + "/resource/" + guardModule + ":guard/accept": a.decide(accepted),
		serverPath + "/resource/" + guardModule + ":guard/reject": a.decide(rejected),

		probePath + "/run": a.runProbe,
	} {
		if n := a.schema.Find(path); n != nil && n.Kind == yang.Action && !s.Handles(n) {
			s.HandleAction(path, h)
		}
	}
}

// operate handles an operator's action on an alarm.
func (a *Agent) operate(to alarms.State) datastore.Handler {
	return func(_ context.Context, c datastore.Call) (*tree.Tree, error) {
		keys := c.Path[len(c.Path)-1].Keys
		k := alarms.Key{Resource: keys[0].String(), Type: keys[1].Identity().Name}
		err := a.alarms.Operate(k, c.Session.User().Name, to, c.Input.Root().Leaf("text").String())
		if errors.Is(err, alarms.ErrNoAlarm) { // forgotten in the meantime
			return nil, rpcerr.New(rpcerr.DataMissing, c.Path.String(), "%s", err).WithReason(rpcerr.NoSuchResource)
		}
		a.saveAlarms()
		return nil, err
	}
}

func (a *Agent) collectAlarms(ch chan<- prometheus.Metric) {
	for c, n := range a.alarms.Active() {
		ch <- prometheus.MustNewConstMetric(alarmDesc, prometheus.GaugeValue, float64(n), c.Type, c.Severity.String())
	}
}
