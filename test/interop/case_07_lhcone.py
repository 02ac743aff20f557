"""The CRIC site list as a source: network map, distances, properties; replaced, deleted."""
import ipaddress, json, os, shutil
from harness import ROOT, Agent, eventually, example, free_port, get, same

REAL = os.path.join(ROOT, "..", "shared", "data", "cric-rcsite.json")
SMALL = os.path.join(ROOT, "agent", "drivers", "cric", "testdata", "sites.json")
source = REAL if os.path.exists(REAL) else SMALL
port = free_port()


def prefixes(sites):
    """Every valid prefix in the file, in canonical form."""
    out = set()
    for site in sites.values():
        for route in (site.get("netroutes") or {}).values():
            for family in (route.get("networks") or {}).values():
                for text in family:
                    try:
                        out.add(str(ipaddress.ip_network(text.strip(), strict=False)))
                    except ValueError:
                        pass
    return out


with Agent(seed=example("lab.json", port)) as a:
    path = os.path.join(a.folder, "sites.json")
    shutil.copy(source, path)
    config = example("lhcone.json", port).replace("/var/lib/altoam/cric-rcsite.json", path)
    with a.netconf() as m:
        # The NMS pushes, as XML, what an operator tried over RESTCONF.
        status, _, text = a.rest("PUT", "/restconf/data/ietf-alto:alto", config)
        same(status, 204, text)
        xml = a.rest("GET", "/restconf/data/ietf-alto:alto?content=config", accept="application/yang-data+xml")[2]
        m.edit_config(target="candidate", default_operation="merge",
                      config='<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">'
                      + xml[xml.index("<alto"):].replace("<alto ", '<alto nc:operation="replace" ', 1) + "</config>")
        m.commit()

    ird = json.loads(get(a.ready["alto"][0].replace("/alto/", "/lhcone/"))[2])
    uri = {k: v["uri"] for k, v in ird["resources"].items()}
    netmap = json.loads(get(uri["lhcone"])[2])
    tag = netmap["meta"]["vtag"]["tag"]
    placed = {}
    for pid, families in netmap["network-map"].items():
        for prefix in families.get("ipv4", []) + families.get("ipv6", []):
            assert prefix not in placed, f"{prefix} in {pid} and {placed[prefix]}"
            placed[prefix] = pid
    with open(path) as f:
        sites = json.load(f)
    want = prefixes(sites)
    missing = want - set(placed)
    assert not missing, f"{len(missing)} of {len(want)} prefixes are in no PID: {sorted(missing)[:5]}"
    assert set(placed) - want <= {"0.0.0.0/0", "::/0"}, set(placed) - want
    costs = json.loads(get(uri["distance"])[2])["cost-map"]
    assert len(costs) > 2, costs
    props = json.loads(get(uri["sites"])[2])["property-map"]
    assert props, "no properties"
    print(f"     {len(netmap['network-map'])} PIDs, {len(placed)} prefixes, {len(costs)} rows of distances")

    # Replaced: another tag. Deleted: the last good map, and operational says so.
    victim = next(name for name, s in sites.items() if s.get("netroutes"))
    del sites[victim]
    with open(path + ".new", "w") as f:
        json.dump(sites, f)
    os.replace(path + ".new", path)
    eventually(lambda: json.loads(get(uri["lhcone"])[2])["meta"]["vtag"]["tag"] != tag)
    last = get(uri["lhcone"])[2]
    os.remove(path)

    def source_state():
        return json.dumps(a.data("ietf-alto:alto/alto-server/data-source=cric?content=nonconfig"))
    eventually(lambda: "last-error" in source_state())
    same(get(uri["lhcone"])[2], last, "the map after its source is gone")
