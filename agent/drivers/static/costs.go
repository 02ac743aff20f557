package static

import (
	"errors"
	"slices"
	"strings"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/gen"
)

type (
	tableKey = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable_Key
	table    = gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable
)

// modeOf is the cost mode as ALTO writes it.
func modeOf(k tableKey) string {
	if k.Mode == gen.IETFAlto_Alto_AltoServer_DataSource_SourceParams_Static_CostTable_Mode_ordinal {
		return alto.ModeOrdinal
	}
	return alto.ModeNumerical
}

func readCosts(d *driver.Data, p *params) error {
	compare := func(a, b tableKey) int {
		if c := strings.Compare(a.Metric, b.Metric); c != 0 {
			return c
		}
		return strings.Compare(modeOf(a), modeOf(b))
	}
	for _, k := range sorted(p.CostTable, compare) {
		at := driver.Entry(top+"/cost-table", "metric", k.Metric, "mode", modeOf(k))
		if err := checkOrdinal(at, modeOf(k), p.CostTable[k]); err != nil {
			return err
		}
		m, err := matrix(at, p.CostTable[k])
		if err != nil {
			return err
		}
		d.Costs = append(d.Costs, driver.CostTable{Mode: modeOf(k), Metric: k.Metric, Costs: m})
	}
	return nil
}

// matrix is over the PIDs that the table names.
func matrix(at string, t *table) (*alto.CostMatrix, error) {
	index := make(map[string]int)
	var pids []string
	for k := range t.Cost {
		for _, pid := range []string{k.Source, k.Destination} {
			if _, known := index[pid]; !known {
				index[pid] = -1
				pids = append(pids, pid)
			}
		}
	}
	slices.Sort(pids)
	for i, pid := range pids {
		index[pid] = i
	}
	cells := alto.NewCosts(len(pids))
	for k, c := range t.Cost {
		cells[index[k.Source]*len(pids)+index[k.Destination]] = c.GetValue()
	}
	m, err := alto.NewCostMatrix(pids, cells)
	if err != nil {
		var cell *alto.CellError
		if errors.As(err, &cell) && cell.Destination != "" {
			at += "/" + driver.Entry("cost", "source", cell.Source, "destination", cell.Destination)
		}
		return nil, driver.Errorf(at, "%w", err)
	}
	return m, nil
}

// checkOrdinal refuses ranks that are none (RFC 7285 Section 6.1.2.2).
func checkOrdinal(at, mode string, t *table) error {
	if mode != alto.ModeOrdinal {
		return nil
	}
	for k, c := range t.Cost {
		if v := c.GetValue(); v < 0 || v != float64(int64(v)) {
			leaf := at + "/" + driver.Entry("cost", "source", k.Source, "destination", k.Destination) + "/value"
			return driver.Errorf(leaf, "%v is not a rank, expected a whole number that is not negative", v)
		}
	}
	return nil
}
