package netconf

import (
	"context"
	"strconv"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/notify"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// reporter carries out the RPCs of the module event: report publishes its parameters as
// an event, ring one of a slot.
func reporter(s *datastore.Store) {
	s.HandleRPC("event", "report", func(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
		in := c.Input.Root()
		m := tree.New(s.Schema().Find("/event:event")).Mutate()
		w := datastore.NewWriter(m)
		for _, leaf := range []string{"eventClass", "severity", "operState"} {
			if v := in.Leaf(leaf); !v.IsZero() {
				w.Set(leaf, v)
			}
		}
		entity := in.Schema().Child("event", "reportingEntity")
		if e := in.Child(entity); e != nil {
			w.In("reportingEntity").Set("card", e.Leaf("card"))
		}
		return nil, s.Publish(ctx, notify.Event{Tree: m.Done()})
	})
	s.HandleRPC("event", "ring", func(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
		n := s.Schema().Find("/event:rack/slot/alarm")
		slot := n.DataParent
		number, _ := c.Input.Root().Leaf("slot").Uint()
		key, err := slot.Keys[0].Type.Parse(strconv.FormatUint(number, 10), nil)
		if err != nil {
			return nil, err
		}
		m := tree.New(n).Mutate()
		datastore.NewWriter(m).Set("bell", c.Input.Root().Leaf("bell"))
		return nil, s.Publish(ctx, notify.Event{
			Path: tree.Path{{Schema: slot.DataParent}, {Schema: slot, Keys: []yang.Value{key}}}, Tree: m.Done(),
		})
	})
}
