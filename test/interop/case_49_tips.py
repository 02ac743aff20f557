"""TIPS as clients have it: versions and updates pulled by URI, waited for, shared; with the ALTO server in a process of its own too."""
import json, threading
from harness import Agent, eventually, example, free_port, get, merged, same

SERVER = "/restconf/data/ietf-alto:alto/alto-server"
TIPS, PARAMS, MERGE, PATCH = "application/alto-tips+json", "application/alto-tipsparams+json", "application/merge-patch+json", "application/json-patch+json"
NET, COSTS = "my-default-network-map", "numerical-routing-cost-map"


def configure(a, **params):
    body = {"ietf-alto:resource": [{"resource-id": "views", "resource-type": "altoam-tips:tips", "dependency": [NET, COSTS],
            "altoam-tips:alto-tips-params": {"incremental-change": [{"resource-id": r, "media-type": [MERGE]} for r in (NET, COSTS)], **params}}]}
    status, _, text = a.rest("PUT", SERVER + "/resource=views", json.dumps(body))
    assert status in (201, 204), (status, text)


def cost(a, value):
    source = {"cost-table": [{"metric": "routingcost", "mode": "numerical", "cost": [{"source": "PID1", "destination": "PID2", "value": str(value)}]}]}
    body = {"ietf-alto:alto": {"alto-server": {"data-source": [{"source-id": "lab", "source-params": {"altoam-source-static:static": source}}]}}}
    status, _, text = a.rest("PATCH", "/restconf/data/ietf-alto:alto", json.dumps(body))
    same(status, 204, text)


def figure(a, leaf):
    return int(a.data(f"ietf-alto:alto/alto-server/resource=views/ietf-alto-stats:resource-level-stats/altoam-tips:tips-stats")["altoam-tips:tips-stats"][leaf])


def opened(base, kind=TIPS, at=None, **request):
    status, media, text = get(at or base + "tips/views", body=json.dumps(request), kind=PARAMS)
    same((status, media), (200, kind), text)
    view = json.loads(text)
    return view.get("tips-view-uri"), view["tips-view-summary"]["updates-graph-summary"]


def follows(a, base):
    """Each of several clients that wait has what a GET gives."""
    uri, graph = opened(base, **{"resource-id": COSTS})
    same(opened(base, **{"resource-id": COSTS})[0], uri, "clients share a view")
    assert uri.startswith(base + "tips/views/") and opened(base, **{"resource-id": NET})[0] != uri, uri
    edge = graph["start-edge-rec"]
    held = json.loads(get(f"{uri}/ug/{edge['seq-i']}/{edge['seq-j']}")[2])
    end = graph["end-seq"]
    for value in (71, 72, 73):
        answers = []
        waiting = [threading.Thread(target=lambda: answers.append(get(f"{uri}/ug/{end}/{end + 1}"))) for _ in range(5)]
        for w in waiting:
            w.start()
        eventually(lambda: figure(a, "waiting-requests") == 5)
        cost(a, value)
        for w in waiting:
            w.join(10)
        same(len(set(answers)), 1, "all get the same")
        status, media, text = answers[0]
        same((status, media), (200, MERGE))
        held, end = merged(held, json.loads(text)), end + 1
        same(held, json.loads(get(f"{base}costmap/{COSTS}")[2]), "after the update")
    short = json.loads(get(f"{uri}/ug/{end - 3}/{end}")[2])
    same(short["cost-map"], {"PID1": {"PID2": 73}}, "shortcut")
    same(opened(base, kind=MERGE, at=uri + "/ug", **{"resource-id": COSTS})[1]["end-seq"], end, "summary")
    same([get(f"{uri}{path}")[0] for path in (f"/ug/{end + 1}/{end + 2}", f"/ug/{end}/{end}", "x/ug/0/1")], [425, 404, 404], "what is not there")
    same(get(f"{uri}/ug/{end - 1}/{end}", accept="application/alto-costmap+json")[0], 415)
    same(get(base + "tips/views", body='{"resource-id":"none"}', kind=PARAMS)[0], 400)
    same((figure(a, "views"), figure(a, "updates")), (2, 3), "figures")
    return uri, end


def bounded(a, base, uri, end):
    """Bounds hold for what is open."""
    configure(a, **{"max-views": 2, "retention": 1, "poll-timeout": 1})
    same(get(f"{uri}/ug/{end}/{end + 1}")[0], 425, "nothing came")
    filtered = {"ietf-alto:resource": [{"resource-id": "views", "resource-type": "altoam-tips:tips", "dependency": ["endpoint-cost"]}]}
    status, _, text = a.rest("PATCH", SERVER + "/resource=views", json.dumps(filtered))
    same(status, 204, text)
    question = {"cost-type": {"cost-mode": "numerical", "cost-metric": "routingcost"}, "endpoints": {"srcs": ["ipv4:192.0.2.1"], "dsts": ["ipv4:198.51.100.200"]}}
    status, _, _ = get(base + "tips/views", body=json.dumps({"resource-id": "endpoint-cost", "input": question}), kind=PARAMS)
    same(status, 429, "a third view")
    for value in range(80, 86):
        cost(a, value)
        same(get(f"{uri}/ug/{end}/{end + 1}")[0], 200)
        end += 1
    same(get(f"{uri}/ug/1/2")[0], 410, "an old update")
    status, _, text = a.rest("DELETE", SERVER + "/resource=views")
    same(status, 204, text)
    same(get(f"{uri}/ug/{end - 1}/{end}")[0], 404, "the service is gone")


port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    base = f"http://127.0.0.1:{port}/alto/"
    configure(a)
    bounded(a, base, *follows(a, base))
    configure(a)
    status, _, text = a.rest("PUT", SERVER + "/altoam-southbound:southbound", json.dumps({"altoam-southbound:southbound": {"process": {}}}))
    assert status in (201, 204), text
    eventually(lambda: a.data("ietf-alto:alto/alto-server/altoam-southbound:southbound-state")["altoam-southbound:southbound-state"]["state"] == "applied")
    follows(a, base)
    status, _, text = a.rest("DELETE", SERVER + "/altoam-southbound:southbound")
    same(status, 204, text)
print("TIPS: clients share a view, wait for updates, take shortcuts and keep to bounds; in a process of its own too")
