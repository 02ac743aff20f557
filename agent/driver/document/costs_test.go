package document

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const numericalCosts = `{"meta":{"cost-type":{"cost-mode":"numerical","cost-metric":"routingcost"}},"cost-map":%s}`

// TestCostsRandom compares what is read of random maps with what encoding/json reads.
func TestCostsRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c-1", "d:2", "e@3", "f_4"}), 0, 6, rapid.ID).Draw(t, "names")
		want := make(map[string]map[string]float64)
		for _, source := range names {
			if rapid.Bool().Draw(t, "has costs") {
				want[source] = make(map[string]float64)
				for _, destination := range names {
					if rapid.Bool().Draw(t, "known") {
						want[source][destination] = rapid.Float64Range(-1e9, 1e9).Draw(t, "cost")
					}
				}
			}
		}
		text, err := json.MarshalIndent(want, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		escaped := strings.ReplaceAll(string(text), `"a"`, rapid.SampledFrom([]string{`"a"`, `"\u0061"`}).Draw(t, "a is written"))
		p, err := Read("t", []byte(fmt.Sprintf(numericalCosts, escaped)))
		if err != nil {
			t.Fatal(err)
		}
		m := p.data.Costs[0].Costs
		for _, source := range names {
			for _, destination := range names {
				got, ok := m.Cost(source, destination)
				cost, known := want[source][destination]
				if ok != known || ok && got != cost {
					t.Fatalf("%s from %s to %s: %v, %v, want %v, %v", text, source, destination, got, ok, cost, known)
				}
			}
		}
	})
}

func TestCostsRefused(t *testing.T) {
	var many strings.Builder
	for i := range maxPIDs + 1 {
		fmt.Fprintf(&many, `,"p%d":{}`, i)
	}
	for text, want := range map[string]string{
		`{"a":{"b":1,"c":2,"b":3}}`:      `the cost from PID "a" to PID "b" is there twice`,
		`{"a":{"b":1,"\u0062":3}}`:       `the cost from PID "a" to PID "b" is there twice`,
		`{"a":{"b":1},"c":{},"a":{}}`:    `the costs from PID "a" are there twice`,
		`{"a":{"b":"1"}}`:                `/a/b is not what is expected there`,
		`{"a":{"b":1},"c":{"b":null}}`:   `/c/b is not what is expected there`,
		`{"a":{"b":[1]}}`:                `/a/b is not what is expected there`,
		`{"a":1}`:                        `/a is not what is expected there`,
		`[]`:                             `it is not what is expected there`,
		`{"a":{"b":1e999}}`:              `/a/b is out of range`,
		`{"a b":{"b":1}}`:                `PID`,
		`{` + many.String()[1:] + `}`:    `there are costs of 8193 PIDs, expected at most 8192`,
		`{"a":{"b":1}},"cost-map":{}`:    `the document has the member cost-map twice`,
		`{"a":{"b":1}},"network-map":{}`: `the document has 2 of the members`,
		`{"a":{"b":1}`:                   `EOF`,
		`{"a":{"b":1}}} {`:               `something follows the document`,
		`{"a":{"b":01}}`:                 `invalid character '1'`,
	} {
		if _, err := Read("t", []byte(fmt.Sprintf(numericalCosts, text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{"": "EOF", "7": "expected an object", `{"meta":7}`: "in meta: "} {
		if _, err := Read("t", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// BenchmarkReadCosts reads the costs of 1 000 × 1 000 PIDs.
func BenchmarkReadCosts(b *testing.B) {
	const n = 1000
	var text strings.Builder
	for s := range n {
		fmt.Fprintf(&text, `,"pid-%04d":{`, s)
		for d := range n {
			fmt.Fprintf(&text, `"pid-%04d":%v,`, d, math.Round(1000*math.Sqrt(float64(s*d)))/1000)
		}
		fmt.Fprintf(&text, `"x":1}`)
	}
	document := []byte(fmt.Sprintf(numericalCosts, "{"+text.String()[1:]+"}"))
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if _, err := Read("t", document); err != nil {
			b.Fatal(err)
		}
	}
}

// TestCostsMemory reads rows without costs after a long one: they take no room.
func TestCostsMemory(t *testing.T) {
	const n = 5000
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, `,"d%d":1`, i)
	}
	long := text.String()[1:]
	text.Reset()
	for i := range n {
		fmt.Fprintf(&text, `,"s%d":{}`, i)
	}
	document := []byte(`{"long":{` + long + `}` + text.String() + `}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := readCosts(document)
	runtime.ReadMemStats(&after)
	if err != nil || len(c.rows) != n+1 {
		t.Fatalf("%d rows, %v", len(c.rows), err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 100*uint64(len(document)) {
		t.Errorf("%d bytes take %d bytes of memory", len(document), took)
	}
}
