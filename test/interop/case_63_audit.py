"""The audit: what ncclient and HTTP clients do is on record once, and a line that is changed is found."""
import glob, json, os, resource, shutil, subprocess, urllib.parse
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.transport.errors import AuthenticationError
from harness import BINARY, PASSWORD, Agent, eventually, example, free_port, same

CONTACT = """<config><system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><contact>%s</contact></system></config>"""


def audit(a, *args, status=0):
    p = subprocess.run([BINARY, "audit", args[0], "--data-dir", os.path.join(a.folder, "data"), *args[1:]], capture_output=True, text=True)
    same(p.returncode, status, p.stdout + p.stderr)
    return p.stdout


def shown(a, *args):
    return [json.loads(line) for line in audit(a, "show", "-o", "json", *args).splitlines()]


def connect(a, password=PASSWORD):
    return manager.connect(host="127.0.0.1", port=a.netconf_port, username="admin", password=password, hostkey_verify=False,
                           look_for_keys=False, allow_agent=False)


def netconf(a):
    with connect(a) as m:
        with m.locked("candidate"):
            m.edit_config(CONTACT % "by ncclient", target="candidate")
            m.commit()
        try:
            m.edit_config(CONTACT.replace("contact>", "clock>") % "x", target="running")
        except RPCError:
            pass
    try:
        connect(a, "canary-password")
        raise AssertionError("a wrong password is taken")
    except AuthenticationError:
        pass


def restconf(a):
    path = "/restconf/data/ietf-system:system"
    same(a.rest("PATCH", path, json.dumps({"ietf-system:system": {"contact": "by \n\"curl\""}}))[0], 204)
    same(a.rest("PATCH", path + "?dry-run", json.dumps({"ietf-system:system": {"contact": "tried"}}))[0], 200)
    user = {"ietf-system:user": [{"name": "tess", "password": "$0$canary-of-tess"}]}
    same(a.rest("POST", path + "/authentication", json.dumps(user))[0], 201)
    same(a.rest("DELETE", path + "/contact", auth=("tess", "canary-of-tess"))[0], 403)
    same(a.rest("GET", path, auth=("tess", "canary-wrong"))[0], 401)


def on_record(a):
    records = shown(a)

    def one(what, **want):
        those = [r for r in records if r["what"] == what]
        found = [r for r in those if all(r.get(k.replace("_", "-")) == v for k, v in want.items())]
        assert len(found) == 1, (what, want, those)
        assert found[0]["address"] == "127.0.0.1", found
        return found[0]

    one("login", user="admin", protocol="netconf-ssh")
    one("logout", user="admin", operation="closed")
    one("login-failed", user="admin", protocol="netconf-ssh")
    one("rpc", operation="lock", datastore="candidate", result="ok")
    one("edit", operation="edit-config", datastore="candidate", result="ok")
    change = one("commit", operation="commit", user="admin", protocol="netconf-ssh")["changes"]
    same(change, [{"path": "/ietf-system:system/contact", "op": change[0]["op"], "new": "by ncclient"}])
    one("login", user="admin", protocol="restconf")
    one("edit", user="admin", protocol="restconf", dry_run=True)
    refused = one("refusal", user="tess", protocol="restconf", result="access-denied")
    same(refused["path"], "/ietf-system:system/contact")
    one("login-failed", user="tess", protocol="restconf")
    text = json.dumps(records)
    assert "masked" in text and "canary" not in text and PASSWORD not in text


def tampering(a):
    report = json.loads(audit(a, "verify", "-o", "json"))
    same((report["findings"], report["keyed"], report["commits"]), ([], True, "compared"))
    files = sorted(glob.glob(os.path.join(a.folder, "data", "audit", "*.jsonl")))
    same(len(files), 1)
    with open(files[0]) as f:
        text = f.read()
    lines = text.splitlines(True)
    for name, changed, kind in (
        ("altered", text.replace("by ncclient", "by nobody..."), "altered"), ("removed", "".join(lines[:3] + lines[4:]), "missing"),
        ("cut off", "".join(lines[:-2]), "truncated"), ("moved", "".join(lines[:3] + [lines[4], lines[3]] + lines[5:]), "missing"),
    ):
        with open(files[0], "w") as f:
            f.write(changed)
        report = json.loads(audit(a, "verify", "-o", "json", status=1))
        assert kind in [f["kind"] for f in report["findings"]], (name, report)
    with open(files[0], "w") as f:
        f.write(text)
    audit(a, "verify")


def put_back(a):
    """All files as they once were: the history knows of commits that they do not have."""
    folder = os.path.join(a.folder, "data", "audit")
    now, once = folder + ".now", folder + ".once"
    os.rename(folder, now)
    os.rename(once, folder)
    report = json.loads(audit(a, "verify", "-o", "json", status=1))
    assert report["findings"] and all("is in the store" in f["message"] for f in report["findings"]), report
    shutil.rmtree(folder)
    os.rename(now, folder)
    audit(a, "verify")


def no_room(a):
    """An audit that cannot be written is an alarm until it can."""
    at = "/restconf/data/altoam-alarms:alarms/alarm-list/alarm=" + urllib.parse.quote("/altoam-audit:audit", safe="") + ",audit-failing"
    same(a.rest("GET", at)[0], 404)
    newest = max(glob.glob(os.path.join(a.folder, "data", "audit", "audit-*.jsonl")))
    _, hard = before = resource.prlimit(a.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(a.process.pid, resource.RLIMIT_FSIZE, (os.path.getsize(newest), hard))

    def is_cleared():
        a.rest("GET", "/restconf/data", auth=("nobody", "canary-password"))
        status, _, text = a.rest("GET", at)
        return json.loads(text)["altoam-alarms:alarm"][0]["is-cleared"] if status == 200 else None
    eventually(lambda: is_cleared() is False, 30)
    resource.prlimit(a.process.pid, resource.RLIMIT_FSIZE, before)
    eventually(lambda: is_cleared() is True, 30)


with Agent(seed=example("lab.json", free_port())) as a:
    a.stop()
    shutil.copytree(os.path.join(a.folder, "data", "audit"), os.path.join(a.folder, "data", "audit.once"))
    a.start()
    netconf(a)
    restconf(a)
    on_record(a)
    assert "with the key" in audit(a, "verify"), "while the agent runs"
    metrics = a.metrics()
    assert 'altoam_audit_records_total{what="refusal"} 1' in metrics and "altoam_audit_failing 0" in metrics, metrics
    no_room(a)
    a.kill()
    a.start()
    same([r for r in shown(a) if r["what"] == "damage" or r.get("recovered")], [])
    a.stop()
    tampering(a)
    put_back(a)
    a.start()
