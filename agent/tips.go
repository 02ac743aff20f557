package agent

import (
	"time"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

const tipsModule = "altoam-tips"

// serveTIPS offers views of the resources that r depends on, with what altoam-tips says.
func serveTIPS(r configured) ([]*alto.Resource, error) {
	if len(r.dependencies) == 0 {
		return nil, driver.Errorf("dependency", "a resource of type tips needs at least one resource that it has views of")
	}
	p := new(gen.IETFAlto_Alto_AltoServer_Resource_AltoTipsParams)
	if c := below(r.entry, r.kind.params); c != nil {
		if err := Fill(p, c); err != nil {
			return nil, driver.Errorf(r.kind.params, "%w", err)
		}
	}
	seconds := func(n uint32) time.Duration { return time.Duration(n) * time.Second }
	service := alto.TIPS{
		Covers: r.covers, Retention: int(p.GetRetention()), MaxViews: int(p.GetMaxViews()), MaxMemory: int64(p.GetMaxMemory()),
		IdleTimeout: seconds(p.GetViewIdleTimeout()), MaxWaiting: int(p.GetMaxWaiting()),
		PollTimeout: seconds(uint32(p.GetPollTimeout())), PollAhead: int(p.GetPollAhead()),
	}
	for id, change := range p.IncrementalChange {
		if service.Patches == nil {
			service.Patches = make(map[string]alto.PatchFormats)
		}
		r.eachCovered(id, func(id string) { service.Patches[id] = patchFormats(change.MediaType) })
	}
	return []*alto.Resource{r.offer(service)}, nil
}

// tipsFigures are those of views.
var tipsFigures = []figure{
	tipsFigure("views", "views", "Views of a TIPS.", func(s alto.ViewStats) uint64 { return s.Open }),
	tipsFigure("updates", "updates", "Updates that the views of a TIPS hold.", func(s alto.ViewStats) uint64 { return s.Updates }),
	tipsFigure("waiting-requests", "waiting_requests", "Requests that wait for an update of a view to come.", func(s alto.ViewStats) uint64 { return s.Waiting }),
	tipsFigure("memory", "memory_bytes", "What the views of a TIPS hold beside the resources.", func(s alto.ViewStats) uint64 { return s.Memory }),
}

func tipsFigure(leaf, metric, help string, value func(alto.ViewStats) uint64) figure {
	return figure{tipsModule + ":tips-stats", leaf, "alto_tips_" + metric, help, func(s alto.ResourceStats) uint64 { return value(s.Views) }}
}
