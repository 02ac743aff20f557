package tree

import "github.com/altoam/altoam/yang"

// MeterSink returns s with what it makes of what it is given counted by m. Once m is full
// it takes nothing more and returns the error of refused.
func MeterSink(s Sink, m *Meter, refused func() error) Sink { return meterSink{s, m, refused} }

type meterSink struct {
	Sink
	meter   *Meter
	refused func() error
}

// Begin implements Sink.
func (m meterSink) Begin(s *yang.Node, attrs []Attr) error {
	if !m.meter.Take(innerSize + placeSize) {
		return m.refused()
	}
	return m.Sink.Begin(s, attrs)
}

// Leaf implements Sink.
func (m meterSink) Leaf(s *yang.Node, v yang.Value, attrs []Attr) error {
	if !m.meter.Take(nodeSize + linkSize + v.TextLen()) {
		return m.refused()
	}
	return m.Sink.Leaf(s, v, attrs)
}

// Any implements Sink.
func (m meterSink) Any(s *yang.Node, a *Any, attrs []Attr) error {
	if !m.meter.Take(innerSize + linkSize + a.size()) {
		return m.refused()
	}
	return m.Sink.Any(s, a, attrs)
}
