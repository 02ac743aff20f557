"""RESTCONF endpoints and call home that are configured in the datastore: curl, openssl, Python's http.client."""
import http.client, json, os, socket, ssl, subprocess, tempfile, threading
from authority import Authority, b64
from harness import PASSWORD, Agent, eventually, free_port, same

SERVER = "/restconf/data/ietf-restconf-server:restconf-server"


def stack(ca, certificate="server", clients=True, **http):
    tls = {"server-identity": {"certificate": {"central-keystore-reference": {"asymmetric-key": certificate, "certificate": "it"}}}}
    if clients:
        tls["client-authentication"] = {"ca-certs": {"central-truststore-reference": "clients"}}
    return {
        "tls-server-parameters": tls,
        "http-server-parameters": {"server-name": "altoam lab", **http},
        "restconf-server-parameters": {"client-identity-mappings": {"cert-to-name": [
            {"id": 1, "fingerprint": ca.fingerprint("bob"), "map-type": "ietf-x509-cert-to-name:specified", "name": "admin"},
            {"id": 2, "fingerprint": ca.fingerprint("ca"), "map-type": "ietf-x509-cert-to-name:san-rfc822-name"}]}},
    }


def endpoint(name, port, *, http3=False, address="127.0.0.1", **parameters):
    https = {"tcp-server-parameters": {"local-bind": [{"local-address": address, "local-port": port}]}, **parameters}
    if http3:
        https["altoam-restconf-server:http3"] = {}
    return {"name": name, "https": https}


def listen(*endpoints):
    return {"ietf-restconf-server:listen": {"endpoints": {"endpoint": list(endpoints)}}}


def put(a, path, body, want=(201, 204)):
    status, _, text = a.rest("PUT", path, json.dumps(body))
    assert status in want, (path, status, text)
    return text


def curl(ca, port, *more, client=None, path="/restconf/yang-library-version"):
    """(exit status, HTTP status, text)."""
    args = ["curl", "-s", "--cacert", ca.path("ca.pem"), "-w", "\n%{http_code}", "--max-time", "20", *more]
    if client:
        args += ["--cert", ca.path(f"{client}.pem"), "--key", ca.path(f"{client}.key")]
    r = subprocess.run([*args, f"https://127.0.0.1:{port}{path}"], capture_output=True, text=True, timeout=30)
    text, _, code = r.stdout.rpartition("\n")
    return r.returncode, int(code or 0), text


def certificates(a, ca, port, both):
    same(curl(ca, port, client="ann")[:2], (0, 200), "a certificate that names a user")
    same(curl(ca, port, "-u", "admin:wrong", client="bob")[:2], (0, 200), "the certificate goes first")
    same(curl(ca, port, client="nameless")[:2], (0, 401), "a certificate that names nobody")
    same(curl(ca, port, "-u", f"admin:{PASSWORD}", client="nameless")[:2], (0, 200), "a password goes with it")
    code, status, _ = curl(ca, port, "-u", f"admin:{PASSWORD}")
    assert code != 0 and status == 0, "a client without a certificate got in"
    code, status, _ = curl(ca, port, client="stranger")
    assert code != 0 and status == 0, "a stranger got in"
    same(curl(ca, both, "-u", f"admin:{PASSWORD}")[:2], (0, 200), "a certificate is not required here")
    same(curl(ca, both, "-u", "eva:local secret")[:2], (0, 200), "a user of the endpoint")
    same(curl(ca, port, "-u", "eva:local secret", client="nameless")[:2], (0, 401), "who is one there only")
    same(curl(ca, both)[:2], (0, 401), "nobody")
    out = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", ca.path("ca.pem"), "-verify_return_error", "-quiet",
                          "-cert", ca.path("ann.pem"), "-key", ca.path("ann.key"), "-tls1_2"],
                         input=b"GET /restconf/yang-library-version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", capture_output=True, timeout=30)
    assert b"HTTP/1.1 200 OK" in out.stdout and b"Server: altoam lab" in out.stdout, out


def served_certificate(ca, port):
    with ca.context("ann").wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname="127.0.0.1") as s:
        return dict(x[0] for x in s.getpeercert()["subject"])["commonName"]


def under_load(a, ca, port):
    """Changes certificate and port while requests are made over connections that stay."""
    second, stop, failures, counts = free_port(), threading.Event(), [], [0] * 4

    def client(i):
        at = port
        c = None
        while not stop.is_set():
            try:
                if c is None:
                    c = http.client.HTTPSConnection("127.0.0.1", at, timeout=20, context=ca.context("ann"))
                    try:
                        c.connect()
                    except ConnectionRefusedError:  # the port has changed: no request was made
                        c, at = None, second
                        continue
                c.request("GET", "/restconf/yang-library-version", headers={"Accept": "application/yang-data+json"})
                r = c.getresponse()
                r.read()
                same(r.status, 200)
                counts[i] += 1
                if r.will_close:
                    c = None
            except Exception as e:
                failures.append(repr(e))
                return

    threads = [threading.Thread(target=client, args=(i,)) for i in range(len(counts))]
    for t in threads:
        t.start()
    key = SERVER + "/listen/endpoints/endpoint=strict/https/tls-server-parameters/server-identity/certificate/central-keystore-reference"
    for name in ("other", "server", "other"):
        before = sum(counts)
        eventually(lambda: sum(counts) > before + 20 or failures)
        put(a, key, {"ietf-restconf-server:central-keystore-reference": {"asymmetric-key": name, "certificate": "it"}})
        same(served_certificate(ca, port), name, "the certificate")
    path = SERVER + "/listen/endpoints/endpoint=strict/https/tcp-server-parameters"
    put(a, path, {"ietf-restconf-server:tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": second}]}})
    before = sum(counts)
    eventually(lambda: sum(counts) > before + 50 or failures)
    same(served_certificate(ca, second), "other", "at the new port")
    stop.set()
    for t in threads:
        t.join(30)
    same(failures, [], "failed requests")
    try:
        socket.create_connection(("127.0.0.1", port), 5)
        raise AssertionError("the former port is open")
    except ConnectionRefusedError:
        pass
    put(a, path, {"ietf-restconf-server:tcp-server-parameters": {"local-bind": [{"local-address": "0.0.0.0", "local-port": second}]}})
    same(curl(ca, second, client="ann")[:2], (0, 200), "all addresses")
    put(a, path, {"ietf-restconf-server:tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": second}]}})
    same(curl(ca, second, client="ann")[:2], (0, 200), "one of them again")
    return second


def cut_off(a, ca, port):
    """A client removes the endpoint it came over, which has an event stream: it gets its answer."""
    stream = ca.context("bob").wrap_socket(socket.create_connection(("127.0.0.1", port), 30), server_hostname="127.0.0.1")
    stream.sendall(b"GET /restconf/streams/NETCONF/json HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
    assert b"200 OK" in stream.recv(4096)
    same(curl(ca, port, "-X", "DELETE", client="bob", path=SERVER + "/listen/endpoints/endpoint=strict")[:2], (0, 204), "the removal")
    stream.settimeout(10)
    while stream.recv(65536):
        pass
    code, _, _ = curl(ca, port, client="bob")
    same(code, 7, "the removed endpoint refuses connections")


def call_home(a, ca):
    def answer(c, head):
        """One request over a connection that altoamd has made."""
        c.sendall(f"{head} HTTP/1.1\r\nHost: altoam\r\nAccept: application/yang-data+json\r\n\r\n".encode())
        r = http.client.HTTPResponse(c)
        r.begin()
        r.read()
        return r.status

    with socket.create_server(("127.0.0.1", 0)) as l:
        l.settimeout(30)
        put(a, SERVER + "/call-home", {"ietf-restconf-server:call-home": {"restconf-client": [{
            "name": "nms", "connection-type": {"persistent": {}}, "reconnect-strategy": {"max-wait": 2, "max-attempts": 1},
            "endpoints": {"endpoint": [{"name": "here", "https": {
                "tcp-client-parameters": {"remote-address": "127.0.0.1", "remote-port": l.getsockname()[1]}, **stack(ca)}}]}}]}})
        for _ in range(2):  # again after the client has hung up
            c, _ = l.accept()
            s = ca.context("ann").wrap_socket(c, server_hostname="127.0.0.1")
            for _ in range(3):
                same(answer(s, "GET /restconf/yang-library-version"), 200, "over a connection home")
            assert 'altoam_call_home_connected{client="nms",protocol="RESTCONF"} 1' in a.metrics()
            s.close()
        c, _ = l.accept()
        s = ca.context("ann").wrap_socket(c, server_hostname="127.0.0.1")
        same(answer(s, "GET /restconf/yang-library-version"), 200)
        same(a.rest("DELETE", SERVER + "/call-home")[0], 204)
        s.settimeout(10)
        same(s.recv(1), b"", "the connection ends")


def main():
    with tempfile.TemporaryDirectory() as folder, Agent() as a:
        ca = Authority(folder)
        for name, san in (("server", "IP:127.0.0.1"), ("other", "IP:127.0.0.1"), ("ann", "email:Ann@Example.NET"), ("bob", "email:bob@example.net"), ("nameless", "DNS:x.example.net")):
            ca.issue(name, san)
        os.mkdir(os.path.join(folder, "else"))
        elsewhere = Authority(os.path.join(folder, "else"))
        elsewhere.issue("stranger", "email:ann@example.net")
        for kind in ("pem", "key"):
            os.rename(elsewhere.path(f"stranger.{kind}"), ca.path(f"stranger.{kind}"))
        put(a, "/restconf/data/ietf-keystore:keystore", {"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [
            {"name": n, **ca.key(n), "certificates": {"certificate": [{"name": "it", "cert-data": b64(ca.der(n))}]}} for n in ("server", "other")]}}})
        put(a, "/restconf/data/ietf-truststore:truststore", {"ietf-truststore:truststore": {"certificate-bags": {"certificate-bag": [
            {"name": "clients", "certificate": [{"name": "ca", "cert-data": b64(ca.der("ca"))}]}]}}})
        port, both = free_port(), free_port()
        eva = subprocess.run(["openssl", "passwd", "-6", "local secret"], check=True, capture_output=True, text=True).stdout.strip()
        users = {"client-authentication": {"users": {"user": [{"user-id": "1", "basic": {"username": "eva", "password": {"hashed-password": eva}}}]}}}
        put(a, SERVER + "/listen", listen(endpoint("strict", port, http3=True, **stack(ca)), endpoint("both", both, **stack(ca, **users))))
        assert f'altoam_endpoint_listening{{address="127.0.0.1:{port}",endpoint="strict",protocol="RESTCONF",transport="udp"}} 1' in a.metrics()
        same(curl(ca, port, "-o", "/dev/null", "-D", "-", client="ann")[2].lower().count(f'alt-svc: h3=":{port}"; ma=3600'), 1, "Alt-Svc")
        certificates(a, ca, port, both)
        port = under_load(a, ca, port)
        call_home(a, ca)
        a.stop()
        a.start()
        same(curl(ca, port, client="ann")[:2], (0, 200), "after a restart")
        taken = int(a.ready["restconf"].rsplit(":", 1)[1])
        status, _, text = a.rest("PUT", SERVER + "/listen", json.dumps(listen(endpoint("strict", taken, **stack(ca)))))
        assert status >= 400 and "local-bind" in text and "in use" in text, (status, text)
        cut_off(a, ca, port)


main()
