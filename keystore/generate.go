package keystore

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/edit"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

// day is as long as validity counts it, leap seconds or not.
const day = 24 * time.Hour

// generate adds a new key to the keystore by an edit of the session, to which access
// control, locks and validation apply.
func (k *keys) generate(ctx context.Context, c datastore.Call) (*tree.Tree, error) {
	input := c.Input.Root()
	name := input.Leaf("name").String()
	pair, err := k.pair(c, text(input, "algorithm"))
	if err != nil {
		return nil, err
	}
	content, err := k.entry(c, input, name, pair)
	if err != nil {
		return nil, err
	}
	list := c.Path.Schema().Child("ietf-keystore", "asymmetric-key")
	path := c.Path.Join(tree.Step{Schema: list, Keys: []yang.Value{input.Leaf("name")}})
	e, err := edit.At(path, edit.Create, content, nil)
	if err != nil {
		return nil, err
	}
	if err := c.Session.Edit(ctx, datastore.Running, e, datastore.EditOptions{Comment: fmt.Sprintf("key %q generated", name)}); err != nil {
		return nil, err
	}
	m := tree.New(c.Node.Output()).Mutate()
	w := datastore.NewWriter(m).Set("public-key", encoded(pair.public))
	return m.Done(), w.Err()
}

// pair is a new key. One that takes long is made in its turn.
func (k *keys) pair(c datastore.Call, algorithm string) (*pair, error) {
	if strings.HasPrefix(algorithm, "rsa-") {
		done, err := k.turns.take(c.Session.User().Name)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	return newPair(algorithm)
}

// entry is the new list entry, below the container of the list. The private key is in
// clear: the Store seals it.
func (k *keys) entry(c datastore.Call, input *tree.Node, name string, pair *pair) (*tree.Tree, error) {
	m := tree.New(c.Path.Schema()).Mutate()
	w := datastore.NewWriter(m)
	e := w.Entry("asymmetric-key", name)
	e.Set("public-key-format", "ietf-crypto-types:subject-public-key-info-format").Set("public-key", encoded(pair.public))
	e.Set("private-key-format", "ietf-crypto-types:one-asymmetric-key-format").Set("cleartext-private-key", encoded(pair.private))
	if wanted := input.Child(input.Schema().Child(secrets.Module, "self-signed-certificate")); wanted != nil {
		message, err := k.selfSigned(wanted, pair)
		if err != nil {
			return nil, err
		}
		e.In("certificates").Entry("certificate", text(wanted, "name")).Set("cert-data", encoded(message))
	}
	return m.Done(), w.Err()
}

// selfSigned is the certificate that the node wanted asks for, in a CMS message.
func (k *keys) selfSigned(wanted *tree.Node, pair *pair) ([]byte, error) {
	var hosts []string
	for e := range wanted.Entries(wanted.Schema().Child(secrets.Module, "host")) {
		hosts = append(hosts, strings.TrimSuffix(e.Value().String(), ".")) // SANs have no root (RFC 5280 Section 4.2.1.6)
	}
	var days time.Duration
	if _, err := fmt.Sscan(text(wanted, "days"), &days); err != nil {
		return nil, err
	}
	now := k.now()
	der, err := selfSigned(pair.signer, hosts, now.Add(-time.Hour), now.Add(days*day))
	if err != nil {
		return nil, fmt.Errorf("self-signed certificate: %w", err)
	}
	return certificatesOnly(der)
}

// text is the value of a leaf of the input below n, or its default.
func text(n *tree.Node, leaf string) string {
	return tree.Setting(n, n.Schema().Child(secrets.Module, leaf)).String()
}

// encoded is a value of the type binary.
func encoded(octets []byte) string { return base64.StdEncoding.EncodeToString(octets) }
