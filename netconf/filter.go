package netconf

import (
	"strings"

	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// filter is the content filter of a retrieval operation; the zero value selects
// everything.
type filter struct {
	subtree *query.Filter
	xpath   *query.XPath
	// tops are the top-level nodes that the filter can look at; nil with everything.
	tops       []*yang.Node
	everything bool
}

// readFilter returns the stream that reads <filter> of RFC 6241: a subtree
// filter unless its attribute type says xpath (RFC 6241 Section 8.9.5.1).
func (r *request) readFilter(f *filter) stream {
	return func(start codec.XMLToken, in *tree.Node) error {
		text, isXPath, err := r.filterType(start)
		if err != nil {
			return err
		}
		if !isXPath {
			return r.readSubtree(f)(start, in)
		}
		if err := r.setXPath(f, text, r.x.PathResolver(r.schema)); err != nil {
			return err
		}
		content, err := r.x.Text()
		if err == nil && strings.TrimSpace(content) != "" {
			err = badElement("filter", "a filter of type xpath must be empty")
		}
		return err
	}
}

// filterType returns what the attributes of a <filter> say: whether it is an
// expression, and which.
func (r *request) filterType(start codec.XMLToken) (expression string, isXPath bool, err error) {
	attrs := map[string]string{}
	for _, a := range start.Attrs {
		if a.Space == "" || a.Space == nsBase {
			attrs[a.Local] = a.Value
		}
	}
	_, selects := attrs["select"]
	switch kind, given := attrs["type"]; {
	case selects && !given:
		return "", false, attributeError(rpcerr.MissingAttribute, "type", "filter", "a filter with the attribute select needs type=\"xpath\"")
	case selects && kind == "subtree":
		return "", false, attributeError(rpcerr.UnknownAttribute, "select", "filter", "a filter of type subtree has no attribute select")
	case !given, kind == "subtree":
		return "", false, nil
	case kind != "xpath" || !enabled(r.schema, baseModule, "xpath"):
		return "", false, attributeError(rpcerr.BadAttribute, "type", "filter", "the filter type %.40q is not known", kind)
	}
	if !selects {
		return "", false, attributeError(rpcerr.MissingAttribute, "select", "filter", "a filter of type xpath needs the attribute select")
	}
	return attrs["select"], true, nil
}

// readSubtree returns the stream that reads an element whose content is a
// subtree filter.
func (r *request) readSubtree(f *filter) stream {
	return func(codec.XMLToken, *tree.Node) (err error) {
		if err := f.once(); err != nil {
			return err
		}
		if f.subtree, err = query.ParseSubtree(r.x, r.schema); err == nil {
			f.tops = f.subtree.Top(r.schema)
		}
		return err
	}
}

// readXPath returns the stream that reads an element whose text is an expression.
func (r *request) readXPath(f *filter) stream {
	return func(codec.XMLToken, *tree.Node) error {
		resolver := r.x.PathResolver(r.schema)
		text, err := r.x.Text()
		if err != nil {
			return err
		}
		return r.setXPath(f, strings.TrimSpace(text), resolver)
	}
}

// readModuleXPath is readXPath where prefixes are the names of modules.
func (r *request) readModuleXPath(f *filter) stream {
	return func(codec.XMLToken, *tree.Node) error {
		text, err := r.x.Text()
		if err != nil {
			return err
		}
		return r.setXPathIn(f, strings.TrimSpace(text), query.ModulePrefixes(r.schema, nil))
	}
}

// once refuses a second filter.
func (f *filter) once() error {
	if f.subtree != nil || f.xpath != nil {
		return badElement("filter", "an operation has one filter")
	}
	return nil
}

// setXPath makes f the filter of an expression. Names without a prefix match in
// every namespace.
func (r *request) setXPath(f *filter, text string, prefixes yang.Resolver) error {
	return r.setXPathIn(f, text, yang.XPathOptions{Resolve: prefixes.ModuleOf, Default: yang.AnyModule})
}

// setXPathIn is setXPath with the context of the expression.
func (r *request) setXPathIn(f *filter, text string, o yang.XPathOptions) (err error) {
	if err := f.once(); err != nil {
		return err
	}
	if f.xpath, err = query.CompileXPath(text, o, r.store.Validator().Model()); err != nil {
		return err
	}
	f.tops, f.everything = reachOf(text, o, r.schema)
	return nil
}

// under are the subtrees that the filter can look at, nil for everything; some is
// false when it can select nothing.
func (f *filter) under() (paths []tree.Path, some bool) {
	if f.everything || f.subtree == nil && f.xpath == nil {
		return nil, true
	}
	for _, n := range f.tops {
		paths = append(paths, tree.Path{{Schema: n}})
	}
	return paths, len(paths) > 0
}
