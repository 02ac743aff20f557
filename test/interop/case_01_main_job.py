"""An NMS pushes configuration with ncclient, the ALTO server changes, the request is counted everywhere."""
import json
from harness import Agent, example, free_port, get, same

ALTO = "urn:ietf:params:xml:ns:yang:ietf-alto"
STATS = "urn:ietf:params:xml:ns:yang:ietf-alto-stats"
SOURCE = "urn:altoam:yang:altoam-algorithm-from-source"
PUSH = f"""
<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">
 <alto xmlns="{ALTO}"><alto-server><resource>
  <resource-id>second-map</resource-id>
  <resource-type>network-map</resource-type>
  <alto-networkmap-params><from-source xmlns="{SOURCE}"><source>lab</source></from-source></alto-networkmap-params>
 </resource></alto-server></alto>
</config>"""
DELETE = f"""
<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">
 <alto xmlns="{ALTO}"><alto-server><resource nc:operation="delete"><resource-id>second-map</resource-id></resource></alto-server></alto>
</config>"""

port = free_port()
with Agent(seed=example("lab.json", port)) as a:
    ird_url = a.ready["alto"][0]
    status, kind, text = get(ird_url)
    same((status, kind), (200, "application/alto-directory+json"), "root IRD")
    ird = json.loads(text)
    assert "second-map" not in ird["resources"], ird["resources"].keys()

    with a.netconf() as m:
        assert ":candidate" in m.server_capabilities, list(m.server_capabilities)
        with m.locked("candidate"):
            m.edit_config(target="candidate", config=PUSH)
            m.validate(source="candidate")
            m.commit()
        got = m.get_config(source="running", filter=("subtree",
            f'<alto xmlns="{ALTO}"><alto-server><resource><resource-id>second-map</resource-id></resource></alto-server></alto>'))
        assert "second-map" in got.data_xml and "from-source" in got.data_xml, got.data_xml
        assert "endpoint-cost" not in got.data_xml, "the filter let another resource through"

        ird = json.loads(get(ird_url)[2])
        uri = ird["resources"]["second-map"]["uri"]
        status, kind, text = get(uri)
        same((status, kind), (200, "application/alto-networkmap+json"), "second map")
        same(sorted(json.loads(text)["network-map"]), ["PID1", "PID2", "PID3"])

        # The request is counted: NETCONF, RESTCONF, Prometheus.
        got = m.get(filter=("subtree",
            f'<alto xmlns="{ALTO}"><alto-server><resource><resource-id>second-map</resource-id>'
            f'<resource-level-stats xmlns="{STATS}"/></resource></alto-server></alto>'))
        assert "<num-res-succ>1</num-res-succ>" in got.data_xml, got.data_xml
        stats = a.data("ietf-alto:alto/alto-server/resource=second-map/ietf-alto-stats:resource-level-stats")
        same(stats["ietf-alto-stats:resource-level-stats"]["num-res-req"], "1")
        assert 'resource="second-map"' in a.metrics(), "no series for the resource"

        with m.locked("candidate"):
            m.edit_config(target="candidate", config=DELETE)
            m.commit()
    same(get(uri)[0], 404, "deleted resource")
    assert "second-map" not in json.loads(get(ird_url)[2])["resources"]
