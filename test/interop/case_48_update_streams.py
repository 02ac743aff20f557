"""Update streams as a client has them: patches of both formats, stream control, bounds, configured while they are open."""
import http.client, json
from harness import Agent, example, free_port, get, merged, same

SERVER = "/restconf/data/ietf-alto:alto/alto-server"
PARAMS, CONTROL = "application/alto-updatestreamparams+json", "application/alto-updatestreamcontrol+json"
MERGE, PATCH = "application/merge-patch+json", "application/json-patch+json"
STREAMS = "altoam-update-stream:streams"


class Stream:
    """An update stream and what it is about, kept up to date."""

    def __init__(self, port, **add):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request("POST", "/alto/updates/updates", json.dumps({"add": add}), {"Content-Type": PARAMS})
        self.answer = self.connection.getresponse()
        self.status, self.held, self.kinds = self.answer.status, {}, []
        if self.status == 200:
            kind, data = self.event()
            same(kind, CONTROL, "first event")
            self.control = data["control-uri"]

    def event(self):
        kind, data = None, []
        for raw in self.answer:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                data.append(line[6:])
            elif line == "" and kind:
                return kind, json.loads("\n".join(data))
        return None, None

    def read(self):
        """Takes the next event: (media type, data-id or what a control event says)."""
        kind, data = self.event()
        if kind is None or kind == CONTROL:
            return kind, data
        media, of = kind.split(",")
        if media == MERGE:
            data = merged(self.held[of], data)
        elif media == PATCH:
            data = patched(self.held[of], data)
        self.held[of] = data
        return media, of

    def send(self, **request):
        return get(self.control, body=json.dumps(request), kind=PARAMS)[0]


def patched(target, patch):
    target = json.loads(json.dumps(target))
    for step in patch:
        *path, last = [t.replace("~1", "/").replace("~0", "~") for t in step["path"].split("/")[1:]]
        at = target
        for token in path:
            at = at[int(token)] if isinstance(at, list) else at[token]
        if isinstance(at, list):
            last = int(last)
            if step["op"] == "add":
                at.insert(last, step["value"])
                continue
        if step["op"] == "remove":
            del at[last]
        else:
            at[last] = step["value"]
    return target


def configure(a, streams):
    body = {"ietf-alto:resource": [{"resource-id": "updates", "resource-type": "ietf-alto:update", "dependency": [NET, COSTS],
            "alto-update-params": {"altoam-algorithm-on-change:on-change": {}, STREAMS: streams}}]}
    status, _, text = a.rest("PUT", SERVER + "/resource=updates", json.dumps(body))
    assert status in (201, 204), (status, text)


def change(a, pids=(), costs=()):
    """Merges PIDs and costs into the static source."""
    source = {"pid": [{"name": n, "prefix": p} for n, p in pids]}
    if costs:
        source["cost-table"] = [{"metric": "routingcost", "mode": "numerical",
                                 "cost": [{"source": s, "destination": d, "value": v} for s, d, v in costs]}]
    body = {"ietf-alto:alto": {"alto-server": {"data-source": [{"source-id": "lab", "source-params": {
        "altoam-source-static:static": source}}]}}}
    status, _, text = a.rest("PATCH", "/restconf/data/ietf-alto:alto", json.dumps(body))
    same(status, 204, text)


NET, COSTS = "my-default-network-map", "numerical-routing-cost-map"


def follows(a, port):
    """Whatever comes, a client has what a GET gives, network map before costs."""
    configure(a, {})
    both = Stream(port, net={"resource-id": NET}, cost={"resource-id": COSTS})
    plain = Stream(port, net={"resource-id": NET, "incremental-changes": False})
    same([both.read()[1] for _ in range(2)], ["net", "cost"], "initial responses")
    plain.read()
    kinds = set()
    many = [f"203.0.{i}.0/24" for i in range(60)]
    for pids, costs in [([("PID1", many)], []), ([("PID1", ["203.0.200.0/24"])], []), ([], [("PID1", "PID2", "77")]), ([("PID2", ["10.0.0.0/8"])], [("PID2", "PID1", "9.5")])]:
        change(a, pids, costs)
        for want in (["net"] if pids else []) + ["cost"]:  # the costs have the tag of the map
            media, of = both.read()
            same(of, want, "order")
            kinds.add((of, media))
        if pids:
            same(plain.read(), ("application/alto-networkmap+json", "net"), "without patches")
        for of, path in [("net", "networkmap/" + NET), ("cost", "costmap/" + COSTS)]:
            same(both.held[of], json.loads(get(f"http://127.0.0.1:{port}/alto/{path}")[2]), path)
        same(plain.held["net"], both.held["net"])
    assert {("net", PATCH), ("cost", MERGE)} <= kinds, kinds
    return both, plain


def controlled(both, port):
    same(both.send(remove=["no-such"]), 400)
    same(both.send(add={"again": {"resource-id": NET}}, remove=["cost"]), 204)
    same(both.read(), (CONTROL, {"started": ["again"]}))
    same(both.read(), ("application/alto-networkmap+json", "again"))
    same(both.read(), (CONTROL, {"stopped": ["cost"]}))
    same(both.send(remove=[]), 204)
    same(both.read(), (CONTROL, {"stopped": ["again", "net"]}))
    same(both.read(), (None, None), "end of the stream")
    same(both.send(remove=[]), 404)
    same(get(f"http://127.0.0.1:{port}/alto/updates/updates/3141592653589", body="{}", kind=PARAMS)[0], 404)


def configured(a, port, plain):
    configure(a, {"stream-control": False, "max-streams": 2, "max-substreams": 1, "keep-alive-interval": 1,
                  "incremental-change": [{"resource-id": NET, "media-type": [PATCH]}, {"resource-id": COSTS}]})
    ird = json.loads(get(f"http://127.0.0.1:{port}/alto/directory")[2])["resources"]["updates"]["capabilities"]
    same(ird, {"incremental-change-media-types": {NET: PATCH, NET + "-filtered": PATCH}, "support-stream-control": False}, "capabilities")
    one = Stream(port, net={"resource-id": NET})
    same(one.control, None, "control URI")
    one.read()
    same(Stream(port, net={"resource-id": NET}).status, 503, "a third stream")
    same(Stream(port, a={"resource-id": NET}, b={"resource-id": NET}).status, 503, "two substreams")
    while one.answer.readline() != b":\n":
        pass
    change(a, [("PID2", ["10.64.0.0/10"])])
    same(one.read(), (PATCH, "net"))
    same(one.held["net"], json.loads(get(f"http://127.0.0.1:{port}/alto/networkmap/{NET}")[2]))
    plain.read()
    status, _, text = a.rest("DELETE", SERVER + "/resource=updates")
    same(status, 204, text)
    for s in (one, plain):
        kind, data = s.read()
        same((kind, data["stopped"]), (CONTROL, ["net"]), "the service is gone")
        same(s.read(), (None, None))


port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    both, plain = follows(a, port)
    controlled(both, port)
    configured(a, port, plain)
print("update streams: patches of both formats give what a GET gives; control, bounds and formats as configured")
