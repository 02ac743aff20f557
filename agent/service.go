package agent

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// kind is a type of resource of ietf-alto.
type kind struct {
	params    string // container of its parameters
	optional  bool   // they need not be there
	delegated bool   // another server has it, or it is about others: nothing is computed
	covering  bool   // it tells what becomes of its dependencies
	// serve returns what the server offers for the resource: one entry of the IRD or,
	// with its filtered variant, two. The error is a *driver.ParamError.
	serve   func(configured) ([]*alto.Resource, error)
	figures []figure // statistics of this kind alone
}

// kinds are the types of resources by the name of their identity.
var kinds = map[string]*kind{
	"ird":           {params: "alto-ird-params", delegated: true, serve: serveDelegation},
	"network-map":   {params: "alto-networkmap-params", serve: serveNetworkMap, figures: networkMapFigures},
	"cost-map":      {params: "alto-costmap-params", serve: serveCostMap},
	"endpoint-prop": {params: "alto-endpointprop-params", serve: serveEndpointProperties, figures: endpointPropFigures},
	"endpoint-cost": {params: "alto-endpointcost-params", serve: serveEndpointCosts},
	"property-map":  {params: "alto-propmap-params", serve: servePropertyMap, figures: propertyMapFigures},
	"cdni":          {params: "alto-cdni-params", serve: serveCDNI, figures: cdniFigures},
	"tips":          {params: tipsModule + ":alto-tips-params", optional: true, delegated: true, covering: true, serve: serveTIPS, figures: tipsFigures},
	"update":        {params: "alto-update-params", covering: true, serve: serveUpdates, figures: updateFigures},
}

// offer makes the resource that stands for r itself.
func (r configured) offer(s alto.Service) *alto.Resource {
	return &alto.Resource{ID: r.id, Roles: r.roles, Uses: r.dependencies, Service: s}
}

// filteredSuffix makes the ID of a filtered variant from that of the full map.
const filteredSuffix = "-filtered"

// maxResourceID is the length of a resource ID (RFC 7285 Section 10.2).
const maxResourceID = 64

// filteredID is the ID of the filtered variant: that of the full map with a suffix,
// shortened by way of a hash where it would be too long.
func filteredID(id string) string {
	if len(id)+len(filteredSuffix) <= maxResourceID {
		return id + filteredSuffix
	}
	sum := sha256.Sum256([]byte(id))
	hash := "-" + hex.EncodeToString(sum[:8])
	return id[:maxResourceID-len(filteredSuffix)-len(hash)] + hash + filteredSuffix
}

// offerFiltered makes the resource that stands for the filtered variant of r. Its
// path has r's own ID, so that it depends on no other resource.
func (r configured) offerFiltered(folder string, s alto.Service) *alto.Resource {
	o := r.offer(s)
	o.ID, o.Path, o.Account = filteredID(r.id), folder+"/"+r.id, r.id
	return o
}

// filteredPath names the node that asks for the filtered variant, or that holds it.
func (r *resource) filteredPath() string {
	path := resourcePath(r.id) + "/" + r.kind.params
	if r.output.Filtered {
		return path // the leaf is the algorithm's
	}
	return path + "/filtered"
}

func serveNetworkMap(r configured) ([]*alto.Resource, error) {
	p := r.config.AltoNetworkmapParams
	list := []*alto.Resource{r.offer(alto.FullNetworkMap{Map: r.output.Map, Default: p.GetIsDefault()})}
	if p.GetFiltered() {
		list = append(list, r.offerFiltered("networkmapfilter", alto.FilteredNetworkMap{NetworkMap: r.id}))
	}
	return list, nil
}

// serveCostMap offers a full map for one cost type, and where several are offered
// the filtered service alone: a full cost map has one cost type (RFC 7285 Section
// 11.2.3.4).
func serveCostMap(r configured) ([]*alto.Resource, error) {
	p := r.config.AltoCostmapParams
	paths, names, hasPaths, err := r.pathVectors(p.CostTypeName, pathVectorParams{"alto-costmap-params", p.AnePropertyName, p.GetGivenAneNames()})
	if err != nil {
		return nil, err
	}
	filtered := alto.FilteredCostMap{
		NetworkMap: r.output.NetworkMap, Offers: r.offers(names),
		CostCapabilities: alto.CostCapabilities{Constraints: p.GetCostConstraints(), MaxCostTypes: int(p.GetMaxCostTypes()), Testable: p.TestableCostTypeName},
	}
	if filtered.Calendars, err = r.calendars(calendarSets(p.CalendarAttributes, p.FurtherCalendar)); err != nil {
		return nil, err
	}
	if filtered.Calendars != nil && !p.GetFiltered() {
		return nil, driver.Errorf("alto-costmap-params/filtered", "a calendar can be asked of the filtered cost map only (RFC 8896 Section 3.3.2), which is not offered")
	}
	switch {
	case hasPaths && p.GetFiltered():
		return []*alto.Resource{r.offer(alto.PathVectorCostMap{FilteredCostMap: filtered, PathVectors: paths})}, nil
	case hasPaths:
		return nil, driver.Errorf("alto-costmap-params/filtered", "paths are offered by the filtered service alone, expected true")
	case len(p.CostTypeName) == 1:
		name := p.CostTypeName[0]
		full := r.offer(alto.FullCostMap{NetworkMap: r.output.NetworkMap, CostType: name, Costs: r.output.Costs[name]})
		if !p.GetFiltered() {
			return []*alto.Resource{full}, nil
		}
		return []*alto.Resource{full, r.offerFiltered("costmapfilter", filtered)}, nil
	case p.GetFiltered():
		return []*alto.Resource{r.offer(filtered)}, nil
	}
	return nil, driver.Errorf("alto-costmap-params/cost-type-name",
		"%d cost types are listed, but a cost map that is not filtered has exactly one", len(p.CostTypeName))
}

func (r configured) offers(names []string) []alto.CostOffer {
	list := make([]alto.CostOffer, len(names))
	for i, name := range names {
		list[i] = alto.CostOffer{CostType: name, Costs: r.output.Costs[name]}
	}
	return list
}

func serveEndpointCosts(r configured) ([]*alto.Resource, error) {
	p := r.config.AltoEndpointcostParams
	calendars, err := r.calendars(calendarSets(p.CalendarAttributes, p.FurtherCalendar))
	if err != nil {
		return nil, err
	}
	paths, names, hasPaths, err := r.pathVectors(p.CostTypeName, pathVectorParams{"alto-endpointcost-params", p.AnePropertyName, p.GetGivenAneNames()})
	if err != nil {
		return nil, err
	}
	costs := alto.EndpointCosts{
		Map: r.output.Map, Offers: r.offers(names),
		CostCapabilities: alto.CostCapabilities{
			Constraints: p.GetCostConstraints(), MaxCostTypes: int(p.GetMaxCostTypes()), Testable: p.TestableCostTypeName, Calendars: calendars,
		},
	}
	if hasPaths {
		return []*alto.Resource{r.offer(alto.PathVectorEndpointCosts{EndpointCosts: costs, PathVectors: paths})}, nil
	}
	return []*alto.Resource{r.offer(costs)}, nil
}

func serveEndpointProperties(r configured) ([]*alto.Resource, error) {
	return []*alto.Resource{r.offer(alto.EndpointProperties{Types: r.config.AltoEndpointpropParams.PropType, Values: r.output.Properties})}, nil
}

// serveCDNI offers the advertisement. Its footprints may name PIDs of the network
// map that the resource depends on.
func serveCDNI(r configured) ([]*alto.Resource, error) {
	objects := make([]alto.BaseAdvertisementObject, len(r.output.Advertisements))
	for i, text := range r.output.Advertisements {
		var err error
		if objects[i], err = alto.ParseBaseAdvertisementObject(text); err != nil {
			return nil, driver.Errorf("alto-cdni-params", "object %d of the advertisement: %w", i+1, err)
		}
	}
	advertisement, err := alto.NewCDNIAdvertisement(objects)
	if err != nil {
		return nil, driver.Errorf("alto-cdni-params", "%w", err)
	}
	service := alto.FullCDNIAdvertisement{Advertisement: advertisement, NetworkMap: r.output.NetworkMap}
	list := []*alto.Resource{r.offer(service)}
	if r.output.Filtered {
		list = append(list, r.offerFiltered("cdnifilter", alto.FilteredCDNIAdvertisement{Full: r.id}))
	}
	return list, nil
}

func serveDelegation(r configured) ([]*alto.Resource, error) {
	return []*alto.Resource{r.offer(alto.Delegation{URI: below(r.entry, r.kind.params).Leaf("delegation").String()})}, nil
}
