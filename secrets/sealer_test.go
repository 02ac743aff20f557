package secrets_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
)

const (
	aKey    = "/safe:safe/box[name='a']"
	content = `{"safe:safe":{"note":"open-canary","code":"code-canary","box":[{"name":"a","cleartext-password":"word-canary",
		"key":{"key-format":"ietf-crypto-types:octet-string-key-format","cleartext-symmetric-key":"a2V5LWNhbmFyeQ=="}}]},
	"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k","private-key-format":"ietf-crypto-types:one-asymmetric-key-format",
		"cleartext-private-key":"cHJpdmF0ZS1jYW5hcnk="}]}}}`
)

// inClear is each secret of content, as text and in base64.
var inClear = []string{"code-canary", "word-canary", "key-canary", "a2V5LWNhbmFyeQ==", "private-canary", "cHJpdmF0ZS1jYW5hcnk="}

func (v *vault) noneIn(what, text string) {
	v.Helper()
	for _, secret := range inClear {
		if strings.Contains(text, secret) {
			v.Errorf("%s has %q", what, secret)
		}
	}
	if !strings.Contains(text, "open-canary") {
		v.Errorf("%s has not even what is no secret", what)
	}
}

// TestSealedWherever: running, candidate and the file have no secret in clear, whichever
// way they came; who uses them opens them.
func TestSealedWherever(t *testing.T) {
	ways := map[string]func(*vault) error{
		"an edit of running": func(v *vault) error { return v.merge(content) },
		"a candidate": func(v *vault) error {
			x := v.session()
			must(t, x.Edit(ctx, datastore.Candidate, v.edit(edit.Merge, content), datastore.EditOptions{}))
			v.noneIn("the candidate", v.text(datastore.Candidate))
			return x.Commit(ctx, datastore.CommitOptions{})
		},
		"a replacement": func(v *vault) error {
			tr, err := edit.Apply(tree.New(schema().Root), v.edit(edit.Merge, content), edit.Options{})
			must(t, err)
			return v.session().Replace(ctx, datastore.Running, tr, datastore.EditOptions{})
		},
		"a copy that no datastore has": func(v *vault) error {
			tr, err := edit.Apply(tree.New(schema().Root), v.edit(edit.Merge, content), edit.Options{})
			must(t, err)
			kept, err := v.session().Kept(tr)
			if err != nil || len(sealer(t, first).Keys(kept)) != 1 {
				t.Errorf("a copy: %v", err)
			}
			return v.session().Replace(ctx, datastore.Running, kept, datastore.EditOptions{})
		},
		"a dry run before": func(v *vault) error {
			out := v.session().TryEdit(ctx, v.edit(edit.Merge, content), datastore.EditOptions{})
			if len(out.Errors) > 0 || len(sealer(t, first).Keys(out.Change.New)) != 1 {
				t.Errorf("dry run: %v", out.Errors)
			}
			return v.merge(content)
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, first)
			must(t, way(v))
			v.noneIn("running", v.text(datastore.Running))
			file, err := os.ReadFile(v.path)
			must(t, err)
			v.noneIn("the file", string(file))
			s := sealer(t, first)
			if got := s.Keys(v.Running().Tree); got[s.KeyID()] != 4 || len(got) != 1 {
				t.Errorf("sealed with %v", got)
			}
			box := mustPath(t, aKey)
			secret, err := s.Secret(v.Running().Tree.Find(box), box, "password")
			if err != nil || string(secret) != "word-canary" {
				t.Errorf("opened: %q, %v", secret, err)
			}
			if opened := s.Opened(v.Running().Tree); s.Keys(opened)[""] != 4 {
				t.Errorf("for another process: %v", s.Keys(opened))
			}
			must(t, v.merge(`{"safe:safe":{"note":"changed"}}`))
			if got := s.Keys(v.Running().Tree); got[s.KeyID()] != 4 {
				t.Errorf("after another edit: %v", got)
			}
		})
	}
}

func mustPath(t testing.TB, text string) tree.Path {
	t.Helper()
	p, err := tree.ParsePath(schema(), text)
	must(t, err)
	return p
}

// TestSealedAgain: the same secret again changes nothing, in clear or as it was read; another
// one does.
func TestSealedAgain(t *testing.T) {
	v := newVault(t, first)
	must(t, v.merge(content))
	was := v.text(datastore.Running)
	must(t, v.merge(content))
	must(t, v.session().Edit(ctx, datastore.Running, v.edit(edit.Replace, content), datastore.EditOptions{}))
	must(t, v.merge(was))
	if v.revision() != 1 || v.text(datastore.Running) != was {
		t.Errorf("commit %d", v.revision())
	}
	must(t, v.merge(strings.ReplaceAll(content, "word-canary", "other-canary")))
	if v.revision() != 2 || v.text(datastore.Running) == was {
		t.Errorf("another password: commit %d", v.revision())
	}
	must(t, v.session().Rollback(ctx, 1, datastore.EditOptions{}))
	if v.text(datastore.Running) != was {
		t.Error("a rollback does not lead back")
	}
}

// TestForeignSealed refuses sealed values that are not from here, naming the node.
func TestForeignSealed(t *testing.T) {
	v, other := newVault(t, first), newVault(t, second)
	must(t, v.merge(content))
	must(t, other.merge(content))
	sealed := func(v *vault, name string) string {
		box := v.Running().Tree.Find(mustPath(t, aKey))
		value := box.Child(box.Schema().Child("safe", "encrypted-password")).Leaf("encrypted-value").String()
		return `{"safe:safe":{"box":[{"name":"` + name + `","encrypted-password":{"encrypted-value-format":"altoam-secrets:sealed-value-format","encrypted-value":"` + value + `"}}]}}`
	}
	at := func(name string) string { return "/safe:safe/box[name='" + name + "']/encrypted-password" }
	refused(t, v.merge(sealed(v, "b")), at("b"), "sealed for another place")
	refused(t, v.merge(sealed(other, "a")), at("a"), "the key "+sealer(t, second).KeyID())
	refused(t, v.merge(strings.Replace(sealed(v, "b"), "altoam-secrets:sealed-value-format", "ietf-crypto-types:cms-encrypted-data-format", 1)), at("b"), "only the format")
	refused(t, v.merge(`{"safe:safe":{"code":"$sealed$AAAA"}}`), "/safe:safe/code", "no value that altoam has sealed")
	refused(t, v.merge(`{"ietf-keystore:keystore":{"asymmetric-keys":{"asymmetric-key":[{"name":"k","encrypted-private-key":{"encrypted-by":{"altoam-secrets:secret-key":"0000000000000000"}}}]}}}`),
		"/ietf-keystore:keystore/asymmetric-keys/asymmetric-key[name='k']/encrypted-private-key", "not 0000000000000000")
	x := v.session()
	refused(t, x.Edit(ctx, datastore.Candidate, v.edit(edit.Merge, sealed(v, "b")), datastore.EditOptions{}), at("b"), "sealed for another place")
	must(t, v.merge(sealed(v, "a")))
	if v.revision() != 1 {
		t.Errorf("commit %d", v.revision())
	}
}

// TestRotation: a new key seals, the old one opens; a restart seals all with the new one,
// and without the old one nothing starts, and nothing is lost.
func TestRotation(t *testing.T) {
	v := newVault(t, first)
	must(t, v.merge(content))
	restart := func(change func(*datastore.Options), lines ...string) (*vault, error) {
		t.Helper()
		copied := v.path + fmt.Sprint(len(lines), lines[0][:1], change != nil)
		data, err := os.ReadFile(v.path)
		must(t, err)
		must(t, os.WriteFile(copied, data, 0o600))
		return open(t, copied, change, lines...)
	}
	if _, err := restart(nil, second); err == nil || !strings.Contains(err.Error(), sealer(t, first).KeyID()) || !strings.Contains(err.Error(), aKey+"/encrypted-password") {
		t.Errorf("without the key: %v", err)
	}
	w, err := restart(nil, second, first)
	must(t, err)
	s := sealer(t, second)
	if got := s.Keys(w.Running().Tree); got[s.KeyID()] != 4 || len(got) != 1 || w.revision() != 2 {
		t.Errorf("after a restart with a new key: %v, commit %d", got, w.revision())
	}
	must(t, w.session().Rollback(ctx, 1, datastore.EditOptions{})) // sealed with the old key
	n, err := w.session().Reseal(ctx, datastore.EditOptions{})
	if got := s.Keys(w.Running().Tree); err != nil || n != 4 || got[s.KeyID()] != 4 || w.revision() != 4 {
		t.Errorf("resealed %d: %v, %v", n, got, err)
	}
	if n, err := w.session().Reseal(ctx, datastore.EditOptions{}); err != nil || n != 0 || w.revision() != 4 {
		t.Errorf("resealed once more: %d, %v, commit %d", n, err, w.revision())
	}
	r, err := restart(func(o *datastore.Options) { o.Recover = true }, second)
	must(t, err)
	if text := r.text(datastore.Running); strings.Contains(text, "encrypted") || !strings.Contains(text, "open-canary") || r.revision() != 2 {
		t.Errorf("recovered: %s, commit %d", text, r.revision())
	}
}

// TestSealedAtStart: what was stored in clear is sealed by the first start that can, and
// is in no commit before it any more.
func TestSealedAtStart(t *testing.T) {
	v := newVault(t)
	must(t, v.merge(content))
	must(t, v.merge(`{"safe:safe":{"box":[{"name":"b","cleartext-password":"second-canary"}]}}`))
	if !strings.Contains(v.text(datastore.Running), "word-canary") {
		t.Fatal("without a key nothing is sealed")
	}
	data, err := os.ReadFile(v.path)
	must(t, err)
	must(t, os.WriteFile(v.path+"2", data, 0o600))
	w, err := open(t, v.path+"2", nil, first)
	must(t, err)
	w.noneIn("running", w.text(datastore.Running))
	for n := range uint64(3) {
		if _, err := w.At(ctx, n); err == nil {
			t.Errorf("commit %d is still there", n)
		}
	}
	if _, err := w.At(ctx, w.revision()); err != nil || w.revision() != 4 {
		t.Errorf("the newest is %d: %v", w.revision(), err)
	}
	must(t, w.merge(`{"safe:safe":{"note":"open-canary 2"}}`))
	must(t, w.session().Rollback(ctx, 4, datastore.EditOptions{}))
}

// TestStartupIsSealed: a startup datastore too.
func TestStartupIsSealed(t *testing.T) {
	v := newVault(t, first)
	file := v.path + ".startup"
	w, err := open(t, v.path+"w", withStartup(t, file), first)
	must(t, err)
	must(t, w.merge(content))
	must(t, w.session().Copy(ctx, datastore.Running, datastore.Startup, datastore.EditOptions{}))
	data, err := os.ReadFile(file)
	must(t, err)
	w.noneIn("startup", string(data))
	must(t, os.WriteFile(file+"2", data, 0o600))
	if _, err := open(t, v.path+"x", withStartup(t, file+"2"), second); err == nil || !strings.Contains(err.Error(), sealer(t, first).KeyID()) {
		t.Errorf("startup with another key: %v", err)
	}
	if !bytes.Contains(data, []byte("encrypted-value")) && len(data) == 0 {
		t.Error("startup is empty")
	}
}
