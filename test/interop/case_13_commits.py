"""Confirmed commits, partial locks and a candidate beside RESTCONF edits with ncclient; an upgrade of the modules."""
import json, os, subprocess, tempfile
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import BINARY, Agent, eventually, same

FARM = """module farm { yang-version 1.1; namespace "urn:farm"; prefix f; revision %s;
  container farm { %s list stall { key name; leaf name { type string; } leaf size { type uint8 { range "0..%d"; } } } } }"""
PARTIAL = "urn:ietf:params:xml:ns:netconf:partial-lock:1.0"


def farm(inner):
    return f'<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><farm xmlns="urn:farm">{inner}</farm></config>'


def refused(do, tag, app=None):
    try:
        do()
    except RPCError as e:
        same((e.tag, e.app_tag), (tag, app), e.message)
        return
    raise AssertionError("accepted")


def lock(m, select):
    reply = m.dispatch(to_ele(f'<partial-lock xmlns="{PARTIAL}" xmlns:f="urn:farm"><select>{select}</select></partial-lock>'))
    return to_ele(str(reply)).find("{%s}lock-id" % PARTIAL).text


def confirmed(a):
    owner = lambda: a.data("farm:farm").get("farm:farm", {}).get("owner")
    with a.netconf() as m, a.netconf() as other:
        assert ":confirmed-commit:1.1" in "".join(m.server_capabilities) and ":partial-lock:1.0" in "".join(m.server_capabilities)
        m.edit_config(target="candidate", config=farm("<owner>bob</owner>"))
        m.commit(confirmed=True, timeout="1")
        same(owner(), "bob", "while it waits")
        refused(other.commit, "in-use", "outstanding-confirmed-commit")
        eventually(lambda: owner() == "ann")
        m.edit_config(target="candidate", config=farm("<owner>bob</owner>"))
        m.commit(confirmed=True, timeout="60")
        m.cancel_commit()
        same(owner(), "ann", "after cancel-commit")
        m.edit_config(target="candidate", config=farm("<owner>carl</owner>"))
        m.commit(confirmed=True, timeout="60")
        m.commit()
        same(owner(), "carl", "confirmed")
        m.edit_config(target="candidate", config=farm("<owner>dora</owner>"))
        m.commit(confirmed=True, timeout="60")
    eventually(lambda: owner() == "carl")  # the session is gone
    with a.netconf() as m:
        m.edit_config(target="candidate", config=farm("<owner>eve</owner>"))
        m.commit(confirmed=True, timeout="60", persist="token")
    with a.netconf() as m:
        same(owner(), "eve", "a persistent one outlives its session")
        refused(lambda: m.commit(persist_id="other"), "invalid-value")
        m.commit(persist_id="token")
        m.edit_config(target="candidate", config=farm("<owner>finn</owner>"))
        m.commit(confirmed=True, timeout="60", persist="token")
    a.kill()
    a.start()
    same(owner(), "eve", "a restart takes back what was not confirmed")
    kinds = [c["kind"] for c in a.data("altoam-commit:commits")["altoam-commit:commits"]["commit"]]
    same((kinds.count("seed"), kinds.count("confirmed"), kinds.count("revert")), (1, 6, 4), kinds)


def partial(a):
    with a.netconf() as m, a.netconf() as other:
        one = lock(m, "/f:farm/f:stall[f:name='a']")
        refused(lambda: lock(other, "/f:farm"), "lock-denied")
        refused(lambda: lock(other, "/f:farm/f:nothing"), "operation-failed", "no-matches")
        size = lambda n, who: who.edit_config(target="running", config=farm(f"<stall><name>a</name><size>{n}</size></stall>"))
        refused(lambda: size(3, other), "in-use", "locked")
        code, _, text = a.rest("PUT", "/restconf/data/farm:farm/stall=a/size", '{"farm:size":3}')
        same((code, json.loads(text)["ietf-restconf:errors"]["error"][0]["error-tag"]), (409, "in-use"), text)
        code, _, text = a.rest("PUT", "/restconf/data/farm:farm/stall=b/size", '{"farm:size":3}')
        same(code, 201, text)
        size(4, m)
        refused(lambda: other.lock("running"), "lock-denied")
        m.dispatch(to_ele(f'<partial-unlock xmlns="{PARTIAL}"><lock-id>{one}</lock-id></partial-unlock>'))
        size(5, other)


def candidate(a):
    """What operators change over RESTCONF while an NMS works on the candidate stays."""
    with a.netconf() as m:
        m.edit_config(target="candidate", config=farm("<stall><name>c</name><size>7</size></stall>"))
        code, _, text = a.rest("PUT", "/restconf/data/farm:farm/stall=d", '{"farm:stall":[{"name":"d","size":8}]}')
        same(code, 201, text)
        assert "<name>d</name>" in str(m.get_config("candidate"))
        m.commit()
    same([s["name"] for s in a.data("farm:farm")["farm:farm"]["stall"]], ["a", "b", "c", "d"], "stalls")


def upgrade(a, folder):
    """New modules that some of the data does not fit: a clear refusal, then a start without it."""
    a.stop()
    write(folder, "2026-02-01", "", 7)
    run = [BINARY, "run", "--data-dir", os.path.join(a.folder, "data"), "--netconf-ssh", "", "--restconf", "", "--metrics", "", *a.flags]
    done = subprocess.run(run, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1, done
    for want in ["+farm@2026-02-01", "-farm@2026-01-01", "no node owner", "/farm:farm/stall[name='d']", "0..7", "--recover"]:
        assert want in done.stderr, (want, done.stderr)
    a.flags.append("--recover")
    a.start()
    same(a.data("farm:farm")["farm:farm"], {"stall": [{"name": "a", "size": 5}, {"name": "b", "size": 3}, {"name": "c", "size": 7}, {"name": "d"}]}, "what fits")
    newest = a.data("altoam-commit:commits")["altoam-commit:commits"]["commit"]
    newest = max(newest, key=lambda c: int(c["number"]))
    same(newest["kind"], "recover", newest)
    with open(os.path.join(a.folder, "log")) as f:
        same(f.read().count("left out on recovery"), 2, "lines about what is left out")
    a.stop()
    a.flags.remove("--recover")
    write(folder, "2026-01-01", "leaf owner { type string; }", 200)
    a.start()  # with the old modules the way back is there
    before = str(int(newest["number"]) - 1)
    code, _, text = a.rest("POST", "/restconf/operations/altoam-commit:rollback", json.dumps({"altoam-commit:input": {"to": {"number": before}}}))
    same(code, 200, text)
    same(a.data("farm:farm")["farm:farm"]["owner"], "eve", "after the rollback")


def write(folder, revision, more, most):
    with open(os.path.join(folder, "farm.yang"), "w") as f:
        f.write(FARM % (revision, more, most))


with tempfile.TemporaryDirectory() as folder:
    write(folder, "2026-01-01", "leaf owner { type string; }", 200)
    seed = json.dumps({"farm:farm": {"owner": "ann", "stall": [{"name": "a"}, {"name": "b"}]}})
    with Agent("--bare", "--yang-path", folder, "--module", "farm", seed=seed) as a:
        confirmed(a)
        partial(a)
        candidate(a)
        upgrade(a, folder)
