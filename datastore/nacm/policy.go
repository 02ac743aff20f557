package nacm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Module is the module of the configuration.
const Module = "ietf-netconf-acm"

// Ops is a set of access operations (RFC 8341 Section 3.2.2).
type Ops uint8

// The access operations.
const (
	Create Ops = 1 << iota
	Read
	Update
	Delete
	Exec

	writes = Create | Update | Delete
	all    = writes | Read | Exec
)

var opNames = map[string]Ops{"create": Create, "read": Read, "update": Update, "delete": Delete, "exec": Exec}

// kind is what a rule is about.
type kind uint8

const (
	anything kind = iota
	operation
	notification
	dataNode
)

// rule is one rule. The zero name and module match all.
type rule struct {
	kind   kind
	module string
	name   string // of the operation or notification
	path   pattern
	ops    Ops
	permit bool
}

// ruleList is one rule-list; groups "*" is all of them.
type ruleList struct {
	groups []string
	rules  []*rule
}

// Policy is a compiled configuration. It is immutable.
type Policy struct {
	schema            *yang.Schema
	enabled, external bool
	read, write, exec bool // what happens where no rule matches
	groups            map[string][]string
	lists             []ruleList
	mu                sync.Mutex
	known             map[string]*Access // by user and groups
	classes           map[string]*Access // by class of users
}

// mostKnown bounds the users whose Access a Policy remembers.
const mostKnown = 1000

// Config is the container of the configuration in a datastore, nil where there is none.
func Config(t *tree.Tree) *tree.Node {
	s := t.Schema().Child(Module, "nacm")
	if s == nil {
		return nil
	}
	return t.Root().Child(s)
}

// Compile compiles the configuration in t, a tree of s. It always returns a Policy;
// the errors, invalid-value with the path of a rule, name rules whose path no node of
// s can have: they match nothing.
func Compile(s *yang.Schema, t *tree.Tree) (*Policy, error) {
	p := &Policy{
		schema: s, enabled: true, external: true, read: true, exec: true,
		groups: map[string][]string{}, known: map[string]*Access{}, classes: map[string]*Access{},
	}
	n := Config(t)
	if n == nil {
		return p, nil
	}
	flag(n, "enable-nacm", "true", &p.enabled)
	flag(n, "enable-external-groups", "true", &p.external)
	flag(n, "read-default", "permit", &p.read)
	flag(n, "write-default", "permit", &p.write)
	flag(n, "exec-default", "permit", &p.exec)
	if groups := n.Child(n.Schema().Child(Module, "groups")); groups != nil {
		for g := range groups.Entries(groups.Schema().Child(Module, "group")) {
			for u := range g.Entries(g.Schema().Child(Module, "user-name")) {
				p.groups[u.Value().String()] = append(p.groups[u.Value().String()], g.Leaf("name").String())
			}
		}
	}
	var errs []*rpcerr.Error
	for l := range n.Entries(n.Schema().Child(Module, "rule-list")) {
		list := ruleList{}
		for g := range l.Entries(l.Schema().Child(Module, "group")) {
			list.groups = append(list.groups, g.Value().String())
		}
		for e := range l.Entries(l.Schema().Child(Module, "rule")) {
			r, err := compileRule(s, e)
			if err != nil {
				at := tree.Path{tree.StepTo(n), tree.StepTo(l), tree.StepTo(e)}
				errs = append(errs, rpcerr.New(rpcerr.InvalidValue, at.String()+"/path", "%v", err))
				continue
			}
			list.rules = append(list.rules, r)
		}
		p.lists = append(p.lists, list)
	}
	return p, rpcerr.Join(errs)
}

// flag sets where to whether the leaf has the value on, if it is there.
func flag(n *tree.Node, leaf, on string, where *bool) {
	if v := n.Leaf(leaf); !v.IsZero() {
		*where = v.String() == on
	}
}

func compileRule(s *yang.Schema, e *tree.Node) (*rule, error) {
	r := &rule{ops: all, permit: e.Leaf("action").String() == "permit"}
	unless := func(leaf string) string {
		if v := e.Leaf(leaf).String(); v != "*" {
			return v
		}
		return ""
	}
	r.module = unless("module-name")
	if text := unless("access-operations"); text != "" {
		r.ops = 0
		for _, name := range strings.Fields(text) {
			r.ops |= opNames[name]
		}
	}
	switch {
	case !e.Leaf("rpc-name").IsZero():
		r.kind, r.name = operation, unless("rpc-name")
	case !e.Leaf("notification-name").IsZero():
		r.kind, r.name = notification, unless("notification-name")
	case !e.Leaf("path").IsZero():
		var err error
		r.kind = dataNode
		if r.path, err = parsePattern(s, e.Leaf("path").String()); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// For returns what counts for a user, whom the transport knows to be in the groups.
// nil, which permits everything, where access control is off. The result is shared.
func (p *Policy) For(user string, groups []string) *Access {
	if !p.enabled {
		return nil
	}
	if !p.external {
		groups = nil
	}
	key := fmt.Sprintf("%q %q", user, groups)
	p.mu.Lock()
	defer p.mu.Unlock()
	if a := p.known[key]; a != nil {
		return a
	}
	rules, class := p.rulesOf(user, slices.Concat(p.groups[user], groups))
	a := p.classes[class]
	if a == nil {
		a = newAccess(p, rules)
	}
	if len(p.known) >= mostKnown {
		clear(p.known)
		clear(p.classes)
	}
	p.known[key], p.classes[class] = a, a
	return a
}

// rulesOf are the rules of a user in the groups, in order; none for one in no group
// (RFC 8341 Section 3.4.4, steps 5 and 6). Users of one class have the same.
func (p *Policy) rulesOf(user string, groups []string) (out []*rule, class string) {
	if len(groups) == 0 {
		return nil, ""
	}
	personal := ""
	for i, l := range p.lists {
		if !slices.ContainsFunc(l.groups, func(g string) bool { return g == "*" || slices.Contains(groups, g) }) {
			continue
		}
		class += strconv.Itoa(i) + " "
		for _, r := range l.rules {
			mine, ok := r.of(user)
			if !ok || mine != r {
				personal = "\x00" + user
			}
			if ok {
				out = append(out, mine)
			}
		}
	}
	return out, class + personal
}

// of is the rule for a user, whose name stands for $USER; ok is false where no key can
// have that value.
func (r *rule) of(user string) (mine *rule, ok bool) {
	path, ok := r.path.of(user)
	if !ok || len(path) == 0 || &path[0] == &r.path[0] {
		return r, ok
	}
	c := *r
	c.path = path
	return &c, true
}
