package notify

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const killEnv = "NOTIFY_TEST_DIR"

// TestMain runs the victim of TestKill in a process of its own.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killEnv); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

// victim publishes events until it is killed, and tells their numbers.
func victim(dir string) {
	b, err := Open(Options{Schema: compiled(), Dir: dir, Limits: Limits{Events: 2000}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go b.Run(context.Background())
	for i := 0; ; i++ {
		if err := b.Publish(born(i)); err != nil {
			panic(err)
		}
		fmt.Println(i, time.Now().UnixMilli())
		time.Sleep(100 * time.Microsecond)
	}
}

// TestKill kills a process that publishes: what it published a second before its end or
// earlier is there, without a gap, and a replay goes on with what comes next.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		x := exec.Command(os.Args[0])
		x.Env = append(os.Environ(), killEnv+"="+dir)
		out, err := x.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(1100+87*round)*time.Millisecond, func() { x.Process.Kill() })
		told := map[int]int64{}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var n int
			var at int64
			if _, err := fmt.Sscan(lines.Text(), &n, &at); err != nil {
				t.Fatal(lines.Text())
			}
			told[n] = at
		}
		x.Wait()
		end := time.Now().UnixMilli()
		b := broker(t, Options{Dir: dir, Limits: Limits{Events: 2000}})
		kept := map[int]bool{}
		got := strings.Fields(strings.TrimSuffix(replay(t, b), " replayComplete"))
		last := -1
		for i, text := range got {
			var n int
			fmt.Sscan(text, &n)
			if i > 0 && n != last+1 && n != 0 {
				t.Fatalf("round %d: %d follows %d", round, n, last)
			}
			if last = n; n == 0 {
				clear(kept)
			}
			kept[n] = true
		}
		for n := len(told) - 1; n >= max(0, len(told)-1500); n-- {
			if !kept[n] && told[n] < end-1000 {
				t.Errorf("round %d: event %d of %d is lost", round, n, len(told))
			}
		}
		if len(told) < 100 || len(kept) < 100 {
			t.Errorf("round %d: %d events told, %d kept", round, len(told), len(kept))
		}
		written(t, b, 0, 1)
		if err := b.history.close(); err != nil {
			t.Error(err)
		}
	}
}
