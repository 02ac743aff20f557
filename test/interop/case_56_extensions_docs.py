"""docs/alto-extensions.md: what is configured is part of examples/extensions.json, and each command has the answer that stands below it."""
import json, os, re, subprocess, time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from harness import ROOT, Agent, example, free_port, same

SERVER = "/restconf/data/ietf-alto:alto/alto-server"
# What changes while a command waits for it.
CHANGES = {
    "curl -N": {"pid": [{"name": "PID1", "prefix": ["203.0.113.0/24"]}]},
    "waits until a cost changes": {"cost-table": [{"metric": "routingcost", "mode": "numerical", "cost": [{"source": "PID1", "destination": "PID2", "value": "7"}]}]},
}
IDENTIFIER = r"[0-9a-f]{40}|[\w-]{32}"  # of versions, parts, streams and views
today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
DATES = {"2026-11-23": f"{today:%Y-%m-%d}", "2026-11-25": f"{today + timedelta(days=2):%Y-%m-%d}"}

with open(os.path.join(ROOT, "docs", "alto-extensions.md")) as f:
    PAGE = f.read().replace("Mon, 23 Nov 2026 00:00:00 GMT", format_datetime(today, usegmt=True))
BLOCKS = re.findall(r"(?ms)^```(json)?\n(.*?)^```$", PAGE)


def missing(part, whole, at="", keys=("resource-id", "source-id", "cost-type-name", "name", "entity-domain", "source", "metric", "start", "footprint-type")):
    """What of part is not in whole, entries of lists being known by their keys."""
    if isinstance(part, dict) and isinstance(whole, dict):
        for name, value in part.items():
            yield from missing(value, whole[name], f"{at}/{name}") if name in whole else [f"{at}/{name}"]
    elif isinstance(part, list) and isinstance(whole, list):
        for i, value in enumerate(part):
            key = next((k for k in keys if isinstance(value, dict) and k in value), None)
            found = [w for w in whole if (w.get(key) == value[key] and (key != "source" or w["destination"] == value["destination"]) if key else w == value)]
            yield from missing(value, found[0], f"{at}[{i}]") if found else [f"{at}[{i}]"]
    elif str(part).removeprefix("ietf-alto:") != str(whole).removeprefix("ietf-alto:"):
        yield f"{at}: {part} is {whole}"


def commands(block):
    """The commands of a block, each with what it answers."""
    command, answer = None, []
    for line in block.replace("\\\n", " ").splitlines():
        if re.match(r"curl |[A-Z]=", line):
            if command:
                yield command, "\n".join(answer)
            command, answer = line, []
        else:
            answer.append(line)
    yield command, "\n".join(answer)


def change(a, data):
    body = {"ietf-alto:alto-server": {"data-source": [{"source-id": "lab", "source-params": {"altoam-source-static:static": data}}]}}
    status, _, text = a.rest("PATCH", SERVER, json.dumps(body))
    same(status, 204, text)


def carry_out(a, variables, command):
    text = "; ".join(variables.values()) + "\n" + command.replace("curl ", "curl -sS --max-time 3 ", 1)
    process = subprocess.Popen(["bash", "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for words, data in CHANGES.items():
        if words in command:
            time.sleep(0.5)
            change(a, data)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 0 or "-N" in command, (command, errors)
    return out.replace("\r\n", "\n")


def pattern(answer):
    parts = re.split(rf"(…|\b(?:{IDENTIFIER})\b)", answer.strip())
    return "".join(".*" if p == "…" else f"(?:{IDENTIFIER})" if re.fullmatch(IDENTIFIER, p) else re.escape(p) for p in parts)


port = free_port()
seed = example("extensions.json", port, **DATES)
whole, configured, done = json.loads(seed)["ietf-alto:alto"]["alto-server"], 0, 0
with Agent(seed=seed) as a:
    variables = {}
    for kind, block in BLOCKS:
        for old, new in DATES.items():
            block = block.replace(old, new)
        if kind == "json":
            same(list(missing(json.loads("{" + block + "}"), whole)), [], block)
            configured += 1
            continue
        for command, answer in commands(block.replace("127.0.0.1:8080", f"127.0.0.1:{port}")):
            if name := re.match(r"([A-Z])=", command):
                variables[name[1]] = "V=" + view if name[1] == "V" else command
                continue
            out = carry_out(a, variables, command)
            if found := re.search(r'"tips-view-uri":"([^"]+)', out):
                view = found[1]
            assert re.match(pattern(answer) + (r"\s*$" if "-N" not in command else ""), out, re.S), f"{command}\n got {out}\nwant {answer}"
            done += 1
assert configured >= 8 and done >= 11, (configured, done)
