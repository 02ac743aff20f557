package cluster

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
	"github.com/go-json-experiment/json/jsontext"
)

const prefixCase = "prefix-cluster"

type prefixParams = gen.IETFAlto_Alto_AltoServer_Resource_AltoNetworkmapParams_PrefixCluster

var byPrefix = driver.Algorithm{
	Case: prefixCase,
	Chosen: func(r *driver.Resource) bool {
		return r.AltoNetworkmapParams != nil && r.AltoNetworkmapParams.PrefixCluster != nil
	},
	Plan: func(in driver.PlanInput) (driver.Needs, error) {
		return driver.Needs{Sources: []string{in.Resource.AltoNetworkmapParams.PrefixCluster.GetSource()}}, nil
	},
	Compute: computePrefix,
}

func computePrefix(_ context.Context, in driver.Input) (driver.Output, error) {
	p := in.Resource.AltoNetworkmapParams.PrefixCluster
	at := leaf(prefixCase, "source")
	var all groups
	for _, r := range records(in.Sources[p.GetSource()]) {
		for _, prefix := range r.prefixes {
			name, ok := nameOf(p, r, prefix)
			if !ok {
				continue
			}
			if err := all.add(p.GetPidPrefix()+name, prefix); err != nil {
				return driver.Output{}, driver.Errorf(at, "%w", err)
			}
		}
	}
	m, _, err := driver.CompleteMap(all.pids(), p.GetDefaultPid(), at, leaf(prefixCase, "default-pid"))
	return driver.Output{Map: m}, err
}

// record is some prefixes with the properties that they have.
type record struct {
	prefixes   []netip.Prefix
	properties []alto.Property
}

// records are the PIDs of a source, and its entities that are addresses or prefixes.
func records(d *driver.Data) []record {
	var list []record
	for _, pid := range d.PIDs {
		list = append(list, record{pid.Prefixes, pid.Properties})
	}
	for _, e := range d.Entities {
		if e.Domain != "ipv4" && e.Domain != "ipv6" {
			continue
		}
		prefix, err := netip.ParsePrefix(e.Name)
		if err != nil {
			address, err := netip.ParseAddr(e.Name)
			if err != nil {
				continue
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		list = append(list, record{[]netip.Prefix{prefix.Masked()}, e.Properties})
	}
	return list
}

// nameOf names the PID of a prefix; ok is false where it is in none.
func nameOf(p *prefixParams, r record, prefix netip.Prefix) (name string, ok bool) {
	if p.Property == nil {
		bits := int(p.GetIpv4Length())
		if prefix.Addr().Is6() {
			bits = int(p.GetIpv6Length())
		}
		if block, err := prefix.Addr().Prefix(min(bits, prefix.Bits())); err == nil {
			return block.String(), true
		}
		return "", false
	}
	i := slices.IndexFunc(r.properties, func(q alto.Property) bool { return q.Name == p.GetProperty() })
	if i < 0 {
		return "", false
	}
	value := r.properties[i].Value
	if value.Kind() != '"' {
		return string(value), true
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return strings.TrimSpace(string(text)), err == nil
}
