"""A client's walk over generated deployments: every resource, several cost types at once, paths, calendars, each error, and
50 update streams and 500 clients of a TIPS view while 1 % changes: what they make of the changes is what the server has. ALTOAM_WALK_SCALE=1 is the full size of cdn, which takes some minutes and 2 GB."""
# Runs alone: it tells how long it takes, and works both processors.
import os, subprocess, tempfile, time
from harness import ROOT, Agent, free_port

SCALE = float(os.environ.get("ALTOAM_WALK_SCALE", "0.04"))


def go(command, *args):
    r = subprocess.run(["go", "run", "./scripts/" + command, *args], cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert r.returncode == 0, (command, args, r.stdout, r.stderr)
    return r.stdout


def memory(a):
    with open(f"/proc/{a.process.pid}/status") as f:
        fields = dict(line.split(":", 1) for line in f)
    return ", ".join(f"{name} {int(fields[name].split()[0]) // 1024} MB" for name in ("VmRSS", "VmHWM"))


def walk(kind, scale, *more):
    with tempfile.TemporaryDirectory(prefix="altoam-walk-") as folder:
        address = f"127.0.0.1:{free_port()}"
        same = ["-kind", kind, "-scale", str(scale), "-address", address]
        go("generate", *same, "-out", folder)
        with open(os.path.join(folder, "configuration.json")) as f:
            seed = f.read()
        began = time.time()
        with Agent(seed=seed) as a:
            print(f"     {kind} × {scale:g}: ready after {time.time() - began:.1f} s, {memory(a)}")
            for line in go("walk", *same, "-folder", folder, "-uri", a.ready["alto"][0], *more).splitlines():
                print("     " + line)
            print("     " + memory(a))


walk("cdn", SCALE)
walk("lhcone", 1, "-user", "transfers-05:transfers-05")
