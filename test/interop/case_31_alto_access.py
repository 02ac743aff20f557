"""Who may use the ALTO server: curl with HTTP Digest, a bearer token that openssl has signed, what is closed by default, budgets."""
import base64, json, os, re, subprocess, tempfile, time
from authority import Authority
from harness import Agent, example, free_port, same

PORT = free_port()
BASE = f"http://127.0.0.1:{PORT}/alto/"
SERVER = "/restconf/data/ietf-alto:alto/alto-server"
MAP = "networkmap/my-default-network-map"


def curl(*args, path=MAP):
    """(status, header lines, body) of the last response."""
    r = subprocess.run(["curl", "-s", "-i", "--max-time", "20", *args, BASE + path], capture_output=True, text=True, timeout=30)
    assert r.returncode == 0, (args, r)
    text = r.stdout.replace("\r", "")
    while True:
        head, _, rest = text.partition("\n\n")
        if not rest.startswith("HTTP/"):
            return int(head.split()[1]), head.split("\n"), rest
        text = rest


def challenges(*args):
    status, head, _ = curl(*args)
    same(status, 401, args)
    return [h.split(": ", 1)[1] for h in head if h.lower().startswith("www-authenticate:")]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(key, **claims):
    claims = {"iss": "https://idp.example", "aud": "alto", "sub": "carl", "exp": int(time.time()) + 60, **claims}
    text = b64(json.dumps({"alg": "RS256", "kid": "k"}).encode()) + "." + b64(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(), capture_output=True, check=True).stdout
    return ["-H", "Authorization: Bearer " + text + "." + b64(signature)]


def patch(a, body, want=204):
    status, _, text = a.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": body}))
    same(status, want, text)
    return text


def digest(a):
    users = {"user": [{"user-id": "a", "altoam-access:digest": {"credentials": "$0$ann:won:der"}},
                      {"user-id": "b", "basic": {"username": "bert", "password": {"hashed-password": "$0$bert"}}}]}
    patch(a, {"listen": {"http": {"http-server-parameters": {"client-authentication": {"users": users}}}},
              "auth-client": [{"client-id": "ann", "http-auth-client": {"user-id": "a"}}],
              "role": [{"role-name": "inner", "client": ["ann"]}]})
    status, _, text = a.rest("PATCH", SERVER + "/resource=my-default-network-map", json.dumps(
        {"ietf-alto:resource": [{"resource-id": "my-default-network-map", "accepted-role": ["inner"]}]}))
    same(status, 400, text)  # what uses it would be open to more clients
    assert "accepted-role" in text, text
    stored = a.data("ietf-alto:alto/alto-server/listen")
    assert "won:der" not in json.dumps(stored), stored


def close(a):
    """Every resource is for the role."""
    ids = [r["resource-id"] for r in a.data("ietf-alto:alto/alto-server/resource")["ietf-alto:resource"]]
    patch(a, {"resource": [{"resource-id": i, "accepted-role": ["inner"]} for i in ids]})


def clients(a, key):
    kinds = [c.split(" ")[0] for c in challenges()]
    same(kinds, ["Digest", "Digest", "Basic"])
    same(curl("--digest", "-u", "ann:won:der")[0], 200, "digest")
    same(curl("--anyauth", "-u", "ann:won:der")[0], 200, "the strongest that is offered")
    same(curl("--digest", "-u", "ann:wrong")[0], 401, "another password")
    same(curl("--digest", "-u", "bert:bert")[0], 401, "a user of Basic")
    same(curl("-u", "bert:bert")[0], 403, "a user without a role")
    verbose = subprocess.run(["curl", "-sv", "--digest", "-u", "ann:won:der", BASE + MAP], capture_output=True, text=True, timeout=30).stderr
    sent = re.search("Authorization: (Digest .*)", verbose).group(1).strip()
    again = challenges("-H", "Authorization: " + sent)
    assert "stale=true" in again[0], again
    status, _, body = curl("--digest", "-u", "ann:won:der", "-H", "Content-Type: application/alto-costmapfilter+json", "--data-binary", json.dumps(
        {"cost-type": {"cost-mode": "numerical", "cost-metric": "routingcost"}, "pids": {"srcs": ["PID1"], "dsts": []}}), path="costmapfilter/numerical-routing-cost-map")
    same(status, 200, body)


def tokens(a, key):
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], capture_output=True, text=True, check=True).stdout
    patch(a, {"altoam-access:access": {"tokens": {"issuer": [
        {"name": "idp", "issuer": "https://idp.example", "audience": ["alto"], "algorithm": ["RS256"], "role-claim": "roles",
         "key": [{"key-id": "k", "pem": public}]}]}},
        "auth-client": [{"client-id": "carl", "altoam-access:token-auth-client": {"issuer": "idp", "user": "carl"}}],
        "role": [{"role-name": "inner", "client": ["carl"]}]})
    same(curl(*token(key))[0], 200, "a client by token")
    same(curl(*token(key, sub="dora"))[0], 403, "another user")
    same(curl(*token(key, sub="dora", roles=["inner"]))[0], 200, "a role by token")
    bad = challenges(*token(key, exp=int(time.time()) - 600))
    assert any(c.startswith("Bearer ") and 'error="invalid_token"' in c for c in bad), bad


def rules(a):
    status, _, text = a.rest("PUT", SERVER + "/resource=open", json.dumps({"ietf-alto:resource": [
        {"resource-id": "open", "resource-type": "ietf-alto:network-map",
         "alto-networkmap-params": {"altoam-algorithm-from-source:from-source": {"source": "lab", "default-pid": "PID3"}}}]}))
    same(status, 201, text)
    same(curl(path="networkmap/open")[0], 200)
    patch(a, {"altoam-access:access": {"deny-by-default": True}})
    same(curl(path="networkmap/open")[0], 401, "closed by default")
    same(curl("--digest", "-u", "ann:won:der", path="networkmap/open")[0], 403, "for everyone")
    assert '"open"' not in curl("--digest", "-u", "ann:won:der", path="directory")[2]
    patch(a, {"altoam-access:access": {"deny-by-default": False, "budgets": {"requests-per-second-per-client": 3}}})
    answers = [curl(path="networkmap/open") for _ in range(12)]
    refused = [x for x in answers if x[0] == 503]
    assert refused and all("Retry-After: 1" in x[1] for x in refused), [x[0] for x in answers]
    limited = re.search(r'altoam_alto_limited_total\{limit="requests-per-second-per-client"\} (\d+)', a.metrics()).group(1)
    same(int(limited), len(refused))
    patch(a, {"altoam-access:access": {"budgets": {"requests-per-second-per-client": 0, "pairs": 1}}})
    body = {"cost-type": {"cost-mode": "numerical", "cost-metric": "routingcost"}, "endpoints": {"srcs": ["ipv4:192.0.2.2"], "dsts": ["ipv4:198.51.100.200", "ipv4:203.0.113.1"]}}
    post = ["--digest", "-u", "ann:won:der", "-H", "Content-Type: application/alto-endpointcostparams+json", "--data-binary", json.dumps(body)]
    same(curl(*post, path="endpointcost/endpoint-cost")[0], 413, "two pairs of one")


def stacks(a, folder):
    """A further stack with TLS, and what is served there."""
    ca = Authority(folder)
    ca.issue("alto", "IP:127.0.0.2")
    status, _, text = a.rest("PUT", "/restconf/data/ietf-keystore:keystore", json.dumps({"ietf-keystore:keystore": {"asymmetric-keys": {"asymmetric-key": [
        {"name": "alto", **ca.key("alto"), "certificates": {"certificate": [
            {"name": "it", "cert-data": base64.b64encode(ca.der("alto")).decode()}]}}]}}}))
    assert status in (201, 204), text
    at = free_port()
    entry = {"name": "tls", "https": {
        "tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.2", "local-port": at}]},
        "tls-server-parameters": {"server-identity": {"certificate": {"central-keystore-reference": {"asymmetric-key": "alto", "certificate": "it"}}}}}}
    patch(a, {"altoam-access:listen-stack": [entry]})
    ask = lambda: subprocess.run(["curl", "-s", "--cacert", ca.path("ca.pem"), "--digest", "-u", "ann:won:der", "-o", "/dev/null", "-w", "%{http_code} %{scheme}",
                                  f"https://127.0.0.2:{at}/alto/{MAP}"], capture_output=True, text=True, timeout=30).stdout
    same(ask().lower(), "200 https")
    status, _, text = a.rest("DELETE", SERVER + "/altoam-access:listen-stack=tls")
    same(status, 204, text)
    assert not ask().startswith("200"), "the stack that is gone answers"
    same(curl("--digest", "-u", "ann:won:der")[0], 200, "the stack that stays")


with tempfile.TemporaryDirectory() as folder, Agent(seed=example("lab.json", PORT)) as a:
    key = os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key], check=True, capture_output=True)
    same(curl()[0], 200, "open at first")
    digest(a)
    close(a)
    clients(a, key)
    tokens(a, key)
    stacks(a, folder)
    rules(a)
    a.stop()
    a.start()
    same(curl("--digest", "-u", "ann:won:der")[0], 200, "digest after a restart")
    same(curl(*token(key))[0], 200, "a token after a restart")
