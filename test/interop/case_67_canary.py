"""A canary in every door: secrets that are written, tried, misspelt and imported in all ways stay out of answers, events, metrics, logs, the audit and files."""
import base64, json, os, subprocess, tempfile, threading, urllib.request, ssl
from harness import BINARY, JSON, PASSWORD, XML, Agent, eventually, example, free_port, same

CANARY, OPEN = "canary-Q7x", "name-that-is-open"
BASE, DISCOVERY = 'xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"', "urn:altoam:yang:altoam-discovery"
SERVER = "/restconf/data/ietf-alto:alto/alto-server"
KEYS, OPERATIONS = SERVER + "/server-discovery/rdns-naptr-records", "/restconf/operations/altoam-commit:"


def b64(text):
    return base64.b64encode(text.encode()).decode()


# As it is, in hexadecimal, and in base64 wherever it begins in a group of three octets.
FORMS = [f.encode() for f in (CANARY, CANARY.encode().hex(), b64(CANARY)[:-4], b64("x" + CANARY)[2:-4], b64("xx" + CANARY)[4:-4])]


def clean(where, content):
    content = content if isinstance(content, bytes) else content.encode()
    for form in FORMS:
        at = content.find(form)
        assert at < 0, (where, content[max(0, at - 200):at + 60])
    return content.decode(errors="replace")


def key(name, value=None):
    return {"name": name, "key-format": "ietf-crypto-types:octet-string-key-format", "cleartext-symmetric-key": value or b64(CANARY)}


def keys(*entries):
    return {"ietf-alto:alto": {"alto-server": {"server-discovery": {"rdns-naptr-records": {"altoam-discovery:tsig-key": list(entries)}}}}}


def xml(name, value=None, operation=""):
    value = value or b64(CANARY)
    return f"""<alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server><server-discovery><rdns-naptr-records>
      <tsig-key xmlns="{DISCOVERY}" xmlns:ct="urn:ietf:params:xml:ns:yang:ietf-crypto-types" {operation}><name>{name}</name>
      <key-format>ct:octet-string-key-format</key-format><cleartext-symmetric-key>{value}</cleartext-symmetric-key></tsig-key>
      </rdns-naptr-records></server-discovery></alto-server></alto>"""


def patch(operation, name, value):
    return json.dumps({"ietf-yang-patch:yang-patch": {"patch-id": "p", "edit": [
        {"edit-id": "1", "operation": operation, "target": "/altoam-discovery:tsig-key=" + name, "value": {"altoam-discovery:tsig-key": [value]}}]}})


seed = json.loads(example("lab.json", free_port()))
seed["ietf-alto:alto"]["alto-server"].update(keys(key(OPEN))["ietf-alto:alto"]["alto-server"])
agent = Agent("--debug", "--startup", seed=json.dumps(seed))
agent.stop()
folder, urls = agent.folder, os.path.join(agent.folder, "url")
agent.flags += ["--url-dir", urls]
os.remove(os.path.join(folder, "seed.json"))
agent.flags = [f for f in agent.flags if f not in ("--seed", os.path.join(folder, "seed.json"))]
agent.start()


def altoamd(*args, text=None):
    done = subprocess.run([BINARY, *args, "--data-dir", os.path.join(folder, "data")], input=text, capture_output=True, text=True, timeout=60)
    return done.returncode, clean(args, done.stdout + done.stderr)


def over_restconf(a):
    def rest(method, path, body, *want, **more):
        status, headers, text = a.rest(method, path, body if isinstance(body, str) else json.dumps(body), **more)
        clean((method, path), text + str(headers))
        assert status in want, (method, path, status, text)
        return text

    one, list_ = KEYS + "/altoam-discovery:tsig-key=", lambda e: {"altoam-discovery:tsig-key": [e]}
    leaf = "altoam-discovery:cleartext-symmetric-key"
    assert "create" in rest("PUT", one + "d?dry-run", list_(key("d")), 200)
    rest("PUT", one + "p", list_(key("p")), 201)
    rest("POST", KEYS, list_(key("q")), 201)
    rest("POST", KEYS, list_(key("q")), 409)
    rest("PATCH", KEYS, patch("create", "y", key("y")), 200, kind="application/yang-patch+json")
    rest("PATCH", KEYS, patch("create", "y", key("y")), 409, kind="application/yang-patch+json")
    rest("PATCH", KEYS + "?dry-run", patch("merge", "y", key("y", b64(CANARY + "2"))), 200, kind="application/yang-patch+json")
    # Wrong in each way that an error could repeat.
    rest("PATCH", KEYS, patch("merge", "y", key("y", CANARY)), 400, kind="application/yang-patch+json")
    rest("PATCH", KEYS, patch("merge", "other", key("y")), 400, kind="application/yang-patch+json")
    rest("PUT", one + "other", list_(key("q")), 400)
    for value in (CANARY, [CANARY], {CANARY: 1}, "%" + CANARY):
        rest("PUT", one + "p/cleartext-symmetric-key", {leaf: value}, 400)
    rest("PUT", one + "p", list_({"name": "p", "clear-symmetric-key": CANARY}), 400)
    rest("PUT", one + "p", '{"altoam-discovery:tsig-key":[{"name":"p","cleartext-symmetric-key":"' + CANARY + '" oops', 400)
    rest("PUT", one + "p", '{"altoam-discovery:tsig-key":[{"name":"p","cleartext-symmetric-key":' + CANARY, 400)
    for value in (CANARY + "</cleartext-symmetric-keyy>", CANARY + "&" + CANARY + ";", f"<a>{CANARY}</a>", f"<![CDATA[{CANARY}]]>"):
        rest("PUT", one + "p", xml("p", value), 400, kind=XML)
    rest("PATCH", SERVER, {"ietf-alto:alto-server": {"data-source": [{"source-id": "s", "source-type": "altoam-source-http:http", "source-params": {
        "altoam-source-http:http": {"uri": [f"http://u:{CANARY}@127.0.0.1:1/x"]}}}]}}, 400)
    rest("PATCH", "/restconf/data/ietf-keystore:keystore", {"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [
        {"name": "j", "private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": b64(CANARY)}]}}}, 204)
    # What the history tells and does.
    rest("POST", OPERATIONS + "compare", {"altoam-commit:input": {"from": {"number": "1"}}}, 200)
    for name, value in (("z", b64(CANARY)), ("z", CANARY)):
        assert "valid" in rest("POST", OPERATIONS + "dry-run", {"altoam-commit:input": {"config": keys(key(name, value))}}, 200)
    rest("POST", OPERATIONS + "rollback", {"altoam-commit:input": {"to": {"number": "2"}}}, 200)
    # Users, and those who fail to be one.
    rest("PUT", "/restconf/data/ietf-system:system/authentication/user=bob", {"ietf-system:user": [{"name": "bob", "password": "$0$" + CANARY}]}, 201)
    rest("PUT", "/restconf/data/ietf-system:system/authentication/user=bob", {"ietf-system:user": [{"name": "bob", "password": CANARY}]}, 400)
    digest = lambda value: {"ietf-alto:alto-server": {"listen": {"http": {"http-server-parameters": {"client-authentication": {"users": {"user": [
        {"user-id": "u", "altoam-access:digest": {"credentials": value}}]}}}}}}}
    rest("PATCH", SERVER, digest("$0$bob:" + CANARY), 204)
    rest("PATCH", SERVER, digest(CANARY), 400)
    rest("GET", "/restconf/data", "", 401, auth=("admin", CANARY))
    rest("GET", "/restconf/data", "", 401, auth=None, headers={"Authorization": "Bearer " + CANARY})
    assert OPEN in rest("GET", "/restconf/data", "", 200)


def over_netconf(a):
    from ncclient.operations import RPCError
    from ncclient.xml_ import to_ele
    m = a.netconf()
    m.raise_mode = 0

    def rpc(text, good=True):
        try:
            reply = m.dispatch(to_ele(text)).xml
        except RPCError as e:
            reply = f"rpc-error {e} {e.info} {e.message} {e.path}"
        clean(text, reply)
        assert ("rpc-error" not in reply) == good, (text, reply)
        return reply

    for name, text in {"e.xml": xml("u"), "bad.xml": xml("u", CANARY)}.items():
        with open(os.path.join(urls, name), "w") as f:
            f.write(f"<config {BASE}>{text}</config>")
    nmda = 'xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"'
    whole = f'<edit-config {BASE}><target><%s/></target>%s<config>%s</config></edit-config>'
    inline, at = "<config>" + xml("u") + "</config>", lambda name: f"<url>file:///{name}</url>"
    copy = f"<copy-config {BASE}><source>%s</source><target>%s</target></copy-config>"
    create = 'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="create"'
    rpc(whole % ("candidate", "", xml("c")))
    rpc(f"<edit-data {nmda}><datastore>ds:candidate</datastore><config>{xml('d')}</config></edit-data>")
    rpc(f"<edit-config {BASE}><target><candidate/></target>{at('e.xml')}</edit-config>")
    rpc(f"<get-data {nmda}><datastore>ds:candidate</datastore></get-data>")
    rpc('<compare xmlns="urn:ietf:params:xml:ns:yang:ietf-nmda-compare" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores">'
        "<source>ds:running</source><target>ds:candidate</target></compare>")
    rpc('<dry-run xmlns="urn:altoam:yang:altoam-commit"><candidate/></dry-run>')
    rpc(f"<commit {BASE}><confirmed/><persist>{CANARY}</persist></commit>")
    rpc(f"<commit {BASE}><persist-id>{CANARY}2</persist-id></commit>", good=False)
    rpc(f"<commit {BASE}><persist-id>{CANARY}</persist-id></commit>")
    rpc(whole % ("candidate", "", xml("c", CANARY)), good=False)
    rpc(whole % ("running", "<error-option>continue-on-error</error-option>", xml("c", CANARY)), good=False)
    rpc(whole % ("running", "<default-operation>none</default-operation>", xml("c", operation=create)), good=False)
    rpc(f"<edit-data {nmda}><datastore>ds:running</datastore><config>{xml('d', CANARY)}</config></edit-data>", good=False)
    rpc(f"<edit-config {BASE}><target><candidate/></target>{at('bad.xml')}</edit-config>", good=False)
    rpc(f"<validate {BASE}><source><config>{xml('v', CANARY)}</config></source></validate>", good=False)
    rpc(copy % (f"<url>https://u:{CANARY}@127.0.0.1:1/x?key={CANARY}</url>", "<candidate/>"), good=False)
    rpc(copy % ("<running/>", at("running.xml")))
    rpc(copy % (inline, at("inline.xml")))
    rpc(copy % (at("e.xml"), at("copy.xml")))
    rpc(copy % (at("copy.xml"), "<candidate/>"))
    rpc(f"<discard-changes {BASE}/>")
    rpc(copy % ("<running/>", "<startup/>"))
    assert OPEN in rpc(f"<get-config {BASE}><source><startup/></source></get-config>")
    for name in ("e.xml", "bad.xml"):
        os.remove(os.path.join(urls, name))
    m.close_session()


with agent as a:
    events = []

    def listen():
        r = urllib.request.Request("https://" + a.ready["restconf"] + "/restconf/streams/NETCONF/json", headers={
            "Authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode(), "Accept": "text/event-stream"})
        try:
            with urllib.request.urlopen(r, context=ssl._create_unverified_context(), timeout=60) as stream:
                for line in stream:
                    events.append(line.decode())
        except OSError:
            pass  # the agent ends

    threading.Thread(target=listen, daemon=True).start()
    subscriber = a.netconf()
    subscriber.create_subscription()
    eventually(lambda: events)
    over_restconf(a)
    over_netconf(a)
    seen = lambda: sum("netconf-config-change" in e for e in events)
    eventually(lambda: seen() >= 7)
    told = 0
    while (event := subscriber.take_notification(timeout=1)) is not None:
        clean("a notification", event.notification_xml)
        told += 1
    assert told >= 7, told
    clean("events", "".join(events))
    clean("metrics", a.metrics())
    for name in ("cmdline", "environ"):
        try:
            with open(f"/proc/{a.process.pid}/{name}", "rb") as f:
                clean(name, f.read())
        except PermissionError:
            same((name, os.geteuid() != 0), ("environ", True))  # root alone sees it
    a.stop()

    # Offline: what the tools say, import, seed and restore.
    for args in (["audit", "show"], ["audit", "show", "-o", "json"], ["store", "log"], ["store", "check"], ["store", "export"]):
        code, text = altoamd(*args)
        assert code == 0 and text, (args, text)
    assert '"masked"' in altoamd("audit", "show", "-o", "json")[1]
    with_key = lambda value: json.dumps({**seed, **{"ietf-alto:alto": {"alto-server": {
        **seed["ietf-alto:alto"]["alto-server"], **keys(key("i", value))["ietf-alto:alto"]["alto-server"]}}}})
    code, text = altoamd("store", "import", "-", text=with_key(CANARY))
    assert code == 1 and "cleartext-symmetric-key" in text, text
    code, text = altoamd("store", "import", "-", text=with_key(b64(CANARY)))
    assert code == 0, text
    code, text = altoamd("store", "restore", "--commit", "2")
    assert code == 0, text
    # What another agent has sealed is refused with file, node, and the IDs of the keys, and nothing is stored.
    exported, other = os.path.join(folder, "exported.json"), os.path.join(folder, "other")
    with open(exported, "w") as f:
        f.write(altoamd("store", "export")[1])
    ours = altoamd("store", "check")[1].split("sealed with the key ")[1][:16]
    for args in (["store", "import", exported], ["run", "--seed", exported, "--netconf-ssh", "", "--restconf", "", "--metrics", ""]):
        os.makedirs(other, 0o700, exist_ok=True)
        with open(os.path.join(other, "secret.key"), "w") as f:
            f.write(base64.b64encode(os.urandom(32)).decode() + "\n")
        os.chmod(os.path.join(other, "secret.key"), 0o600)
        done = subprocess.run([BINARY, *args, "--data-dir", other], capture_output=True, text=True, timeout=60)
        same(done.returncode, 1, done.stderr)
        for part in (exported, f"tsig-key[name='{OPEN}']/encrypted-symmetric-key", f"sealed with the key {ours}, and the agent's key is "):
            assert part in done.stderr, (args, part, done.stderr)
    # Who runs the tools of the store, and what the agent starts, keeps no key in a core dump or the environment.
    with subprocess.Popen([BINARY, "store", "import", "-", "--data-dir", other], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as tool:
        limits = lambda: open(f"/proc/{tool.pid}/limits").read().splitlines()
        eventually(lambda: [line.split()[4:6] for line in limits() if line.startswith("Max core file size")] == [["0", "0"]])
        tool.stdin.close()
        same(tool.wait(20), 1)
    found = ""
    for at, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(at, name), "rb") as f:
                found += clean(os.path.join(at, name), f.read())
    assert found.count(OPEN) > 5 and "encrypted-symmetric-key" in found

# A key that comes in the environment: no program that the agent starts has it, in a variable or among the open files.
with_program = tempfile.mkdtemp(prefix="altoam-")
os.mkdir(os.path.join(with_program, "yang"))
with open(os.path.join(with_program, "yang", "look.yang"), "w") as f:
    f.write('module look { yang-version 1.1; namespace "urn:look"; prefix l; rpc look; }')
look = os.path.join(with_program, "look")
with open(look, "w") as f:
    f.write(f"#!/bin/sh\nexec >{look}.out\nenv\nls -l /proc/$$/fd\nfor f in /proc/$$/fd/*; do [ -f $f ] && cat $f; done\nexit 0\n")
os.chmod(look, 0o700)
key_line = base64.b64encode(os.urandom(32)).decode()
os.environ["ALTOAMD_SECRET_KEY"], os.environ["ALTOAMD_TEST"] = key_line, "x"
os.environ["LOOK_TEST"] = OPEN
try:
    with Agent("--yang-path", os.path.join(with_program, "yang"), "--module", "look", "--program", f"/look:look={look}", folder=with_program) as a:
        status, _, text = a.rest("POST", "/restconf/operations/look:look", "")
        same(status, 204, text)
        seen = open(look + ".out").read()
        assert OPEN in seen and "ALTOAMD_" not in seen and key_line not in seen and "running.db" not in seen and "secret.key" not in seen, seen
        assert not os.path.exists(os.path.join(with_program, "data", "secret.key"))
finally:
    for name in ("ALTOAMD_SECRET_KEY", "ALTOAMD_TEST", "LOOK_TEST"):
        del os.environ[name]
