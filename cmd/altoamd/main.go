// Command altoamd is the management agent for ALTO servers (RFC 7285): it keeps
// their configuration (ietf-alto) in datastores, serves it over NETCONF and
// RESTCONF, applies it to an ALTO server and reports statistics.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	_ "github.com/altoam/altoam/agent/drivers/all" // data sources and algorithms
	"github.com/altoam/altoam/daemon"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	_ = daemon.Harden()            // commands for a store open secrets too; those that serve tell what fails
	signal.Ignore(syscall.SIGXFSZ) // a write beyond the limit of file sizes is an error, not the end
	root := &cobra.Command{
		Use: "altoamd", Short: "Management agent for ALTO servers",
		Version:      version(),
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(runCommand())
	root.AddCommand(altoServerCommand())
	root.AddCommand(weaknessCommand())
	root.AddCommand(storeCommand())
	root.AddCommand(auditCommand())
	root.AddCommand(schemaCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "altoamd:", err)
		os.Exit(1)
	}
}

// version is what the Go toolchain knows of the source that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + " " + info.GoVersion
}
