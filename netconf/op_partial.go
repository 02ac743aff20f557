package netconf

import (
	"context"
	"strconv"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/query"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// partialLockOp is <partial-lock> (RFC 5717 Section 2.4.1). Names without a prefix in
// its expressions match in every namespace, as in filters.
func partialLockOp(r *request) (action, error) {
	var texts []string
	var compiled []*query.XPath
	_, err := r.params(map[string]stream{"select": func(codec.XMLToken, *tree.Node) error {
		resolver := r.x.PathResolver(r.schema)
		text, err := r.x.Text()
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		o := yang.XPathOptions{Resolve: resolver.ModuleOf, Default: yang.AnyModule}
		x, err := query.CompileXPath(text, o, r.store.Validator().Model())
		texts, compiled = append(texts, text), append(compiled, x)
		return err
	}})
	if err != nil {
		return nil, err
	}
	if len(texts) == 0 {
		return nil, missingElement("select", "the parameter select is missing")
	}
	return func(ctx context.Context) (*reply, error) {
		l, err := r.data.PartialLock(texts, func(running *tree.Tree) ([]tree.Path, error) {
			return selected(ctx, compiled, r.data.Metered(ctx, running))
		})
		if denied := r.data.Denied(); err != nil && denied != nil {
			err = denied
		}
		if err != nil {
			return nil, err
		}
		return r.lockReply(l)
	}, nil
}

// selected are the nodes that the expressions select, each once.
func selected(ctx context.Context, l []*query.XPath, running *tree.Tree) ([]tree.Path, error) {
	var out []tree.Path
	seen := map[string]bool{}
	for _, x := range l {
		paths, err := x.Paths(ctx, running)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			if len(p) == 0 {
				return nil, rpcerr.NewProtocol(rpcerr.InvalidValue, "the root is no node to lock; <lock> locks all of running")
			}
			if text := p.String(); !seen[text] {
				seen[text] = true
				out = append(out, p)
			}
		}
	}
	if len(out) == 0 {
		return nil, rpcerr.NewProtocol(rpcerr.OperationFailed, "the expressions select nothing in running").WithApp("no-matches")
	}
	return out, nil
}

// lockReply tells the client what it has locked.
func (r *request) lockReply(l datastore.PartialLock) (*reply, error) {
	m := tree.New(r.rpc.Output()).Mutate()
	w := datastore.NewWriter(m)
	w.Set("lock-id", l.ID)
	for _, p := range l.Nodes {
		w.Set("locked-node", p)
	}
	return &reply{tree: m.Done()}, w.Err()
}

// partialUnlockOp is <partial-unlock> (RFC 5717 Section 2.4.2).
func partialUnlockOp(r *request) (action, error) {
	in, err := r.params(nil)
	if err != nil {
		return nil, err
	}
	if param(in, "lock-id") == nil {
		return nil, missingElement("lock-id", "the parameter lock-id is missing")
	}
	id, _ := strconv.ParseUint(text(in, "lock-id"), 10, 32) // the schema has it as a uint32
	return func(context.Context) (*reply, error) { return nil, r.data.PartialUnlock(uint32(id)) }, nil
}
