// Command dns_server is a DNS server on loopback for the interop cases: of zone ZONE,
// which KEY (name of a TSIG key) with SECRET (base64) may update. It prints its address
// and ends with its standard input.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/altoam/altoam/discovery/dnstest"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: dns_server ZONE KEY SECRET")
		os.Exit(2)
	}
	s, err := dnstest.Start("127.0.0.1:0", os.Args[2], os.Args[3], os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer s.Close()
	fmt.Println(s.Addr)
	_, _ = io.Copy(io.Discard, os.Stdin)
}
