"""yangcli, OpenSSH's ssh -s, and promtool."""
import subprocess
from harness import PASSWORD, Agent, example, free_port

port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    script = "get-config source=running\nlock target=candidate\nvalidate source=candidate\nunlock target=candidate\nclose-session\nquit\n"
    out = subprocess.run(
        ["yangcli", "--server=127.0.0.1", f"--ncport={a.netconf_port}", "--user=admin", f"--password={PASSWORD}",
         "--autoload=false", "--batch-mode", "--run-command=get-config source=running"],
        input="", capture_output=True, text=True, timeout=120)
    text = out.stdout + out.stderr
    assert "my-default-network-map" in text, text[-3000:]

    hello = ('<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>'
             '<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>')
    ask = ('<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get-config><source><running/></source>'
           '<filter type="subtree"><alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><alto-server><cost-type/></alto-server></alto>'
           '</filter></get-config></rpc>]]>]]>'
           '<rpc message-id="2" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><close-session/></rpc>]]>]]>')
    out = subprocess.run(
        ["sshpass", "-p", PASSWORD, "ssh", "-p", str(a.netconf_port), "-o", "StrictHostKeyChecking=no",
         "-o", "UserKnownHostsFile=/dev/null", "-s", "admin@127.0.0.1", "netconf"],
        input=hello + ask, capture_output=True, text=True, timeout=30)
    assert "num-routing" in out.stdout and out.stdout.count("]]>]]>") == 3, out.stdout + out.stderr

    text = a.metrics()
    for name in ("altoam_sessions", "altoam_commit_phase_seconds", "altoam_running_entries", "altoam_netconf_rpcs_total"):
        assert name in text, f"no metric {name}"
    out = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert out.returncode == 0, out.stdout + out.stderr
