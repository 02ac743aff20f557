"""Clients that take what they can: idle connections, bodies and headers that do not end, answers that nobody reads, deep and giant requests. Memory stays bounded and others are answered."""
# Runs alone: it judges how soon others are answered.
import json, os, socket, time
from harness import Agent, example, free_port, get, same

PORT = free_port()
BASE = f"http://127.0.0.1:{PORT}/alto/"
FILTER, ENDPOINTS = "application/alto-costmapfilter+json", "application/alto-endpointcostparams+json"
TYPE = {"cost-mode": "numerical", "cost-metric": "routingcost"}


def resident(a):
    """MiB of the process."""
    with open(f"/proc/{a.process.pid}/status") as f:
        return next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmRSS"))


def connect(client):
    return socket.create_connection(("127.0.0.1", PORT), 10, (client, 0))


def head(path, kind, size):
    return f"POST /alto/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()


def served():
    """Another client is answered soon."""
    began = time.time()
    status, _, text = get(BASE + "costmapfilter/numerical-routing-cost-map", body=json.dumps({"cost-type": TYPE}), kind=FILTER)
    same((status, "cost-map" in text), (200, True))
    assert time.time() - began < 2, "another client waits"


def hold(count, send, read=False, client="127.0.0.2"):
    """Opens connections that all send the same, and tells how many were answered 503 at once."""
    open_, refused = [], 0
    for _ in range(count):
        s = connect(client)
        try:
            s.sendall(send)
            s.settimeout(0.05)
            if read and s.recv(100).startswith(b"HTTP/1.1 503"):
                refused += 1
        except OSError:
            pass
        open_.append(s)
    served()
    return open_, refused


def main():
    with Agent(seed=example("lab.json", PORT)) as a:
        path = "costmapfilter/numerical-routing-cost-map"
        status, _, text = a.rest("PATCH", "/restconf/data/ietf-alto:alto/alto-server", json.dumps(
            {"ietf-alto:alto-server": {"altoam-access:access": {"budgets": {"memory": 128}}}}))
        same(status, 204, text)
        served()
        before = resident(a)
        half = head(path, FILTER, 1 << 21) + b'{"pids":{"srcs":["' + b"x" * (1 << 20)
        for what, open_, want in (
            ("idle", hold(1000, b"")[0], 64),
            ("headers without end", hold(300, b"GET /alto/directory HTTP/1.1\r\nX: ")[0], 64),
            ("bodies without end", hold(20, half, read=True), 200),
        ):
            if isinstance(open_, tuple):
                open_, refused = open_
                assert refused >= 10, f"{refused} of 20 bodies of a MiB were refused"
            grown = resident(a) - before
            assert grown < want, f"{what}: {grown} MiB more"
            for s in open_:
                s.close()
        for body, want in ((b"[" * 1_000_000, 400), (b'{"x":' * 200_000, 400), (b'{"pids":[' + b"[]," * 300_000, 400), (b" " * (5 << 20), 413),
                           (json.dumps({"cost-type": TYPE, "pids": {"srcs": [f"p{i}" for i in range(10_000)], "dsts": ["PID1"]}}).encode(), 200)):
            same(get(BASE + path, body=body.decode(), kind=FILTER)[0], want, body[:20])
        many = {"cost-type": TYPE, "endpoints": {side: [f"ipv4:10.{n}.{i >> 8}.{i & 255}" for i in range(2100)] for n, side in enumerate(("srcs", "dsts"))}}
        same(get(BASE + "endpointcost/endpoint-cost", body=json.dumps(many), kind=ENDPOINTS)[0], 413, "more pairs than may be")
        many["endpoints"]["dsts"] = many["endpoints"]["dsts"][:200]
        text = json.dumps(many).encode()
        open_, refused = hold(20, head("endpointcost/endpoint-cost", ENDPOINTS, len(text)) + text)
        assert resident(a) - before < 400, f"answers that nobody reads: {resident(a) - before} MiB more"
        for s in open_:
            s.close()
        served()
        assert 'altoam_alto_limited_total{limit="memory"}' in a.metrics()
        print(f"resident: {before} MiB before, {resident(a)} MiB after")


if __name__ == "__main__":
    main()
