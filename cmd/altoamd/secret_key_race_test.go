package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore/persist/bolt"
)

// TestSecretKeyOfTwo has programs make the key of a folder at the same time: all of them use
// the one that is in the file then. What another sealed could never be opened again.
func TestSecretKeyOfTwo(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		var ids [8]string
		var made [8]bool
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				k, err := readSecretKeys("", dir, true)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i], made[i] = k.ring.IDs()[0], k.made != ""
			})
		}
		all.Wait()
		kept, err := ringIn(filepath.Join(dir, secretKeyFile), othersMask)
		if err != nil {
			t.Fatal(err)
		}
		makers := 0
		for i, id := range ids {
			if id != kept.ring.IDs()[0] {
				t.Errorf("the key %s is used, the file has %s", id, kept.ring.IDs()[0])
			}
			if made[i] {
				makers++
			}
		}
		if makers != 1 {
			t.Errorf("%d have made the file, expected 1", makers)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("%v, %v", files, err)
		}
	}
}

// TestStartBesideAnother leaves a folder alone that another process uses: nothing of it is made.
func TestStartBesideAnother(t *testing.T) {
	dir := t.TempDir()
	s, err := bolt.Open(filepath.Join(dir, storeFile))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := run(context.Background(), runOptions{DataDir: dir}, io.Discard); err == nil {
		t.Fatal("two processes use a folder")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}
