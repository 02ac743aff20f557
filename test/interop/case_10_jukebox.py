"""RFC 8040 Appendix B, example by example, in JSON and XML, on a server of the example modules alone."""
import json, os, shutil, tempfile, urllib.parse
from harness import JSON, ROOT, XML, Agent, same

# The modules that Appendix B names beside the jukebox (RFC 8040 Sections B.2.3, B.3.1 and B.3.9).
MODULES = ["example-system", "example-events", "example"]
PLAY = """#!/usr/bin/python3
import json, sys
call = json.load(sys.stdin)["input"]
if call["playlist"] != "Foo-One":
    sys.exit("no playlist " + call["playlist"])
"""
JUKEBOX, NS = "/restconf/data/example-jukebox:jukebox", ' xmlns="http://example.com/ns/example-jukebox"'
FOO = JUKEBOX + "/library/artist=Foo%20Fighters"
ALBUM = FOO + "/album=Wasting%20Light"
DATA = '<data xmlns="urn:ietf:params:xml:ns:yang:ietf-restconf">'
ARTISTS = """<library><artist><name>Foo Fighters</name><album><name>One by One</name><year>2012</year></album></artist>
<artist><name>Nick Cave and the Bad Seeds</name><album><name>Tender Prey</name><year>1988</year></album></artist></library>"""


def song(title):
    return ("/example-jukebox:jukebox/library/artist[name='Foo Fighters']/album[name='Wasting Light']/song[name='" + title + "']")


class Client:
    def __init__(self, agent):
        self.agent = agent

    def ask(self, want, method, path, body=None, **kw):
        """One request that has to end with the status want: (headers, text)."""
        if isinstance(body, dict):
            body = json.dumps(body)
        status, headers, text = self.agent.rest(method, path, body, **kw)
        same(status, want, f"{method} {path} {body}: {text}")
        if status in (200, 201, 204, 304, 412) and method != "OPTIONS":
            same(headers["Cache-Control"], "no-cache")
        return headers, text

    def get(self, path, **kw):
        return json.loads(self.ask(200, "GET", path, **kw)[1])

    def refused(self, want, tag, method, path, body=None, **kw):
        headers, text = self.ask(want, method, path, body, **kw)
        same(headers["Content-Type"], JSON)
        error = json.loads(text)["ietf-restconf:errors"]["error"][0]
        same(error["error-tag"], tag, text)
        assert error["error-type"] and error["error-message"], text
        return error

    def created(self, path, body, location, **kw):
        headers, _ = self.ask(201, "POST", path, body, **kw)
        same(headers["Location"].split("/", 3)[3], location[1:])
        assert headers["ETag"] and headers["Last-Modified"], headers
        self.ask(200, "GET", "/" + headers["Location"].split("/", 3)[3])
        return headers


def server_information(c):  # B.1
    for accept in ("application/xrd+xml", "*/*"):
        headers, text = c.ask(200, "GET", "/.well-known/host-meta", accept=accept, auth=None)
        same(headers["Content-Type"], "application/xrd+xml")
        assert "rel=\"restconf\" href=\"/restconf\"" in text, text
    same(c.get("/restconf"), {"ietf-restconf:restconf": {"data": {}, "operations": {}, "yang-library-version": "2019-01-04"}})
    text = c.ask(200, "GET", "/restconf", accept=XML)[1]
    assert text.startswith('<restconf xmlns="urn:ietf:params:xml:ns:yang:ietf-restconf"><data/><operations/>'), text
    state = c.get("/restconf/data/ietf-yang-library:modules-state")["ietf-yang-library:modules-state"]
    modules = {m["name"]: m for m in state["module"]}
    same(modules["example-jukebox"]["conformance-type"], "implement")
    same(modules["ietf-inet-types"]["conformance-type"], "import")
    schema = "/" + modules["example-jukebox"]["schema"].split("/", 3)[3]
    assert c.ask(200, "GET", schema, accept="application/yang")[1].startswith("module example-jukebox {")
    text = c.ask(200, "GET", "/restconf/data/ietf-restconf-monitoring:restconf-state/capabilities", accept=XML)[1]
    for capability in ("defaults:1.0?basic-mode=explicit", "with-defaults:1.0", "depth:1.0", "fields:1.0"):
        assert "<capability>urn:ietf:params:restconf:capability:" + capability + "</capability>" in text, text
    operations = c.get("/restconf/operations")["ietf-restconf:operations"]
    same(operations["example-jukebox:play"], [None])
    same([o for o in operations if o.startswith("ietf-netconf:")], [], "operations that RESTCONF does not carry out")


def create(c):  # B.2.1
    c.refused(404, "invalid-value", "POST", JUKEBOX + "/library", {"example-jukebox:artist": [{"name": "Foo Fighters"}]})
    c.created("/restconf/data", {"example-jukebox:jukebox": {}}, JUKEBOX)
    artist = {"example-jukebox:artist": [{"name": "Foo Fighters"}]}
    c.created(JUKEBOX + "/library", artist, FOO)
    c.refused(409, "data-exists", "POST", JUKEBOX + "/library", artist)
    album = f"<album{NS}><name>Wasting Light</name><year>2011</year></album>"
    c.created(FOO, album, ALBUM, kind=XML)
    c.refused(409, "data-exists", "POST", FOO, album, kind=XML)
    c.refused(400, "unknown-element", "POST", FOO, {"album": [{"name": "without its module"}]})


def entity_tags(c):  # B.2.2
    genre = {"example-jukebox:genre": "example-jukebox:alternative"}
    headers, _ = c.ask(200, "HEAD", "/restconf/data")
    seen = {"If-Match": headers["ETag"]}
    c.refused(404, "invalid-value", "PATCH", ALBUM + "/genre", genre)
    c.refused(412, "operation-failed", "PUT", ALBUM + "/genre", genre, headers=seen)  # what is not there has no tag
    c.ask(204, "PATCH", ALBUM, {"example-jukebox:album": [dict(genre="blues", name="Wasting Light")]}, headers=seen)
    c.refused(412, "operation-failed", "PATCH", ALBUM + "/genre", genre, headers=seen)
    old = {"If-Unmodified-Since": "Thu, 26 Jan 2017 20:56:30 GMT"}
    headers, _ = c.ask(412, "PATCH", ALBUM + "/genre", genre, headers=old)
    now = {"If-Match": headers["ETag"], "If-Unmodified-Since": headers["Last-Modified"]}
    headers, _ = c.ask(204, "PATCH", ALBUM + "/genre", genre, headers=now)
    c.ask(304, "GET", ALBUM, headers={"If-None-Match": headers["ETag"]})


def datastore(c):  # B.2.3 and B.2.4
    c.ask(204, "PATCH", "/restconf/data", DATA + """<system xmlns="http://example.com/ns/example-system">
      <enable-jukebox-streaming>true</enable-jukebox-streaming></system>""" + f"<jukebox{NS}>{ARTISTS}</jukebox></data>", kind=XML)
    same(c.get("/restconf/data/example-system:system"), {"example-system:system": {"enable-jukebox-streaming": True}})
    same([a["name"] for a in c.get(FOO + "/album")["example-jukebox:album"]], ["One by One", "Wasting Light"])
    c.ask(204, "PUT", "/restconf/data", DATA + f"<jukebox{NS}>{ARTISTS}</jukebox></data>", kind=XML)
    c.refused(404, "invalid-value", "GET", "/restconf/data/example-system:system")
    c.refused(404, "invalid-value", "GET", ALBUM)
    c.refused(405, "operation-not-supported", "DELETE", "/restconf/data")


def resource(c):  # B.2.5
    nick = JUKEBOX + "/library/artist=Nick%20Cave%20and%20the%20Bad%20Seeds"
    body = "<artist%s><name>%s</name><album><name>The Good Son</name><year>%d</year></album></artist>"
    c.ask(204, "PATCH", nick, body % (NS, "Nick Cave and the Bad Seeds", 1990), kind=XML)
    c.refused(400, "invalid-value", "PATCH", nick, body % (NS, "Nick Cave", 1990), kind=XML)
    error = c.refused(400, "invalid-value", "PATCH", nick, body % (NS, "Nick Cave and the Bad Seeds", 1899), kind=XML)
    assert error["error-path"].endswith("/album[name='The Good Son']/year"), error
    same({a["name"]: a["year"] for a in c.get(nick + "/album")["example-jukebox:album"]}, {"Tender Prey": 1988, "The Good Son": 1990})
    status, _, text = c.agent.rest("GET", nick + "/album", accept=XML)
    same(status, 400, "several instances in XML: " + text)
    c.ask(204, "DELETE", nick)
    c.refused(404, "invalid-value", "DELETE", nick)
    album = {"name": "Wasting Light", "genre": "example-jukebox:alternative", "year": 2011}
    songs = [{"name": n, "location": "/media/" + n, "format": "MP3", "length": 259} for n in ("Bridge Burning", "Rope")]
    c.ask(201, "PUT", ALBUM, {"example-jukebox:album": [dict(album, song=songs)]})
    c.ask(204, "PUT", ALBUM, {"example-jukebox:album": [dict(album, song=songs)]})
    c.refused(400, "invalid-value", "PUT", ALBUM, {"example-jukebox:album": [dict(album, name="Other")]})
    c.ask(201, "PUT", JUKEBOX + "/player", {"example-jukebox:player": {"gap": "0.5"}})


def content(c):  # B.3.1
    events = "/restconf/data/example-events:events"
    body = {"example-events:events": {"event": [{"name": "interface-down", "description": "down"}, {"name": "interface-up"}]}}
    c.ask(201, "PUT", events, body)
    same(c.get(events + "?content=all"), body)
    headers, text = c.ask(200, "GET", events + "?content=config")
    same(json.loads(text), body)
    assert headers["ETag"] and headers["Last-Modified"], headers
    headers, text = c.ask(200, "GET", events + "?content=nonconfig")
    same((json.loads(text), headers["ETag"]), ({"example-events:events": {}}, None))
    c.refused(400, "unknown-element", "PATCH", events, {"example-events:events": {"event": [{"name": "x", "event-count": 1}]}})


def ordered(c):  # B.3.4 and B.3.5
    foo_one = JUKEBOX + "/playlist=Foo-One"
    c.created(JUKEBOX, {"example-jukebox:playlist": [{"name": "Foo-One", "description": "example playlist 1"}]}, foo_one)
    point = "&point=" + urllib.parse.quote("/example-jukebox:jukebox/playlist=Foo-One/song=1", safe="")
    for index, title, query in ((1, "Rope", "?insert=first"), (2, "Bridge Burning", "?insert=after" + point)):
        c.created(foo_one + query, {"example-jukebox:song": [{"index": index, "id": song(title)}]}, f"{foo_one}/song={index}")
    c.created(foo_one + "?insert=before" + point, f"<song{NS}><index>3</index><id xmlns:j{NS[6:]}>" + song("Rope").replace(
        "/", "/j:").replace("example-jukebox:", "").replace("[name", "[j:name") + "</id></song>", foo_one + "/song=3", kind=XML)
    same([s["index"] for s in c.get(foo_one)["example-jukebox:playlist"][0]["song"]], [3, 1, 2])
    c.ask(204, "DELETE", foo_one + "/song=3")
    one = {"example-jukebox:song": [{"index": 4, "id": song("Rope")}]}
    c.refused(400, "bad-attribute", "POST", foo_one + "?insert=after" + point.replace("1", "9"), one)
    for query in ("?insert=after", "?insert=first" + point, "?insert=middle", "?insert=first&insert=last"):
        c.refused(400, "invalid-value", "POST", foo_one + query, one)
    error = c.refused(409, "data-missing", "POST", foo_one, {"example-jukebox:song": [{"index": 4, "id": song("None")}]})
    assert error["error-path"].endswith("/song[index='4']/id"), error


def depth(c):  # B.3.2
    def at(n):
        return c.get(JUKEBOX + f"?content=config&depth={n}")["example-jukebox:jukebox"]
    same(at(1), {})
    same(at(2), {"library": {}, "playlist": [{"name": "Foo-One"}], "player": {}})
    same(at(3)["player"], {"gap": "0.5"})
    same(at(3)["playlist"][0], {"name": "Foo-One", "description": "example playlist 1", "song": [{"index": 1}, {"index": 2}]})
    same([a["name"] for a in at(3)["library"]["artist"]], ["Foo Fighters"])
    same(at("unbounded"), at(65535))
    same(at("unbounded")["playlist"][0]["song"][0], {"index": 1, "id": song("Rope")})
    for wrong in (0, 65536, "all", ""):
        c.refused(400, "invalid-value", "GET", JUKEBOX + f"?depth={wrong}")


def fields(c):  # B.3.3
    top = c.get("/restconf/data?fields=ietf-yang-library:modules-state/module(name;revision)")["ietf-restconf:data"]
    same(list(top), ["ietf-yang-library:modules-state"])
    modules = top["ietf-yang-library:modules-state"]["module"]
    assert {"name": "example-jukebox", "revision": "2016-08-15"} in modules, modules
    same(set().union(*modules), {"name", "revision"})
    got = c.get(JUKEBOX + "?fields=player/gap;library/artist(album(year))")["example-jukebox:jukebox"]
    same(got["player"], {"gap": "0.5"})
    same(got["library"]["artist"], [{"name": "Foo Fighters", "album": [{"name": "One by One", "year": 2012}, {"name": "Wasting Light", "year": 2011}]}])
    c.refused(400, "invalid-value", "GET", JUKEBOX + "?fields=speaker")
    c.refused(400, "invalid-value", "GET", JUKEBOX + "?colour=red")


def with_defaults(c):  # B.3.9, with basic-mode explicit
    interface = "/restconf/data/example:interfaces/interface=eth1"
    c.ask(201, "PUT", interface, {"example:interface": [{"name": "eth1"}]})
    bare, full = [{"name": "eth1"}], [{"name": "eth1", "mtu": 1500}]
    same(c.get(interface)["example:interface"], bare)
    report = [dict(full[0], status="ok")]  # the state has a default too
    same(c.get(interface + "?with-defaults=report-all")["example:interface"], report)
    mark = {"ietf-netconf-with-defaults:default": True}
    tagged = [dict(report[0], **{"@mtu": mark, "@status": mark})]
    same(c.get(interface + "?with-defaults=report-all-tagged")["example:interface"], tagged)
    c.ask(201, "PUT", interface + "/mtu", {"example:mtu": 1500})
    same(c.get(interface + "?with-defaults=explicit")["example:interface"], full)
    same(c.get(interface + "?with-defaults=trim")["example:interface"], bare)


def play(c):  # RFC 8040 Section 4.4.2
    rpc, input = "/restconf/operations/example-jukebox:play", {"playlist": "Foo-One", "song-number": 2}
    c.ask(204, "POST", rpc, {"example-jukebox:input": input})
    c.ask(204, "POST", rpc, f"<input{NS}><playlist>Foo-One</playlist><song-number>2</song-number></input>", kind=XML)
    same(c.refused(400, "missing-element", "POST", rpc)["error-path"], "/example-jukebox:input/playlist")
    error = c.refused(400, "invalid-value", "POST", rpc, {"example-jukebox:input": dict(input, **{"song-number": "two"})})
    same(error["error-path"], "/example-jukebox:input/song-number")
    assert "no playlist Bar" in c.refused(500, "operation-failed", "POST", rpc, {"example-jukebox:input": dict(input, playlist="Bar")})["error-message"]
    c.refused(405, "operation-not-supported", "GET", rpc)


def names(c):
    """Keys with every kind of character are found where Location says."""
    for name in ("AC/DC", "a:b", "Earth, Wind & Fire", "\"Weird Al\" 'x'", "Motörhead", "100%", "a+b=c;d", "?#[]", "..", "日本 😀"):
        path = JUKEBOX + "/library/artist=" + urllib.parse.quote(name, safe="")
        c.created(JUKEBOX + "/library", {"example-jukebox:artist": [{"name": name}]}, path)
        same(c.get(path + "/name"), {"example-jukebox:name": name})
        c.ask(204, "DELETE", path)


folder = tempfile.mkdtemp(prefix="altoam-jukebox-")
try:
    program = os.path.join(folder, "play")
    with open(program, "w") as f:
        f.write(PLAY)
    os.chmod(program, 0o755)
    testdata = os.path.join(ROOT, "restconf", "testdata")
    flags = ["--bare", "--yang-path", os.path.join(testdata, "yang"), "--yang-path", os.path.join(testdata, "yang-rfc"),
             "--module", "example-jukebox", "--program", "/example-jukebox:play=" + program]
    for name in MODULES:
        flags += ["--module", name]
    with Agent(*flags) as a:
        client = Client(a)
        for step in (server_information, create, entity_tags, datastore, resource, content, ordered, depth, fields,
                     with_defaults, play, names):
            step(client)
        before = client.get("/restconf/data?content=config")
        a.kill()
        a.start()
        same(client.get("/restconf/data?content=config"), before, "after a restart")
finally:
    shutil.rmtree(folder, ignore_errors=True)
