package validate_test

import (
	"fmt"
	"strings"
)

// rules adds what instances of s have to fulfil.
func (g *randomModule) rules(s *statement) {
	if s.key {
		return
	}
	if g.chance("when", 14) {
		s.args = append(s.args, fmt.Sprintf("when %q;", g.when(s)))
	}
	if s.kind != "choice" && s.kind != "case" && g.chance("must", 16) {
		tail := ";"
		if g.chance("own message", 20) {
			tail = " { error-message same; error-app-tag own; }"
		}
		s.args = append(s.args, fmt.Sprintf("must %q%s", g.must(s), tail))
	}
	demands := s.demanding && s.parent.demanding
	switch s.kind {
	case "leaf":
		if demands && g.chance("mandatory", 12) {
			s.args = append(s.args, "mandatory true;")
		} else if v := domain[s.base]; v != nil && s.base != "union" && g.chance("default", 40) {
			s.args = append(s.args, "default "+v[g.n("value", len(v))]+";")
		}
	case "anydata":
		if demands && g.chance("mandatory", 20) {
			s.args = append(s.args, "mandatory true;")
		}
	case "choice":
		if demands && !s.defaultCase && g.chance("mandatory", 20) {
			s.args = append(s.args, "mandatory true;")
		}
	case "leaf-list", "list":
		g.amounts(s, demands)
		if s.kind == "list" {
			g.uniques(s)
		}
	}
}

func (g *randomModule) amounts(s *statement, demands bool) {
	if g.chance("ordered by user", 25) {
		s.args = append(s.args, "ordered-by user;")
	}
	least := demands && g.chance("min", 12)
	if least {
		s.args = append(s.args, "min-elements 1;")
	}
	if g.chance("max", 15) {
		s.args = append(s.args, "max-elements 2;")
	}
	if v := domain[s.base]; s.kind == "leaf-list" && v != nil && s.base != "union" && !least && g.chance("default", 20) {
		s.args = append(s.args, "default "+v[0]+"; default "+v[1]+";")
	}
}

// uniques draws a unique statement over leafs in s, some in containers.
func (g *randomModule) uniques(list *statement) {
	var ways []string
	var look func(s *statement, way string)
	look = func(s *statement, way string) {
		for _, k := range s.kids {
			switch k.kind {
			case "leaf":
				if !k.key {
					ways = append(ways, way+k.name)
				}
			case "choice", "case", "container", "presence":
				look(k, way+k.name+"/")
			}
		}
	}
	look(list, "")
	for len(ways) > 0 && g.chance("unique", 35) {
		i := g.n("leaf", len(ways))
		q := ways[i]
		if len(ways) > 1 && g.chance("two", 40) {
			if j := g.n("leaf", len(ways)); j != i {
				q += " " + ways[j]
			}
		}
		list.args = append(list.args, fmt.Sprintf("unique %q;", q))
	}
}

// earlier are the data nodes that an expression of s may read; for a when not
// those whose existence s decides or that decide the one of s.
func (g *randomModule) earlier(s *statement, when bool) (l []*statement) {
	for _, x := range g.nodes {
		if x.kind == "choice" || x.kind == "case" || when && (x.place >= s.place || x.holds(s)) {
			continue
		}
		l = append(l, x)
	}
	return l
}

// holds tells whether s is at or below x.
func (x *statement) holds(s *statement) bool {
	for ; s != nil; s = s.parent {
		if s == x {
			return true
		}
	}
	return false
}

// text draws a value, of x where it is a leaf.
func (g *randomModule) text(x *statement) string {
	v := domain[x.base]
	if v == nil {
		v = domain["string"]
	}
	return "'" + v[g.n("value", len(v))] + "'"
}

func (g *randomModule) when(s *statement) string {
	l := g.earlier(s, true)
	if len(l) == 0 {
		return "true()"
	}
	ctx := s
	x := l[g.n("read", len(l))]
	p := g.path(ctx, x, false)
	switch g.n("form", 5) {
	case 0:
		return "not(" + p + " = " + g.text(x) + ")"
	case 1:
		return "not(" + p + ")"
	case 2:
		return p
	case 3:
		return "count(" + p + ") < 2"
	}
	return p + " = " + g.text(x)
}

func (g *randomModule) must(s *statement) string {
	l := g.earlier(s, false)
	draw := func() (*statement, string) {
		x := l[g.n("read", len(l))]
		return x, g.path(s, x, false)
	}
	x, p := draw()
	_, q := draw()
	switch g.n("form", 9) {
	case 0:
		return "not(" + p + " = " + g.text(x) + ")"
	case 1:
		return fmt.Sprintf("count(%s) <= %d", p, 1+g.n("limit", 3))
	case 2:
		return "not(" + p + ") or " + q
	case 3:
		return "not(" + p + " = " + q + ")"
	case 4:
		return "not(" + q + "/self::*[. = 'a']) or " + p
	case 5:
		return "not(sum(" + p + ") > 3)"
	case 6:
		return "not(preceding-sibling::*[1] = following-sibling::*)"
	case 7:
		if (s.kind == "leaf" || s.kind == "leaf-list") && strings.Contains(s.args[0], "leafref") {
			return "not(deref(.)/../* = 'b')"
		}
		return "not(descendant-or-self::*[. = 'c'])"
	}
	return "not(" + p + ") or string-length(" + p + ") < 4"
}
