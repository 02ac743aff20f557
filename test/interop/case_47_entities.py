"""Path vectors, filtered property maps and CDN advertisements with the properties of their footprints, configured on a running server."""
import email, json
from harness import Agent, example, free_port, get, same

SERVER = "/restconf/data/ietf-alto:alto/alto-server"
NET, CDNI, HTTP = "my-default-network-map", "cdn", "http/1.1"
CAPABILITIES = CDNI + ".cdni-capabilities"
FILTER, PROPERTIES, FOOTPRINTS = "application/alto-costmapfilter+json", "application/alto-propmapparams+json", "application/alto-cdnifilter+json"


def static(id, **data):
    return {"source-id": id, "source-type": "altoam-source-static:static", "source-params": {"altoam-source-static:static": data}}


def delivery(name, protocols, *footprints):
    return {"name": name, "capability-type": "FCI.DeliveryProtocol", "capability-value": json.dumps({"delivery-protocols": protocols}),
            "footprint": [{"footprint-type": kind, "footprint-value": values} for kind, values in footprints]}


def property_map(id, **algorithm):
    return {"resource-id": id, "resource-type": "ietf-alto:property-map", "alto-propmap-params": algorithm}


def patch(a, want=(200, 204), **server):
    status, _, text = a.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": server}))
    assert status in want, (status, text)
    return text


def ask(path, kind, question, want=200):
    status, media, text = get(base + path, body=json.dumps(question), kind=kind)
    same(status, want, text)
    if not media.startswith("multipart/related"):
        return json.loads(text)
    message = email.message_from_string(f"Content-Type: {media}\n\n{text}")
    return {p["Content-ID"].split("@")[0].lstrip("<"): json.loads(p.get_payload()) for p in message.get_payload()}


def configure(a):
    ane = {"domain": ".ane", "name": "L1", "property": [{"name": "max-reservable-bandwidth", "json-value": "10000000000"}]}
    patch(a, **{
        "cost-type": [{"cost-type-name": "paths", "cost-mode": "ietf-alto:array", "cost-metric": "ietf-alto:ane-path", "cost-context": {"cost-source": "ietf-alto:nominal"}}],
        "data-source": [
            static("net", path=[{"source": "PID1", "destination": "PID2", "ane": ["NET1", "L1"]}], entity=[ane]),
            static("cdn", **{"cdni-advertisement": [
                delivery("a", [HTTP], ("ipv4cidr", ["192.0.2.0/24"]), ("countrycode", ["us"]), ("subdivisioncode", ["ca-on"])),
                delivery("b", ["https/1.1"], ("altopid", ["PID1"]), ("asn", ["as64496"]))]})],
        "resource": [
            {"resource-id": "paths", "resource-type": "ietf-alto:cost-map", "dependency": [NET], "alto-costmap-params": {
                "filtered": True, "cost-type-name": ["paths"], "altoam-algorithm-from-source:from-source": {"source": "net"},
                "altoam-path-vector:ane-property-name": ["max-reservable-bandwidth"], "altoam-path-vector:given-ane-names": True}},
            {"resource-id": CDNI, "resource-type": "ietf-alto:cdni", "dependency": [NET], "alto-cdni-params": {
                "altoam-algorithm-from-source:from-source": {"source": "cdn", "filtered": True}}},
            property_map("footprints", **{"altoam-algorithm-from-cdni:from-cdni": {"cdni": CDNI, "pid-of": [NET], "filtered": True}})]})


def wrong(path, kind, question, code, field, value=None):
    meta = ask(path, kind, question, 400)["meta"]
    same((meta["code"], meta.get("field"), meta.get("value")), (code, field, value), question)


def path_vectors():
    question = {"cost-type": {"cost-mode": "array", "cost-metric": "ane-path"}, "pids": {"srcs": ["PID1"], "dsts": ["PID2"]}, "ane-property-names": ["max-reservable-bandwidth"]}
    parts = ask("pathvector/paths", FILTER, question)
    same(parts["costmap"]["cost-map"], {"PID1": {"PID2": ["NET1", "L1"]}}, "paths")
    same(parts["propmap"]["property-map"], {".ane:NET1": {}, ".ane:L1": {"max-reservable-bandwidth": 10000000000}}, "elements")
    same(parts["propmap"]["meta"]["dependent-vtags"][0], parts["costmap"]["meta"]["vtag"], "vtags")
    wrong("pathvector/paths", FILTER, {**question, "ane-property-names": ["colour"]}, "E_INVALID_FIELD_VALUE", "ane-property-names", "colour")


def footprints():
    does = lambda *lists: [{"capability-type": "FCI.DeliveryProtocol", "capability-value": {"delivery-protocols": list(l)}} for l in lists]
    whole = json.loads(get(base + "propmap/footprints")[2])
    same(sorted(v["resource-id"] for v in whole["meta"]["dependent-vtags"]), [CDNI, NET], "uses")
    same({e: p[CAPABILITIES] for e, p in whole["property-map"].items() if CAPABILITIES in p}, {
        "countrycode:us": does([HTTP]), "subdivisioncode:ca-on": does([HTTP]), "asn:as64496": does(["https/1.1"]), NET + ".pid:PID1": does(["https/1.1"]),
        "ipv4:192.0.2.0/24": does([HTTP], ["https/1.1"]), "ipv4:198.51.100.0/25": does(["https/1.1"])}, "capabilities")
    some = ask("propmapfilter/footprints", PROPERTIES, {"entities": ["ipv4:192.0.2.77"], "properties": [CAPABILITIES, NET + ".pid"]})
    same(some["property-map"], {"ipv4:192.0.2.77": {CAPABILITIES: does([HTTP], ["https/1.1"]), NET + ".pid": "PID1"}}, "inherited")
    wrong("propmapfilter/footprints", PROPERTIES, {"entities": ["asn:64496"]}, "E_INVALID_FIELD_VALUE", "entities", "asn:64496")
    wrong("propmapfilter/footprints", PROPERTIES, {"entities": ["countrycode:us"], "properties": ["colour"]}, "E_INVALID_FIELD_VALUE", "properties", "colour")
    wrong("propmapfilter/footprints", PROPERTIES, {"properties": [CAPABILITIES]}, "E_MISSING_FIELD", "entities")


def advertisement(a):
    capability = {"capability-type": "FCI.DeliveryProtocol", "capability-value": {"delivery-protocols": ["https/1.1"]}}
    objects = lambda answer: answer["cdni-advertisement"]["capabilities-with-footprints"]
    found = ask("cdnifilter/cdn", FOOTPRINTS, {"cdni-capabilities": [capability, capability]})
    same([o["footprints"] for o in objects(found)], [[{"footprint-type": "altopid", "footprint-value": ["PID1"]}, {"footprint-type": "asn", "footprint-value": ["as64496"]}]], "filtered")
    full = json.loads(get(base + "cdni/cdn")[2])
    same(found["meta"], full["meta"], "the tag of the filtered one is that of the full one")
    same(ask("cdnifilter/cdn", FOOTPRINTS, {"cdni-capabilities": []}), full, "all")
    wrong("cdnifilter/cdn", FOOTPRINTS, {"cdni-capabilities": [{"capability-type": "FCI.DeliveryProtocol"}]}, "E_MISSING_FIELD", "cdni-capabilities/capability-value")
    refused = patch(a, want=(400, 409, 412), **{"data-source": [static("cdn", **{"cdni-advertisement": [delivery("c", [HTTP], ("subdivisioncode", ["CA"]))]})]})
    assert "is not the code of a subdivision" in refused, refused
    same(json.loads(get(base + "cdni/cdn")[2]), full, "after what was refused")
    patch(a, **{"data-source": [static("cdn", **{"cdni-advertisement": [delivery("c", ["h3"])]})]})
    everywhere = ask("propmapfilter/footprints", PROPERTIES, {"entities": ["ipv6:2001:db8:ffff::1"], "properties": [CAPABILITIES]})
    same(everywhere["property-map"]["ipv6:2001:db8:ffff::1"][CAPABILITIES][0]["capability-value"], {"delivery-protocols": ["h3"]}, "everywhere")


port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    base = f"http://127.0.0.1:{port}/alto/"
    configure(a)
    path_vectors()
    footprints()
    advertisement(a)
