package client

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestVectors reads the answers that the RFCs show.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("../testdata/rfc*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := make(map[string]string)
		for _, f := range archive.Files {
			text[f.Name] = strings.TrimSpace(string(f.Data))
		}
		if text["media"] == "" || text["response.json"] == "" || strings.Contains(file, "rfc9569") { // which shows an entry alone
			continue
		}
		entries, err := count(text["media"], text["response.json"])
		if errors.Is(err, errOther) {
			continue
		}
		if read++; err != nil || entries == 0 {
			t.Errorf("%s: %d entries, %v", file, entries, err)
		}
	}
	if read < 20 {
		t.Errorf("only %d vectors", read)
	}
}

// errOther is a media type that no method of Response is for.
var errOther = errors.New("it is nothing that is read here")

// count reads an answer by its media type and returns how many entries it has.
func count(media, text string) (int, error) {
	r := &Response{Media: media, Body: []byte(text)}
	switch media {
	case mediaDirectory:
		d, err := ReadDirectory(&url.URL{Scheme: "https", Host: "alto.example.com"}, r.Body)
		if err != nil {
			return 0, err
		}
		return len(d.Entries), nil
	case "application/alto-networkmap+json":
		m, err := r.NetworkMap()
		if err != nil {
			return 0, err
		}
		return len(m.PIDs), nil
	case "application/alto-costmap+json", "application/alto-endpointcost+json":
		c, err := r.Costs()
		if err != nil {
			return 0, err
		}
		return min(len(c.From), len(c.CostTypes)), nil
	case "application/alto-endpointprop+json", "application/alto-propmap+json":
		p, err := r.Properties()
		if err != nil {
			return 0, err
		}
		return len(p.Of), nil
	case "application/alto-cdni+json":
		a, err := r.Advertisements()
		if err != nil {
			return 0, err
		}
		return len(a.Objects), nil
	}
	return 0, errOther
}
