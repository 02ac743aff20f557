package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/altoam/altoam/alto/client"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// changes tells an event in lines: how much a full version has, or each change in a patch
// as a JSON pointer (RFC 6901) with its value, after the sign of what happens to it: "="
// is set, "+" is added, "-" goes.
func changes(e client.Event) ([]string, error) {
	switch e.Media {
	case client.MediaMergePatch:
		if !jsontext.Value(e.Data).IsValid() {
			return nil, fmt.Errorf("the patch is no JSON")
		}
		return mergeChanges(nil, "", e.Data), nil
	case client.MediaJSONPatch:
		return patchChanges(e.Data)
	}
	r := &client.Response{Body: e.Data}
	text := "new version: "
	switch kind(e.Media) {
	case "networkmap":
		m, err := r.NetworkMap()
		if err != nil {
			return nil, err
		}
		return []string{text + count(len(m.PIDs), "PID") + ", tag " + m.VTag.Tag}, nil
	case "costmap", "endpointcost":
		costs, err := r.Costs()
		if err != nil {
			return nil, err
		}
		pairs := 0
		for _, row := range costs.From {
			pairs += len(row)
		}
		return []string{text + count(pairs, "pair")}, nil
	case "propmap", "endpointprop":
		p, err := r.Properties()
		if err != nil {
			return nil, err
		}
		return []string{text + count(len(p.Of), "entity")}, nil
	}
	return []string{text + count(len(e.Data), "byte")}, nil
}

// mergeChanges appends the members of a merge patch (RFC 7396 Section 2).
func mergeChanges(lines []string, at string, patch jsontext.Value) []string {
	var members map[string]jsontext.Value
	if patch.Kind() != '{' || json.Unmarshal(patch, &members) != nil {
		if patch.Kind() == 'n' {
			return append(lines, "- "+at)
		}
		return append(lines, "= "+at+" "+string(patch))
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		lines = mergeChanges(lines, at+"/"+escaped(name), members[name])
	}
	return lines
}

func escaped(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// patchChanges are the operations of a JSON patch (RFC 6902 Section 4).
func patchChanges(patch []byte) (lines []string, err error) {
	var operations []struct {
		Op    string         `json:"op"`
		Path  string         `json:"path"`
		From  string         `json:"from"`
		Value jsontext.Value `json:"value"`
	}
	if err := json.Unmarshal(patch, &operations); err != nil {
		return nil, err
	}
	for _, o := range operations {
		switch o.Op {
		case "add":
			lines = append(lines, "+ "+o.Path+" "+string(o.Value))
		case "replace":
			lines = append(lines, "= "+o.Path+" "+string(o.Value))
		case "remove":
			lines = append(lines, "- "+o.Path)
		default:
			lines = append(lines, strings.TrimSpace(o.Op+" "+o.From+" "+o.Path+" "+string(o.Value)))
		}
	}
	return lines, nil
}

// arrayOf returns the elements of a JSON array as text; false for another value.
func arrayOf(v jsontext.Value) (list []string, ok bool) {
	var elements []jsontext.Value
	if v.Kind() != '[' || json.Unmarshal(v, &elements) != nil {
		return nil, false
	}
	for _, e := range elements {
		list = append(list, string(e))
	}
	return list, true
}
