package agent_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/alto"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/tree"
)

// TestBucketsAscend: those of a histogram are read by ascending time, not as text.
func TestBucketsAscend(t *testing.T) {
	l := newLab(t)
	took := alto.Latency{First: 0, Counts: make([]uint64, 120)}
	for i := range took.Counts {
		took.Counts[i]++
		took.Count++
	}
	m := tree.New(l.schema.Root).Mutate()
	w := datastore.NewWriter(m)
	agent.AnswersState(w.In("ietf-alto:alto").In("alto-server").In("ietf-alto-stats:server-level-stats"), l.clock.Now(), 0, &took)
	l.must(w.Err())
	var text strings.Builder
	l.must(codec.EncodeJSON(&text, m.Done(), codec.EncodeOptions{}))
	bounds, before := regexp.MustCompile(`"upper-bound":"([0-9.]+)"`).FindAllStringSubmatch(text.String(), -1), -1.0
	for _, found := range bounds {
		at, err := strconv.ParseFloat(found[1], 64)
		if err != nil || at <= before {
			t.Errorf("%s after %g: %v", found[1], before, err)
		}
		before = at
	}
	if len(bounds) != len(took.Counts) {
		t.Errorf("%d buckets", len(bounds))
	}
}
