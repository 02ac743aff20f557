"""Costs over time as a client sees them, current costs that follow the clock, a metric with a statistic, a private cost mode."""
import json, os, tempfile, time
from email.utils import parsedate_to_datetime
from harness import Agent, example, eventually, free_port, get, same

SERVER = "/restconf/data/ietf-alto:alto/alto-server"
FILTER, NET = "application/alto-costmapfilter+json", "my-default-network-map"
CONTEXT = {"cost-source": "ietf-alto:estimation"}
MODULE = """module weather { yang-version 1.1; namespace "urn:weather"; prefix w; import ietf-alto { prefix alto; }
  identity mood { base alto:cost-mode; } }"""


def cost_map(id, source, *types, **more):
    return {"resource-id": id, "resource-type": "ietf-alto:cost-map", "dependency": [NET], "alto-costmap-params": {
        "altoam-algorithm-from-source:from-source": {"source": source}, "cost-type-name": list(types), "filtered": True, **more}}


def static(id, **data):
    return {"source-id": id, "source-type": "altoam-source-static:static", "source-params": {"altoam-source-static:static": data}}


def patch(a, want=(200, 204), **server):
    status, _, text = a.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": server}))
    assert status in want, (status, text)
    return text


def calendar(base, path, metric, **more):
    status, _, text = get(base + path, body=json.dumps({"cost-type": {"cost-mode": "numerical", "cost-metric": metric}, "calendared": [True], **more}), kind=FILTER)
    return status, json.loads(text)


def follow(base):
    """The current cost is the value of the interval that the calendar has for now, and its tag is new with it."""
    seen = set()

    def turned():
        current = json.loads(get(base + "costmap/delay")[2])["cost-map"].get("PID1", {}).get("PID2")
        seen.add(current)
        return len(seen) >= 3

    eventually(turned, 8)
    status, answer = calendar(base, "costmapfilter/delay", "delay-ow:p95")
    same(status, 200, answer)
    attributes = answer["meta"]["calendar-response-attributes"]
    same([(x["time-interval-size"], x["number-of-intervals"]) for x in attributes], [(2, 4)], "attributes")
    start, now = parsedate_to_datetime(attributes[0]["calendar-start-time"]).timestamp(), time.time()
    assert start <= now < start + 8 * attributes[0]["repeated"], (start, now, attributes)
    same(answer["cost-map"], {"PID1": {"PID2": [100, 200, 300, None]}}, "costs over time")
    legacy = json.loads(get(base + "costmapfilter/delay", body=json.dumps({"cost-type": {"cost-mode": "numerical", "cost-metric": "delay-ow:p95"}}), kind=FILTER)[2])
    assert "calendar-response-attributes" not in legacy["meta"], legacy
    for wrong, code in {"true": "E_INVALID_FIELD_TYPE", "[true,false]": "E_INVALID_FIELD_VALUE", '["yes"]': "E_INVALID_FIELD_VALUE"}.items():
        status, answer = calendar(base, "costmapfilter/delay", "delay-ow:p95", calendared=json.loads(wrong))
        same((status, answer["meta"]["code"], answer["meta"]["field"]), (400, code, "calendared"), wrong)


def configure(a, folder):
    minute = time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime())
    patch(a, **{
        "cost-type": [
            {"cost-type-name": "delay", "cost-mode": "ietf-alto:numerical", "cost-metric": "ietf-alto:delay-ow", "altoam-cost-metric:statistic": "p95",
             "cost-context": {**CONTEXT, "parameters": {"altoam-cost-metric:json-value": '{"window": 300}'}}},
            {"cost-type-name": "mood", "cost-mode": "weather:mood", "cost-metric": "ietf-alto:routingcost", "cost-context": CONTEXT}],
        "data-source": [
            static("delays", **{"cost-calendar": [{"metric": "delay-ow:p95", "mode": "numerical", "time-interval-size": "2.0", "pattern": [
                {"start": minute, "iterations": 4294967295, "cost": [{"source": "PID1", "destination": "PID2", "values": "100 200 300 -"}]}]}]}),
            {"source-id": "moods", "source-type": "altoam-source-file:file", "source-params": {"altoam-source-file:file": {"path": [folder + "/mood.json"]}}}],
        "resource": [
            cost_map("delay", "delays", "delay", **{"calendar-attributes": {"cost-type-name": ["delay"], "time-interval-size": "2.0", "number-of-intervals": 4}}),
            cost_map("mood", "moods", "mood")],
    })


with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "weather.yang"), "w") as f:
        f.write(MODULE)
    with open(os.path.join(folder, "mood.json"), "w") as f:
        json.dump({"meta": {"cost-type": {"cost-mode": "priv:mood", "cost-metric": "routingcost"}}, "cost-map": {"PID1": {"PID2": -3.5}}}, f)
    port = free_port()
    with Agent("--yang-path", folder, "--module", "weather", seed=example("lab.json", port)) as a:
        base = f"http://127.0.0.1:{port}/alto/"
        configure(a, folder)
        directory = json.loads(get(base + "directory")[2])
        same(directory["meta"]["cost-types"]["delay"], {"cost-mode": "numerical", "cost-metric": "delay-ow:p95", "cost-context": {"cost-source": "estimation", "parameters": {"window": 300}}}, "cost type")
        same(directory["resources"]["delay-filtered"]["capabilities"]["calendar-attributes"], [{"cost-type-names": ["delay"], "time-interval-size": 2, "number-of-intervals": 4}], "capability")
        assert "calendar-attributes" not in directory["resources"]["delay"]["capabilities"], "a full cost map has calendars"
        same(json.loads(get(base + "costmap/mood")[2])["meta"]["cost-type"]["cost-mode"], "priv:mood", "private mode")
        follow(base)
        refused = patch(a, want=(400, 409, 412), resource=[{"resource-id": "delay", "resource-type": "ietf-alto:cost-map", "alto-costmap-params": {"calendar-attributes": {"time-interval-size": "60.0"}}}])
        assert "have intervals of 2s" in refused, refused
        status, _, text = a.rest("DELETE", SERVER + "/resource=delay/alto-costmap-params/calendar-attributes")
        same(status, 204, text)
        same(calendar(base, "costmapfilter/delay", "delay-ow:p95")[0], 200)
