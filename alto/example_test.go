package alto_test

import (
	"fmt"
	"net/http/httptest"
	"net/netip"

	"github.com/altoam/altoam/alto"
)

func Example() {
	networkMap, err := alto.NewNetworkMap([]alto.PID{
		{Name: "campus", Prefixes: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		{Name: "world", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cells := alto.NewCosts(2)
	cells[0*2+1] = 7.5 // campus to world
	costs, err := alto.NewCostMatrix(networkMap.Names(), cells)
	if err != nil {
		fmt.Println(err)
		return
	}
	snapshot, err := alto.NewSnapshot(nil, alto.Config{
		BaseURI:   "http://alto.example.com/",
		CostTypes: []alto.CostType{{Name: "num-rc", Mode: alto.ModeNumerical, Metric: "routingcost"}},
		Resources: []*alto.Resource{
			{ID: "net", Service: alto.FullNetworkMap{Map: networkMap, Default: true}},
			{ID: "rc", Service: alto.FullCostMap{NetworkMap: "net", CostType: "num-rc", Costs: costs}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := alto.NewServer(nil)
	server.Publish(snapshot)

	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest("GET", "/costmap/rc", nil))
	fmt.Println(snapshot.RootURI())
	fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Body.Len())
	stats, _ := server.ResourceStats("rc")
	fmt.Println(stats.Total.Succeeded)
	// Output:
	// http://alto.example.com/directory
	// 200 application/alto-costmap+json 203
	// 1
}
