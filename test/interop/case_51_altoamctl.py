"""altoamctl asks altoamd what curl asks: directory, maps, costs, properties, and changes as they happen; exit codes for scripts."""
import json, os, subprocess, time
from harness import BINARY, Agent, example, free_port, get, same

PORT = free_port()
URI = f"http://127.0.0.1:{PORT}/alto/directory"
CTL = os.path.join(os.path.dirname(BINARY), "altoamctl")
SERVER = "/restconf/data/ietf-alto:alto/alto-server"


def ctl(*args, want=0):
    r = subprocess.run([CTL, "alto", *args], capture_output=True, text=True, timeout=30)
    same(r.returncode, want, (args, r.stdout, r.stderr))
    return r.stdout if want == 0 else r.stderr


def rows(text):
    return [line.split() for line in text.splitlines()[1:]]


def ask():
    ids = {r[0] for r in rows(ctl("dir", URI))}
    same(ids, set(json.loads(get(URI)[2])["resources"]), "the directory")
    same(ctl("get", URI, "-o", "json").strip(), get(URI.replace("directory", "networkmap/my-default-network-map"))[2], "the network map")
    same(rows(ctl("get", URI, "--find", "192.0.2.9")), [["192.0.2.9", "PID1", "192.0.2.0/24"]])
    same(rows(ctl("filter", URI, "numerical-routing-cost-map-filtered", "--src", "PID1", "--constraint", "le 5")), [["PID1", "PID1", "1"], ["PID1", "PID2", "5"]])
    same(rows(ctl("cost", URI, "--src", "192.0.2.2", "--dst", "198.51.100.200,203.0.113.1")),
         [["ipv4:192.0.2.2", "ipv4:198.51.100.200", "5"], ["ipv4:192.0.2.2", "ipv4:203.0.113.1", "10"]])
    same(rows(ctl("prop", URI, "192.0.2.2")), [["ipv4:192.0.2.2", "my-default-network-map.pid", "PID1"]])


def refused():
    text = ctl("filter", URI, "numerical-routing-cost-map-filtered", "--src", "PID1", "--constraint", "like 5", want=1)
    assert "E_INVALID_FIELD_VALUE" in text and "constraints" in text, text
    ctl("get", URI, "nothing", want=1)
    ctl("get", URI, "--nothing", want=2)
    ctl("get", f"http://127.0.0.1:{free_port()}/", want=1)


def watch(a):
    status, _, text = a.rest("PUT", SERVER + "/resource=updates", json.dumps({"ietf-alto:resource": [
        {"resource-id": "updates", "resource-type": "ietf-alto:update", "dependency": ["my-default-network-map"],
         "alto-update-params": {"altoam-algorithm-on-change:on-change": {}}}]}))
    same(status, 201, text)
    watching = subprocess.Popen([CTL, "alto", "watch", URI, "--count", "2"], stdout=subprocess.PIPE, text=True)
    assert "new version: 3 PIDs" in watching.stdout.readline()
    status, _, text = a.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": {"data-source": [{"source-id": "lab", "source-params": {
        "altoam-source-static:static": {"pid": [{"name": "PID1", "prefix": ["203.0.113.0/24"]}]}}}]}}))
    same(status, 204, text)
    out, _ = watching.communicate(timeout=20)
    assert "203.0.113.0/24" in out, out


def users(a):
    """Digest shows what a role sees, in the directory too."""
    status, _, text = a.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": {
        "listen": {"http": {"http-server-parameters": {"client-authentication": {"users": {"user": [
            {"user-id": "a", "altoam-access:digest": {"credentials": "$0$ann:won"}}]}}}}},
        "auth-client": [{"client-id": "ann", "http-auth-client": {"user-id": "a"}}], "role": [{"role-name": "inner", "client": ["ann"]}],
        "resource": [{"resource-id": "ordinal-routing-cost-map", "accepted-role": ["inner"]}]}}))
    same(status, 204, text)
    assert "ordinal" not in ctl("dir", URI)
    assert "ordinal" not in ctl("dir", URI, "--user", "ann:wrong", "--digest")
    assert "ordinal" in ctl("dir", URI, "--user", "ann:won", "--digest")
    same(len(rows(ctl("get", URI, "ordinal-routing-cost-map", "--user", "ann:won", "--digest"))), 9)


with Agent(seed=example("lab.json", PORT)) as a:
    ask()
    refused()
    watch(a)
    users(a)
