package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// buildDir holds the program that tests start; "" until one does.
var buildDir string

// builtProgram is the file of the program, built once, as make build does: without the race
// detector and the coverage counters that a test may have, which take memory of their own.
var builtProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "altoamd-test-")
	if err != nil {
		return "", err
	}
	buildDir = dir
	bin := filepath.Join(dir, "altoamd")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

// TestMain sees to it that nobody else may write to folders of tests, whatever the umask: no
// program would start there.
func TestMain(m *testing.M) {
	syscall.Umask(0o022)
	code := m.Run()
	if buildDir != "" {
		_ = os.RemoveAll(buildDir)
	}
	os.Exit(code)
}
