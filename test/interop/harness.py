"""Starts altoamd for a test case and talks to it with real clients."""
import base64, json, os, random, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, time
import urllib.error, urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.environ.get("ALTOAMD", os.path.join(ROOT, "bin", "altoamd"))
PASSWORD = "secret-of-the-test"
JSON, XML = "application/yang-data+json", "application/yang-data+xml"


def hold_ports():
    """64 ports below those that the kernel gives away, for this process alone: the first one stays bound
    as long as it lives, so that every other case, and those of another run, take other ones."""
    firsts = list(range(10240, 32768, 64))
    random.shuffle(firsts)
    for first in firsts:
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", first))
            return held, iter(range(first + 1, first + 64))
        except OSError:
            held.close()
    raise AssertionError("no 64 ports are left")


HELD, PORTS = hold_ports()


def free_port():
    """A port of loopback that nothing listens on, and that neither this case nor another one gets again."""
    for port in PORTS:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise AssertionError("this case has had its 64 ports")


def example(name, port, **replace):
    """The example configuration with its ALTO server on another port."""
    with open(os.path.join(ROOT, "examples", name)) as f:
        text = f.read().replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    text = text.replace('"local-port": 8080', f'"local-port": {port}')
    for old, new in replace.items():
        text = text.replace(old, new)
    return text


class Agent:
    """A running altoamd with its data folder."""

    def __init__(self, *flags, seed=None, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="altoam-")
        self.flags = list(flags)
        if seed is not None:
            path = os.path.join(self.folder, "seed.json")
            with open(path, "w") as f:
                f.write(seed)
            self.flags += ["--seed", path]
        self.start()

    def start(self):
        env = dict(os.environ, ALTOAMD_ADMIN_PASSWORD=PASSWORD)
        self.log = open(os.path.join(self.folder, "log"), "a")
        self.process = subprocess.Popen(
            [BINARY, "run", "--data-dir", os.path.join(self.folder, "data"), "--netconf-ssh", "127.0.0.1:0",
             "--restconf", "127.0.0.1:0", "--metrics", "127.0.0.1:0", *self.flags],
            stdout=subprocess.PIPE, stderr=self.log, env=env, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(10)
            with open(os.path.join(self.folder, "log")) as f:
                raise AssertionError("altoamd did not start:\n" + f.read()[-4000:])
        self.ready = json.loads(line)
        assert self.ready["msg"] == "ready", line
        self.netconf_port = int(self.ready["netconf"].rsplit(":", 1)[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        """Ends it as an operator does; the status must be 0."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        assert code == 0, f"SIGTERM ended altoamd with {code}"

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed:
            with open(os.path.join(self.folder, "log")) as f:
                sys.stderr.write(f.read()[-3000:])
        if self.process.poll() is None:
            self.stop() if not failed else self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rest(self, method, path, body=None, kind=JSON, accept=JSON, headers=None, auth=("admin", PASSWORD)):
        """One RESTCONF request: (status, headers, text)."""
        url = "https://" + self.ready["restconf"] + path
        r = urllib.request.Request(url, method=method, data=body.encode() if isinstance(body, str) else body)
        r.add_header("Accept", accept)
        if body is not None:
            r.add_header("Content-Type", kind)
        if auth:
            r.add_header("Authorization", "Basic " + base64.b64encode(":".join(auth).encode()).decode())
        for k, v in (headers or {}).items():
            r.add_header(k, v)
        context = ssl._create_unverified_context()
        try:
            with urllib.request.urlopen(r, context=context, timeout=30) as a:
                return a.status, a.headers, a.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read().decode()

    def data(self, path, **kw):
        """GET of a data resource that must exist, as parsed JSON."""
        status, _, text = self.rest("GET", "/restconf/data/" + path, **kw)
        assert status == 200, (path, status, text)
        return json.loads(text)

    def metrics(self):
        with urllib.request.urlopen("http://" + self.ready["metrics"] + "/metrics", timeout=10) as a:
            return a.read().decode()

    def netconf(self):
        from ncclient import manager
        return manager.connect(host="127.0.0.1", port=self.netconf_port, username="admin", password=PASSWORD,
                               hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=60)


def get(url, accept="*/*", body=None, kind=None):
    """One plain HTTP request: (status, content type, text)."""
    r = urllib.request.Request(url, data=body.encode() if body else None)
    r.add_header("Accept", accept)
    if kind:
        r.add_header("Content-Type", kind)
    try:
        with urllib.request.urlopen(r, timeout=10) as a:
            return a.status, a.headers.get("Content-Type"), a.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers.get("Content-Type"), e.read().decode()


def merged(target, patch):
    """What a merge patch (RFC 7396) makes of a document."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def eventually(check, seconds=10):
    """Calls check until it is true."""
    end = time.time() + seconds
    while True:
        if check():
            return
        assert time.time() < end, f"not within {seconds} s: {check.__name__}"
        time.sleep(0.1)


def same(got, want, what=""):
    assert got == want, f"{what}\n got {str(got)[:2000]}\nwant {str(want)[:2000]}"
