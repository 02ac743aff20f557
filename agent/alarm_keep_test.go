package agent_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAlarmsKept has an alarm that an operator has acknowledged, and one that is cleared,
// over a restart: the first still holds and is not told again.
func TestAlarmsKept(t *testing.T) {
	path, store := filepath.Join(t.TempDir(), "map.json"), filepath.Join(t.TempDir(), "store")
	maps := "/data-source[source-id='maps']"
	var raised string
	t.Run("before", func(t *testing.T) {
		write(t, path, completeMap)
		l := labAt(t, store)
		l.must(l.merge(mixedServer(path)))
		l.must(os.Remove(path))
		l.alarmed(maps, "source-stale", "major ")
		replaceFile(t, path, completeMap)
		l.alarmed(maps, "source-stale", "major cleared")
		replaceFile(t, path, incompleteMap)
		l.alarmed(maps, "source-data-refused", "major ")
		at := alarmAt(maps, "source-data-refused")
		if _, err := l.call(at, "acknowledge", object{"text": "I know"}); err != nil {
			t.Fatal(err)
		}
		raised = l.operational(at + "/last-raised")
		replaceFile(t, path, completeMap)
		l.alarmed(maps, "source-data-refused", "major cleared")
		l.must(os.Remove(path))
		l.alarmed(maps, "source-stale", "major ")
	})
	t.Run("after", func(t *testing.T) {
		l := labAt(t, store)
		at := alarmAt(maps, "source-data-refused")
		if got := l.operational(at + "/last-raised"); got != raised || got == "" {
			t.Errorf("raised at %q, before the restart %q", got, raised)
		}
		for leaf, want := range map[string]string{"is-cleared": "true", "operator-state": "ack"} {
			if got := l.operational(at + "/" + leaf); got != want {
				t.Errorf("%s is %q, want %q", leaf, got, want)
			}
		}
		l.alarmed(maps, "source-stale", "major the last good data stays in use: ")
		replaceFile(t, path, completeMap)
		l.alarmed(maps, "source-stale", "major cleared")
	})
	l := labAt(t, store)
	if got := l.operational(alarmList + "number-of-alarms"); got != "2" {
		t.Errorf("%s alarms after another restart, want 2", got)
	}
}

// TestAlarmsBroken starts with a file that is no list of alarms, and keeps alarms again.
func TestAlarmsBroken(t *testing.T) {
	path, store := filepath.Join(t.TempDir(), "map.json"), filepath.Join(t.TempDir(), "store")
	file := filepath.Join(store+".state", "alarms.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, "{")
	write(t, path, completeMap)
	l := labAt(t, store)
	l.must(l.merge(mixedServer(path)))
	l.must(os.Remove(path))
	l.alarmed("/data-source[source-id='maps']", "source-stale", "major ")
	l.eventually("the file is written", func() bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "source-stale")
	})
}

// TestLogAlarm has a log target that nobody listens at, and then somebody does.
func TestLogAlarm(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	l.must(err)
	addr := ln.Addr().(*net.TCPAddr)
	ln.Close()
	l.must(l.logs(logTarget("far", object{"record": list{"access"}, "tcp": object{"remote-address": "127.0.0.1", "remote-port": addr.Port}})))
	at := "/logging-system/altoam-logging:target[name='far']"
	if got := l.alarm(at, "log-target-down"); got != "" {
		t.Errorf("an alarm before anything was to be written: %s", got)
	}
	l.get("directory")
	l.alarmed(at, "log-target-down", "major the log cannot be written to far, 0 records are lost: ")
	if ln, err = net.Listen("tcp4", addr.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	l.alarmed(at, "log-target-down", "major cleared")

	dir := t.TempDir()
	conf, of := filepath.Join(dir, "conf"), func(port string) string {
		return "/logging-system/syslog-params/altoam-logging:destination[action='@@127.0.0.1:" + port + "']"
	}
	l.must(os.WriteFile(conf, []byte("*.* @@127.0.0.1:1\n*.* @@127.0.0.1:2\n"), 0o600))
	l.must(l.logs(object{"syslog-params": object{"config-file": "file:" + conf}}))
	l.get("directory")
	for _, port := range []string{"1", "2"} {
		l.alarmed(of(port), "log-target-down", "major the log cannot be written to @@127.0.0.1:"+port+", 0 records are lost: ")
	}
	l.must(os.WriteFile(conf, []byte("*.* @@127.0.0.1:1\n"), 0o600))
	l.alarmed(of("2"), "log-target-down", "major cleared")
	l.alarmed(of("1"), "log-target-down", "major the log cannot be written to @@127.0.0.1:1, ")

	full := filepath.Join(dir, "gone", "log")
	l.must(os.Mkdir(filepath.Dir(full), 0o700))
	l.must(l.logs(logTarget("file", object{"record": list{"change"}}, logFile(full))))
	l.eventually("the folder is removed while the log may make its file anew", func() bool { return os.RemoveAll(filepath.Dir(full)) == nil })
	l.must(l.delete("/ietf-alto:alto/alto-server/logging-system/altoam-logging:target[name='file']"))
	l.eventually("no alarm of a target that is gone", func() bool {
		got := l.alarm("/logging-system/altoam-logging:target[name='file']", "log-target-down")
		return got == "" || got == "major cleared"
	})
}
