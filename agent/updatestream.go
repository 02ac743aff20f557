package agent

import (
	"time"

	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
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

// patchType is a media type of incremental changes.
type patchType = gen.E_IETFAlto_Alto_AltoServer_Resource_AltoUpdateParams_Streams_IncrementalChange_MediaType

func patchFormats(types []patchType) (formats alto.PatchFormats) {
	for _, t := range types {
		switch t {
		case gen.IETFAlto_Alto_AltoServer_Resource_AltoUpdateParams_Streams_IncrementalChange_MediaType_application_merge_patch_PLUSjson:
			formats |= alto.MergePatch
		case gen.IETFAlto_Alto_AltoServer_Resource_AltoUpdateParams_Streams_IncrementalChange_MediaType_application_json_patch_PLUSjson:
			formats |= alto.JSONPatch
		}
	}
	return formats
}
