package netconf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/notify"
)

func TestCapabilityChange(t *testing.T) {
	f := start(t, "", Options{})
	now := f.server.Capabilities()
	library := slices.IndexFunc(now, func(c string) bool { return strings.Contains(c, "yang-library:1.1") })
	other := slices.Clone(now)
	other[library] = capability + "yang-library:1.1?revision=2019-01-04&content-id=5"
	for _, test := range []struct {
		name   string
		before []string
		want   string
	}{
		{"first start", nil, ""},
		{"the same", now, ""},
		{"the same in another order", append(slices.Clone(now[1:]), now[0]), ""},
		{"one more", slices.Delete(slices.Clone(now), 3, 4), "added-capability=" + now[3]},
		{"one less", append(slices.Clone(now), "urn:gone?module=gone"), "deleted-capability=urn:gone?module=gone"},
		{"other modules", other, "modified-capability=" + now[library]},
	} {
		s, err := f.store.Events().Subscribe(notify.Request{})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.server.AnnounceCapabilities(test.before); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		var got []string
		e, err := s.Next(ctx)
		if err == nil {
			for n := range e.Tree.Root().Children() {
				if n.Schema().Name != "changed-by" {
					got = append(got, fmt.Sprintf("%s=%s", n.Schema().Name, n.Value()))
				}
			}
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		cancel()
		s.Close()
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s: %q, want %q", test.name, text, test.want)
		}
	}
}
