"""Clients that ask for all of operational at once and read nothing: what is made for them is bounded, others are served, and all is given back. So is what contents are decoded to."""
import base64, json, socket, ssl
from harness import Agent, PASSWORD, eventually, free_port, same
from ncclient.operations import RPCError

RESOURCES = 4000
LIMITS = "/restconf/data/altoam-limits:request-limits"
ALL = "/restconf/data/ietf-alto:alto"


def resources():
    return [{"resource-id": f"r{i}", "resource-type": "ird", "description": f"directory {i}", "accepted-role": ["everybody"],
             "alto-ird-params": {"delegation": f"https://alto{i}.example.net/directory"}} for i in range(RESOURCES)]


def configuration():
    bind = [{"local-address": "127.0.0.1", "local-port": free_port()}]
    server = {"listen": {"http": {"tcp-server-parameters": {"local-bind": bind}}}, "role": [{"role-name": "everybody"}], "resource": resources()}
    return json.dumps({"ietf-alto:alto": {"alto-server": server}})


def deaf(a, path):
    """A client that sends a request and reads no more than the status."""
    host, port = a.ready["restconf"].rsplit(":", 1)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(10)
    raw.connect((host, int(port)))
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["http/1.1"])
    s = context.wrap_socket(raw)
    login = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\n\r\n".encode())
    return s


def status(s):
    """The status of an answer, of which no more is read."""
    return int(s.recv(12).split()[1])


def refused(a):
    """How many requests the metric says were refused."""
    return sum(float(line.split()[1]) for line in a.metrics().splitlines()
               if line.startswith("altoam_requests_limited_total") and "memory-size-per-user" in line)


def main():
    with Agent() as a:
        same(a.rest("PUT", ALL, configuration())[0], 201)
        same(a.rest("PUT", LIMITS, json.dumps({"altoam-limits:request-limits": {"memory-size-per-user": "16777216"}}))[0], 201)
        open_ = [deaf(a, ALL) for _ in range(20)]
        codes = [status(s) for s in open_]
        same(set(codes), {200, 429})
        assert 2 <= codes.count(200) <= 15, codes
        code, headers, text = a.rest("GET", ALL)
        same((code, headers["Retry-After"], "resource-denied" in text, "memory-size" in a.metrics()), (429, "1", True, True))
        same(refused(a) >= codes.count(429), True)

        # What is stored, and what is small, is there for everybody.
        same(a.rest("GET", ALL + "?content=config")[0], 200)
        same(a.rest("GET", ALL + "/alto-server/resource=r7")[0], 200)
        with a.netconf() as m:
            assert "r3999" in m.get_config("running").data_xml
            try:
                m.get()
                raise AssertionError("get beside these answers")
            except RPCError as e:
                same(e.tag, "resource-denied")
            assert "statistics" in m.get(filter=("xpath", "/netconf-state/statistics")).data_xml
            for s in open_:
                s.close()
            eventually(lambda: a.rest("GET", ALL)[0] == 200)
            assert "r3999" in m.get(filter=("subtree", '<alto xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"/>')).data_xml

        # What content is decoded to counts too; small changes are made beside it.
        one = configuration()
        same(a.rest("PUT", ALL + "?dry-run", one)[0], 200)
        same(a.rest("PATCH", LIMITS, json.dumps({"altoam-limits:request-limits": {"memory-size-per-user": "2097152"}}))[0], 204)
        same(a.rest("PUT", ALL + "?dry-run", one)[0], 429)
        same(a.rest("PATCH", ALL + "/alto-server/resource=r1", '{"ietf-alto:resource":[{"resource-id":"r1","description":"another"}]}')[0], 204)
        same(a.rest("DELETE", LIMITS)[0], 204)
        same(a.rest("GET", ALL)[0], 200)


if __name__ == "__main__":
    main()
