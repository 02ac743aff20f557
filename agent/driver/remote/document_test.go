package remote

import "testing"

// TestShown: what may be a secret in a URI is not shown.
func TestShown(t *testing.T) {
	for uri, want := range map[string]string{
		"https://a/b":              "https://a/b",
		"https://a/b?token=s":      "https://a/b",
		"https://u:p@a/b?token=s":  "https://a/b",
		"https://u:p@x@a:1":        "https://a:1",
		"https://a/u:p@b":          "https://a/u:p@b",
		"https://a?q=http://u:p@b": "https://a",
		"":                         "",
	} {
		if got := Shown(uri); got != want {
			t.Errorf("%s is shown as %s, want %s", uri, got, want)
		}
	}
}
