package xpath

import (
	"fmt"

	"github.com/altoam/altoam/yang"
)

// function compiles a call of one function; args are compiled already.
type function struct {
	min, max int  // number of arguments; max -1: any
	nodes    int  // so many arguments from the first must be node-sets
	context  bool // without arguments, reads the context node
	compile  func(k *compiler, x *yang.CallExpr, args []code, in types) code
}

// functions are the core library (XPath 1.0 Section 4) and those of RFC 7950
// Section 10, by name.
var functions map[string]function

func init() {
	functions = map[string]function{}
	for _, m := range []map[string]function{nodeFunctions, stringFunctions, otherFunctions, yangFunctions} {
		for name, f := range m {
			functions[name] = f
		}
	}
}

// call compiles a function call.
func (k *compiler) call(x *yang.CallExpr, in types) (code, error) {
	f, ok := functions[x.Name]
	if !ok {
		return code{}, fmt.Errorf("there is no function %s()", x.Name)
	}
	if len(x.Args) < f.min || f.max >= 0 && len(x.Args) > f.max {
		return code{}, fmt.Errorf("%s() does not take %d arguments", x.Name, len(x.Args))
	}
	args := make([]code, len(x.Args))
	for i, a := range x.Args {
		c, err := k.expr(a, in)
		if err != nil {
			return code{}, err
		}
		if i < f.nodes && c.kind != kindNodes {
			return code{}, fmt.Errorf("argument %d of %s() must be a node-set", i+1, x.Name)
		}
		args[i] = c
	}
	return f.compile(k, x, args, in).like(args...), k.err
}

// self is the context node as an argument.
func self(in types) code {
	set := oneNode(in, func(_ *Env, f frame) *Cursor { return f.at })
	return nodesCode(&set)
}

// textOf is argument i as a string, the context node when it is missing.
func textOf(k *compiler, args []code, i int, in types) textFunc {
	c := self(in)
	if i < len(args) {
		c = args[i]
	}
	k.readsBelow(c)
	return c.asText()
}
