package daemon

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hardenedFolder is set in the process that TestHarden starts: where it makes a file.
const hardenedFolder = "DAEMON_TEST_FOLDER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(hardenedFolder); folder != "" {
		harden(folder)
		return
	}
	os.Exit(m.Run())
}

// report is what the process of TestHarden tells.
type report struct {
	Before, After State
	Mode          os.FileMode
	Limits        string
}

func harden(folder string) {
	r := report{Before: Held()}
	if err := Harden(); err != nil {
		panic(err)
	}
	r.After = Held()
	f, err := os.Create(filepath.Join(folder, "made"))
	if err != nil {
		panic(err)
	}
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	limits, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		panic(err)
	}
	r.Mode, r.Limits = info.Mode().Perm(), string(limits)
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		panic(err)
	}
}

func TestHarden(t *testing.T) {
	x := exec.Command("sh", "-c", `ulimit -c unlimited 2>/dev/null; exec "$0"`, os.Args[0])
	x.Env = append(os.Environ(), hardenedFolder+"="+t.TempDir())
	out, err := x.Output()
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if !r.Before.Dumpable || r.After.Dumpable {
		t.Errorf("dumpable: before %v, after %v", r.Before.Dumpable, r.After.Dumpable)
	}
	if r.After.CoreDumps || r.Mode != 0o600 {
		t.Errorf("core dumps %v, a file has mode %#o", r.After.CoreDumps, r.Mode)
	}
	for line := range strings.Lines(r.Limits) {
		if strings.HasPrefix(line, "Max core file size") {
			if f := strings.Fields(line); f[4] != "0" || f[5] != "0" {
				t.Error(line)
			}
		}
	}
}

func TestEnvironment(t *testing.T) {
	for name, told := range map[string]bool{
		"ALTOAMD_ADMIN_PASSWORD": false, "ALTOAMD_SECRET": false, "NOTIFY_SOCKET": false, "CREDENTIALS_DIRECTORY": false,
		"ALTOAM": true, "SSL_CERT_DIR": true,
	} {
		t.Setenv(name, "x")
		found := false
		for _, v := range Environment() {
			found = found || v == name+"=x"
		}
		if found != told {
			t.Errorf("%s: %v, want %v", name, found, told)
		}
	}
}
