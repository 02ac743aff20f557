package alto

import (
	"math"
	"slices"
	"time"
)

// Latency is a histogram of how long answers took: from the request's arrival until the
// last byte had been written, for an update stream until it was open.
type Latency struct {
	Count uint64
	Sum   time.Duration
	// First and Counts are the buckets: Counts[i] answers took longer than
	// LatencyBound(First+i-1) and not longer than LatencyBound(First+i).
	First  int
	Counts []uint64
}

// latencyBounds are 2^(i/4-20) seconds, in nanoseconds rounded down: from a microsecond
// to over an hour, four to the doubling.
var latencyBounds = func() (bounds [4*(20+12) + 1]time.Duration) {
	for i := range bounds {
		bounds[i] = time.Duration(math.Floor(math.Exp2(float64(i)/4-20) * 1e9))
	}
	return bounds
}()

// LatencyBound returns the upper bound of a bucket: the smallest one is 0 with 2^-20
// seconds, each is 2^(1/4) times the one before. There is none above number 128; what took
// longer is in bucket 129, whose bound is the greatest Duration.
func LatencyBound(i int) time.Duration {
	switch {
	case i < 0:
		return 0
	case i < len(latencyBounds):
		return latencyBounds[i]
	}
	return math.MaxInt64
}

func (l *Latency) add(took time.Duration) {
	took = max(0, took)
	l.Count++
	l.Sum += took
	i, _ := slices.BinarySearch(latencyBounds[:], took)
	*l.bucket(i)++
}

// bucket makes room for bucket i.
func (l *Latency) bucket(i int) *uint64 {
	switch {
	case len(l.Counts) == 0:
		l.First, l.Counts = i, make([]uint64, 1)
	case i < l.First:
		l.Counts = append(make([]uint64, l.First-i), l.Counts...)
		l.First = i
	case i >= l.First+len(l.Counts):
		l.Counts = append(l.Counts, make([]uint64, i-l.First-len(l.Counts)+1)...)
	}
	return &l.Counts[i-l.First]
}

func (l *Latency) sum(o *Latency) {
	l.Count += o.Count
	l.Sum += o.Sum
	for i, n := range o.Counts {
		if n > 0 {
			*l.bucket(o.First + i) += n
		}
	}
}

// Within returns how many answers took no longer than LatencyBound(i).
func (l *Latency) Within(i int) (n uint64) {
	for _, c := range l.Counts[:max(0, min(len(l.Counts), i-l.First+1))] {
		n += c
	}
	return n
}

// Quantile returns a time within which that share of the answers, 0 to 1, was given: the
// bound of a bucket, up to 19 % too long. 0 without answers.
func (l *Latency) Quantile(share float64) time.Duration {
	want, n := uint64(math.Ceil(share*float64(l.Count))), uint64(0)
	for i, c := range l.Counts {
		if n += c; n >= max(want, 1) {
			return LatencyBound(l.First + i)
		}
	}
	return 0
}
