"""RESTCONF beyond RFC 8040's core, with curl: YANG Patch (RFC 8072), datastores (RFC 8527), event streams; gzip."""
import json, os, subprocess, time
from harness import JSON, PASSWORD, ROOT, XML, Agent, same

JUKEBOX = "/restconf/data/example-jukebox:jukebox"
FOO = JUKEBOX + "/library/artist=Foo%20Fighters"
ALBUM, LIST = FOO + "/album=Wasting%20Light", JUKEBOX + "/playlist=Foo-One"
PATCH = "application/yang-patch+json"


class Curl:
    def __init__(self, agent):
        self.base = "https://" + agent.ready["restconf"]

    def run(self, *flags, timeout=30):
        """What curl prints."""
        return subprocess.run(["curl", "-sSk", "-u", "admin:" + PASSWORD, *flags], check=True, timeout=timeout,
                              stdout=subprocess.PIPE, text=True).stdout

    def ask(self, want, method, path, body=None, kind=JSON, *flags):
        """One request that has to end with the status want: its body."""
        args = ["-X", method, "-w", "\n%{http_code}", self.base + path, *flags]
        if body is not None:
            args += ["-H", "Content-Type: " + kind, "--data-binary", body if isinstance(body, str) else json.dumps(body)]
        text, status = self.run(*args).rsplit("\n", 1)
        same(status, str(want), f"{method} {path}: {text}")
        return text

    def get(self, path):
        return json.loads(self.ask(200, "GET", path))


def edits(*list):
    return {"ietf-yang-patch:yang-patch": {"patch-id": "p", "edit": [dict(e, **{"edit-id": str(i)}) for i, e in enumerate(list)]}}


def song(name):
    return {"operation": "create", "target": "/song=" + name, "value": {"song": [{"name": name, "location": "/" + name + ".mp3"}]}}


def capabilities(c, *names):
    have = c.get("/restconf/data/ietf-restconf-monitoring:restconf-state/capabilities")
    have = have["ietf-restconf-monitoring:capabilities"]["capability"]
    for name in names:
        assert "urn:ietf:params:restconf:capability:" + name + ":1.0" in have, (name, have)


def yang_patch(c):
    capabilities(c, "yang-patch")
    assert "urn:altoam:restconf:capability:dry-run:1.0" in c.ask(200, "GET", "/restconf/data/ietf-restconf-monitoring:restconf-state/capabilities")
    c.ask(204, "PATCH", "/restconf/data", {"ietf-restconf:data": {"example-jukebox:jukebox": {"library": {"artist": [
        {"name": "Foo Fighters", "album": [{"name": "Wasting Light"}]}]}, "playlist": [{"name": "Foo-One"}]}}})
    status = json.loads(c.ask(200, "PATCH", ALBUM, edits(song("Rope"), song("Arlandria")), PATCH))
    same(status, {"ietf-yang-patch:yang-patch-status": {"patch-id": "p", "ok": [None]}})
    status = json.loads(c.ask(409, "PATCH", ALBUM, edits(song("White Limo".replace(" ", "-")), song("Rope")), PATCH))
    failed = status["ietf-yang-patch:yang-patch-status"]["edit-status"]["edit"]
    same([(e["edit-id"], e["errors"]["error"][0]["error-tag"]) for e in failed], [("1", "data-exists")])
    broken = {"operation": "create", "target": "/song=a", "value": {"song": [{"name": "a"}]}}
    status = json.loads(c.ask(409, "PATCH", ALBUM, edits(song("b"), broken), PATCH))
    failed = status["ietf-yang-patch:yang-patch-status"]["edit-status"]["edit"]
    same([(e["edit-id"], e["errors"]["error"][0]["error-tag"]) for e in failed], [("1", "data-missing")])
    tried = json.loads(c.ask(200, "PATCH", ALBUM + "?dry-run", edits(song("b")), PATCH))["altoam-commit:output"]
    same((tried["valid"], tried["change"][0]["operation"]), (True, "create"))
    same([s["name"] for s in c.get(ALBUM + "/song")["example-jukebox:song"]], ["Arlandria", "Rope"])
    where = "/example-jukebox:jukebox/library/artist[name='Foo Fighters']/album[name='Wasting Light']/song[name='Rope']"
    entry = lambda i, **more: dict({"operation": "insert", "target": f"/song={i}", "value": {"song": [{"index": i, "id": where}]}}, **more)
    c.ask(200, "PATCH", LIST, edits(entry(1), entry(2), entry(3, where="before", point="/song=2"),
                                    {"operation": "move", "target": "/song=1", "where": "last"}), PATCH)
    same([s["index"] for s in c.get(LIST + "/song")["example-jukebox:song"]], [3, 2, 1])
    xml = '<yang-patch xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-patch"><patch-id>x</patch-id><edit><edit-id>a</edit-id>' \
          "<operation>delete</operation><target>/song=9</target></edit></yang-patch>"
    assert "<error-tag>data-missing</error-tag>" in c.ask(404, "PATCH", LIST, xml, "application/yang-patch+xml", "-H", "Accept: " + XML)
    assert "application/yang-patch+xml" in c.run("-i", "-X", "OPTIONS", c.base + LIST)


def datastores(c):
    capabilities(c, "with-origin", "with-operational-defaults")
    ds, colour = "/restconf/ds/ietf-datastores:", "/example-top:defaults/colour"
    c.ask(201, "PUT", ds + "running/example-top:defaults/size", {"example-top:size": 3})
    c.ask(204, "PUT", ds + "candidate/example-top:defaults/size", {"example-top:size": 5})
    for name, size in (("running", 3), ("intended", 3), ("operational", 3), ("candidate", 5)):
        same(c.get(ds + name + "/example-top:defaults/size"), {"example-top:size": size})
    c.ask(404, "GET", ds + "running" + colour)
    same(c.get(ds + "operational" + colour + "?with-origin"),
         {"example-top:colour": "grey", "@example-top:colour": {"ietf-origin:origin": "ietf-origin:default"}})
    same(c.get(ds + "operational/example-top:defaults?with-defaults=trim"), {"example-top:defaults": {"size": 3}})
    assert 'or:origin="or:intended"' in c.ask(200, "GET", ds + "operational/example-top:defaults?with-origin", None, None, "-H", "Accept: " + XML)
    c.ask(400, "GET", ds + "running/example-top:defaults?with-origin")
    for name in ("intended", "operational"):
        c.ask(405, "PUT", ds + name + "/example-top:defaults/size", {"example-top:size": 7})
    c.ask(404, "GET", ds + "nothing")


def events(text):
    """The events of a stream, as (id, content)."""
    out = []
    for block in text.strip().split("\n\n"):
        lines = [l.partition(": ") for l in block.split("\n") if l.partition(": ")[0]]
        data = "\n".join(v for k, _, v in lines if k == "data")
        if data:
            out.append((next((v for k, _, v in lines if k == "id"), None), data))
    return out


def streams(c):
    capabilities(c, "filter", "replay")
    state = c.get("/restconf/data/ietf-restconf-monitoring:restconf-state/streams")["ietf-restconf-monitoring:streams"]
    stream = next(s for s in state["stream"] if s["name"] == "NETCONF")
    same(stream["replay-support"], True)
    url = {a["encoding"]: a["location"] for a in stream["access"]}
    same(url["xml"], c.base + "/restconf/streams/NETCONF/xml")
    created = stream["replay-log-creation-time"]
    change = "/ietf-netconf-notifications:netconf-config-change"

    def live(url, *flags):
        return subprocess.Popen(["curl", "-sSNk", "-u", "admin:" + PASSWORD, "-G", url, "-H", "Accept: text/event-stream", *flags],
                                stdout=subprocess.PIPE, text=True)

    def next_event(p):
        text = ""
        while not text.endswith("\n\n") or not events(text):  # what has no data is no event
            line = p.stdout.readline()
            assert line, "the stream has ended"
            text += line
        return events(text)[0]

    p = live(url["json"], "--data-urlencode", "filter=" + change, "--data-urlencode", "start-time=" + created)
    id, first = next_event(p)
    assert "ietf-netconf-notifications:netconf-config-change" in first, first
    while "replayComplete" not in next_event(p)[1]:
        pass
    c.ask(204, "PUT", "/restconf/data/example-top:defaults/size", {"example-top:size": 8})
    last, content = next_event(p)
    edit = json.loads(content)["ietf-restconf:notification"]["ietf-netconf-notifications:netconf-config-change"]["edit"]
    same([(e["target"], e["operation"]) for e in edit], [("/example-top:defaults/size", "replace")])
    p.terminate()
    p.wait(10)
    c.ask(204, "PUT", "/restconf/data/example-top:defaults/size", {"example-top:size": 9})
    p = live(url["xml"], "-H", "Last-Event-ID: " + last, "--data-urlencode", "filter=" + change)
    missed, content = next_event(p)
    assert int(missed) > int(last) and "<target" in content and content.startswith("<notification "), content
    p.terminate()
    p.wait(10)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    replay = events(c.run("-G", url["json"], "--data-urlencode", "start-time=" + created, "-d", "stop-time=" + until))
    assert "notificationComplete" in replay[-1][1] and len(replay) > 3, replay
    c.ask(400, "GET", "/restconf/streams/NETCONF/json?stop-time=" + until)
    c.ask(400, "GET", "/restconf/data?filter=/a")
    c.ask(404, "GET", "/restconf/streams/nothing/json")
    c.ask(406, "GET", "/restconf/streams/NETCONF/json", None, None, "-H", "Accept: application/json")


def compressed(c):
    library = "/restconf/data/ietf-yang-library:yang-library"
    same(json.loads(c.run("--compressed", c.base + library)), c.get(library))
    header = c.run("-o", "/dev/null", "-D", "-", "--compressed", c.base + library).lower()
    assert "content-encoding: zstd" in header, header


def startup(c):
    ds, size = "/restconf/ds/ietf-datastores:", "/example-top:defaults/size"
    c.ask(201, "PUT", ds + "startup" + size, {"example-top:size": 4})
    same(c.get(ds + "startup" + size), {"example-top:size": 4})
    c.ask(404, "GET", ds + "running" + size)


MODULES = ["--bare", "--yang-path", os.path.join(ROOT, "restconf", "testdata", "yang"), "--module", "example-jukebox",
           "--module", "example-top", "--module", "example-more"]
with Agent(*MODULES) as a:
    client = Curl(a)
    for step in (yang_patch, datastores, streams, compressed):
        step(client)
    client.ask(404, "GET", "/restconf/ds/ietf-datastores:startup")
with Agent(*MODULES, "--startup") as a:
    startup(Curl(a))
