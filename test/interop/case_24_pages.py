"""An operator browses a long list of resources page by page, in JSON and in XML."""
import json, urllib.parse, xml.etree.ElementTree as ET
from harness import XML, Agent, same

N = 3000
LIST = XML + "-list"
RESOURCES = "/restconf/data/ietf-alto:alto/alto-server/resource"
SERVER = {"listen": {"http": {
    "tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": 0}]},
    "alto-server-parameters": {"base-uri": "http://127.0.0.1:8080/alto/"}, "http-server-parameters": {"server-name": "pages"}}}}


def body(n):
    resource = [{"resource-id": f"d{i:06d}", "resource-type": "ietf-alto:ird", "description": f"number {i * 7919 % n}",
                 "alto-ird-params": {"delegation": f"http://alto{i}.example.net/directory"}} for i in range(n)]
    return json.dumps({"ietf-alto:alto": {"alto-server": dict(SERVER, resource=resource)}})


def page(a, status=200, accept="application/yang-data+json", path=RESOURCES, **params):
    query = urllib.parse.urlencode({k.replace("_", "-"): v for k, v in params.items()}, quote_via=urllib.parse.quote)
    code, headers, text = a.rest("GET", path + "?" + query, accept=accept)
    same(code, status, f"{params}: {text[:500]}")
    return text if accept != "application/yang-data+json" else json.loads(text)


def entries(answer):
    list = answer["ietf-alto:resource"]
    note = {k.split(":")[1]: v for k, v in list[0].get("@", {}).items()} if list else {}
    return [r["resource-id"] for r in list], note


def walk(a, **params):
    ids, cursor = [], ""
    while True:
        some, note = entries(page(a, limit=250, cursor=cursor, fields="description", **params))
        ids += some
        cursor = note["next"]
        same(note.get("remaining", 0) > 0, cursor != "", "remaining and next")
        if cursor == "":
            return ids


with Agent("--restconf", "127.0.0.1:0") as a:
    code, _, text = a.rest("PUT", "/restconf/data/ietf-alto:alto", body(N))
    same(code, 201, text[:500])
    all = [f"d{i:06d}" for i in range(N)]

    ids, note = entries(page(a, offset=1500, limit=20))
    same((ids, note["remaining"]), (all[1500:1520], N - 1520))
    one = page(a, offset=1500, limit=1)["ietf-alto:resource"][0]
    assert "ietf-alto-stats:resource-level-stats" in one, one

    same(walk(a), all, "forwards")
    same(walk(a, direction="backwards"), all[::-1], "backwards")
    some = walk(a, where="contains(description,'99')")
    same(some, [r for i, r in enumerate(all) if "99" in f"number {i * 7919 % N}"], "where")
    sorted_ids = sorted(all, key=lambda r: f"number {int(r[1:]) * 7919 % N}")
    same(walk(a, sort_by="description"), sorted_ids, "sorted")

    # State decides only where it is named.
    ids, note = entries(page(a, where="ietf-alto-stats:resource-level-stats/num-res-req=0", limit=2, content="all"))
    same((len(ids), note["remaining"]), (2, N - 2), "where on statistics")

    root = ET.fromstring(page(a, accept=LIST, offset=10, limit=3, sublist_limit=1))
    same((root.tag, len(root)), ("xml-list", 3))
    same(root[0].get("{urn:ietf:params:xml:ns:yang:ietf-list-pagination}remaining"), str(N - 13))
    same(len(ET.fromstring(page(a, accept=LIST))), N, "the whole list in XML")
    assert LIST in page(a, status=400, accept=XML, limit=2)

    for want, params in [(416, {"offset": N + 1}), (404, {"cursor": "eA=="}), (400, {"limit": 0}), (400, {"sort_by": "size"}),
                         (400, {"where": "size = 1"}), (501, {"sort_by": "description", "locale": "sv_SE"})]:
        assert "application" in json.dumps(page(a, status=want, **params)), params
    page(a, status=400, path="/restconf/data/ietf-alto:alto", limit=1)

    modules = json.dumps(a.data("ietf-yang-library:yang-library/module-set"))
    assert "ietf-list-pagination" in modules
    support = json.dumps(a.data("ietf-system-capabilities:system-capabilities/datastore-capabilities=ietf-datastores%3Aoperational"))
    assert '"ietf-list-pagination:cursor-supported": true' in support, support
