package agent_test

import (
	"testing"
	"time"

	"github.com/altoam/altoam/scripts/generate/deployment"
)

// BenchmarkRefreshFiles is what passes from the moment that the files of the largest
// deployment are replaced, one in a hundred of prefixes and costs being another, until
// clients have the new maps.
func BenchmarkRefreshFiles(b *testing.B) {
	folder := b.TempDir()
	o := deployment.Options{Seed: 1, Folder: folder, Address: "127.0.0.1:0"}
	if err := deployment.Write("cdn", o); err != nil {
		b.Fatal(err)
	}
	files, err := deployment.Make("cdn", o)
	if err != nil {
		b.Fatal(err)
	}
	_, a := loaded(b, string(files[0].Text))
	version := func() string {
		tag, _ := a.Served().VTag("hopcount")
		return tag.Tag
	}
	for b.Loop() {
		b.StopTimer()
		o.Step++
		files, err := deployment.Make("cdn", o)
		if err != nil {
			b.Fatal(err)
		}
		replace, err := deployment.Stage(folder, files)
		if err != nil {
			b.Fatal(err)
		}
		before := version()
		b.StartTimer()
		if err := replace(); err != nil {
			b.Fatal(err)
		}
		for version() == before {
			time.Sleep(5 * time.Millisecond)
		}
	}
}
