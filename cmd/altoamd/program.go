package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/altoam/altoam/daemon"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/codec"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// programTime is how long the program behind an RPC or action may take.
const programTime = 30 * time.Second

// invocation is what a program reads, one JSON object on standard input.
type invocation struct {
	Operation string          `json:"operation"`      // "/module:rpc" or the action's path without keys
	Path      string          `json:"path,omitempty"` // instance-identifier of the action's data node
	User      string          `json:"user"`
	Input     json.RawMessage `json:"input"` // RFC 7951
}

// program is an executable file that carries out an RPC or action.
type program struct {
	file  string
	store *datastore.Store
}

// addPrograms registers the programs of --program PATH=FILE: PATH is that of an RPC
// or action without keys. The file is run for each call with an invocation on
// standard input. It writes the output as one RFC 7951 object, or nothing; with a
// status other than 0 the call is an operation-failed with the first line of its
// standard error.
func (s *server) addPrograms() error {
	for _, text := range s.options.Programs {
		n, file, err := programOf(s.schema, text)
		switch {
		case err != nil:
			return err
		case s.store.Handles(n):
			return fmt.Errorf("--program %q: altoamd itself carries out %s", text, n.Path())
		case n.Kind == yang.RPC:
			s.store.HandleRPC(n.Module.Name, n.Name, program{file, s.store}.call)
		default:
			s.store.HandleAction(n.Path(), program{file, s.store}.call)
		}
	}
	return nil
}

// programOf reads the text of a --program: the operation and the file.
func programOf(schema *yang.Schema, text string) (n *yang.Node, file string, err error) {
	path, file, ok := strings.Cut(text, "=")
	if !ok || file == "" {
		return nil, "", fmt.Errorf("--program %q: want PATH=FILE", text)
	}
	if n = schema.Find(path); n == nil || n.Kind != yang.RPC && n.Kind != yang.Action {
		return nil, "", fmt.Errorf("--program %q: the schema has no RPC or action %s", text, path)
	}
	return n, file, nil
}

// call implements datastore.Handler.
func (p program) call(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
	ctx, cancel := context.WithTimeout(ctx, programTime)
	defer cancel()
	request, err := encodeCall(c)
	if err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	x := exec.CommandContext(ctx, p.file) // #nosec G204 -- the file of a flag; what clients send is its standard input
	x.Stdin, x.Stdout, x.Stderr = bytes.NewReader(request), &stdout, &stderr
	x.Env = daemon.Environment()
	x.WaitDelay = time.Second // its children may hold the pipes open
	if err := x.Run(); err != nil {
		message, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		switch {
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			message = "took longer than " + programTime.String()
		case ctx.Err() != nil:
			message = "the client has gone"
		}
		return nil, failed(c, message, err)
	}
	return p.output(ctx, c, &stdout)
}

// output reads what the program wrote.
func (p program) output(ctx context.Context, c datastore.Call, stdout *bytes.Buffer) (*tree.Tree, error) {
	b := tree.NewBuilder(c.Node.Output())
	if len(bytes.TrimSpace(stdout.Bytes())) > 0 {
		err := codec.DecodeJSON(stdout, p.store.Schema(), c.Node.Output(), b, codec.DecodeOptions{})
		if err != nil {
			return nil, failed(c, "its output does not fit the schema", err)
		}
	}
	out, err := b.Tree()
	if err != nil {
		return nil, failed(c, "its output does not fit the schema", err)
	}
	if errs := p.store.Validator().InputAt(ctx, c.Node, c.Path, out, p.store.Running().Tree); len(errs) > 0 {
		return nil, failed(c, "its output does not fit the schema", rpcerr.Join(errs))
	}
	return out, nil
}

func encodeCall(c datastore.Call) ([]byte, error) {
	i := invocation{Operation: c.Node.Path(), Path: c.Path.String(), User: c.Session.User().Name, Input: json.RawMessage("{}")}
	if len(c.Path) == 0 {
		i.Path = ""
	}
	if c.Input != nil {
		var b bytes.Buffer
		if err := codec.EncodeJSON(&b, c.Input, codec.EncodeOptions{}); err != nil {
			return nil, err
		}
		i.Input = b.Bytes()
	}
	return json.Marshal(i)
}

func failed(c datastore.Call, message string, err error) error {
	if message == "" {
		message = err.Error()
	}
	return &rpcerr.Error{
		Tag: rpcerr.OperationFailed, Err: err,
		Message: fmt.Sprintf("the program behind %s failed: %s", c.Node.QName(), message),
	}
}
