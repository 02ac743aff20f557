"""altoamd as a service: without rights and with nothing that others may read, words to systemd, a folder of its own, metrics for other hosts."""
import base64, json, os, shutil, signal, socket, subprocess, tempfile
import harness
from authority import Authority
from harness import PASSWORD, Agent, eventually, example, free_port, same

ROOT = os.geteuid() == 0
# Nobody, who has no right to anything, as the unit has it.
NOBODY = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if ROOT else []


def status(pid, field):
    with open(f"/proc/{pid}/status") as f:
        return next(line.split(":")[1].strip() for line in f if line.startswith(field + ":"))


def readable(pid, name):
    return subprocess.run([*AS_NOBODY, "cat", f"/proc/{pid}/{name}"], capture_output=True).returncode == 0


def service(work):
    """The start and the end as a service manager sees them, and what others see of the process between."""
    words = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    words.bind(os.path.join(work, "notify"))
    words.settimeout(20)
    os.chmod(os.path.join(work, "notify"), 0o777)
    program = os.path.join(work, "altoamd")
    shutil.copy(harness.BINARY, program)
    folder = os.path.join(work, "home")
    os.mkdir(folder)
    if ROOT:
        os.chown(folder, 65534, 65534)
    seed = os.path.join(work, "seed.json")
    with open(seed, "w") as f:
        f.write(example("lab.json", free_port()))
    env = dict(os.environ, ALTOAMD_ADMIN_PASSWORD=PASSWORD, NOTIFY_SOCKET=os.path.join(work, "notify"), WATCHDOG_USEC="200000")
    agent = subprocess.Popen([*NOBODY, *AS_NOBODY[1:], program, "run", "--data-dir", os.path.join(folder, "data"), "--seed", seed,
                              "--netconf-ssh", "127.0.0.1:0", "--restconf", "127.0.0.1:0", "--metrics", "127.0.0.1:0"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, text=True)
    twin = subprocess.Popen([*AS_NOBODY, "sleep", "60"])
    try:
        same(words.recv(64), b"READY=1", "" if agent.poll() is None else agent.stderr.read())
        same(words.recv(64), b"WATCHDOG=1")
        same((status(agent.pid, "NoNewPrivs"), status(agent.pid, "CapEff")), ("1", "0" * 16))
        same(status(agent.pid, "CapBnd"), "0" * 16 if ROOT else status("self", "CapBnd"))  # others cannot lower it, nor use it
        with open(f"/proc/{agent.pid}/limits") as f:
            same([line.split()[4:6] for line in f if line.startswith("Max core file size")], [["0", "0"]])
        eventually(lambda: readable(twin.pid, "environ"))
        for secret in ("environ", "maps", "io"):
            assert not readable(agent.pid, secret), f"another process of the user reads {secret}"
        for folder, _, files in os.walk(os.path.join(folder, "data")):
            same(os.stat(folder).st_mode & 0o777, 0o700, folder)
            for name in files:
                want = 0o644 if name == "restconf.pem" else 0o600
                same(os.stat(os.path.join(folder, name)).st_mode & 0o777, want, name)
        agent.send_signal(signal.SIGTERM)
        while (word := words.recv(64)) != b"STOPPING=1":
            same(word, b"WATCHDOG=1")
        same(agent.wait(20), 0)
    finally:
        twin.kill()
        twin.wait()
        agent.kill()
        agent.wait()


def own_rights():
    """Without a service manager altoamd gives up rights and core dumps all the same."""
    with Agent() as a:
        pid = a.process.pid
        for task in os.listdir(f"/proc/{pid}/task"):
            same(status(f"{pid}/task/{task}", "NoNewPrivs"), "1", "a thread")
        file = os.path.join(a.folder, "data", "running.db")
        a.stop()
        os.chmod(file, 0o660)
        try:
            a.start()
        except AssertionError as e:
            assert "others may write to" in str(e) and "running.db" in str(e), e
        else:
            raise AssertionError("a store that others may write to was opened")
        os.chmod(file, 0o600)
        a.start()


def check(*args):
    x = subprocess.run([harness.BINARY, "check", "-o", "json", *args], capture_output=True, text=True)
    return x.returncode, {w["rule"]: w for w in json.loads(x.stdout or "[]")}, x.stderr


def weaknesses():
    """What is weak is told of an agent that runs, by its RPC, and of its folder once it is stopped."""
    port = free_port()
    with Agent(seed=example("lab.json", port, **{'"local-address": "127.0.0.1"': '"local-address": "0.0.0.0"'})) as a:
        folder = os.path.join(a.folder, "data")
        found = a.rest("POST", "/restconf/operations/altoam-weakness:find")
        same(found[0], 200, found[2])
        rules = {w["rule"]: w["path"] for w in json.loads(found[2])["altoam-weakness:output"]["weakness"]}
        assert rules["alto-http"].endswith("local-bind[local-address='0.0.0.0']") and "user-default-name" in rules, rules
        same(a.rest("POST", "/restconf/data/ietf-system:system/authentication", '{"ietf-system:user":[{"name":"u","password":"$0$u-password"}]}')[0], 201)
        same(a.rest("POST", "/restconf/operations/altoam-weakness:find", auth=("u", "u-password"))[0], 403)
        code, _, why = check("--data-dir", folder)
        assert code == 1 and "altoam-weakness:find" in why, why
        a.stop()
        code, found, _ = check("--data-dir", folder)
        assert code == 0 and found["alto-http"]["severity"] == "medium" and "user-without-group" in found, found
        assert found["secret-key-beside"]["path"] == os.path.join(folder, "secret.key"), found
        code, found, why = check("--data-dir", folder, "--metrics", "0.0.0.0:9420")
        assert code == 1 and "metrics-open" in found and "severity high" in why, (found, why)
        a.start()


def endpoint(authority, port, **clients):
    tls = {"server-identity": {"certificate": {"inline-definition": {**authority.key("server"), "cert-data": base64.b64encode(authority.der("server")).decode()}}}}
    http = {}
    if "ca" in clients:
        der = authority.run("x509", "-in", "ca.pem", "-outform", "DER")
        tls["client-authentication"] = {"ca-certs": {"inline-definition": {"certificate": [{"name": "ca", "cert-data": base64.b64encode(der).decode()}]}}}
    if "hash" in clients:
        user = {"user-id": "1", "basic": {"username": "prometheus", "password": {"hashed-password": clients["hash"]}}}
        http["client-authentication"] = {"users": {"user": [user]}}
    return json.dumps({"altoam-metrics:metrics-server": {"listen": {"endpoints": {"endpoint": [{"name": "all", "https": {
        "tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": port}]},
        "tls-server-parameters": tls, "http-server-parameters": http}}]}}}})


def curl(url, *args):
    x = subprocess.run(["curl", "-s", "-o", "/dev/stdout", "-w", "%{http_code}", *args, url], capture_output=True, text=True, timeout=20)
    return x.stdout[-3:], x.stdout[:-3]


def metrics(work):
    """Metrics for other hosts: over TLS, for those who are named, for Prometheus too; not in clear text."""
    authority, port = Authority(work), free_port()
    authority.issue("server", "IP:127.0.0.1")
    authority.issue("scraper", "DNS:scraper")
    url, ca = f"https://127.0.0.1:{port}/metrics", ("--cacert", authority.path("ca.pem"))
    known = ("-u", "prometheus:of-prometheus")
    hash = subprocess.run(["openssl", "passwd", "-6", "of-prometheus"], capture_output=True, text=True, check=True).stdout.strip()
    with Agent() as a:
        put = lambda body: a.rest("PUT", "/restconf/data/altoam-metrics:metrics-server", body)
        status, _, text = put(endpoint(authority, port))
        assert status == 409 and "nobody may read metrics" in text, (status, text)
        same(put(endpoint(authority, port, hash=hash))[0], 201)
        same([curl(url, *ca, *x)[0] for x in ((), ("-u", "prometheus:wrong"), ("-u", f"admin:{PASSWORD}"), known)], ["401", "401", "401", "200"])
        same(curl(f"https://127.0.0.1:{port}/metrics", *ca, *known, "-X", "POST", "-d", "x")[0], "405")
        text = curl(url, *ca, *known)[1]
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        assert checked.returncode in (0, 3) and "altoam_" in text, checked.stderr  # 3: names that it would choose otherwise
        scraped(work, authority, port)
        same(put(endpoint(authority, port, ca=True))[0], 204)
        cert = ("--cert", authority.path("scraper.pem"), "--key", authority.path("scraper.key"))
        same([curl(url, *ca, *x)[0] for x in ((), known, cert)], ["000", "000", "200"])
        assert f'altoam_endpoint_listening{{address="127.0.0.1:{port}",endpoint="all",protocol="metrics",transport="tcp"}} 1' in text, text
        same(a.rest("DELETE", "/restconf/data/altoam-metrics:metrics-server")[0], 204)
        eventually(lambda: curl(url, *ca, *cert)[0] == "000")
        same(a.metrics().startswith("#"), True)
    x = subprocess.run([harness.BINARY, "run", "--data-dir", os.path.join(work, "refused"), "--metrics", "0.0.0.0:0"], capture_output=True, text=True)
    assert x.returncode == 1 and "--metrics-insecure" in x.stderr and not os.path.exists(os.path.join(work, "refused")), x


def scraped(work, authority, port):
    """Prometheus itself scrapes the endpoint."""
    at, config = free_port(), os.path.join(work, "prometheus.yml")
    with open(config, "w") as f:
        json.dump({"scrape_configs": [{"job_name": "altoam", "scrape_interval": "1s", "scrape_timeout": "1s", "scheme": "https",
                   "tls_config": {"ca_file": authority.path("ca.pem")}, "basic_auth": {"username": "prometheus", "password": "of-prometheus"},
                   "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}, f)
    p = subprocess.Popen(["prometheus", f"--config.file={config}", f"--storage.tsdb.path={work}/tsdb", f"--web.listen-address=127.0.0.1:{at}"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def up():
            code, text = curl(f"http://127.0.0.1:{at}/api/v1/query?query=up")
            return code == "200" and [r["value"][1] for r in json.loads(text)["data"]["result"]] == ["1"]
        eventually(up, 20)
    finally:
        p.terminate()
        p.wait(20)


work = tempfile.mkdtemp(prefix="altoam-process-")
os.chmod(work, 0o755)
try:
    service(work)
    own_rights()
    weaknesses()
    metrics(work)
finally:
    shutil.rmtree(work, ignore_errors=True)
