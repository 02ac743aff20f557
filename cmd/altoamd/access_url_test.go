package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilesOfOthers: who may not delete files replaces none either, and copies of a file no
// more than could be read in a datastore.
func TestFilesOfOthers(t *testing.T) {
	t.Setenv(adminPasswordEnv, "x")
	files := t.TempDir()
	w := operator(t, runOptions{URLDir: files})
	const backup = `<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><enable-nacm>true</enable-nacm></nacm><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server><role><role-name>hidden</role-name></role><role><role-name>shown</role-name></role></alto-server></alto></config>`
	write(t, files, "backup.xml", backup)
	for _, c := range []struct {
		rules string
		may   bool
	}{
		{worldMine, false},
		{`{"name":"files","module-name":"ietf-netconf","rpc-name":"delete-config","action":"permit"},{"name":"hidden","path":"/ietf-alto:alto/alto-server/role[role-name='hidden']","action":"deny"}`, true},
	} {
		w.ruled(c.rules)
		for to, from := range map[string]string{
			"new.xml": "<running/>", "copy.xml": "<url>file:///backup.xml</url>",
			"planted.xml": `<config><nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><enable-nacm>false</enable-nacm></nacm></config>`,
		} {
			text := w.answer(request{body: "<copy-config><target><url>file:///" + to + "</url></target><source>" + from + "</source></copy-config>"})
			if strings.Contains(text, "<ok/>") != c.may || !c.may && !strings.Contains(text, "access-denied") {
				t.Errorf("%s: %s", to, text)
			}
			if _, err := os.Stat(filepath.Join(files, to)); (err == nil) != c.may {
				t.Errorf("%s: %v", to, err)
			}
		}
	}
	copied, err := os.ReadFile(filepath.Join(files, "copy.xml"))
	if text := string(copied); err != nil || !strings.Contains(text, "shown") || strings.Contains(text, "hidden") || strings.Contains(text, "nacm") {
		t.Errorf("the copy is %s, %v", text, err)
	}
}
