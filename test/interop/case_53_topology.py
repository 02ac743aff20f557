"""A topology in the form of ietf-l3-unicast-topology: clustered PIDs, costs of routes, a tenant's coarse view; a link fails."""
import json, os, re
from harness import Agent, eventually, free_port, get, same

port = free_port()


def topology(metric):
    node = lambda i, prefix: {"node-id": f"r{i}", "ietf-l3-unicast-topology:l3-node-attributes": {"prefix": [{"prefix": p} for p in prefix]}}
    link = lambda a, b, m: {"link-id": f"{a}-{b}", "source": {"source-node": a}, "destination": {"dest-node": b},
                            "ietf-l3-unicast-topology:l3-link-attributes": {"metric1": str(m)}}
    links = [link("r1", "r2", metric), link("r2", "r3", 3), link("r1", "r3", 20)]
    return json.dumps({"ietf-network:networks": {"network": [{"network-id": "isp", "node": [
        node(1, ["192.0.2.0/25", "192.0.2.128/25"]), node(2, ["198.51.100.0/24"]), node(3, ["203.0.113.0/24", "2001:db8::/48"])],
        "ietf-network-topology:link": links}]}})


def costs():
    return json.loads(get(f"http://127.0.0.1:{port}/costmap/costs")[2])["cost-map"]


with Agent() as a:
    path = os.path.join(a.folder, "topology.json")
    with open(path, "w") as f:
        f.write(topology(4))
    cost = lambda name, algorithm, **more: {"resource-id": name, "resource-type": "cost-map", "alto-costmap-params": {"cost-type-name": ["num"], **algorithm}, **more}
    config = {"ietf-alto:alto": {"alto-server": {
        "listen": {"http": {"tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": port}]}}},
        "cost-type": [{"cost-type-name": "num", "cost-mode": "numerical", "cost-metric": "routingcost", "cost-context": {"cost-source": "nominal"}}],
        "data-source": [{"source-id": "igp", "source-type": "altoam-source-topology:topology", "source-params": {
            "altoam-source-topology:topology": {"path": path, "poll-interval": 1}}}],
        "resource": [
            {"resource-id": "net", "resource-type": "network-map", "alto-networkmap-params": {
                "is-default": True, "altoam-algorithm-cluster:l3-unicast-cluster": {"source": "igp", "default-pid": "rest"}}},
            cost("costs", {"altoam-algorithm-shortest-path:shortest-path": {"source": "igp"}}, dependency=["net"]),
            {"resource-id": "tenant-net", "resource-type": "network-map", "dependency": ["net"], "alto-networkmap-params": {
                "altoam-algorithm-from-map:from-map": {"map": [{"network-map": "net"}], "merge-prefixes": True, "ipv6-max-length": 40}}},
            cost("tenant-costs", {"altoam-algorithm-from-map:from-map": {"map": [{"cost-map": "costs"}], "network-map": "tenant-net", "step": "10"}},
                 dependency=["tenant-net", "costs"]),
        ]}}}
    status, _, text = a.rest("PUT", "/restconf/data/ietf-alto:alto", json.dumps(config))
    same(status, 201, text)
    same(costs(), {"r1": {"r1": 0, "r2": 4, "r3": 7}, "r2": {"r2": 0, "r3": 3}, "r3": {"r3": 0}})
    base = f"http://127.0.0.1:{port}"
    same(json.loads(get(f"{base}/networkmap/tenant-net")[2])["network-map"]["r1"], {"ipv4": ["192.0.2.0/24"]})
    same(json.loads(get(f"{base}/networkmap/tenant-net")[2])["network-map"]["r3"], {"ipv4": ["203.0.113.0/24"], "ipv6": ["2001:db8::/40"]})
    same(json.loads(get(f"{base}/costmap/tenant-costs")[2])["cost-map"]["r1"], {"r1": 0, "r2": 10, "r3": 10})

    with open(path + ".new", "w") as f:
        f.write(topology(40))
    os.rename(path + ".new", path)
    eventually(lambda: costs()["r1"] == {"r1": 0, "r2": 40, "r3": 20})
    same(json.loads(get(f"{base}/costmap/tenant-costs")[2])["cost-map"]["r1"], {"r1": 0, "r2": 40, "r3": 20})

    with open(path, "w") as f:
        f.write(topology(1)[:200])  # half-written
    state = lambda: a.data("ietf-alto:alto/alto-server/data-source=igp/altoam-source:source-state")["altoam-source:source-state"]
    eventually(lambda: state().get("stale"))
    assert re.search("topology.json|unexpected", state()["last-error"]), state()
    same(costs()["r1"], {"r1": 0, "r2": 40, "r3": 20})
print("     clustered, routed, and shown with less detail")
