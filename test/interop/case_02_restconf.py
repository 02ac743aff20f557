"""The same over RESTCONF in JSON and XML; wrong edits get tag, path and status, and running stays as it is."""
import json, subprocess
from harness import JSON, PASSWORD, XML, Agent, example, free_port, get, same

BASE = "/restconf/data/ietf-alto:alto/alto-server"
NEW = {"ietf-alto:resource": [{"resource-id": "r2", "resource-type": "network-map", "alto-networkmap-params": {
    "altoam-algorithm-from-source:from-source": {"source": "lab"}}}]}
NEW_XML = """<resource xmlns="urn:ietf:params:xml:ns:yang:ietf-alto"><resource-id>r3</resource-id>
<resource-type>network-map</resource-type><alto-networkmap-params>
<from-source xmlns="urn:altoam:yang:altoam-algorithm-from-source"><source>lab</source></from-source>
</alto-networkmap-params></resource>"""

port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    status, headers, text = a.rest("POST", BASE, json.dumps(NEW))
    same(status, 201, text)
    assert headers["Location"].endswith("/resource=r2"), headers["Location"]
    same(a.rest("PUT", BASE + "/resource=r3", NEW_XML, kind=XML)[0], 201)
    same(a.rest("PUT", BASE + "/resource=r3", NEW_XML, kind=XML)[0], 204)
    status, headers, text = a.rest("GET", BASE + "/resource=r3?content=config", accept=XML)
    same((status, headers["Content-Type"]), (200, XML))
    assert "<resource-id>r3</resource-id>" in text, text
    resources = json.loads(get(a.ready["alto"][0])[2])["resources"]
    assert "r2" in resources and "r3" in resources, resources.keys()
    same(a.rest("PATCH", BASE + "/resource=r2", '{"ietf-alto:resource":[{"resource-id":"r2","description":"changed"}]}')[0], 204)
    same(a.data("ietf-alto:alto/alto-server/resource=r2/description")["ietf-alto:description"], "changed")
    status, _, text = a.rest("DELETE", BASE + "/resource=r2?dry-run")
    tried = json.loads(text)["altoam-commit:output"]
    same((status, tried["valid"], tried["change"][0]["path"]), (200, True, "/ietf-alto:alto/alto-server/resource[resource-id='r2']"))
    assert ("r2", "remove") in [(e.get("resource"), e["action"]) for e in tried["effect"]], tried["effect"]
    same(a.rest("DELETE", BASE + "/data-source=lab?dry-run")[0], 409)
    same(a.rest("DELETE", BASE + "/resource=r9?dry-run")[0], 404)
    same(get(resources["r2"]["uri"])[0], 200)
    same(a.rest("DELETE", BASE + "/resource=r2")[0], 204)
    same(a.rest("GET", BASE + "/resource=r2")[0], 404)
    same(get(resources["r2"]["uri"])[0], 404)

    # curl does what the hints say.
    out = subprocess.run(["curl", "-sk", "-u", "admin:" + PASSWORD, "-H", "Accept: " + XML,
                          "https://" + a.ready["restconf"] + BASE + "/cost-type=num-routing"],
                         capture_output=True, text=True, timeout=20)
    assert "<cost-mode" in out.stdout, out

    before = a.rest("GET", "/restconf/data?content=config")[2]
    bad = [
        ("an unknown leaf", "PATCH", BASE, {"ietf-alto:alto-server": {"nothing": 1}}, 400, "unknown-element", "nothing"),
        ("a value out of range", "PATCH", BASE,
         {"ietf-alto:alto-server": {"ietf-alto-stats:server-level-monitor-config": {"time-window-size": -1}}},
         400, "invalid-value", "time-window-size"),
        ("a dangling leafref", "PATCH", BASE, {"ietf-alto:alto-server": {"resource": [
            {"resource-id": "numerical-routing-cost-map", "dependency": ["nowhere"]}]}}, 409, "data-missing", "dependency"),
        ("a missing mandatory", "POST", BASE, {"ietf-alto:cost-type": [{"cost-type-name": "half", "cost-mode": "numerical"}]},
         409, "data-missing", "cost-metric"),
        ("a key in the body that is not the one in the URI", "PUT", BASE + "/cost-type=x",
         {"ietf-alto:cost-type": [{"cost-type-name": "y", "cost-mode": "numerical", "cost-metric": "routingcost",
          "cost-context": {"cost-source": "nominal"}}]},
         400, "invalid-value", ""),
        ("too many keys", "GET", BASE + "/cost-type=x,y", None, 400, "invalid-value", ""),
        ("a violated must", "PATCH", "/restconf/data/ietf-system:system", {"ietf-system:system": {"authentication": {
            "user-authentication-order": ["local-users"]}}}, 204, None, None),
        ("a create of what exists", "POST", BASE, {"ietf-alto:cost-type": [
            {"cost-type-name": "num-routing", "cost-mode": "numerical", "cost-metric": "routingcost",
          "cost-context": {"cost-source": "nominal"}}]},
         409, "data-exists", "num-routing"),
    ]
    for name, method, path, body, want, tag, node in bad:
        status, headers, text = a.rest(method, path, json.dumps(body) if body else None)
        same(status, want, f"{name}: {text}")
        if tag is None:
            continue
        same(headers["Content-Type"], JSON, name)
        error = json.loads(text)["ietf-restconf:errors"]["error"][0]
        same(error["error-tag"], tag, f"{name}: {text}")
        assert node in error.get("error-path", "") + error.get("error-message", ""), (name, text)
        assert error["error-message"], name
    # Nobody locks everybody out by replacing the whole configuration.
    status, _, text = a.rest("PUT", "/restconf/data", '{"ietf-restconf:data":{}}')
    same(status, 412, text)
    assert "nobody could log in" in text, text
    same(json.loads(a.rest("GET", "/restconf/data?content=config")[2]), json.loads(before), "running after refused edits")
    same(a.rest("GET", BASE, auth=("admin", "wrong"))[0], 401)
    same(a.rest("GET", BASE, auth=None)[0], 401)
