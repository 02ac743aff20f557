package geodistance

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/altoam/altoam/agent/driver"
	"pgregory.net/rapid"
)

var places = map[string]driver.Position{
	"geneva":   {Latitude: 46.2044, Longitude: 6.1432},
	"chicago":  {Latitude: 41.8781, Longitude: -87.6298},
	"pole":     {Latitude: 90},
	"south":    {Latitude: -90, Longitude: 77},
	"auckland": {Latitude: -36.8485, Longitude: 174.7633},
}

func TestMatrix(t *testing.T) {
	m, err := matrix(t.Context(), []string{"auckland", "chicago", "geneva", "nowhere", "pole", "south"}, places, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		source, destination string
		want, within        float64
	}{
		{"geneva", "geneva", 0, 0},
		{"geneva", "chicago", 7060, 20}, // as published for the cities, give or take their size
		{"pole", "south", math.Round(math.Pi * earthRadius), 0},
		{"chicago", "auckland", 13170, 40}, // across the date line
		{"nowhere", "nowhere", 0, 0},
	} {
		got, ok := m.Cost(c.source, c.destination)
		back, _ := m.Cost(c.destination, c.source)
		if !ok || math.Abs(got-c.want) > c.within || back != got || got != math.Round(got) {
			t.Errorf("%s to %s: %v, %v, back %v, want about %v", c.source, c.destination, got, ok, back, c.want)
		}
	}
	if _, ok := m.Cost("nowhere", "geneva"); ok {
		t.Error("a PID without a position has a cost")
	}
}

func TestMatrixRounds(t *testing.T) {
	pids := []string{"chicago", "geneva"}
	coarse, err := matrix(t.Context(), pids, places, 0)
	if err != nil {
		t.Fatal(err)
	}
	fine, err := matrix(t.Context(), pids, places, 3)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := coarse.Cost("chicago", "geneva")
	b, _ := fine.Cost("chicago", "geneva")
	if a != math.Round(b) || b == math.Round(b) {
		t.Errorf("rounded %v and %v", a, b)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := matrix(cancelled, pids, places, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after cancellation", err)
	}
}

// TestDistance: the formula is a metric and agrees with the law of cosines where
// that is well conditioned.
func TestDistance(t *testing.T) {
	draw := func(t *rapid.T, name string) point {
		return pointOf(driver.Position{
			Latitude:  rapid.Float64Range(-90, 90).Draw(t, name+" latitude"),
			Longitude: rapid.Float64Range(-180, 180).Draw(t, name+" longitude"),
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := draw(t, "a"), draw(t, "b"), draw(t, "c")
		ab := distance(a, b)
		if ab < 0 || ab > math.Pi*earthRadius+1e-6 || distance(a, a) != 0 || math.Abs(ab-distance(b, a)) > 1e-6 {
			t.Fatalf("distance %v, back %v", ab, distance(b, a))
		}
		if ab > distance(a, c)+distance(c, b)+1e-4 {
			t.Fatalf("%v is longer than by way of c", ab)
		}
		cosine := math.Sin(a.latitude)*math.Sin(b.latitude) + a.cosLatitude*b.cosLatitude*math.Cos(a.longitude-b.longitude)
		if other := earthRadius * math.Acos(max(-1, min(1, cosine))); math.Abs(cosine) < 0.999 && math.Abs(other-ab) > 1e-3 {
			t.Fatalf("%v by haversine, %v by the law of cosines", ab, other)
		}
	})
}
