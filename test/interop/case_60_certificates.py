"""Certificates and keys are replaced while curl, ssh and openssl work, in files and in the keystore; old TLS and SSH are refused; ends are told."""
import hashlib, json, os, re, signal, socket, subprocess, tempfile, threading
from authority import Authority, b64
from harness import PASSWORD, Agent, eventually, free_port, same

DATA = "/restconf/data/"
KEYSTORE, TRUSTSTORE, SERVER = (f"{DATA}ietf-{m}" for m in ("keystore:keystore", "truststore:truststore", "restconf-server:restconf-server"))


def put(a, path, body, want=(201, 204)):
    status, _, text = a.rest("PUT", path, json.dumps(body))
    assert status in want, (path, status, text)


def keystore(a, ca, name):
    put(a, KEYSTORE, {"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [
        {"name": "k", **ca.key(name), "certificates": {"certificate": [{"name": "c", "cert-data": b64(ca.der(name))}]}}]}}})


def shown(port):
    """The SHA-256 of the certificate that a server shows."""
    r = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-showcerts"], input=b"", capture_output=True, timeout=20)
    pem = re.search(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", r.stdout, re.S)
    return pem and hashlib.sha256(subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem[0], capture_output=True, check=True).stdout).hexdigest()


def ssh(a, key, *options):
    """A session of NETCONF by ssh that says hello and good-bye: (exit status, output, errors)."""
    hello = "<hello xmlns='urn:ietf:params:xml:ns:netconf:base:1.0'><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>"
    bye = "<rpc message-id='1' xmlns='urn:ietf:params:xml:ns:netconf:base:1.0'><close-session/></rpc>]]>]]>"
    args = ["ssh", "-p", str(a.netconf_port), "-i", key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "IdentitiesOnly=yes", *options, "-s", "admin@127.0.0.1", "netconf"]
    r = subprocess.run(args, input=hello + bye, capture_output=True, text=True, timeout=20)
    return r.returncode, r.stdout, r.stderr


def under_load(a, port, key, ca, change, times):
    """Changes something so often while clients work; none may fail."""
    stop, failures, counts = threading.Event(), [], {}

    def repeat(name, work):
        while not stop.is_set():
            why = work()
            if why:
                failures.append((name, why))
                return
            counts[name] = counts.get(name, 0) + 1

    def curl(*flags):
        url = f"https://127.0.0.1:{port}/.well-known/host-meta"
        r = subprocess.run(["curl", "-sS", "--cacert", ca.path("ca.pem"), "-u", f"admin:{PASSWORD}", "--max-time", "20", *flags,
                            "-o", "/dev/null", "-w", "%{http_code} ", url, "-o", "/dev/null", url], capture_output=True, text=True)
        return None if (r.returncode, r.stdout) == (0, "200 200 ") else (r.returncode, r.stdout, r.stderr)

    def session():
        code, out, errors = ssh(a, key)
        return None if code == 0 and "<ok/>" in out else (code, out[-300:], errors)

    work = {"HTTP/1.1": lambda: curl("--http1.1"), "HTTP/2": lambda: curl("--http2"), "SSH": session}
    threads = [threading.Thread(target=repeat, args=x) for x in work.items()]
    for t in threads:
        t.start()
    for i in range(times):
        change(i)
    stop.set()
    for t in threads:
        t.join()
    assert not failures, failures
    assert len(counts) == 3, counts


def files(a, ca, key, live):
    """certbot's link is turned, the host key is replaced; both are taken at SIGHUP, and no client fails."""
    port = int(a.ready["restconf"].rsplit(":", 1)[1])

    def change(i):
        name = ("one", "two")[i % 2]
        os.symlink(name, live + ".new")
        os.rename(live + ".new", live)
        host, new = os.path.join(a.folder, "data", "ssh_host_ed25519_key"), os.path.join(a.folder, "new")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", new], check=True)
        with open(new + ".pub") as f:
            public = f.read().split()[1]
        os.rename(new, host)
        os.remove(new + ".pub")
        a.process.send_signal(signal.SIGHUP)
        eventually(lambda: shown(port) == hashlib.sha256(ca.der(name)).hexdigest())
        eventually(lambda: public in subprocess.run(["ssh-keyscan", "-p", str(a.netconf_port), "-t", "ed25519", "127.0.0.1"], capture_output=True, text=True).stdout)

    under_load(a, port, key, ca, change, 6)
    # A certificate whose key is not there: what was in use stays, and the log says why.
    with open(os.path.join(os.path.realpath(live), "cert.pem"), "wb") as f:
        f.write(ca.run("x509", "-in", "three.pem"))
    a.process.send_signal(signal.SIGHUP)
    with open(os.path.join(a.folder, "log")) as f:
        eventually(lambda: "private key does not match public key" in f.read())
    same(shown(port), hashlib.sha256(ca.der("two")).hexdigest(), "after half of a pair")


def commits(a, ca, key, port):
    def change(i):
        name = ("one", "two")[i % 2]
        keystore(a, ca, name)
        same(shown(port), hashlib.sha256(ca.der(name)).hexdigest(), "after the commit")

    under_load(a, port, key, ca, change, 6)


def untrusted(a, ca, port):
    """The session of a client ends with the trust in its authority."""
    c = ca.context("ann").wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname="127.0.0.1")
    c.sendall(b"GET /restconf/yang-library-version HTTP/1.1\r\nHost: x\r\n\r\n")
    assert c.recv(4096).startswith(b"HTTP/1.1 200")
    put(a, TRUSTSTORE, {"ietf-truststore:truststore": {"certificate-bags": {"certificate-bag": [{"name": "b", "certificate": [{"name": "ca", "cert-data": b64(ca.der("other"))}]}]}}})
    c.settimeout(10)
    try:
        same(c.recv(1), b"", "the connection of a client that is not trusted any more")
    except ConnectionResetError:
        pass


def old_algorithms(a, key, port):
    def tls(*options):
        r = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options], input=b"", capture_output=True, timeout=20)
        return b"Cipher is (NONE)" not in r.stdout and b"New, TLSv1." in r.stdout

    for good in (["-tls1_2"], ["-tls1_3"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"]):
        assert tls(*good), good
    for bad in (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
                ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"], ["-tls1_2", "-cipher", "AES128-GCM-SHA256:AES128-SHA:@SECLEVEL=0"]):
        assert not tls(*bad), bad
    r = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2", "-legacy_renegotiation"], input=b"R\nGET / HTTP/1.0\r\n\r\n", capture_output=True, timeout=20)
    assert b"RENEGOTIATING" in r.stdout + r.stderr and b"HTTP/1" not in r.stdout, r
    for good in ("Ciphers=aes256-gcm@openssh.com", "Ciphers=aes128-ctr", "MACs=hmac-sha2-256-etm@openssh.com", "KexAlgorithms=curve25519-sha256", "HostKeyAlgorithms=ecdsa-sha2-nistp256"):
        code, out, errors = ssh(a, key, "-o", good)
        assert code == 0 and "<ok/>" in out, (good, code, errors)
    for bad in ("Ciphers=aes128-cbc", "Ciphers=3des-cbc", "MACs=hmac-sha1", "KexAlgorithms=diffie-hellman-group14-sha1", "KexAlgorithms=diffie-hellman-group-exchange-sha256", "HostKeyAlgorithms=ssh-rsa"):
        code, out, errors = ssh(a, key, "-o", bad, *(["-o", "Ciphers=aes128-ctr"] if bad.startswith("MACs") else []))
        assert code != 0 and "no matching" in errors, (bad, code, out, errors)


def told(a, live):
    """Certificates of two days are told of: alarms, metrics, and the event that a replay has."""
    metrics = a.metrics()
    for place in ("/ietf-keystore:keystore/asymmetric-keys/asymmetric-key[name='k']/certificates/certificate[name='c']", os.path.join(live, "cert.pem")):
        assert f'altoam_certificate_expiry_timestamp_seconds{{place="{place}"}} ' in metrics, place
        eventually(lambda: [x["perceived-severity"] for x in a.data("altoam-alarms:alarms/alarm-list")["altoam-alarms:alarm-list"].get("alarm", [])
                            if x["resource"] == place and x["alarm-type-id"] == "altoam-alarms:certificate-expiring"] == ["major"])
    args = ["curl", "-skN", "-u", f"admin:{PASSWORD}", "--max-time", "2", f"https://{a.ready['restconf']}/restconf/streams/NETCONF/json?start-time=2026-01-01T00:00:00Z"]
    text = subprocess.run(args, capture_output=True, text=True).stdout
    assert '"certificate-expiration":{"expiration-date":"' in text, text[:2000]


def main():
    with tempfile.TemporaryDirectory() as folder:
        ca = Authority(folder)
        for name, san in (("one", "IP:127.0.0.1"), ("two", "IP:127.0.0.1"), ("three", "IP:127.0.0.1"), ("other", "DNS:x"), ("ann", "email:admin@x")):
            ca.issue(name, san)
        live = os.path.join(folder, "live")
        for name in ("one", "two"):
            os.mkdir(os.path.join(folder, name))
            for kind, source in (("cert.pem", f"{name}.pem"), ("key.pem", f"{name}.key")):
                with open(ca.path(source), "rb") as f, open(os.open(os.path.join(folder, name, kind), os.O_CREAT | os.O_WRONLY, 0o600), "wb") as g:
                    g.write(f.read())
        os.symlink("one", live)
        with Agent("--restconf-certificate", os.path.join(live, "cert.pem"), "--restconf-key", os.path.join(live, "key.pem")) as a:
            key = os.path.join(folder, "id")
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
            with open(key + ".pub") as f:
                kind, data = f.read().split()[:2]
            put(a, f"{DATA}ietf-system:system/authentication/user=admin/authorized-key=k", {"ietf-system:authorized-key": [{"name": "k", "algorithm": kind, "key-data": data}]})
            old_algorithms(a, key, int(a.ready["restconf"].rsplit(":", 1)[1]))
            files(a, ca, key, live)
            port, strict = free_port(), free_port()
            keystore(a, ca, "one")
            put(a, TRUSTSTORE, {"ietf-truststore:truststore": {"certificate-bags": {"certificate-bag": [{"name": "b", "certificate": [{"name": "ca", "cert-data": b64(ca.der("ca"))}]}]}}})
            identity = {"server-identity": {"certificate": {"central-keystore-reference": {"asymmetric-key": "k", "certificate": "c"}}}}
            endpoints = []
            for name, at, tls in (("open", port, {}), ("strict", strict, {"client-authentication": {"ca-certs": {"central-truststore-reference": "b"}}})):
                endpoints.append({"name": name, "https": {
                    "tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": at}]}, "tls-server-parameters": {**identity, **tls},
                    "restconf-server-parameters": {"client-identity-mappings": {"cert-to-name": [{"id": 1, "map-type": "ietf-x509-cert-to-name:specified", "name": "admin"}]}}}})
            put(a, SERVER, {"ietf-restconf-server:restconf-server": {"listen": {"endpoints": {"endpoint": endpoints}}}})
            commits(a, ca, key, port)
            untrusted(a, ca, strict)
            told(a, live)


main()
