package agent

import (
	"slices"
	"time"

	"github.com/altoam/altoam/alarms"
	"github.com/altoam/altoam/certs"
)

// certificateConditions tells which certificates are about to expire, or have: those of
// the configuration, wherever they are, and those in files. A chain counts by the one that
// expires first.
func (a *Agent) certificateConditions(w *world) (list []alarms.Condition) {
	const expiry = "/" + alarmsModule + ":alarms/control/certificate-expiry/"
	days := func(leaf string) time.Duration { return time.Duration(a.number(w.root, expiry+leaf)) * 24 * time.Hour }
	warning, major, now := days("warning"), days("major"), a.now()
	all := a.certificates.Find(w.root)
	if a.certificateFiles != nil {
		all = slices.Concat(all, a.certificateFiles())
	}
	for _, h := range all {
		switch left := h.NotAfter.Sub(now); {
		case left <= 0:
			list = append(list, expiring(h, alarmExpired, alarms.Critical, "expired"))
		case left <= major:
			list = append(list, expiring(h, alarmExpiring, alarms.Major, "expires"))
		case left <= warning:
			list = append(list, expiring(h, alarmExpiring, alarms.Warning, "expires"))
		}
	}
	return list
}

func expiring(h certs.Held, kind string, s alarms.Severity, verb string) alarms.Condition {
	return condition(h.Place, kind, s, "the certificate of %s %s at %s", h.Subject, verb, h.NotAfter.UTC().Format(time.RFC3339))
}
