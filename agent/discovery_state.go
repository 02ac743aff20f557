package agent

import (
	"slices"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/discovery"
	"github.com/prometheus/client_golang/prometheus"
)

// guidePaths are the subtrees of operational that the guide produces.
var guidePaths = []string{
	serverPath + "/server-discovery/rdns-naptr-records/altoam-discovery:discovery-state",
	serverPath + "/server-discovery/rdns-naptr-records/altoam-discovery:zone/zone-state",
	"/ietf-alto:alto/alto-client/server-discovery/rdns-params/altoam-discovery:discovered",
}

// wantsAt tells whether something at, above or below p is asked for.
func wantsAt(req datastore.StateRequest, p certs.Place) bool { return p.Exists() && req.Wants(p.Path) }

// state writes what has become of the records and what was found for clients, below the
// containers that are configured in running.
func (g *guide) state(req datastore.StateRequest, w *world, root *datastore.Writer) {
	n := g.of(w)
	alto := certs.Root(req.Running).Below("ietf-alto:alto")
	if n.of.settings == nil || !alto.Exists() {
		return
	}
	records := alto.Below("alto-server", "server-discovery", "rdns-naptr-records")
	if wantsAt(req, records) {
		at := root.In("ietf-alto:alto").In("alto-server").In("server-discovery").In("rdns-naptr-records")
		n.recordState(at.In("altoam-discovery:discovery-state"))
		for _, p := range records.Entries("altoam-discovery:zone") {
			if i := slices.IndexFunc(n.of.settings.zones, func(z zoneSettings) bool { return z.key == p.Key() }); i >= 0 {
				zone := at.Existing("altoam-discovery:zone", p.Node.KeyValues()[0])
				g.zoneState(zone.In("zone-state"), n.zones[i])
			}
		}
	}
	for _, c := range alto.Entries("alto-client") {
		params := c.Below("server-discovery", "rdns-params")
		if search := n.clients[c.Key()]; search != nil && wantsAt(req, params) {
			g.clientState(root.In("ietf-alto:alto").Existing("alto-client", c.Node.KeyValues()[0]).In("server-discovery").In("rdns-params"), c.Key(), search)
		}
	}
}

func (n *guidance) recordState(w *datastore.Writer) {
	if n.reason != "" {
		w.Set("reason", printable(n.reason))
	} else if len(n.records) > 0 {
		w.Set("uri", n.uri())
	}
	for _, r := range n.records {
		if w.Full() {
			return
		}
		e := w.Entry("record", r.Hdr.Name).
			Set("prefix", r.prefix).Set("order", r.Order).Set("preference", r.Preference).
			Set("flags", r.Flags).Set("service", r.Service).Set("regexp", r.Regexp)
		if r.zone != "" {
			e.Set("zone", r.zone)
		}
	}
	for _, u := range n.unused {
		w.Entry("unused-prefix", u.prefix.String()).Set("reason", u.reason)
	}
}

// setInstant sets a leaf of type date-and-time; nothing for the zero time.
func setInstant(w *datastore.Writer, leaf string, t time.Time) {
	if !t.IsZero() {
		w.Set(leaf, t.UTC().Format(time.RFC3339Nano))
	}
}

// setText sets a leaf to what an error says; nothing for "".
func setText(w *datastore.Writer, leaf, text string) {
	if text != "" {
		w.Set(leaf, printable(text))
	}
}

func (g *guide) zoneState(w *datastore.Writer, z discovery.Zone) {
	w.Set("records", len(z.Records))
	s, ok := g.publisher.Status(z.Name)
	if !ok {
		return
	}
	if z.Server != nil {
		w.Set("pending", s.Pending)
	}
	setInstant(w, "last-export", s.LastExport)
	setText(w, "export-error", s.ExportError)
	setInstant(w, "last-update-attempt", s.LastAttempt)
	setInstant(w, "last-update", s.LastUpdate)
	setText(w, "update-error", s.UpdateError)
}

func (g *guide) clientState(w *datastore.Writer, id string, search *discovery.Search) {
	for _, p := range search.Prefixes {
		if w.Full() {
			return
		}
		r, ok := g.finder.Result(id, p)
		if !ok {
			continue
		}
		e := w.Entry("altoam-discovery:discovered", p.String())
		if r.Name != "" {
			e.Set("domain-name", r.Name)
		}
		for _, ird := range r.IRDs {
			e.Entry("ird", ird.URI).Set("order", ird.Order).Set("preference", ird.Preference)
		}
		setInstant(e, "last-lookup", r.At)
		for _, err := range []error{r.Found.Err, r.Err} {
			if err != nil {
				setText(e, "last-error", err.Error())
			}
		}
		e.Set("temporary", r.Temporary)
	}
}

var (
	recordsDesc     = metric("discovery_records", "NAPTR records that lead to the ALTO server, by the zone they go to.", "zone")
	recordsPending  = metric("discovery_pending_records", "Records of a zone to be added by updates or to be removed.", "zone")
	recordsUpdated  = metric("discovery_update_timestamp_seconds", "When updates of a zone last succeeded.", "zone")
	recordsExported = metric("discovery_export_timestamp_seconds", "When the zone file last held the records of a zone.", "zone")
	recordsFailed   = metric("discovery_failed", "Whether the records of a zone could not be brought where they are wanted: its file or its server.", "zone")
	foundDesc       = metric("discovery_client_prefixes", "Prefixes that are looked up for an ALTO client, by outcome.", "client", "outcome")
)

func (g *guide) describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{recordsDesc, recordsPending, recordsUpdated, recordsExported, recordsFailed, foundDesc} {
		ch <- d
	}
}

// collect writes the metrics. Records without a zone have the label "".
func (g *guide) collect(ch chan<- prometheus.Metric, w *world) {
	n := g.of(w)
	if n.of.settings == nil {
		return
	}
	zoned := 0
	for i, z := range n.zones {
		zoned += len(z.Records)
		of := labelled(recordsDesc, n.of.settings.zones[i].key)
		gauge(ch, recordsDesc, float64(len(z.Records)), of)
		s, _ := g.publisher.Status(z.Name)
		gauge(ch, recordsPending, float64(s.Pending), of)
		instant(ch, recordsUpdated, s.LastUpdate, of)
		instant(ch, recordsExported, s.LastExport, of)
		failed := 0.0
		if s.UpdateError != "" || s.ExportError != "" {
			failed = 1
		}
		gauge(ch, recordsFailed, failed, of)
	}
	if rest := len(n.records) - zoned; rest > 0 {
		gauge(ch, recordsDesc, float64(rest), labelled(recordsDesc, ""))
	}
	for id, search := range n.clients {
		g.collectClient(ch, id, search)
	}
}

func (g *guide) collectClient(ch chan<- prometheus.Metric, id string, search *discovery.Search) {
	outcomes := map[string]int{"found": 0, "none": 0, "failed": 0}
	for _, p := range search.Prefixes {
		switch r, ok := g.finder.Result(id, p); {
		case !ok:
		case len(r.IRDs) > 0:
			outcomes["found"]++
		case r.Err != nil || r.Found.Err != nil:
			outcomes["failed"]++
		default:
			outcomes["none"]++
		}
	}
	for outcome, count := range outcomes {
		gauge(ch, foundDesc, float64(count), labelled(foundDesc, id, outcome))
	}
}
