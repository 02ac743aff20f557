"""What an operator of ALTO relies on: HTTP/2, alarms that outlive a restart, budgets of roles, URIs."""
import json, subprocess, urllib.parse
from harness import Agent, eventually, example, free_port, same

SERVER = "ietf-alto:alto/alto-server"


def curl(*args):
    out = subprocess.run(["curl", "-sk", "-m", "20", *args], capture_output=True, text=True, timeout=30)
    assert out.returncode == 0, (args, out.returncode, out.stderr)
    return out.stdout


def http2():
    """Both protocols with TLS and, by prior knowledge, without; a change of ports takes no request."""
    port = free_port()
    with Agent(seed=example("full.json", port)) as a:
        directory = a.ready["alto"][0]
        assert directory.startswith("https://"), directory
        version = ("-o", "/dev/null", "-w", "%{http_version} %{http_code}")
        same(curl("--http2", *version, directory), "2 200")
        same(curl("--http1.1", *version, directory), "1.1 200")
        plain = free_port()
        status, _, text = a.rest("PATCH", f"/restconf/data/{SERVER}", json.dumps({"ietf-alto:alto-server": {"altoam-access:listen-stack": [
            {"name": "plain", "http": {"tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": plain}]}}}]}}))
        same(status, 204, text)
        path = directory.split("/", 3)[3]
        same(curl("--http2-prior-knowledge", *version, f"http://127.0.0.1:{plain}/{path}"), "2 200")
        same(curl("--http1.1", *version, f"http://127.0.0.1:{plain}/{path}"), "1.1 200")


def alarms():
    """An operator's word on an alarm, and the alarm of a log nobody takes, are there after a kill."""
    port = free_port()
    with Agent(seed=example("lab.json", port)) as a:
        target = f"/{SERVER}/logging-system/altoam-logging:target[name='far']"
        at = "altoam-alarms:alarms/alarm-list/alarm=" + urllib.parse.quote(target, safe="") + ",log-target-down"
        status, _, text = a.rest("PATCH", f"/restconf/data/{SERVER}", json.dumps({"ietf-alto:alto-server": {"logging-system": {"altoam-logging:target": [
            {"name": "far", "record": ["access"], "tcp": {"remote-address": "127.0.0.1", "remote-port": free_port()}}]}}}))
        same(status, 204, text)
        curl("-o", "/dev/null", a.ready["alto"][0])

        def raised():
            return a.rest("GET", "/restconf/data/" + at)[0] == 200
        eventually(raised)
        status, _, text = a.rest("POST", f"/restconf/data/{at}/acknowledge", json.dumps({"altoam-alarms:input": {"text": "known"}}))
        same(status, 204, text)
        before = a.data(at)["altoam-alarms:alarm"][0]
        a.kill()
        a.start()
        after = a.data(at)["altoam-alarms:alarm"][0]
        for leaf in ("time-created", "last-raised", "operator-state", "operator-state-change"):
            same(after[leaf], before[leaf], leaf)


def budgets():
    """A role's budget is for all its clients together, and 503 says when to come again."""
    port = free_port()
    with Agent(seed=example("full.json", port)) as a:
        directory = a.ready["alto"][0]
        status, _, text = a.rest("PATCH", f"/restconf/data/{SERVER}/role=partners", json.dumps({"ietf-alto:role": [
            {"role-name": "partners", "altoam-access:requests-per-second": 1}]}))
        same(status, 204, text)
        login = ("-u", "alice:wonderland", "-o", "/dev/null", "-w", "%{http_code} %header{retry-after}\n")
        answers = curl(*login, directory, *["--next", "-sk", *login, directory] * 5).splitlines()
        assert answers[0].split() == ["200"] and "503 1" in answers, answers
        same(curl("-o", "/dev/null", "-w", "%{http_code}", directory), "200")
        eventually(lambda: curl(*login, directory).startswith("200"))
        refused = [line for line in a.metrics().splitlines() if line.startswith('altoam_alto_limited_total{limit="requests-per-second-of-role"}')]
        assert refused and float(refused[0].split()[-1]) >= answers.count("503 1"), refused



def paths():
    """A resource is where the configuration says, over a restart too."""
    port = free_port()
    with Agent(seed=example("lab.json", port)) as a:
        directory = a.ready["alto"][0]
        resource = a.data(SERVER + "?content=config")["ietf-alto:alto-server"]["resource"]
        resource = next(r for r in resource if r["resource-type"] == "ietf-alto:network-map")
        name = resource["resource-id"]
        status, _, text = a.rest("PATCH", f"/restconf/data/{SERVER}/resource={name}", json.dumps({"ietf-alto:resource": [
            {"resource-id": name, "resource-type": resource["resource-type"], "altoam-resource-path:path": "maps/v1/net work"}]}))
        same(status, 204, text)
        uri = json.loads(curl(directory))["resources"][name]["uri"]
        assert uri.endswith("/maps/v1/net%20work"), uri
        a.kill()
        a.start()
        same(json.loads(curl(directory))["resources"][name]["uri"], uri)
        base = directory.rsplit("/", 1)[0]
        same(curl("-o", "/dev/null", "-w", "%{http_code}", base + "/maps/v1/net%20work"), "200")


http2()
alarms()
budgets()
paths()
