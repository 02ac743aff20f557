package agent_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/altoam/altoam/datastore/rpcerr"
)

// TestHomeIsNotWrittenTo has a log or a zone file take the place of a file that the agent keeps
// for itself, its store and keys for instance, or of one that is somebody else's.
func TestHomeIsNotWrittenTo(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	elsewhere := t.TempDir()
	link := filepath.Join(elsewhere, "link")
	l.must(os.Symlink(l.home, link))
	l.must(os.Mkdir(filepath.Join(l.home, "audit"), 0o700))
	conf := filepath.Join(elsewhere, "syslog.conf")
	for _, path := range []string{
		l.home + "/store", l.home + "/new", l.home + "/audit/head", elsewhere + "/../" + filepath.Base(elsewhere) + "/link/store",
		link + "/new", link + "/audit/new",
	} {
		l.refusal(l.logs(logTarget("t", logFile(path))), rpcerr.InvalidValue, "/logging-system/altoam-logging:target[name='t']/file/path", "data folder")
		l.refusal(l.merge(object{"server-discovery": records(object{"zone-file": path}, object{}, "192.0.2.0/24")}),
			rpcerr.InvalidValue, "/server-discovery/rdns-naptr-records/altoam-discovery:zone[name='"+dnsZone+"']/zone-file", "data folder")
		l.must(os.WriteFile(conf, []byte("local0.info "+path+"\n"), 0o600))
		l.refusal(l.logs(object{"syslog-params": object{"config-file": "file:" + conf}}), rpcerr.InvalidValue, "/logging-system/syslog-params/config-file", "data folder")
	}
	// What a file says that is read again does not count either.
	l.must(os.WriteFile(conf, []byte("local0.info "+elsewhere+"/log\n"), 0o600))
	l.must(l.logs(object{"syslog-params": object{"config-file": "file:" + conf}}))
	l.must(os.WriteFile(conf+".new", []byte("local0.info "+l.home+"/new\n"), 0o600))
	l.must(os.Rename(conf+".new", conf)) // at once: an empty one would be followed
	time.Sleep(200 * time.Millisecond)   // it is looked at ten times as often
	l.get("directory")
	l.logged(elsewhere+"/log", `directory 200$`)
	if files, err := filepath.Glob(l.home + "/new*"); err != nil || len(files) > 0 {
		t.Errorf("%v are there: %v", files, err)
	}

	theirs := filepath.Join(elsewhere, "theirs")
	l.must(os.WriteFile(theirs, []byte("; a zone of somebody else\n"), 0o600))
	l.refusal(l.merge(object{"server-discovery": records(object{"zone-file": theirs}, object{}, "192.0.2.0/24")}),
		rpcerr.InvalidValue, "/server-discovery/rdns-naptr-records/altoam-discovery:zone[name='"+dnsZone+"']/zone-file", "something else")
}
