package topology

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/agent/graph"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// document is instance data of ietf-network with what is read of it. Members of other
// modules count for nothing.
type document struct {
	Networks *struct {
		Network []network `json:"network"`
	} `json:"ietf-network:networks"`
}

type network struct {
	ID    string `json:"network-id"`
	Nodes []struct {
		ID         string `json:"node-id"`
		Attributes struct {
			Prefix []struct {
				Prefix string `json:"prefix"`
			} `json:"prefix"`
		} `json:"ietf-l3-unicast-topology:l3-node-attributes"`
		Position *struct {
			Latitude  number `json:"latitude"`
			Longitude number `json:"longitude"`
		} `json:"altoam-source-topology:position"`
	} `json:"node"`
	Links []struct {
		ID     string `json:"link-id"`
		Source struct {
			Node string `json:"source-node"`
		} `json:"source"`
		Destination struct {
			Node string `json:"dest-node"`
		} `json:"destination"`
		Attributes struct {
			Metric *number `json:"metric1"`
		} `json:"ietf-l3-unicast-topology:l3-link-attributes"`
		Values []struct {
			Metric string `json:"cost-metric"`
			Value  number `json:"value"`
		} `json:"altoam-source-topology:value"`
	} `json:"ietf-network-topology:link"`
}

// number is one in quotes, as RFC 7951 Section 6.1 has those of 64 bits, or without.
type number float64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is not a number", text)
	}
	*n = number(v)
	return nil
}

// errWhichNetwork tells that the file has not the network that was asked for.
var errWhichNetwork = errors.New("not the network")

// parse reads a network: the one of that ID, or the only one. What cannot be used of it is
// skipped. The error tells what is wrong with the whole.
func parse(text []byte, id string) (*graph.Graph, []driver.Skipped, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, nil, plain(err)
	}
	if d.Networks == nil {
		return nil, nil, errors.New("the file has no member ietf-network:networks")
	}
	n, err := choose(d.Networks.Network, id)
	if err != nil {
		return nil, nil, err
	}
	r := reader{known: make(map[string]bool)}
	r.nodes(n)
	r.links(n)
	if len(r.graphNodes) == 0 {
		return nil, nil, fmt.Errorf("network %q has no node", n.ID)
	}
	g, err := graph.New(r.graphNodes, r.graphLinks)
	return g, r.skipped, err
}

func choose(networks []network, id string) (*network, error) {
	if id == "" && len(networks) == 1 {
		return &networks[0], nil
	}
	if id == "" {
		return nil, fmt.Errorf("%w: the file has %d networks, so one must be named", errWhichNetwork, len(networks))
	}
	for i := range networks {
		if networks[i].ID == id {
			return &networks[i], nil
		}
	}
	return nil, fmt.Errorf("%w: the file has no network %q", errWhichNetwork, id)
}

// plain takes the Go types out of a decoding error.
func plain(err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return err
	}
	if semantic.Err != nil && semantic.JSONPointer != "" {
		return fmt.Errorf("%s: %w", semantic.JSONPointer, semantic.Err)
	}
	at := string(semantic.JSONPointer)
	if at == "" {
		at = "the file"
	}
	return fmt.Errorf("%s holds a JSON value of kind %v, which is not expected there", at, semantic.JSONKind)
}

// reader gathers nodes and links.
type reader struct {
	graphNodes []graph.Node
	graphLinks []graph.Link
	known      map[string]bool // nodes
	skipped    []driver.Skipped
}

func (r *reader) skip(location jsontext.Pointer, value, format string, args ...any) {
	r.skipped = append(r.skipped, driver.Skipped{Location: string(location), Value: value, Reason: fmt.Sprintf(format, args...)})
}

func (r *reader) nodes(n *network) {
	for i, in := range n.Nodes {
		at := jsontext.Pointer(fmt.Sprintf("/node/%d", i))
		if in.ID == "" || r.known[in.ID] {
			r.skip(at, in.ID, "the node has no node-id, or that of another one")
			continue
		}
		r.known[in.ID] = true
		node := graph.Node{Name: in.ID}
		for _, p := range in.Attributes.Prefix {
			prefix, err := parsePrefix(p.Prefix)
			if err != nil {
				r.skip(at+"/prefix", p.Prefix, "%v", err)
				continue
			}
			node.Prefixes = append(node.Prefixes, prefix)
		}
		if p := in.Position; p != nil && (math.Abs(float64(p.Latitude)) > 90 || math.Abs(float64(p.Longitude)) > 180) {
			r.skip(at+"/altoam-source-topology:position", in.ID, "the position is not on the earth")
		} else if p != nil {
			node.Place = &graph.Place{Latitude: float64(p.Latitude), Longitude: float64(p.Longitude)}
		}
		r.graphNodes = append(r.graphNodes, node)
	}
}

// links reads those between nodes that are there: a topology is seldom read in one moment.
func (r *reader) links(n *network) {
	names := make(map[string]bool)
	for i, in := range n.Links {
		at := jsontext.Pointer(fmt.Sprintf("/ietf-network-topology:link/%d", i))
		link := graph.Link{Name: in.ID, From: in.Source.Node, To: in.Destination.Node, Metric: 1}
		if m := in.Attributes.Metric; m != nil {
			link.Metric = float64(*m)
		}
		switch {
		case in.ID == "" || names[in.ID]:
			r.skip(at, in.ID, "the link has no link-id, or that of another one")
			continue
		case !r.known[link.From] || !r.known[link.To]:
			r.skip(at, in.ID, "the link leads from %q to %q, which are not both nodes", link.From, link.To)
			continue
		case link.Metric < 0:
			r.skip(at, in.ID, "the metric of the link is negative")
			continue
		}
		names[in.ID] = true
		for _, v := range in.Values {
			link.Values = with(link.Values, v.Metric, float64(v.Value))
		}
		r.graphLinks = append(r.graphLinks, link)
	}
}

func parsePrefix(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%q is not an IP prefix", text)
	}
	return p.Masked(), nil
}
