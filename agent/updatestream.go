package agent

import (
	"fmt"
	"time"

	"github.com/altoam/altoam/alto"
)

// serveUpdates offers an update stream service with what altoam-update-stream says.
func serveUpdates(r configured) ([]*alto.Resource, error) {
	p := r.config.AltoUpdateParams.Streams
	service := alto.UpdateStreams{
		Covers: r.covers, NoControl: !p.GetStreamControl(), KeepAlive: time.Duration(p.GetKeepAliveInterval()) * time.Second,
		MaxStreams: int(p.GetMaxStreams()), MaxSubstreams: int(p.GetMaxSubstreams()), MaxBehind: int(p.GetMaxBehind()),
	}
	if p != nil && len(p.IncrementalChange) > 0 {
		service.Patches = make(map[string]alto.PatchFormats, len(p.IncrementalChange))
		for id, change := range p.IncrementalChange {
			r.eachCovered(id, func(id string) { service.Patches[id] = patchFormats(change.MediaType) })
		}
	}
	return []*alto.Resource{r.offer(service)}, nil
}

// patchFormats are those of the media types of incremental changes.
func patchFormats[T fmt.Stringer](types []T) (formats alto.PatchFormats) {
	for _, t := range types {
		switch t.String() {
		case alto.MediaMergePatch:
			formats |= alto.MergePatch
		case alto.MediaJSONPatch:
			formats |= alto.JSONPatch
		}
	}
	return formats
}
