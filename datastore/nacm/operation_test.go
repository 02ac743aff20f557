package nacm_test

import (
	"testing"

	"github.com/altoam/altoam/datastore/nacm"
	"github.com/altoam/altoam/datastore/tree"
)

// TestOperations follows RFC 8341 Sections 3.4.4 and 3.4.6: rules by name, module and
// access operation, then what no default permits, then the defaults.
func TestOperations(t *testing.T) {
	s := schemaOf(t)
	rule := func(action string, more setup) setup {
		more["name"], more["action"] = "r", action
		return more
	}
	for name, tt := range map[string]struct {
		config            setup
		feed, burn, reset bool // rpc; with default-deny-all; kill-session
		storm, theft      bool // notification; with default-deny-all
	}{
		"defaults":                 {rules(nil), true, false, false, true, false},
		"off":                      {rules(setup{"enable-nacm": false}), true, true, true, true, true},
		"exec-default deny":        {rules(setup{"exec-default": "deny"}), false, false, false, true, false},
		"read-default deny":        {rules(setup{"read-default": "deny"}), true, false, false, false, false},
		"all permitted":            {rules(nil, rule("permit", setup{})), true, true, true, true, true},
		"all denied":               {rules(nil, rule("deny", setup{})), false, false, false, false, false},
		"read permitted":           {rules(nil, rule("permit", setup{"access-operations": "read"})), true, false, false, true, true},
		"exec permitted":           {rules(nil, rule("permit", setup{"access-operations": "exec"})), true, true, true, true, false},
		"rpc by name":              {rules(nil, rule("permit", setup{"rpc-name": "burn"})), true, true, false, true, false},
		"rpc, read only":           {rules(nil, rule("deny", setup{"rpc-name": "feed", "access-operations": "read"})), true, false, false, true, false},
		"rpc denied":               {rules(nil, rule("deny", setup{"rpc-name": "feed"})), false, false, false, true, false},
		"any rpc":                  {rules(nil, rule("permit", setup{"rpc-name": "*"})), true, true, true, true, false},
		"rpc of another module":    {rules(nil, rule("permit", setup{"rpc-name": "*", "module-name": "farm"})), true, true, false, true, false},
		"kill-session":             {rules(nil, rule("permit", setup{"rpc-name": "kill-session", "module-name": "ietf-netconf"})), true, false, true, true, false},
		"notification by name":     {rules(nil, rule("permit", setup{"notification-name": "theft"})), true, false, false, true, true},
		"notification denied":      {rules(nil, rule("deny", setup{"notification-name": "storm"})), true, false, false, false, false},
		"notification of a module": {rules(nil, rule("deny", setup{"notification-name": "*", "module-name": "barn"})), true, false, false, true, false},
		"the root is data":         {rules(nil, rule("deny", setup{"path": "/"})), true, false, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := accessOf(t, s, tt.config)
			for rpc, want := range map[string]bool{"feed": tt.feed, "burn": tt.burn} {
				if got := a.MayCall(s.RPC("farm", rpc)); got != want {
					t.Errorf("%s: %t", rpc, got)
				}
			}
			for rpc, want := range map[string]bool{"kill-session": tt.reset, "delete-config": tt.reset && name != "kill-session", "close-session": true} {
				if got := a.MayCall(s.RPC("ietf-netconf", rpc)); got != want {
					t.Errorf("%s: %t", rpc, got)
				}
			}
			for n, want := range map[string]bool{"storm": tt.storm, "theft": tt.theft} {
				if got := a.MayReceive(nil, s.Find("/farm:"+n)); got != want {
					t.Errorf("%s: %t", n, got)
				}
			}
		})
	}
}

// TestGroups tells whose rules count.
func TestGroups(t *testing.T) {
	s := schemaOf(t)
	deny := []setup{{"name": "r", "action": "deny"}}
	feed := s.RPC("farm", "feed")
	for name, tt := range map[string]struct {
		list     setup
		external string // enable-external-groups
		user     string
		groups   []string
		want     bool
	}{
		"member":                {setup{"group": []string{"g"}}, "true", "u", nil, false},
		"no member":             {setup{"group": []string{"g"}}, "true", "v", nil, true},
		"another group":         {setup{"group": []string{"h"}}, "true", "u", nil, true},
		"all groups":            {setup{"group": []string{"*"}}, "true", "u", nil, false},
		"all groups, in none":   {setup{"group": []string{"*"}}, "true", "v", nil, true},
		"no group":              {setup{}, "true", "u", nil, true},
		"external group":        {setup{"group": []string{"x"}}, "true", "v", []string{"x"}, false},
		"external groups off":   {setup{"group": []string{"x"}}, "false", "v", []string{"x"}, true},
		"external by that name": {setup{"group": []string{"g"}}, "true", "v", []string{"g"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tt.list["name"], tt.list["rule"] = "l", deny
			c := rules(setup{"enable-external-groups": tt.external == "true"})
			c["rule-list"] = []setup{tt.list}
			p, err := nacm.Compile(s, c.tree(t, s))
			if err != nil {
				t.Fatal(err)
			}
			a := p.For(tt.user, tt.groups)
			if got := a.MayCall(feed); got != tt.want {
				t.Errorf("feed: %t", got)
			}
			if again := p.For(tt.user, tt.groups); again != a {
				t.Error("the same user gets another Access")
			}
		})
	}
}

// TestNothing is a Policy without configuration: everybody reads, nobody writes.
func TestNothing(t *testing.T) {
	s := schemaOf(t)
	p, err := nacm.Compile(s, tree.New(s.Root))
	if err != nil {
		t.Fatal(err)
	}
	a := p.For("u", []string{"admin"})
	m := tree.New(s.Root).Mutate()
	barn := s.Find("/barn:barn")
	v, _ := barn.Type.Parse("x", nil)
	m.SetLeaf(barn, v)
	now := m.Done()
	if a.Prune(now, nil) != now {
		t.Error("a leaf that nothing protects cannot be read")
	}
	if a.Judge(tree.Compare(tree.New(s.Root), now)) == nil {
		t.Error("a leaf can be written without access control configured")
	}
}
