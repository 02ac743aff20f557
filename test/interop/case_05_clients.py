"""yangcli, OpenSSH's ssh -s, and promtool."""
import glob, json, os, re, subprocess
from harness import PASSWORD, ROOT, Agent, example, free_port, get

PUSH = """<?xml version="1.0"?>
<alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server><resource>
<resource-id>from-yangcli</resource-id><resource-type>network-map</resource-type>
<alto-networkmap-params><from-source xmlns="urn:altoam:yang:altoam-algorithm-from-source"><source>lab</source></from-source></alto-networkmap-params>
</resource></alto-server></alto>
"""
COMMANDS = """lock target=candidate
edit-config target=candidate default-operation=merge config=@{folder}/push.xml
validate source=candidate
commit
unlock target=candidate
copy-config source=running target=candidate
discard-changes
get-config source=running with-defaults=trim
get-schema identifier=ietf-alto version=2026-02-04 format=yang
partial-lock select="/alto/alto-server/meta"
partial-unlock lock-id=1
create-subscription
get-config source=running
"""


ROLE = ("<edit-config><target><candidate/></target><config><alto xmlns='urn:ietf:params:xml:ns:yang:ietf-alto'><alto-server>"
        "<role><role-name>%s</role-name></role></alto-server></alto></config></edit-config>")
PARTIAL_LOCK = ("<partial-lock xmlns='urn:ietf:params:xml:ns:netconf:partial-lock:1.0' xmlns:a='urn:ietf:params:xml:ns:yang:ietf-alto'>"
                "<select>/a:alto/a:alto-server/a:cost-type</select></partial-lock>")


def ssh(agent, text):
    """What OpenSSH's client gets from the subsystem."""
    out = subprocess.run(
        ["sshpass", "-p", PASSWORD, "ssh", "-p", str(agent.netconf_port), "-o", "StrictHostKeyChecking=no",
         "-o", "UserKnownHostsFile=/dev/null", "-s", "admin@127.0.0.1", "netconf"],
        input=text, capture_output=True, text=True, timeout=30)
    return out.stdout or out.stderr


NEEDED = ("ietf-alto", "altoam-algorithm-from-source", "ietf-netconf", "ietf-netconf-acm", "ietf-netconf-monitoring",
          "ietf-netconf-partial-lock", "ietf-netconf-with-defaults", "notifications", "nc-notifications")


def yangcli_modules(folder):
    """The modules for yangcli's own parser, which gets whole what the commands need, with all imports, and the heads of the
    others: it does not know all of YANG 1.1, and what it rejects makes it crash at times. Of the leafrefs with predicates,
    which crash it too, it sees strings."""
    texts = {}
    for file in glob.glob(ROOT + "/yang/modules/*/*.yang") + glob.glob(ROOT + "/agent/drivers/*/*.yang"):
        with open(file) as f:
            texts[os.path.basename(file)] = re.sub(
                r"type leafref \{\s*path\s+[^;]*current\(\)/\.\./[\w-]+\][^;]*;\s*\}", "type string;", f.read())
    names = {re.split("[@.]", file)[0]: file for file in texts}
    whole, left = set(), list(NEEDED)
    while left:
        name = left.pop()
        if name not in whole:
            whole.add(name)
            left += re.findall(r"(?m)^  import ([\w-]+)", texts[names[name]])
    for name, file in names.items():
        text = texts[file]
        with open(os.path.join(folder, file), "w") as f:
            f.write(text if name in whole else re.match(r"(?s).*?\n  revision .*?\n  }\n", text)[0] + "}\n")


port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    modules = os.path.join(a.folder, "yang")
    os.mkdir(modules)
    yangcli_modules(modules)
    for name, text in (("push.xml", PUSH), ("commands", COMMANDS.format(folder=a.folder))):
        with open(os.path.join(a.folder, name), "w") as f:
            f.write(text)
    out = subprocess.run(
        ["yangcli", f"--modpath={modules}", "--server=127.0.0.1", f"--ncport={a.netconf_port}", "--user=admin",
         f"--password={PASSWORD}", "--batch-mode", f"--run-script={a.folder}/commands"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert "RPC Error" not in out.stdout and "resource-id from-yangcli" in out.stdout, (out.returncode, out.stdout[-3000:], out.stderr[-1000:])
    assert "module ietf-alto {" in out.stdout and "lock-id 1" in out.stdout, out.stdout[-3000:]
    resources = json.loads(get(a.ready["alto"][0])[2])["resources"]
    assert get(resources["from-yangcli"]["uri"])[0] == 200, "what yangcli committed is not served"

    hello = ('<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>'
             '<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>')
    ask = ('<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get-config><source><running/></source>'
           '<filter type="subtree"><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server><cost-type/></alto-server></alto>'
           '</filter></get-config></rpc>]]>]]>'
           '<rpc message-id="2" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><close-session/></rpc>]]>]]>')
    out = ssh(a, hello + ask)
    assert "num-routing" in out and out.count("]]>]]>") == 3, out

    requests = [
        ROLE % "first", "<commit><confirmed/><confirm-timeout>60</confirm-timeout></commit>", "<cancel-commit/>", "<discard-changes/>",
        ROLE % "second", "<commit><confirmed/><confirm-timeout>60</confirm-timeout></commit>", "<commit/>",
        PARTIAL_LOCK, '<partial-unlock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0"><lock-id>2</lock-id></partial-unlock>',
        "<get-config><source><running/></source></get-config>", "<close-session/>"]
    out = ssh(a, hello + "".join(
        f'<rpc message-id="{i}" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">{r}</rpc>]]>]]>' for i, r in enumerate(requests)))
    replies = out.split("]]>]]>")[1:]
    assert len(replies) == len(requests) + 1 and "rpc-error" not in out and out.count("<ok/>") == 9, out
    assert "<lock-id" in replies[7] and ">second<" in replies[9] and ">first<" not in replies[9], out

    with a.netconf():
        text = a.metrics()
    for name in ("altoam_sessions", "altoam_commit_phase_seconds", "altoam_running_entries", "altoam_netconf_rpcs_total"):
        assert name in text, f"no metric {name}"
    out = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert out.returncode == 0, out.stdout + out.stderr
