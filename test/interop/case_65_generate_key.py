"""A key that never leaves the agent: generated there, with a certificate of its own first, then one of an authority (openssl) for the request that the agent signs; an endpoint serves both, and curl verifies."""
import base64, json, os, subprocess
from harness import Agent, example, eventually, free_port, same

PORT, TLS = free_port(), free_port()
KEYS = "/restconf/data/ietf-keystore:keystore/asymmetric-keys"
KEY = KEYS + "/asymmetric-key=k"


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def verified(request):
    said = subprocess.run(["openssl", "req", "-inform", "DER", "-verify", "-noout"], input=request, capture_output=True).stderr
    assert b"verify OK" in said, said


def b64(data):
    return base64.b64encode(data).decode()


def information(pem, folder):
    """The CertificationRequestInfo that names the public key: that of a request for another key, with this key in place of its own."""
    public = openssl("pkey", "-pubin", "-in", pem, "-outform", "DER")
    scratch = os.path.join(folder, "scratch.key")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", scratch)
    request = openssl("req", "-new", "-key", scratch, "-subj", "/CN=alto.example", "-addext", "subjectAltName=IP:127.0.0.1", "-outform", "DER")
    own = openssl("pkey", "-in", scratch, "-pubout", "-outform", "DER")
    assert len(own) == len(public) and request.count(own) == 1
    with open(os.path.join(folder, "scratch.csr"), "wb") as f:
        f.write(request.replace(own, public))
    openssl("asn1parse", "-inform", "DER", "-in", f.name, "-strparse", "4" if request[1] == 0x82 else "3", "-noout", "-out", f.name + ".info")
    return open(f.name + ".info", "rb").read()


with Agent(seed=example("lab.json", PORT)) as a:
    path = lambda name: os.path.join(a.folder, name)

    def rest(method, at, body, want):
        status, _, text = a.rest(method, at, json.dumps(body))
        same(status, want, text)
        return text and json.loads(text)

    def serves(authority):
        got = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", authority, f"https://127.0.0.1:{TLS}/.well-known/host-meta"],
                             capture_output=True, text=True, timeout=20)
        return got.stdout == "200"

    def endpoint(certificate):
        rest("PATCH", "/restconf/data/ietf-restconf-server:restconf-server", {"ietf-restconf-server:restconf-server": {"listen": {"endpoints": {"endpoint": [{"name": "e", "https": {
            "tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": TLS}]},
            "tls-server-parameters": {"server-identity": {"certificate": {"central-keystore-reference": {"asymmetric-key": "k", "certificate": certificate}}}},
            "http-server-parameters": {}}}]}}}}, 204)

    # A key in an empty keystore; the name once only.
    generate = {"altoam-secrets:input": {"name": "k", "self-signed-certificate": {"host": ["127.0.0.1"], "days": 2}}}
    out = rest("POST", KEYS + "/altoam-secrets:generate-key", generate, 200)["altoam-secrets:output"]
    rest("POST", KEYS + "/altoam-secrets:generate-key", generate, 409)
    public = path("public.pem")
    with open(public, "wb") as f:
        f.write(openssl("pkey", "-pubin", "-inform", "DER", data=base64.b64decode(out["public-key"])))
    entry = rest("GET", KEY, None, 200)["ietf-keystore:asymmetric-key"][0]
    assert "encrypted-private-key" in entry and entry["public-key"] == out["public-key"], entry
    own = path("own.pem")
    with open(own, "wb") as f:
        f.write(openssl("pkcs7", "-inform", "DER", "-print_certs", data=base64.b64decode(entry["certificates"]["certificate"][0]["cert-data"])))
    endpoint("self-signed")
    eventually(lambda: serves(own))

    # The request: for this key, not for another.
    ask = lambda info: {"ietf-keystore:input": {"csr-format": "ietf-crypto-types:p10-csr-format", "csr-info": b64(info)}}
    info = information(public, a.folder)
    csr = path("k.csr")
    with open(csr, "wb") as f:
        f.write(base64.b64decode(rest("POST", KEY + "/generate-csr", ask(info), 200)["ietf-keystore:output"]["p10-csr"]))
    verified(open(csr, "rb").read())
    foreign = path("foreign.pem")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path("foreign.key"))
    openssl("pkey", "-in", path("foreign.key"), "-pubout", "-out", foreign)
    assert "public key" in json.dumps(rest("POST", KEY + "/generate-csr", ask(information(foreign, a.folder)), 400))

    # The authority signs, the certificate is put, the endpoint serves it.
    authority = path("ca.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("ca.key"), "-out", authority, "-days", "2", "-subj", "/CN=Authority")
    signed = openssl("x509", "-req", "-inform", "DER", "-in", csr, "-CA", authority, "-CAkey", path("ca.key"), "-days", "2", "-copy_extensions", "copy", "-outform", "DER")
    rest("PUT", KEY + "/certificates/certificate=signed", {"ietf-keystore:certificate": [{"name": "signed", "cert-data": b64(signed)}]}, 201)
    assert not serves(authority)
    endpoint("signed")
    eventually(lambda: serves(authority))
    assert not serves(own)

    # A key on the spot of an endpoint asks as well.
    at = "/restconf/data/ietf-restconf-server:restconf-server/listen/endpoints/endpoint=e/https/tls-server-parameters/server-identity/certificate"
    openssl("req", "-x509", "-key", path("foreign.key"), "-out", path("foreign.crt"), "-days", "2", "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1")
    rest("PUT", at, {"ietf-restconf-server:certificate": {"inline-definition": {
        "private-key-format": "ietf-crypto-types:one-asymmetric-key-format", "cleartext-private-key": b64(openssl("pkcs8", "-topk8", "-nocrypt", "-in", path("foreign.key"), "-outform", "DER")),
        "cert-data": b64(openssl("x509", "-in", path("foreign.crt"), "-outform", "DER"))}}}, 204)
    eventually(lambda: serves(path("foreign.crt")))
    asked = {"ietf-restconf-server:input": ask(information(foreign, a.folder))["ietf-keystore:input"]}
    out = rest("POST", at + "/inline-definition/generate-csr", asked, 200)["ietf-restconf-server:output"]
    verified(base64.b64decode(out["p10-csr"]))
