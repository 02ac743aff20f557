// Package keystore carries out what can be done with private keys in a configuration
// besides using them: generate-key of altoam-secrets makes one, and generate-csr of
// ietf-crypto-types (RFC 9640) asks for a certificate for one, in the
// keystore and wherever a key with certificates is on the spot.
package keystore

import (
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
)

// keysPath is the container that generate-key belongs to.
const keysPath = "/ietf-keystore:keystore/asymmetric-keys"

// keys carries out the actions of one Store.
type keys struct {
	store  *datastore.Store
	sealer *secrets.Sealer
	now    func() time.Time
	turns  turns
}

// Register makes s carry out the actions that its schema has. Without a Sealer, which
// opens the keys of s, it does nothing. Only before Start.
func Register(s *datastore.Store, sealer *secrets.Sealer) {
	if sealer == nil {
		return
	}
	k := &keys{store: s, sealer: sealer, now: time.Now}
	if path := keysPath + "/" + secrets.Module + ":generate-key"; s.Schema().Find(path) != nil {
		s.HandleAction(path, k.generate)
	}
	for _, n := range s.Schema().Nodes {
		if requests(n) {
			s.HandleAction(n.Path(), k.request)
		}
	}
}

// requests tells whether n is an instance of generate-csr.
func requests(n *yang.Node) bool {
	if n.Kind != yang.Action || n.Name != "generate-csr" {
		return false
	}
	info := n.Input().Child(n.Module.Name, "csr-info")
	return info != nil && info.Type.Typedef == "ietf-crypto-types:csr-info"
}

// at is the place in running that an action was invoked on.
func (k *keys) at(c datastore.Call) (certs.Place, *certs.Stores, error) {
	running := k.store.Running().Tree
	p := certs.Place{Node: running.Find(c.Path), Path: c.Path}
	if !p.Exists() {
		return p, nil, p.Refuse(rpcerr.DataMissing, "there is no key in running")
	}
	return p, certs.StoresOf(running).SealedBy(k.sealer), nil
}
