package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/netconf/transport"
)

// TestConfirmedForEver: a confirmed commit that a user has made for a hundred years, with a
// persist-id that nobody else knows, is taken back by those who may kill sessions, and by no
// other.
func TestConfirmedForEver(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	w := operator(t, runOptions{})
	w.ruled(worldMine)
	const confirmed = "<commit><confirmed/><confirm-timeout>4000000000</confirm-timeout><persist>%s</persist></commit>"
	admin := &world{started: w.started}
	c, err := transport.DialSSH(context.Background(), w.Netconf, adminUser, ssh.InsecureIgnoreHostKey(), transport.Password("x")...)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	admin.framer = transport.NewFramer(c, transport.Limits{})
	admin.rpc(hello)
	admin.framer.SetChunked()
	asks := func(who *world, body string) string {
		t.Helper()
		return who.rpc(`<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">` + body + `</rpc>`)
	}
	for _, step := range []struct {
		who  *world
		body string
		ok   bool
	}{
		{w, fmt.Sprintf(confirmed, "a"), true},
		{admin, "<commit/>", false},
		{admin, "<cancel-commit><persist-id>b</persist-id></cancel-commit>", false},
		{admin, "<cancel-commit/>", true},
		{admin, "<commit/>", true},
		{admin, fmt.Sprintf(confirmed, "c"), true},
		{w, "<cancel-commit/>", false},
		{admin, "<cancel-commit/>", false}, // admin's own, of which the persist-id is known
		{admin, "<cancel-commit><persist-id>c</persist-id></cancel-commit>", true},
	} {
		if text := asks(step.who, step.body); strings.Contains(text, "<ok/>") != step.ok {
			t.Errorf("%s: %s", step.body, text)
		}
	}
}
