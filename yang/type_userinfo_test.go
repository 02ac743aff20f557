package yang

import (
	"strings"
	"testing"
)

// TestUserinfoNotEchoed: an error about a URI says nothing of the user in it; all else of a
// value is told.
func TestUserinfoNotEchoed(t *testing.T) {
	never := &Type{Base: String, Patterns: []*Pattern{mustPattern(t, "[0-9]", false)}}
	for _, c := range []struct{ text, want string }{
		{"https://ann:canary@host:1/a@b?c", `"https://…@host:1/a@b?c"`},
		{"https://canary@canary@host", `"https://…@host"`},
		{"https://host/a@b", `"https://host/a@b"`},
		{"ann@host", `"ann@host"`},
		{"://", `"://"`},
	} {
		_, err := never.Parse(c.text, nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want+" does not match") {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
}
