"""Attacks with plain sockets on every port: connections without end, slow headers, bombs, expensive expressions. Memory and descriptors stay bounded, other clients are served."""
# Runs alone: it judges how soon others are answered.
import gzip, os, socket, ssl, tempfile, threading, time, urllib.error
import harness
from harness import Agent, eventually, example, free_port, get, same
from ncclient.operations import RPCError

PORT = free_port()
FILES = 1200  # that the agent may have open


def footprint(a):
    """MiB of memory and descriptors of the process."""
    with open(f"/proc/{a.process.pid}/status") as f:
        memory = next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmRSS"))
    return memory, next(int(line.split()[1]) for line in a.metrics().splitlines() if line.startswith("process_open_fds"))


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def flood(to, count, send=b"", source="127.0.0.9"):
    """Connections from another address, however many are closed again."""
    all_ = []
    for _ in range(count):
        s = socket.create_connection(to, 10, (source, 0))
        try:
            s.sendall(send)
        except OSError:
            pass
        all_.append(s)
    return all_


def served(a):
    began = time.time()
    same(a.rest("GET", "/restconf/yang-library-version")[0], 200)
    same(get(f"http://127.0.0.1:{PORT}/alto/networkmap/my-default-network-map")[0], 200)
    assert "go_goroutines" in a.metrics()
    with a.netconf() as m:
        assert m.session_id
    assert time.time() - began < 8, "another client waits"


def crowd(a, ports):
    """Three addresses take all places that strangers may have; users get in."""
    open_ = [s for name, each in (("netconf", 128), ("restconf", FILES // 8)) for i in (7, 8, 9) for s in flood(ports[name], each, source=f"127.0.0.{i}")]
    for _ in range(3):
        served(a)
    for s in open_:
        s.close()


def answer(to, text, tls=True):
    s = socket.create_connection(to, 10)
    if tls:
        context = ssl._create_unverified_context()
        context.set_alpn_protocols(["http/1.1"])
        s = context.wrap_socket(s)
    s.sendall(text)
    s.settimeout(1)
    got = b""
    try:
        while piece := s.recv(65536):
            got += piece
    except OSError:
        pass
    s.close()
    return got


def expensive(m):
    """Expressions over NETCONF that would take minutes."""
    refused = 0
    for text in ("//*//*//*", "//*[. = //*]", "//*[count(//*[count(//*[count(//*) > 1]) > 1]) > 1]"):
        began = time.time()
        try:
            m.get(filter=("xpath", text))
        except RPCError as e:
            assert e.tag in ("resource-denied", "too-big"), (text, e.tag)
            refused += 1
        assert time.time() - began < 10, text
    assert refused, "no expression was refused"


def trickle(to, ended):
    """A header that comes a byte at a time; ended gets the time after which the connection was closed."""
    slow = ssl._create_unverified_context().wrap_socket(socket.create_connection(to, 10))
    began = time.time()
    try:
        slow.sendall(b"GET /restconf HTTP/1.1\r\nHost: x\r\nX: ")
        while time.time() - began < 20:
            slow.sendall(b"x")
            time.sleep(0.2)
    except OSError:
        ended.append(time.time() - began)
    slow.close()


def smuggle(a):
    """A request that is hidden behind another is not answered."""
    got = answer(address(a.ready["restconf"]), b"GET /restconf HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    same((got.count(b"HTTP/1.1 "), got[:12]), (1, b"HTTP/1.1 400"))


def refused(a, body, codes, **more):
    """A body is refused, which may be before all of it was sent: then the connection ends."""
    try:
        status = a.rest("PATCH", "/restconf/data", body, **more)[0]
    except (urllib.error.URLError, ConnectionError):
        return
    assert status in codes, status


def bombs(a):
    """A billion laughs, deep arrays and a compressed bomb in bodies."""
    laughs = '<!DOCTYPE a [<!ENTITY a "' + "x" * 1000 + '"><!ENTITY b "' + "&a;" * 1000 + '">]><a>&b;&b;</a>'
    refused(a, laughs, (400,), kind="application/yang-data+xml")
    refused(a, "[" * 200_000, (400, 413))
    small = '{"altoam-restconf:restconf-limits":{"body-size":1048576}}'
    same(a.rest("PATCH", "/restconf/data/altoam-restconf:restconf-limits", small)[0], 204)
    bomb = gzip.compress(b"{" + b" " * (64 << 20))
    refused(a, bomb, (413,), headers={"Content-Encoding": "gzip"})


def main():
    with tempfile.TemporaryDirectory() as folder:
        few = os.path.join(folder, "altoamd")
        with open(few, "w") as f:
            f.write(f'#!/bin/sh\nulimit -n {FILES}\nexec "{harness.BINARY}" "$@"\n')
        os.chmod(few, 0o700)
        harness.BINARY = few
        with Agent(seed=example("lab.json", PORT)) as a:
            attack(a)


def attack(a):
    served(a)
    ended = []
    slow = threading.Thread(target=trickle, args=(address(a.ready["restconf"]), ended))
    slow.start()
    time.sleep(0.2)
    memory, files = footprint(a)
    ports = {"netconf": ("127.0.0.1", a.netconf_port), "restconf": address(a.ready["restconf"]), "metrics": address(a.ready["metrics"]), "alto": ("127.0.0.1", PORT)}
    for name, most, send in (("netconf", 128, b"SSH-2.0-x\r\n"), ("restconf", FILES // 8, b"\x16\x03\x01\x40\x00"), ("metrics", 64, b"GET /metrics HTTP/1.1\r\nX: "), ("alto", FILES // 4, b"GET /alto/directory HTTP/1.1\r\nX: ")):
        open_ = flood(ports[name], 700, send)
        eventually(lambda: footprint(a)[1] <= files + most + 8)
        if name != "metrics":
            served(a)
        for s in open_:
            s.close()
        eventually(lambda: footprint(a)[1] <= files + 8)
        served(a)
    assert 'altoam_restconf_limited_total{limit="connections-per-source"}' in a.metrics()
    crowd(a, ports)
    with a.netconf() as m:
        expensive(m)
    bombs(a)
    smuggle(a)
    slow.join()
    assert ended and ended[0] < 14, f"a header that trickles is read for long: {ended}"
    served(a)
    after = footprint(a)[0]
    assert after < memory + 250, f"{memory} MiB before, {after} MiB after"
    print(f"resident: {memory} MiB before, {after} MiB after")


if __name__ == "__main__":
    main()
