"""curl sends the messages of RFC 8040 and of RFC 8072 Appendix A as restconf/testdata/rfc has them, and asks for all data in both encodings."""
import json, os, re, shutil, subprocess, tempfile
import xml.etree.ElementTree as ET
from harness import JSON, PASSWORD, ROOT, XML, Agent, same

TESTDATA = os.path.join(ROOT, "restconf", "testdata")
MODULES = ["example-jukebox", "example-mod", "example-top", "example-system", "example-events", "example", "foo", "foo-dev", "bar", "baz",
           "example-ops", "example-actions", "module-A"]
OUTPUTS = {  # of the operations and actions, by the names of the programs behind them
    "/module-A:reset": None, "/module-A:interfaces/reset-all": None, "/example-jukebox:play": None,
    "/example-ops:reboot": None, "/example-actions:interfaces/interface/reset": None,
    "/example-ops:get-reboot-info": {"example-ops:reboot-time": 30, "example-ops:message": "Going down for system maintenance", "example-ops:language": "en-US"},
    "/example-actions:interfaces/interface/get-last-reset-time": {"example-actions:last-reset": "2015-10-10T02:14:11Z"},
}
STATE = {"artist-count", "album-count", "song-count", "event-count", "status", "@status", "replay-log-creation-time"}  # as the server finds it


def vectors(file):
    """The messages of a file: (name, request, whether the answer may have more, answer)."""
    with open(os.path.join(TESTDATA, "rfc", file)) as f:
        parts = re.split(r"^-- (.*) --\n", f.read(), flags=re.M)[1:]
    sections = list(zip(parts[::2], parts[1::2]))
    for (name, request), (answered, answer) in zip(sections[::2], sections[1::2]):
        assert name.endswith(" request") and answered.startswith(name[:-len("request")] + "answer"), (name, answered)
        yield name[:-len(" request")], message(request), answered.endswith("others"), message(answer)


def message(text):
    """First line, headers and body; lines that end in a backslash go on."""
    head, _, body = re.sub(r"\\\n *", "", text).strip().partition("\n\n")
    first, *lines = head.split("\n")
    return first, dict(line.split(": ", 1) for line in lines), body


def curl(agent, method, target, headers, body="", seconds="30"):
    """What curl gets: (status, headers, body)."""
    args = ["curl", "-sk", "-g", "--path-as-is", "--max-time", seconds, "-u", "admin:" + PASSWORD, "-X", method, "-D", "-"]
    for name, value in headers.items():
        args += ["-H", name + ": " + value]
    if body:
        args += ["--data-binary", body]
    out = subprocess.run(args + ["https://" + agent.ready["restconf"] + target], stdout=subprocess.PIPE, text=True).stdout
    head, _, text = out.replace("\r", "").partition("\n\n")
    first, *lines = head.split("\n")
    return int(first.split()[1]), dict((n.lower(), v) for n, v in (l.split(": ", 1) for l in lines)), text


def plain(x):
    """JSON data without state and the texts of messages."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items() if k not in STATE and k != "error-message"}
    return [plain(v) for v in x] if isinstance(x, list) else x


def element(e):
    """An XML element likewise, and without the prefixes in values."""
    children = [element(c) for c in e if c.tag.split("}")[1] not in STATE | {"error-message"}]
    return e.tag, re.sub(r"\s+|(?<=/|\[)\w+:|^\w+:(?=\w+$)", "", e.text or ""), children


def within(want, got):
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and within(v, got[k]) for k, v in want.items())
    if isinstance(want, (list, tuple)):
        if isinstance(want, tuple) and want[:2] != got[:2]:
            return False
        want, got = (want, got) if isinstance(want, list) else (want[2], got[2])
        return all(any(within(w, g) for g in got) for w in want)
    return want == got


def values_json(x):
    if isinstance(x, dict):
        return [v for k in x if not k.startswith("@") for v in values_json(x[k])]
    if isinstance(x, list) and x != [None]:
        return [v for e in x for v in values_json(e)]
    return [""] if x == [None] else [json.dumps(x) if isinstance(x, (bool, int)) else x]


def values_xml(e):
    leafs = [c for c in e.iter() if len(c) == 0 and (c.text or "").strip()]
    return [c.text for c in leafs]


def both(agent, target, text):
    """What is there in JSON is there in XML too, value by value."""
    status, headers, other = curl(agent, "GET", target, {"Accept": XML})
    same((status, headers["content-type"]), (200, XML), target)
    bare = lambda values: sorted(v.rsplit(":", 1)[-1] for v in values if "/" not in v and v)
    same(bare(values_xml(ET.fromstring(other))), bare(values_json(json.loads(text))), target)


def play(agent, file):
    etag, count = "", 0
    for name, (first, headers, body), among, (want, expected, data) in vectors(file):
        method, target, _ = first.split(" ")
        headers = {k: v.replace("$ETag", etag) for k, v in headers.items()}
        stream = headers.get("Accept") == "text/event-stream"
        status, got, text = curl(agent, method, target, headers, body, "0.4" if stream else "30")
        what = f"{file} {name}: {first}\n{text[:1500]}"
        same(status, int(want.split()[1]), what)
        for header, value in expected.items():
            have = got.get(header.lower())
            assert have and value == "*" or value == "none" and not have or have == value, (what, header, have, value)
        etag, count = got.get("etag", etag), count + 1
        if not data or "content=nonconfig" in target:
            continue
        if expected["Content-Type"] == JSON:
            left, right = plain(json.loads(data)), plain(json.loads(text))
        else:
            left, right = element(ET.fromstring(data)), element(ET.fromstring(text))
        assert within(left, right) if among else order(left) == order(right), what + f"\nwant {data}"
        if method == "GET" and status == 200 and expected["Content-Type"] == JSON and not among:
            both(agent, target, text)
    return count


def order(x):
    """Entries of lists in an order of their own: where they have none the server has one."""
    if isinstance(x, dict):
        return {k: order(v) for k, v in x.items()}
    if isinstance(x, list) and not all(isinstance(e, dict) and "index" in e for e in x):
        return sorted((order(e) for e in x), key=repr)
    return x


flags = ["--bare", "--yang-path", os.path.join(TESTDATA, "yang"), "--yang-path", os.path.join(TESTDATA, "yang-rfc")]
for module in MODULES:
    flags += ["--module", module]
folder = tempfile.mkdtemp(prefix="altoam-rfc-")
try:
    for number, (operation, output) in enumerate(OUTPUTS.items()):
        program = os.path.join(folder, str(number))
        with open(program, "w") as f:
            f.write("#!/bin/sh\ncat > /dev/null\n" + (f"echo '{json.dumps(output)}'\n" if output else ""))
        os.chmod(program, 0o755)
        flags += ["--program", operation + "=" + program]
    for file, count in (("rfc8040-b.txtar", 43), ("rfc8040.txtar", 32), ("rfc8072-a.txtar", 14)):
        with Agent(*flags) as a:
            same(play(a, file), count, file)
finally:
    shutil.rmtree(folder, ignore_errors=True)
