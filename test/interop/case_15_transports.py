"""Listeners and call home that are configured in the datastore, with SSH and TLS: ncclient, OpenSSH, openssl, Python's ssl."""
import json, os, socket, ssl, subprocess, tempfile, threading, time
from ncclient import manager
from ncclient.xml_ import to_ele
from authority import Authority, b64
from harness import PASSWORD, Agent, eventually, free_port, same

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
SERVER = "/restconf/data/ietf-netconf-server:netconf-server"
HELLO = f'<hello xmlns="{BASE}"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>'


def ssh_params(ca):
    return {"server-identity": {"host-key": [{"name": "ec", "public-key": {"inline-definition": ca.key("server")}}]}}


def tls_params(ca):
    return {
        "tls-server-parameters": {
            "server-identity": {"certificate": {"central-keystore-reference": {"asymmetric-key": "server", "certificate": "server"}}},
            "client-authentication": {"ca-certs": {"central-truststore-reference": "clients"}},
        },
        "netconf-server-parameters": {"client-identity-mappings": {"cert-to-name": [
            {"id": 1, "fingerprint": ca.fingerprint("bob"), "map-type": "ietf-x509-cert-to-name:specified", "name": "admin"},
            {"id": 2, "fingerprint": ca.fingerprint("ca"), "map-type": "ietf-x509-cert-to-name:san-rfc822-name"},
        ]}},
    }


def listening(port):
    return {"local-bind": [{"local-address": "127.0.0.1", "local-port": port}]}


def put(a, path, body, want=(201, 204)):
    status, _, text = a.rest("PUT", path, json.dumps(body))
    assert status in want, (path, status, text)
    return text


class Session:
    """NETCONF 1.0 on a socket."""

    def __init__(self, s):
        self.s, self.rest = s, b""
        s.settimeout(30)
        self.hello = self.read()
        self.send(HELLO)

    def send(self, text):
        self.s.sendall(text.encode() + b"]]>]]>")

    def read(self):
        while b"]]>]]>" not in self.rest:
            got = self.s.recv(65536)
            if not got:
                raise EOFError(self.rest)
            self.rest += got
        text, _, self.rest = self.rest.partition(b"]]>]]>")
        return text.decode()

    def rpc(self, text):
        self.send(f'<rpc message-id="1" xmlns="{BASE}">{text}</rpc>')
        return self.read()


def tls_session(ca, port, client):
    return Session(ca.context(client).wrap_socket(socket.create_connection(("127.0.0.1", port), 30), server_hostname="127.0.0.1"))


def sessions(a):
    """(username, transport) of the sessions."""
    data = a.data("ietf-netconf-monitoring:netconf-state/sessions")["ietf-netconf-monitoring:sessions"]
    return sorted((s["username"], s["transport"]) for s in data.get("session", []))


def refused(ca, port, client):
    try:
        tls_session(ca, port, client)
    except (ssl.SSLError, EOFError, ConnectionError):
        return
    raise AssertionError(f"{client} got in")


def over_tls(a, ca, port):
    s = tls_session(ca, port, "ann")
    assert "netconf:base:1.1" in s.hello, s.hello
    same(sessions(a), [("Ann@example.net", "ietf-netconf-monitoring:netconf-tls")], "over TLS")
    assert "<data" in s.rpc("<get-config><source><running/></source><filter/></get-config>")
    assert "<ok/>" in s.rpc("<close-session/>")
    bob = tls_session(ca, port, "bob")
    same(sessions(a), [("admin", "ietf-netconf-monitoring:netconf-tls")], "a fingerprint of its own")
    bob.s.close()
    eventually(lambda: sessions(a) == [])
    refused(ca, port, None)
    refused(ca, port, "nameless")
    out = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", ca.path("ca.pem"), "-quiet", "-verify_return_error",
                          "-cert", ca.path("ann.pem"), "-key", ca.path("ann.key"), "-tls1_2"],
                         input=(HELLO + "]]>]]>" + f'<rpc message-id="7" xmlns="{BASE}"><close-session/></rpc>]]>]]>').encode(),
                         capture_output=True, timeout=30).stdout.decode()
    assert 'message-id="7"' in out and "<ok/>" in out, out


def over_ssh(a, ca, port):
    with manager.connect(host="127.0.0.1", port=port, username="admin", password=PASSWORD, hostkey_verify=False,
                         allow_agent=False, look_for_keys=False, timeout=60) as m:
        same(sessions(a), [("admin", "ietf-netconf-monitoring:netconf-ssh")], "a user of the whole server")
        assert m.get_config("running").data_xml
    # A user of the endpoint alone, by key, with OpenSSH.
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", ca.path("eva")], check=True)
    with open(ca.path("eva.pub")) as f:
        blob = f.read().split()[1]
    path = SERVER + "/listen/endpoints/endpoint=ssh/ssh/ssh-server-parameters/client-authentication"
    put(a, path, {"ietf-netconf-server:client-authentication": {"users": {"user": [{"name": "eva", "public-keys": {"inline-definition": {
        "public-key": [{"name": "k", "public-key-format": "ietf-crypto-types:ssh-public-key-format", "public-key": blob}]}}}]}}})
    out = subprocess.run(["ssh", "-p", str(port), "-i", ca.path("eva"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                          "-o", "BatchMode=yes", "-s", "eva@127.0.0.1", "netconf"],
                         input=(HELLO + "]]>]]>" + f'<rpc message-id="8" xmlns="{BASE}"><close-session/></rpc>]]>]]>').encode(),
                         capture_output=True, timeout=30)
    assert b'message-id="8"' in out.stdout and b"<ok/>" in out.stdout, out


def user_certificate(a, ca, port):
    """OpenSSH with a user certificate, over the address of --netconf-ssh and over an endpoint."""
    subprocess.run(["ssh-keygen", "-q", "-s", ca.path("userca"), "-I", "test", "-n", "carl", ca.path("eva.pub")], check=True, capture_output=True)
    with open(ca.path("userca.pub")) as f:
        blob = f.read().split()[1]
    path = SERVER + "/listen/endpoints/endpoint=ssh/ssh/ssh-server-parameters/client-authentication/altoam-netconf-server:user-authorities"
    put(a, path, {"altoam-netconf-server:user-authorities": {"inline-definition": {"public-key": [
        {"name": "k", "public-key-format": "ietf-crypto-types:ssh-public-key-format", "public-key": blob}]}}})
    for user, at, ok in (("carl", port, True), ("carl", a.netconf_port, True), ("root", port, False)):
        out = subprocess.run(["ssh", "-p", str(at), "-i", ca.path("eva"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                              "-o", "BatchMode=yes", "-s", f"{user}@127.0.0.1", "netconf"],
                             input=(HELLO + "]]>]]>" + f'<rpc message-id="9" xmlns="{BASE}"><close-session/></rpc>]]>]]>').encode(),
                             capture_output=True, timeout=30)
        same(b'message-id="9"' in out.stdout, ok, f"{user} at {at}: {out}")


def cut_off(a, ca, port):
    """A session removes the endpoint it came over: it gets its reply, then it ends."""
    s = tls_session(ca, port, "bob")
    reply = s.rpc('<edit-config><target><running/></target><config><netconf-server xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-server">'
                  f'<listen><endpoints><endpoint xmlns:nc="{BASE}" nc:operation="delete"><name>tls</name></endpoint></endpoints></listen></netconf-server></config></edit-config>')
    assert "<ok/>" in reply, reply
    try:
        s.read()
        raise AssertionError("the session goes on")
    except (EOFError, ConnectionError, ssl.SSLError):
        pass
    try:
        socket.create_connection(("127.0.0.1", port), 5)
        raise AssertionError("the removed endpoint still listens")
    except ConnectionRefusedError:
        pass


def idle(a, ca, port):
    status, _, text = a.rest("PATCH", SERVER, json.dumps({"ietf-netconf-server:netconf-server": {"listen": {"idle-timeout": 1}}}))
    same(status, 204, text)
    s = tls_session(ca, port, "bob")
    start = time.time()
    try:
        s.read()
        raise AssertionError("something came")
    except (EOFError, ConnectionError):
        pass
    assert 0.5 < time.time() - start < 5, time.time() - start
    a.rest("DELETE", SERVER + "/listen/idle-timeout")


def call_home(a, ca):
    port = free_port()
    got = {}

    def client():  # listens before it is called: ncclient does not set SO_REUSEADDR
        got["m"] = manager.call_home(host="127.0.0.1", port=port, username="admin", password=PASSWORD, hostkey_verify=False,
                                     allow_agent=False, look_for_keys=False, timeout=60)

    t = threading.Thread(target=client)
    t.start()
    put(a, SERVER + "/call-home", {"ietf-netconf-server:call-home": {"netconf-client": [{
        "name": "nms", "connection-type": {"persistent": {}}, "reconnect-strategy": {"max-wait": 2, "max-attempts": 1},
        "endpoints": {"endpoint": [{"name": "here", "ssh": {
            "tcp-client-parameters": {"remote-address": "127.0.0.1", "remote-port": port}, "ssh-server-parameters": ssh_params(ca)}}]}}]}})
    t.join(30)
    m = got["m"]
    same(sessions(a), [("admin", "ietf-netconf-monitoring:netconf-ssh")], "called home")
    assert m.get_config("running").data_xml
    m.close_session()

    # Over TLS, and again after the client has hung up.
    with socket.create_server(("127.0.0.1", 0)) as l:
        l.settimeout(30)
        put(a, SERVER + "/call-home", {"ietf-netconf-server:call-home": {"netconf-client": [{
            "name": "nms", "connection-type": {"persistent": {}},
            "endpoints": {"endpoint": [{"name": "here", "tls": {
                "tcp-client-parameters": {"remote-address": "localhost", "remote-port": l.getsockname()[1]}, **tls_params(ca)}}]}}]}})
        for _ in range(2):
            c, _ = l.accept()
            s = Session(ca.context("ann").wrap_socket(c, server_hostname="127.0.0.1"))
            assert "<data" in s.rpc("<get-config><source><running/></source><filter/></get-config>")
            s.s.close()
    same(a.rest("DELETE", SERVER + "/call-home")[0], 204)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, "userca")], check=True)
        with Agent("--ssh-user-ca", os.path.join(folder, "userca.pub")) as a:
            everything(a, Authority(folder))


def everything(a, ca):
    ca.issue("server", "IP:127.0.0.1,DNS:localhost")
    ca.issue("ann", "email:Ann@Example.NET")
    ca.issue("bob", "email:bob@example.net")
    ca.issue("nameless", "DNS:host.example.net")
    ssh_port, tls_port = free_port(), free_port()
    put(a, "/restconf/data/ietf-keystore:keystore", {"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [
        {"name": "server", **ca.key("server"), "certificates": {"certificate": [{"name": "server", "cert-data": b64(ca.der("server"))}]}}]}}})
    put(a, "/restconf/data/ietf-truststore:truststore", {"ietf-truststore:truststore": {"certificate-bags": {"certificate-bag": [
        {"name": "clients", "certificate": [{"name": "ca", "cert-data": b64(ca.der("ca"))}]}]}}})
    config = {"ietf-netconf-server:netconf-server": {"listen": {"endpoints": {"endpoint": [
        {"name": "ssh", "ssh": {"tcp-server-parameters": listening(ssh_port), "ssh-server-parameters": ssh_params(ca)}},
        {"name": "tls", "tls": {"tcp-server-parameters": listening(tls_port), **tls_params(ca)}}]}}}}
    put(a, SERVER, config)
    over_tls(a, ca, tls_port)
    over_ssh(a, ca, ssh_port)
    user_certificate(a, ca, ssh_port)
    idle(a, ca, tls_port)
    call_home(a, ca)

    a.stop()
    a.start()
    tls_session(ca, tls_port, "ann").s.close()
    cut_off(a, ca, tls_port)
    status, _, text = a.rest("PUT", SERVER, json.dumps(config).replace(str(tls_port), a.ready["restconf"].rsplit(":", 1)[1]))
    assert status >= 400 and "local-bind" in text and "in use" in text, (status, text)
    with manager.connect(host="127.0.0.1", port=ssh_port, username="admin", password=PASSWORD, hostkey_verify=False,
                         allow_agent=False, look_for_keys=False, timeout=60):
        pass


main()
