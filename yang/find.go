package yang

import "strings"

// Find returns the node at a data path without keys, "/mod:a/b/mod2:c" as in
// Node.Path: module names where they change. It also finds RPCs and top-level
// notifications, actions, and what is below their input and output, named
// "input" and "output"; a top-level structure is found where no data node has
// its name. nil when there is none, or the path is malformed. "/" is Root.
func (s *Schema) Find(path string) *Node {
	if path == "/" {
		return s.Root
	}
	n, module := s.Root, ""
	if !strings.HasPrefix(path, "/") {
		return nil
	}
	for step := range strings.SplitSeq(path[1:], "/") {
		prefix, name, ok := strings.Cut(step, ":")
		if ok {
			module = prefix
		} else {
			name = step
		}
		if n = s.below(n, module, name); n == nil {
			return nil
		}
	}
	return n
}

func (s *Schema) below(n *Node, module, name string) *Node {
	if k := n.Child(module, name); k != nil {
		return k
	}
	switch n.Kind {
	case RPC, Action:
		for _, k := range n.Children {
			if k.Name == name && k.Module.Name == module {
				return k
			}
		}
	case Root:
		m := s.Module(module)
		if m == nil {
			return nil
		}
		for _, list := range [][]*Node{m.RPCs, m.Notifications, m.Structures} {
			for _, k := range list {
				if k.Name == name {
					return k
				}
			}
		}
	}
	return nil
}

// Input is the input of an RPC or action; it always has one. nil for other nodes.
func (n *Node) Input() *Node { return n.io(Input) }

// Output is the output of an RPC or action; it always has one. nil for other nodes.
func (n *Node) Output() *Node { return n.io(Output) }

func (n *Node) io(kind Kind) *Node {
	if n.Kind == RPC || n.Kind == Action {
		for _, k := range n.Children {
			if k.Kind == kind {
				return k
			}
		}
	}
	return nil
}
