package driver

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// watching runs Watch on one file; each look but the first is a receive from the channel.
func watching(t *testing.T, file string, interval time.Duration, result func() error) <-chan struct{} {
	t.Helper()
	looks := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- Watch(ctx, []string{file}, interval, slog.New(slog.DiscardHandler), func() error {
			looks <- struct{}{}
			return result()
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		// ygot links in glog, which has a goroutine for as long as the program runs
		goleak.VerifyNone(t, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
	})
	expect(t, looks, "the start") // the folder is watched by now
	return looks
}

func expect(t *testing.T, looks <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-looks:
	case <-time.After(3 * time.Second):
		t.Fatalf("no look after %s", what)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWatch(t *testing.T) {
	fine := func() error { return nil }
	for name, interval := range map[string]time.Duration{"notified": time.Hour, "polled": 20 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "f")
			write(t, file, "1")
			looks := watching(t, file, interval, fine)
			write(t, file, "22")
			expect(t, looks, "a write")
			write(t, file+".new", "333")
			if err := os.Rename(file+".new", file); err != nil {
				t.Fatal(err)
			}
			expect(t, looks, "a replacement")
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			expect(t, looks, "a removal")
			write(t, file, "4444")
			expect(t, looks, "a creation")
		})
	}
}

func TestWatchLeavesOthersAlone(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "f")
	write(t, file, "1")
	looks := watching(t, file, 20*time.Millisecond, func() error { return nil })
	write(t, filepath.Join(folder, "other"), "2")
	select {
	case <-looks:
		t.Error("a look after a change of another file")
	case <-time.After(3 * settle):
	}
}

func TestWatchRepeatsFailures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	write(t, file, "1")
	looks := watching(t, file, 20*time.Millisecond, func() error { return errors.New("not yet") })
	write(t, file, "22")
	for range 3 {
		expect(t, looks, "a failure")
	}
}

func TestWatchWithoutFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "later")
	looks := watching(t, filepath.Join(folder, "f"), 20*time.Millisecond, func() error { return nil })
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "f"), "1")
	expect(t, looks, "the creation of folder and file")
}
