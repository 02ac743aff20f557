"""What the ALTO server cannot do is told at once and alike: validate, commit, dry run, RESTCONF edits; the coverage table."""
import json, subprocess, tempfile
from ncclient.operations import RPCError
from harness import BINARY, Agent, example, free_port, same

ALTO = "urn:ietf:params:xml:ns:yang:ietf-alto"
SERVER = "/restconf/data/ietf-alto:alto/alto-server"
SOURCE = {"altoam-algorithm-from-source:from-source": {"source": "lab"}}
NET = "my-default-network-map"


def network(id, **more):
    return {"resource-id": id, "resource-type": "ietf-alto:network-map", "alto-networkmap-params": {**SOURCE, **more}}


def cost(id, *names):
    return {"resource-id": id, "resource-type": "ietf-alto:cost-map", "dependency": [NET], "alto-costmap-params": {**SOURCE, "cost-type-name": list(names)}}


# One fault of each kind, and a resource that needs one that is wrong.
faults = {
    "meta": [{"meta-key": "cost-types", "meta-value": "e30="}, {"meta-key": "k", "meta-value": "e3t9"}],
    "resource": [
        network("second", **{"is-default": True}),
        {**network("self"), "dependency": ["self"]},
        {**cost("of-self", "num-routing"), "dependency": ["self"]},
        cost("two", "num-routing", "ord-routing"),
    ],
}
want = [
    "/meta[meta-key='cost-types']/meta-key",
    "/meta[meta-key='k']/meta-value",
    "/resource[resource-id='second']/alto-networkmap-params/is-default",
    "/resource[resource-id='self']/dependency[.='self']",
    "/resource[resource-id='two']/alto-costmap-params/cost-type-name",
]
merge = """<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><alto xmlns="%s"><alto-server>
<meta><meta-key>cost-types</meta-key><meta-value>e30=</meta-value></meta><meta><meta-key>k</meta-key><meta-value>e3t9</meta-value></meta>
%s</alto-server></alto></config>"""


def xml(resource):
    from_source = '<from-source xmlns="urn:altoam:yang:altoam-algorithm-from-source"><source>lab</source></from-source>'
    kind, params = resource["resource-type"].split(":")[1], [k for k in resource if k.startswith("alto-")][0]
    leafs = "".join("<%s>%s</%s>" % (k, str(v).lower() if isinstance(v, bool) else v, k)
                    for k, vs in resource[params].items() if ":" not in k for v in (vs if isinstance(vs, list) else [vs]))
    return "<resource><resource-id>%s</resource-id><resource-type>%s</resource-type>%s<%s>%s%s</%s></resource>" % (
        resource["resource-id"], kind, "".join("<dependency>%s</dependency>" % d for d in resource.get("dependency", [])), params, leafs, from_source, params)


def messages(errors):
    return sorted(e["error-message"] if "error-message" in e else e["message"] for e in errors)


with Agent(seed=example("lab.json", free_port())) as a:
    before = a.data("ietf-alto:alto?content=config")
    status, _, body = a.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": faults}))
    errors = json.loads(body)["ietf-restconf:errors"]["error"]
    same(status, 400, body)
    same([e["error-path"].removeprefix("/ietf-alto:alto/alto-server") for e in errors], want)
    same(a.data("ietf-alto:alto?content=config"), before, "running")

    status, _, body = a.rest("POST", "/restconf/operations/altoam-commit:dry-run",
                             json.dumps({"altoam-commit:input": {"config": {"ietf-alto:alto": {"alto-server": faults}}}}))
    tried = json.loads(body)["altoam-commit:output"]
    same((status, tried["valid"], messages(tried["error"])), (200, False, messages(errors)), "dry run")

    with a.netconf() as m:
        m.edit_config(target="candidate", config=merge % (ALTO, "".join(map(xml, faults["resource"]))))
        for what in (lambda: m.validate(source="candidate"), m.commit):
            try:
                what()
                raise AssertionError("accepted")
            except RPCError as e:
                same(sorted(x.message for x in e.errors), messages(errors), "over NETCONF")
        m.discard_changes()
        m.edit_config(target="candidate", config=merge.replace("cost-types", "vendor").replace("e3t9", "e30=") % (ALTO, xml(network("second"))))
        m.validate(source="candidate")
        m.commit()
    assert "second" in json.dumps(a.data("ietf-alto:alto?content=config"))

table = subprocess.run([BINARY, "schema", "coverage"], capture_output=True, text=True, check=True).stdout
rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
assert len(rows) > 200 and all(len(r) == 4 and all(c.strip(" |`") for c in r) for r in rows), "an empty cell"
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/altoam-forgotten.yang", "w") as f:
        f.write("""module altoam-forgotten { yang-version 1.1; namespace "urn:altoam-forgotten"; prefix x; import ietf-alto { prefix alto; }
augment "/alto:alto/alto:alto-server" { container more { leaf speed { type string; } } } }""")
    refused = subprocess.run([BINARY, "run", "--data-dir", folder + "/data", "--yang-path", folder, "--module", "altoam-forgotten"],
                             capture_output=True, text=True, timeout=20)
assert refused.returncode == 1 and "altoam-forgotten:more/speed" in refused.stderr, refused.stderr
