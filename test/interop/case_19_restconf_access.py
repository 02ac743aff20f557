"""RESTCONF with curl: bearer tokens that openssl has signed, limits, pages of other origins, zstd and gzip both ways."""
import base64, gzip, json, os, subprocess, time
from harness import JSON, PASSWORD, Agent, same

TOKENS = "/restconf/data/altoam-restconf:restconf-tokens"
LIMITS = "/restconf/data/altoam-restconf:restconf-limits"
CORS = "/restconf/data/altoam-restconf:restconf-cors"
LIBRARY = "/restconf/data/ietf-yang-library:yang-library"
CONTACT = "/restconf/data/ietf-system:system/contact"
BASIC = ["-u", "admin:" + PASSWORD]


class Curl:
    def __init__(self, agent):
        self.base, self.folder = "https://" + agent.ready["restconf"], agent.folder

    def ask(self, want, method, path, *flags, body=None, kind=JSON, auth=BASIC):
        """One request that has to end with the status want: (header fields, body)."""
        head, out = (os.path.join(self.folder, name) for name in ("head", "out"))
        args = ["curl", "-sSk", "-X", method, "-D", head, "-o", out, "-w", "%{http_code}", *auth, self.base + path, *flags]
        if body is not None:
            args += ["-H", "Content-Type: " + kind, "--data-binary", body if isinstance(body, str) else json.dumps(body)]
        status = subprocess.run(args, check=True, timeout=60, stdout=subprocess.PIPE, text=True).stdout
        with open(out, "rb") as f:
            text = f.read()
        os.remove(out)
        assert status in str(want), f"{method} {path}: {status}, want {want}: {text[:500]}"
        with open(head) as f:
            fields = [l.strip().split(": ", 1) for l in f.read().split("\n\n")[-2].splitlines() if ": " in l]
        header = {}
        for name, value in fields:
            header[name.lower()] = header[name.lower()] + ", " + value if name.lower() in header else value
        return header, text

    def put(self, path, value):
        """PUT of a container or leaf, which may be there."""
        name, module = path.rsplit(":", 1)[-1].split("/")[-1], path.split("/")[3].split(":")[0]
        self.ask("201 or 204", "PUT", path, body={module + ":" + name: value})


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*args, given=None):
    return subprocess.run(["openssl", *args], input=given, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Key:
    """A key pair that openssl has made."""

    def __init__(self, folder, name, alg, *how):
        self.alg, self.file = alg, os.path.join(folder, name + ".pem")
        openssl("genpkey", "-out", self.file, *how)
        self.public = openssl("pkey", "-in", self.file, "-pubout").decode()

    def token(self, header=None, **claims):
        now = int(time.time())
        all = {"iss": "https://id.example.com", "aud": "altoam", "sub": "carol", "exp": now + 300, "iat": now, **claims}
        text = ".".join(b64(json.dumps(x).encode()) for x in (
            {"typ": "JWT", "alg": self.alg, **(header or {})}, {k: v for k, v in all.items() if v is not None}))
        return text + "." + b64(self.sign(text.encode()))

    def sign(self, text):
        if self.alg == "EdDSA":
            name = self.file + ".text"
            with open(name, "wb") as f:
                f.write(text)
            return openssl("pkeyutl", "-sign", "-inkey", self.file, "-rawin", "-in", name)
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if self.alg[0] == "P" else []
        signature = openssl("dgst", "-sha256", "-sign", self.file, *pss, given=text)
        return raw(signature) if self.alg == "ES256" else signature


def raw(der):
    """r and s of an ECDSA signature of P-256, 32 octets each."""
    at, out = 2, b""
    for _ in range(2):
        length = der[at + 1]
        out += der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + length
    return out


def tokens(c):
    keys = [Key(c.folder, "rsa", "RS256", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
            Key(c.folder, "pss", "PS256", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
            Key(c.folder, "ec", "ES256", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            Key(c.folder, "ed", "EdDSA", "-algorithm", "ED25519")]
    stranger = Key(c.folder, "stranger", "ES256", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    bearer = lambda token: ["-H", "Authorization: Bearer " + token]
    header, _ = c.ask(401, "GET", "/restconf", auth=bearer(keys[0].token()))
    assert "Bearer" not in header["www-authenticate"], header
    issuer = {"name": "id", "issuer": "https://id.example.com", "audience": ["altoam"], "algorithm": [k.alg for k in keys],
              "key": [{"key-id": k.alg, "pem": k.public} for k in keys]}
    c.put(TOKENS, {"issuer": [issuer]})
    for k in keys:
        c.ask(200, "GET", "/restconf", auth=bearer(k.token({"kid": k.alg})))
    c.ask(200, "GET", "/restconf")
    c.ask(204, "PATCH", "/restconf/data/ietf-netconf-acm:nacm/groups", body={
        "ietf-netconf-acm:groups": {"group": [{"name": "admin", "user-name": ["carol"]}]}})
    token = keys[2].token()
    c.ask(201, "PUT", CONTACT, body={"ietf-system:contact": "carol"}, auth=bearer(token))
    _, history = c.ask(200, "GET", "/restconf/data/altoam-commit:commits?depth=3")
    assert b'"carol"' in history, history[:1000]
    header, _ = c.ask(401, "GET", "/restconf", auth=[])
    same(header["www-authenticate"], 'Basic realm="altoam", charset="UTF-8", Bearer realm="altoam"')
    none = ".".join([b64(b'{"alg":"none"}'), token.split(".")[1], ""])
    hmac = b64(json.dumps({"alg": "HS256", "kid": "ES256"}).encode()) + "." + token.split(".")[1]
    hmac += "." + b64(openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + keys[2].public.encode().hex(), "-binary", given=hmac.encode()))
    ec = keys[2]
    for name, bad in {
        "expired": ec.token(exp=int(time.time()) - 60), "another issuer": ec.token(iss="https://evil.example.com"),
        "another audience": ec.token(aud="elsewhere"), "no expiry": ec.token(exp=None), "not yet": ec.token(nbf=int(time.time()) + 600),
        "a stranger": stranger.token(), "unknown kid": ec.token({"kid": "x"}), "another key's kid": ec.token({"kid": "RS256"}),
        "none": none, "HMAC with the public key": hmac, "cut": token[:-5], "rubbish": "rubbish", "empty": "",
    }.items():
        header, text = c.ask(401, "GET", "/restconf", auth=bearer(bad))
        said = header["www-authenticate"]
        assert 'Bearer realm="altoam", error="invalid_token"' in said and "Basic" in said, (name, header)
        assert ("expired" in said) == (name == "expired") and b"access-denied" in text, (name, said, text)
    issuer["required-scope"] = "alto:write"
    c.put(TOKENS, {"issuer": [issuer]})
    header, _ = c.ask(403, "GET", "/restconf", auth=bearer(token))
    assert 'error="insufficient_scope"' in header["www-authenticate"] and 'scope="alto:write"' in header["www-authenticate"], header
    c.ask(200, "GET", "/restconf", auth=bearer(ec.token(scope="openid alto:write")))
    with open(os.path.join(c.folder, "log")) as f:
        log = f.read()
    assert token.split(".")[2] not in log, "a signature is in the log"
    c.ask(204, "DELETE", TOKENS)
    c.ask(401, "GET", "/restconf", auth=bearer(token))


def limits(c, agent):
    def limited(name, value, want, *request, **more):
        c.put(LIMITS + "/" + name, value)
        header, text = c.ask(want, *request, **more)
        assert b"error-message" in text and ("retry-after" in header) == (want in (429, 503)), (name, header, text)
        c.ask(204, "DELETE", LIMITS + "/" + name)
        assert f'altoam_restconf_limited_total{{limit="{name}"}} 1' in agent.metrics(), name

    limited("body-size", 1024, 413, "PUT", CONTACT, body=" " * 2000)
    limited("header-size", 1024, 431, "GET", "/restconf", "-H", "X-Long: " + "a" * 1500)
    c.put(LIMITS + "/requests-per-second-per-user", 5)
    run = ["curl", "-sk", *BASIC, "-w", "%{http_code} "] + ["-o", "/dev/null", c.base + "/restconf"] * 30
    codes = subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    assert "429" in codes and "200" in codes, codes
    time.sleep(1.1)
    c.put(LIMITS + "/requests-per-second-per-user", 0)
    c.put(LIMITS + "/event-streams-per-user", 1)
    stream = subprocess.Popen(["curl", "-skN", *BASIC, c.base + "/restconf/streams/NETCONF/json"], stdout=subprocess.PIPE)
    same(stream.stdout.readline(), b"retry: 3000\n")
    header, _ = c.ask(429, "GET", "/restconf/streams/NETCONF/json")
    same(header["retry-after"], "5")
    stream.kill()
    stream.wait()
    c.put(LIMITS + "/request-timeout", 1)
    slow = subprocess.Popen(["curl", "-sk", *BASIC, "-X", "PUT", "-H", "Content-Type: " + JSON, "-T", "-", "-o", "/dev/null",
                             "-w", "%{http_code}", c.base + CONTACT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    slow.stdin.write(b'{"ietf-')
    slow.stdin.flush()
    time.sleep(2)
    same(slow.communicate()[0], b"408")
    c.ask(204, "DELETE", LIMITS)


def origins(c):
    page = ["-H", "Origin: https://ui.example.com", "-H", "Access-Control-Request-Method: PUT"]
    c.ask(401, "OPTIONS", "/restconf/data", *page, auth=[])
    c.put(CORS, {"origin": ["https://ui.example.com"]})
    header, _ = c.ask(204, "OPTIONS", "/restconf/data", *page, auth=[])
    same(header["access-control-allow-origin"], "https://ui.example.com")
    assert "PUT" in header["access-control-allow-methods"] and "If-Match" in header["access-control-allow-headers"], header
    header, _ = c.ask(200, "GET", "/restconf", *page[:2])
    assert "ETag" in header["access-control-expose-headers"] and "Origin" in header["vary"], header
    header, _ = c.ask(401, "OPTIONS", "/restconf/data", *page[2:], "-H", "Origin: https://evil.example.com", auth=[])
    assert "access-control-allow-origin" not in header, header
    c.ask(403, "POST", "/restconf/operations/altoam-commit:rollback", "-H", "Origin: https://evil.example.com")
    c.ask(204, "DELETE", CORS)


def zstd(*parts):
    """A frame of zstd (RFC 8878 Section 3.1.1): each part, shorter than 128 KiB or one octet over and over, in blocks."""
    blocks = [(0, p, len(p)) if len(p) < 1 << 17 else (1, p[:1], n) for p in parts
              for n in ([1 << 17] * (len(p) >> 17) if len(p) >= 1 << 17 else [0])]
    out = b"\x28\xb5\x2f\xfd" + bytes([0, 7 << 3])  # a window of 128 KiB
    for i, (kind, content, size) in enumerate(blocks):
        out += ((i == len(blocks) - 1) | kind << 1 | size << 3).to_bytes(3, "little") + content
    return out


def compression(c):
    _, plain = c.ask(200, "GET", LIBRARY)
    for coding in ("gzip", "zstd"):
        header, text = c.ask(200, "GET", LIBRARY, "--compressed", "-H", "Accept-Encoding: " + coding)
        same((header["content-encoding"], text), (coding, plain))
        header, text = c.ask(200, "GET", LIBRARY, "-H", "Accept-Encoding: " + coding)
        assert len(text) < len(plain) / 3, (coding, len(text), len(plain))
    header, _ = c.ask(200, "GET", LIBRARY, "--compressed")
    same(header["content-encoding"], "zstd")
    c.ask(406, "GET", LIBRARY, "-H", "Accept-Encoding: br, identity;q=0")
    c.put(LIMITS + "/body-size", 10_000_000)
    for coding, encode in (("gzip", lambda *parts: gzip.compress(b"".join(parts), 9)), ("zstd", zstd)):
        for parts, want in (([b'{"ietf-system:contact":"%s"}' % coding.encode()], 204), ([b'{"ietf-system:contact":"', b" " * 40_000_000], 413)):
            name = os.path.join(c.folder, "body")
            with open(name, "wb") as f:
                f.write(encode(*parts))
            c.ask(want, "PUT", CONTACT, "-H", "Content-Encoding: " + coding, "-H", "Content-Type: " + JSON, "--data-binary", "@" + name)
        same(json.loads(c.ask(200, "GET", CONTACT)[1]), {"ietf-system:contact": coding})
    header, _ = c.ask(415, "PUT", CONTACT, "-H", "Content-Encoding: br", body={"ietf-system:contact": "x"})
    same(header["accept-encoding"], "zstd, gzip")


with Agent() as a:
    c = Curl(a)
    tokens(c)
    limits(c, a)
    origins(c)
    compression(c)
