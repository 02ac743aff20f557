package bolt

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/altoam/altoam/datastore/persist"
)

// state is the newest commit, with the digest and number of the records it left.
type state struct {
	Serial  uint64           `json:"serial"` // counts transactions
	Head    persist.Head     `json:"head"`
	Digest  uint64           `json:"digest"`
	Count   uint64           `json:"count"`
	Pending *persist.Pending `json:"pending,omitempty"`
	Scrub   bool             `json:"scrub,omitempty"` // since a transaction asked for it
}

func putState(tx *bbolt.Tx, s state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.Bucket(metaBucket).Put(stateKey, seal(string(stateKey), text))
}

func readState(tx *bbolt.Tx) (s state, err error) {
	for _, name := range [][]byte{metaBucket, runningBucket, longBucket, historyBucket, schemaBucket} {
		if tx.Bucket(name) == nil {
			return s, fmt.Errorf("the bucket %q is missing", name)
		}
	}
	return parseState(tx.Bucket(metaBucket).Get(stateKey))
}

func parseState(sealed []byte) (s state, err error) {
	text, _, err := unseal(string(stateKey), sealed)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, fmt.Errorf("the state of the store: %w", err)
	}
	return s, nil
}

func putModules(tx *bbolt.Tx, modules []string) error {
	text, err := json.Marshal(modules)
	if err != nil {
		return err
	}
	return tx.Bucket(schemaBucket).Put(modulesKey, seal(string(modulesKey), text))
}

// readModules returns nil when none were stored.
func readModules(tx *bbolt.Tx) (modules []string, err error) {
	return parseModules(tx.Bucket(schemaBucket).Get(modulesKey))
}

func parseModules(sealed []byte) (modules []string, err error) {
	if sealed == nil {
		return nil, nil
	}
	text, _, err := unseal(string(modulesKey), sealed)
	if err == nil {
		err = json.Unmarshal(text, &modules)
	}
	if err != nil {
		return nil, fmt.Errorf("the list of modules: %w", err)
	}
	return modules, nil
}
