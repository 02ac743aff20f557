"""What an operator of ALTO relies on: HTTP/2."""
import json, subprocess
from harness import Agent, example, free_port, same

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


http2()
