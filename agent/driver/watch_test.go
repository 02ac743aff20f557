package driver

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// watching runs Watch on one file; each look but the first is a receive from the channel.
func watching(t *testing.T, file string, interval time.Duration, result func() error) <-chan struct{} {
	t.Helper()
	// ygot links in glog, which has a goroutine for as long as the program runs
	t.Cleanup(func() {
		goleak.VerifyNone(t, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
	})
	return watchingToo(t, file, interval, result)
}

// watchingToo is one more besides that of watching.
func watchingToo(t *testing.T, file string, interval time.Duration, result func() error) <-chan struct{} {
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

// a folder that a symbolic link leads through is one with the folder itself
func TestWatchesShareNotifications(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	const sources = 200
	looks := make([]<-chan struct{}, sources)
	file := func(i int) string {
		if i%2 == 1 {
			return filepath.Join(link, "f"+strconv.Itoa(i))
		}
		return filepath.Join(folder, "f"+strconv.Itoa(i))
	}
	before := inotifyInstances(t)
	looks[0] = watching(t, file(0), time.Hour, func() error { return nil })
	for i := 1; i < sources; i++ {
		looks[i] = watchingToo(t, file(i), time.Hour, func() error { return nil })
	}
	if now := inotifyInstances(t); now != before+1 {
		t.Errorf("%d watches have %d inotify instances, expected 1", sources, now-before)
	}
	for i := range looks {
		write(t, file(i), "1")
	}
	for i := range looks {
		expect(t, looks[i], "a write of "+file(i))
	}
}

// a watch that ends takes nothing from another one of the same folder
func TestWatchEndsAlone(t *testing.T) {
	folder := t.TempDir()
	looks := watching(t, filepath.Join(folder, "stays"), time.Hour, func() error { return nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Watch(ctx, []string{filepath.Join(folder, "ends")}, time.Hour, slog.New(slog.DiscardHandler), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "stays"), "1")
	expect(t, looks, "a write")
}

// a symbolic link in another folder's place is how Kubernetes replaces files
func TestWatchThroughSymbolicLink(t *testing.T) {
	folder := t.TempDir()
	for _, version := range []string{"v1", "v2"} {
		if err := os.Mkdir(filepath.Join(folder, version), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, version, "f"), version)
	}
	point := func(version string) {
		if err := errors.Join(os.Symlink(version, filepath.Join(folder, "new")), os.Rename(filepath.Join(folder, "new"), filepath.Join(folder, "current"))); err != nil {
			t.Fatal(err)
		}
	}
	point("v1")
	if err := os.Symlink("current/f", filepath.Join(folder, "f")); err != nil {
		t.Fatal(err)
	}
	looks := watching(t, filepath.Join(folder, "f"), time.Hour, func() error { return nil })
	point("v2")
	expect(t, looks, "a link that leads elsewhere")
}

// inotifyInstances counts those of this process.
func inotifyInstances(t *testing.T) (n int) {
	t.Helper()
	list, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range list {
		if to, err := os.Readlink(fd); err == nil && to == "anon_inode:inotify" {
			n++
		}
	}
	return n
}
