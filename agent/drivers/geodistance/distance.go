package geodistance

import (
	"context"
	"math"

	"github.com/altoam/altoam/agent/driver"
	"github.com/altoam/altoam/alto"
)

// earthRadius is the mean radius of the earth in kilometres.
const earthRadius = 6371.0088

// point is a position with what the formula needs of it.
type point struct{ latitude, longitude, cosLatitude float64 }

func pointOf(p driver.Position) point {
	latitude := p.Latitude * math.Pi / 180
	return point{latitude, p.Longitude * math.Pi / 180, math.Cos(latitude)}
}

// distance is the length of the great circle between two points in kilometres, by
// the haversine formula, which is exact enough for near points too.
func distance(a, b point) float64 {
	north := math.Sin((b.latitude - a.latitude) / 2)
	east := math.Sin((b.longitude - a.longitude) / 2)
	h := north*north + a.cosLatitude*b.cosLatitude*east*east
	return 2 * earthRadius * math.Asin(min(1, math.Sqrt(h)))
}

// matrix computes each pair once. A PID without a position has a cost to itself
// only. The error is that of ctx.
func matrix(ctx context.Context, pids []string, positions map[string]driver.Position, digits uint8) (*alto.CostMatrix, error) {
	n, scale := len(pids), math.Pow10(int(digits))
	cells := alto.NewCosts(n)
	points := make([]*point, n)
	for i, pid := range pids {
		if at, ok := positions[pid]; ok {
			p := pointOf(at)
			points[i] = &p
		}
		cells[i*n+i] = 0
	}
	for s := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if points[s] == nil {
			continue
		}
		for d := s + 1; d < n; d++ {
			if points[d] == nil {
				continue
			}
			c := math.Round(distance(*points[s], *points[d])*scale) / scale
			cells[s*n+d], cells[d*n+s] = c, c
		}
	}
	return alto.NewCostMatrix(pids, cells)
}
