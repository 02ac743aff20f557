package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/altoam/altoam/agent"
	"github.com/altoam/altoam/daemon"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/southbound"
	"github.com/altoam/altoam/users"
)

// altoServerSocket is the name of the socket in the data folder where the configuration
// names none.
const altoServerSocket = "alto-server.sock"

func altoServerCommand() *cobra.Command {
	var o moduleOptions
	var socket string
	var debug bool
	c := &cobra.Command{
		Use:   "alto-server",
		Short: "Run an ALTO server for an agent, which manages it over a socket",
		Long: "Run an ALTO server until SIGTERM. It has no configuration of its own: an agent (altoamd run) whose\n" +
			"configuration has southbound/process manages it, and it goes on serving when the agent is away.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return altoServer(cmd.Context(), o, socket, debug) },
	}
	c.Flags().StringVar(&socket, "socket", "", "path of the Unix socket that it is managed over (required); its folder is the limit of who may")
	c.Flags().BoolVar(&debug, "debug", false, "log more")
	o.flags(c)
	if err := c.MarkFlagRequired("socket"); err != nil {
		panic(err)
	}
	return c
}

// altoServer serves until ctx ends or an agent asks for the end.
func altoServer(ctx context.Context, o moduleOptions, socket string, debug bool) error {
	signal.Ignore(syscall.SIGPIPE) // who reads the log may be gone
	setGarbage(gcPercentStart)
	go tendMemory(ctx, memoryTick)
	log := newLogger(debug)
	harden(log)
	ln, err := listenUnix(socket)
	if err != nil {
		return err
	}
	defer ln.Close()
	go boundLogFile(ctx, log, os.Stderr, serverLog(socket))
	schema, err := loadSchema(o)
	if err != nil {
		return err
	}
	setGarbage(gcPercent)
	return agent.NewDataPlane(schema, agent.Options{Build: version(), Logger: log, VerifyPassword: users.Verify, Logins: logins.New(logins.Default())}).Run(ctx, ln)
}

// listenUnix listens at the path of a Unix socket, for one process at a time: a lock tells
// whether a socket that is there belongs to one that is alive. Only the user of this
// process may connect; a folder that is missing is made for nobody else, and one that
// others may write to is refused, as is a path with something else than a socket.
func listenUnix(path string) (net.Listener, error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := southbound.CheckFolder(folder); err != nil {
		return nil, err
	}
	if err := southbound.CheckPlace(path); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another ALTO server is managed over %s: %w", path, err), lock.Close())
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(err, lock.Close())
	}
	before := syscall.Umask(0o177)
	ln, err := net.Listen("unix", path)
	syscall.Umask(before)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &lockedListener{ln, lock}, nil
}

// lockedListener holds a lock until it is closed.
type lockedListener struct {
	net.Listener
	lock *os.File
}

// Close implements net.Listener.
func (l *lockedListener) Close() error { return errors.Join(l.Listener.Close(), l.lock.Close()) }

// serverLog is the log file of an ALTO server that an agent has started.
func serverLog(socket string) string { return socket + ".log" }

// startAltoServer starts an ALTO server that outlives this process: in a session of its
// own, with a log file beside its socket.
func (o moduleOptions) startAltoServer(socket string) (<-chan struct{}, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o700); err != nil { // as after a restart of the host
		return nil, err
	}
	log, err := os.OpenFile(serverLog(socket), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	x := exec.Command(program, append([]string{"alto-server", "--socket", socket}, o.arguments()...)...) // #nosec G204 -- this program itself, with its own flags
	x.Stderr, x.Env = log, daemon.Environment()
	x.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := x.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = x.Wait() // its log says why it has ended
		close(ended)
	}()
	return ended, nil
}

// serverSocket is the socket of the ALTO server where the configuration names none, ""
// where its path would be too long for one.
func (s *server) serverSocket() string {
	path, err := filepath.Abs(filepath.Join(s.options.DataDir, altoServerSocket))
	if err != nil || len(path) > maxSocketPath {
		return ""
	}
	return path
}

// maxSocketPath is what the kernel takes (unix(7)).
const maxSocketPath = 107
