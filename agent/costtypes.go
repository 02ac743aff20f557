package agent

import (
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/gen"
	"github.com/altoam/altoam/yang"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// contextLeaf is what a cost context may be refused for.
const contextLeaf = "cost-context/parameters/altoam-cost-metric:json-value"

// readCostTypes reads the names that clients see from the identities, so that those
// of modules loaded at start work too.
func (a *Agent) readCostTypes(server *tree.Node) []alto.CostType {
	var list []alto.CostType
	a.entries(server, "cost-type", func(e *tree.Node) {
		var config gen.IETFAlto_Alto_AltoServer_CostType
		a.fill(&config, e)
		t := alto.CostType{
			Name: keyOf(e), Description: e.Leaf("description").String(),
			Mode: modeName(e.Leaf("cost-mode").Identity()), Metric: e.Leaf("cost-metric").Identity().Name,
		}
		if config.Statistic != nil {
			t.Metric += ":" + *config.Statistic
		}
		if context := below(e, "cost-context"); context != nil {
			t.Context = costContext(context.Leaf("cost-source").Identity(), config.CostContext)
		}
		list = append(list, t)
	})
	return list
}

// modeName is the cost mode that clients see: an identity of another module is for
// private use unless the mode is registered (RFC 9274 Section 3.2).
func modeName(id *yang.Identity) string {
	if id.Module.Name == altoModule || alto.RegisteredCostMode(id.Name) {
		return id.Name
	}
	return "priv:" + id.Name
}

// costContext is the "cost-context" object of RFC 9439 Section 3.1, or what is no JSON
// object where the parameters are no JSON.
func costContext(source *yang.Identity, config *gen.IETFAlto_Alto_AltoServer_CostType_CostContext) jsontext.Value {
	if source == nil {
		return nil
	}
	context := struct {
		Source     string         `json:"cost-source"`
		Parameters jsontext.Value `json:"parameters,omitzero"`
	}{Source: source.Name}
	if config != nil && config.Parameters != nil && config.Parameters.JsonValue != nil {
		context.Parameters = jsontext.Value(*config.Parameters.JsonValue)
		if !context.Parameters.IsValid() {
			return context.Parameters
		}
	}
	text, err := json.Marshal(context)
	if err != nil {
		panic(err) // the name of an identity is a JSON string, the parameters are JSON
	}
	return text
}
