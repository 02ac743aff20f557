"""RFC 6241, 6242, 6243, 8526, 6022: what clients see on the wire, from edits to broken messages and lost sessions."""
import os, re, signal, subprocess, threading, time
import paramiko
from harness import Agent, PASSWORD, same

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
WD = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
NMDA = 'xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"'
HELLO = f'<hello xmlns="{BASE}"><capabilities><capability>urn:ietf:params:netconf:base:1.%d</capability></capabilities></hello>'
MODULE = """
module probe {
  yang-version 1.1;
  namespace "urn:probe";
  prefix p;
  revision 2026-01-01;
  identity animal;
  identity dog { base animal; }
  container top {
    leaf name { type string; }
    leaf size { type uint8; default 7; }
    leaf low { type string { pattern "[a-z]*" { error-app-tag "lower"; error-message "must be lower case"; } } }
    leaf kind { type identityref { base animal; } }
    leaf ref { type leafref { path "../item/id"; } }
    anydata any;
    choice how { case one { leaf one { type string; } } case two { leaf two { type string; } } }
    leaf-list word { type string; ordered-by user; }
    list step { key id; ordered-by user; leaf id { type string; } }
    list item {
      key id; unique note;
      leaf id { type string; }
      leaf note { type string; }
      leaf width { type uint8; default 5; }
      action wait { input { leaf seconds { type uint8; } } output { leaf done { type boolean; } } }
    }
  }
}
"""


class Session:
    """A NETCONF session of which every byte is ours."""

    def __init__(self, a, minor=1, hello=None):
        self.ssh = paramiko.Transport(("127.0.0.1", a.netconf_port))
        self.ssh.start_client(timeout=20)
        self.ssh.auth_password("admin", PASSWORD)
        self.channel = self.ssh.open_session()
        self.channel.invoke_subsystem("netconf")
        self.channel.settimeout(20)
        self.chunked, self.buffer = False, b""
        self.send(hello or HELLO % minor)
        self.hello = self.receive()
        self.id = int(re.search(r"<session-id>(\d+)<", self.hello)[1])
        self.chunked = minor == 1

    def raw(self, data):
        self.channel.sendall(data)

    def send(self, text):
        data = text.encode()
        self.raw(b"\n#%d\n%s\n##\n" % (len(data), data) if self.chunked else data + b"]]>]]>")

    def until(self, mark, start=0):
        while mark not in self.buffer[start:]:
            data = self.channel.recv(1 << 16)
            if not data:
                raise EOFError
            self.buffer += data
        return self.buffer.index(mark, start)

    def receive(self):
        if not self.chunked:
            end = self.until(b"]]>]]>")
            message, self.buffer = self.buffer[:end], self.buffer[end + 6:]
            return message.decode()
        out = b""
        while True:
            end = self.until(b"\n", 1)
            header, self.buffer = self.buffer[:end], self.buffer[end + 1:]
            assert header.startswith(b"\n#"), header
            if header == b"\n##":
                return out.decode()
            size = int(header[2:])
            while len(self.buffer) < size:
                self.buffer += self.channel.recv(1 << 16)
            out, self.buffer = out + self.buffer[:size], self.buffer[size:]

    def rpc(self, operation):
        self.send(f'<rpc xmlns="{BASE}" message-id="1">{operation}</rpc>')
        head, tail = f'<rpc-reply xmlns="{BASE}" message-id="1">', "</rpc-reply>"
        reply = self.receive()
        assert reply.startswith(head) and reply.endswith(tail), reply[:500]
        return reply[len(head):-len(tail)]

    def edit(self, inner, ds="running", options=""):
        return self.rpc(f'<edit-config><target><{ds}/></target>{options}<config><top xmlns="urn:probe" xmlns:nc="{BASE}" '
                        f'xmlns:y="urn:ietf:params:xml:ns:yang:1" xmlns:p="urn:probe">{inner}</top></config></edit-config>')

    def get(self, filter="<top xmlns='urn:probe'/>", ds="running", defaults=""):
        mode = f'<with-defaults xmlns="{WD}">{defaults}</with-defaults>' if defaults else ""
        reply = self.rpc(f"<get-config><source><{ds}/></source><filter>{filter}</filter>{mode}</get-config>")
        return re.sub('^<data/?>|<top xmlns="urn:probe"[^>]*>|</top>|</data>$', "", reply)

    def ended(self):
        try:
            self.receive()
        except (EOFError, OSError):
            return True
        return False

    def alive(self):
        return self.rpc("<get><filter/></get>") == "<data/>"


def refused(reply, tag, app=None, path=None):
    same(re.findall("<error-tag>(.*?)</error-tag>", reply), [tag], reply)
    if app:
        same(re.findall("<error-app-tag>(.*?)</error-app-tag>", reply), [app], reply)
    if path:
        same(re.findall("<error-path.*?>(.*?)</error-path>", reply), [path], reply)


def capabilities(s):
    found = set(re.findall(r"netconf:capability:([a-z-]+):", s.hello))
    assert found >= {"candidate", "writable-running", "rollback-on-error", "validate", "xpath", "with-defaults", "yang-library"}, found
    # What does not work yet is not announced.
    assert not found & {"startup", "url"}, found


def edits(s):
    ok = "<ok/>"
    same(s.edit("<name>n</name><step><id>1</id></step><step><id>2</id></step><word>a</word><word>b</word><one>x</one>"
                "<item><id>i</id><note>x</note></item>"), ok)
    same(s.edit('<step y:insert="first"><id>3</id></step><step y:insert="before" y:key="[p:id=\'2\']"><id>4</id></step>'
                '<word y:insert="after" y:value="a">c</word>'), ok)
    same(re.findall("<id>(.)</id>", s.get('<top xmlns="urn:probe"><step/></top>')), ["3", "1", "4", "2"])
    same(re.findall("<word>(.)</word>", s.get()), ["a", "c", "b"])
    same(s.edit("<two>y</two>"), ok)
    assert "<one>" not in s.get(), "two cases of a choice"
    same(s.edit('<ref nc:operation="remove"/>'), ok)
    same(s.edit("<name nc:operation='merge'>m</name>", options="<default-operation>none</default-operation>"), ok)
    reply = s.edit('<name>kept</name><low nc:operation="delete"/>', options="<error-option>continue-on-error</error-option>")
    refused(reply, "data-missing", path="/p:top/p:low")
    same(s.get('<top xmlns="urn:probe"><name/></top>'), "<name>kept</name>")
    before = s.get()
    for inner, tag, app, path in [
        ('<ref nc:operation="delete"/>', "data-missing", None, "/p:top/p:ref"),
        ('<name nc:operation="create">x</name>', "data-exists", None, "/p:top/p:name"),
        ('<name operation="delete">x</name>', "unknown-attribute", None, "/p:top/p:name"),
        ('<name nc:operation="drop">x</name>', "bad-attribute", None, "/p:top/p:name"),
        ('<item y:insert="first"><id>j</id></item>', "unknown-attribute", None, None),
        ('<step y:insert="after" y:key="[p:id=\'9\']"><id>5</id></step>', "bad-attribute", "missing-instance", "/p:top/p:step[p:id='5']"),
        ("<one>1</one><two>2</two>", "bad-element", None, "/p:top/p:two"),
        ("<item><id>1</id><id>2</id></item>", "bad-element", None, "/p:top/p:item[p:id='1']/p:id"),
        ("<item><note>1</note></item>", "missing-element", None, "/p:top/p:item"),
        ("<item><id>j</id><note>x</note></item>", "operation-failed", "data-not-unique", "/p:top/p:item[p:id='j']"),
        ("<low>A</low>", "invalid-value", "lower", "/p:top/p:low"),
        ("<ref>none</ref>", "data-missing", "instance-required", "/p:top/p:ref"),
        ("<kind>cat</kind>", "invalid-value", None, "/p:top/p:kind"),
        ("<nothing/>", "unknown-element", None, "/p:top"),
    ]:
        refused(s.edit(inner), tag, app, path)
    same(s.get(), before, "after refused edits")
    refused(s.rpc('<copy-config><target><candidate/></target><source><config><top xmlns="urn:probe"><item><id>d</id></item>'
                  '<item><id>d</id></item></top></config></source></copy-config>'), "bad-element", path="/p:top/p:item[p:id='d']")
    refused(s.rpc('<validate><source><config><top xmlns="urn:probe"><ref>q</ref></top></config></source></validate>'), "data-missing")
    refused(s.rpc("<delete-config><target><running/></target></delete-config>"), "invalid-value")


def reads(s):
    same(s.edit('<size>7</size><item><id>k</id><width>5</width></item><any><f xmlns="urn:x" q="1"/></any><kind>p:dog</kind>'), "<ok/>")
    size = '<top xmlns="urn:probe"><size/></top>'
    same([s.get(size, defaults=m) for m in ("explicit", "trim", "report-all")], ["<size>7</size>", "", "<size>7</size>"])
    tagged = s.get('<top xmlns="urn:probe"><item><width/></item></top>', defaults="report-all-tagged")
    assert '<id>i</id><width wd:default="true">5</width>' in tagged and "<id>k</id><width>5</width>" in tagged, tagged
    for filter, want in [
        ("", ""), ('<top xmlns="urn:probe"><nothing/></top>', ""), ('<x xmlns="urn:nobody"/>', ""),
        ('<top xmlns="urn:probe"><item><note>x</note></item></top>', "<item><id>i</id><note>x</note></item>"),
        ('<top xmlns="urn:probe" xmlns:z="urn:probe"><kind>z:dog</kind><size/></top>', "<size>7</size><kind>dog</kind>"),
        ('<top xmlns="urn:probe"><any><f xmlns="urn:x" q="1"/></any></top>', '<any><f xmlns="urn:x" q="1"/></any>'),
        ('<top xmlns="urn:probe"><name>other</name></top>', ""),
    ]:
        same(s.get(filter), want, filter)
    same(s.get('<top xmlns="urn:probe"><name>kept</name></top>'), s.get(), "a content match alone selects all beside it")
    for path, want in [("/p:top/p:item[p:id='i']/p:note", True), ("/x:top", False), ("//p:note", True), ("/p:top/p:nothing", False)]:
        reply = s.rpc(f'<get><filter type="xpath" xmlns:p="urn:probe" xmlns:x="urn:nobody" select="{path}"/></get>')
        same("<note>x</note>" in reply, want, reply)
    refused(s.rpc('<get><filter type="xpath" select="/q:top"/></get>'), "invalid-value")

    def data(ds, more=""):
        return s.rpc(f'<get-data {NMDA} xmlns:or="urn:ietf:params:xml:ns:yang:ietf-origin"><datastore>ds:{ds}</datastore>'
                     f'<subtree-filter><top xmlns="urn:probe"><item/></top></subtree-filter>{more}</get-data>')
    assert 'or:origin="or:default">5<' in data("operational", "<with-origin/>")
    assert "<width>" not in data("operational", "<negated-origin-filter>or:default</negated-origin-filter>").split("<id>k</id>")[0]
    assert "<note>" not in data("running", "<max-depth>1</max-depth>")
    same("<top" in data("operational", "<config-filter>false</config-filter>"), False)
    refused(data("running", "<with-origin/>"), "invalid-value")
    refused(data("startup"), "invalid-value")


def locks(a, s):
    other = Session(a)
    lock = "<lock><target><%s/></target></lock>"
    same(other.rpc(lock % "candidate"), "<ok/>")
    same(other.edit("<name>lost</name>", "candidate"), "<ok/>")
    refused(s.rpc(lock % "candidate"), "lock-denied")
    refused(s.edit("<name>x</name>", "candidate"), "in-use")
    refused(s.rpc("<commit/>"), "in-use")
    state = s.rpc('<get><filter><netconf-state xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><datastores/><sessions/></netconf-state></filter></get>')
    assert f"<locked-by-session>{other.id}</locked-by-session>" in state and f"<session-id>{other.id}</session-id>" in state, state
    other.ssh.close()
    end = time.time() + 10
    while "lock-denied" in s.rpc(lock % "candidate"):
        assert time.time() < end, "the lock outlives its session"
        time.sleep(0.05)
    assert "lost" not in s.get(ds="candidate"), "the changes outlive the lock"
    same(s.rpc("<unlock><target><candidate/></target></unlock>"), "<ok/>")

    # A session is killed while its request waits for a program.
    other = Session(a)
    same(other.rpc(lock % "running"), "<ok/>")
    other.send(f'<rpc xmlns="{BASE}" message-id="1"><action xmlns="urn:ietf:params:xml:ns:yang:1"><top xmlns="urn:probe">'
               "<item><id>i</id><wait><seconds>60</seconds></wait></item></top></action></rpc>")
    same(s.rpc(f"<kill-session><session-id>{other.id}</session-id></kill-session>"), "<ok/>")
    same(s.rpc(lock % "running"), "<ok/>")
    same(s.rpc("<unlock><target><running/></target></unlock>"), "<ok/>")
    assert other.ended()
    refused(s.rpc(f"<kill-session><session-id>{s.id}</session-id></kill-session>"), "invalid-value")
    same(s.rpc('<action xmlns="urn:ietf:params:xml:ns:yang:1"><top xmlns="urn:probe"><item><id>i</id><wait/></item></top></action>'),
         '<done xmlns="urn:probe">true</done>')


def broken(a, s):
    rpc = f'<rpc xmlns="{BASE}" message-id="1">%s</rpc>'
    config = rpc % '<edit-config><target><candidate/></target><config><top xmlns="urn:probe">%s</top></config></edit-config>'
    t = Session(a)
    for text, tag in [
        ("no xml", "malformed-message"), ("<a/>", "malformed-message"), ("<rpc message-id='1'><get/></rpc>", "malformed-message"),
        (rpc % "<get></gt>", "malformed-message"), (rpc % "text", "malformed-message"),
        (f'<rpc xmlns="{BASE}"><get/></rpc>', "missing-attribute"), (rpc % "", "missing-element"),
        (rpc % '<get xmlns="urn:nobody"/>', "unknown-namespace"), (rpc % "<frobnicate/>", "operation-not-supported"),
        ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>' + rpc % "<x>&b;</x>", "malformed-message"),
        (config % ("<any>" + "<a>" * 5000 + "</a>" * 5000 + "</any>"), "too-big"),
        (config % ("<size>" + "9" * (10 << 20) + "</size>"), "invalid-value"),
    ]:
        t.send(text)
        reply = t.receive()
        refused(reply, tag)
        assert len(reply) < 2000, len(reply)
        assert t.alive(), text[:100]
    for data in (b"\n#0\n", b"\n#-1\n", b"\n#99999999999\n", b"\n# 5\nhello", b"<rpc/>]]>]]>", b"\n##\n"):
        t = Session(a)
        t.raw(data)
        assert t.ended(), data
    t = Session(a, minor=0)
    t.send("no xml")
    assert t.ended(), "base:1.0 has no malformed-message"
    assert s.alive()
    head = f'<nc:rpc xmlns:nc="{BASE}" xmlns:e="urn:e" message-id="&lt;7&gt;" e:user="fred"><nc:get><nc:filter/></nc:get></nc:rpc>'
    s.send(head)
    reply = s.receive()
    assert 'message-id="&lt;7&gt;"' in reply and 'e:user="fred"' in reply and "<data/>" in reply, reply


def load(a, s):
    same(s.edit("".join(f"<item><id>n{i}</id><note>{'x' * 100}{i}</note></item>" for i in range(20000))), "<ok/>")
    slow = [Session(a) for _ in range(3)]  # they ask for megabytes and do not read
    for t in slow:
        t.send(f'<rpc xmlns="{BASE}" message-id="1"><get-config><source><running/></source></get-config></rpc>')
    problems = []

    def work(i):
        try:
            t = Session(a)
            for j in range(3):
                same(t.edit(f"<step><id>s{i}-{j}</id></step>"), "<ok/>")
                assert f"s{i}-{j}" in t.get(f'<top xmlns="urn:probe"><step><id>s{i}-{j}</id></step></top>')
            same(t.rpc("<close-session/>"), "<ok/>")
        except Exception as e:
            problems.append(f"session {i}: {e!r}")
    threads = [threading.Thread(target=work, args=(i,)) for i in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(problems, [])
    assert len(slow[0].receive()) > 2 << 20
    a.process.send_signal(signal.SIGTERM)
    same(a.process.wait(15), 0, "SIGTERM with sessions and slow readers")


def library(a, s):
    """The YANG library describes a schema in which yanglint accepts all that <get> returns."""
    folder = os.path.join(a.folder, "schemas")
    os.mkdir(folder)
    state = s.rpc('<get><filter><netconf-state xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><schemas/></netconf-state></filter></get>')
    with a.netconf() as m:
        for name, revision in re.findall(r"<identifier>(.*?)</identifier><version>(.*?)</version>", state):
            with open(os.path.join(folder, f"{name}@{revision}.yang"), "w") as f:
                f.write(m.get_schema(name, revision, "yang").data)

    def save(name, operation):
        with open(os.path.join(folder, name), "w") as f:
            f.write(s.rpc(operation).removeprefix("<data>").removesuffix("</data>"))
    tops = "".join(f'<{top} xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-library"/>' for top in ("yang-library", "modules-state"))
    save("library.xml", f"<get><filter>{tops}</filter></get>")
    save("all.xml", "<get/>")
    lint = subprocess.run(["yanglint", "-Y", "library.xml", "-p", folder, "-t", "data", "all.xml"], cwd=folder, capture_output=True, text=True)
    same(lint.returncode, 0, lint.stderr)


folder = os.path.join("/tmp", f"altoam-probe-{os.getpid()}")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "probe.yang"), "w") as f:
    f.write(MODULE)
program = os.path.join(folder, "wait")
with open(program, "w") as f:
    f.write("#!/bin/sh\nread call\ncase $call in *seconds*) exec sleep 60;; esac\necho '{\"probe:done\":true}'\n")
os.chmod(program, 0o755)
with Agent("--bare", "--yang-path", folder, "--module", "probe", "--program", f"/probe:top/item/wait={program}") as a:
    s = Session(a)
    capabilities(s)
    edits(s)
    reads(s)
    locks(a, s)
    broken(a, s)
    library(a, s)
    load(a, s)
