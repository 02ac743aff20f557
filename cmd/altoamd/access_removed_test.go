package main

import (
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestRemovedUser: what a user who is removed has open ends: sessions of NETCONF, event
// streams; and no session begins over an SSH connection of before.
func TestRemovedUser(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	w := operator(t, runOptions{})
	c, err := ssh.Dial("tcp", w.Netconf, &ssh.ClientConfig{
		User: tess, Auth: []ssh.AuthMethod{ssh.Password(tessPassword)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begin := func() error {
		s, err := c.NewSession()
		if err != nil {
			return err
		}
		return s.RequestSubsystem("netconf")
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodGet, "https://"+w.Restconf+"/restconf/streams/NETCONF/json", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(tess, tessPassword)
	stream, err := client.Do(r)
	if err != nil || stream.StatusCode != 200 {
		t.Fatal(stream, err)
	}
	defer stream.Body.Close()
	if code, text := w.do(http.MethodDelete, "/restconf/data/ietf-system:system/authentication/user="+tess, "x", ""); code != 204 {
		t.Fatal(code, text)
	}
	if err := begin(); err == nil {
		t.Error("a session begins over an SSH connection of before")
	}
	ended := make(chan error, 2)
	go func() {
		_, err := io.Copy(io.Discard, stream.Body)
		ended <- err
	}()
	go func() {
		_, err := w.framer.Next()
		ended <- err
	}()
	for range 2 {
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("a session or stream goes on")
		}
	}
	if code, text := w.get("/restconf/data/ietf-netconf-monitoring:netconf-state/sessions/session", "x"); code != 404 {
		t.Errorf("sessions go on: %d %s", code, text)
	}
}
