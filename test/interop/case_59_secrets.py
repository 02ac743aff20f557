"""Secrets are sealed: nothing that the agent stores, answers or logs has them in clear, over RESTCONF and NETCONF; openssl makes the keys, and a new secret key takes over."""
import base64, json, os, ssl, subprocess, urllib.request
from harness import Agent, example, free_port, same

PORT, TLS = free_port(), free_port()
KEYSTORE = "/restconf/data/ietf-keystore:keystore"
SERVER = "/restconf/data/ietf-alto:alto/alto-server"
CANARY, OPEN = "canary-password", "canary-that-is-open"


def openssl(*args, text=None):
    return subprocess.run(["openssl", *args], input=text, capture_output=True, check=True).stdout


def b64(data):
    return base64.b64encode(data).decode()


def no_secret(where, data, found):
    for secret in found:
        assert secret not in data, (where, secret)


def files(folder):
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            if os.path.isfile(path) and name not in ("k.pem", "c.pem", "secret.key"):
                yield path, open(path, "rb").read()


def source(name, password=CANARY):
    return {"source-id": name, "source-type": "altoam-source-http:http", "source-params": {"altoam-source-http:http": {
        "uri": ["http://127.0.0.1:1/x"], "user": "u", "cleartext-password": password}}}


with Agent("--debug", seed=example("lab.json", PORT)) as a:
    data = os.path.join(a.folder, "data")
    pem, crt = os.path.join(a.folder, "k.pem"), os.path.join(a.folder, "c.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", pem, "-out", crt, "-days", "2",
            "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1")
    key = openssl("pkcs8", "-topk8", "-nocrypt", "-in", pem, "-outform", "DER")
    certificate = openssl("x509", "-in", crt, "-outform", "DER")
    secrets = [CANARY.encode(), b64(CANARY.encode())[:-2].encode(), key, b64(key).encode(), open(pem, "rb").read().split(b"\n")[1]]
    answers = []

    def rest(method, path, body, want, **more):
        status, _, text = a.rest(method, path, json.dumps(body), **more)
        same(status, want, text)
        answers.append(text)
        return text

    # RESTCONF: a key of the keystore, used by an endpoint; a source that cannot be reached, so that the edit is refused.
    keys = {"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [{
        "name": "k", "private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": b64(key),
        "certificates": {"certificate": [{"name": OPEN, "cert-data": b64(certificate)}]}}]}}}
    rest("PATCH", KEYSTORE, keys, 204)
    was = a.rest("GET", KEYSTORE)[2]
    refused = rest("PATCH", SERVER, {"ietf-alto:alto-server": {"data-source": [source("away")]}}, 412)
    assert "away" in refused, refused
    rest("PATCH", KEYSTORE, {"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [{"name": "bad", "cleartext-private-key": "%%" + CANARY}]}}}, 400)
    endpoint = {"ietf-restconf-server:restconf-server": {"listen": {"endpoints": {"endpoint": [{"name": "e", "https": {
        "tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": TLS}]},
        "tls-server-parameters": {"server-identity": {"certificate": {"central-keystore-reference": {"asymmetric-key": "k", "certificate": OPEN}}}},
        "http-server-parameters": {}}}]}}}}
    rest("PATCH", "/restconf/data/ietf-restconf-server:restconf-server", endpoint, 204)
    head = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", crt, f"https://127.0.0.1:{TLS}/.well-known/host-meta"],
                          capture_output=True, text=True, timeout=20)
    same(head.stdout, "200", head.stderr)

    # The same again, in clear or as it is read, changes nothing.
    rest("PATCH", KEYSTORE, keys, 204)
    rest("PUT", KEYSTORE, json.loads(was), 204)
    same(a.rest("GET", KEYSTORE)[2], was)

    # NETCONF: into the candidate, read there, committed.
    with a.netconf() as m:
        m.edit_config(target="candidate", config=f"""<config><keystore xmlns="urn:ietf:params:xml:ns:yang:ietf-keystore"><asymmetric-keys><asymmetric-key>
          <name>n</name><private-key-format xmlns:ct="urn:ietf:params:xml:ns:yang:ietf-crypto-types">ct:one-asymmetric-key-format</private-key-format>
          <cleartext-private-key>{b64(key)}</cleartext-private-key></asymmetric-key></asymmetric-keys></keystore></config>""")
        answers.append(str(m.get_config(source="candidate")))
        m.commit()
        answers.append(str(m.get_config(source="running")))
        answers.append(str(m.get()))
    answers.append(a.metrics())
    everything = "\n".join([was, *answers])
    assert OPEN in everything and "encrypted-private-key" in everything
    no_secret("an answer", everything.encode(), secrets)

    # A new secret key on top, a restart: all is sealed with it, and the endpoint is there.
    a.stop()
    found = b""
    for path, content in files(a.folder):
        no_secret(path, content, secrets)
        found += content
    assert OPEN.encode() in found
    ring = os.path.join(data, "secret.key")
    old = open(ring).read()
    check = lambda: subprocess.run([os.environ.get("ALTOAMD", "bin/altoamd"), "store", "check", "--data-dir", data], capture_output=True, text=True).stdout
    before = check()
    assert "2 secrets sealed with the key" in before and "all secrets open" in before, before
    with open(ring, "w") as f:
        f.write(openssl("rand", "-base64", "32").decode() + old)
    a.start()
    text = a.rest("POST", "/restconf/operations/altoam-secrets:reseal")[2]
    same(json.loads(text)["altoam-secrets:output"]["resealed"], 0, text)
    now = json.loads(text)["altoam-secrets:output"]["secret-key"]
    assert now not in before and a.rest("GET", KEYSTORE)[2].count(now) == 2
    with urllib.request.urlopen(f"https://127.0.0.1:{TLS}/.well-known/host-meta", context=ssl.create_default_context(cafile=crt), timeout=10) as r:
        same(r.status, 200)
