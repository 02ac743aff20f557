"""A user with one resource of many: over NETCONF and RESTCONF nothing of another one is learned or changed (RFC 8341)."""
import json
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import PASSWORD, Agent, example, free_port, same

TESS = ("tess", "tess-password")
SERVER = "/restconf/data/ietf-alto:alto/alto-server"
MINE, OTHER = "my-default-network-map", "numerical-routing-cost-map"
RESOURCE = "/ietf-alto:alto/alto-server/resource"
RULES = [
    {"name": "mine", "path": RESOURCE + f"[resource-id='{MINE}']", "access-operations": "read", "action": "permit"},
    {"name": "description", "path": RESOURCE + f"[resource-id='{MINE}']/description", "action": "permit"},
    {"name": "others", "path": RESOURCE, "action": "deny"},
    {"name": "statistics", "path": "/ietf-alto:alto/alto-server/ietf-alto-stats:server-level-stats", "action": "deny"},
]
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
ALTO = "urn:ietf:params:xml:ns:yang:ietf-alto"


def setup(a):
    user = {"ietf-system:user": [{"name": TESS[0], "password": "$0$" + TESS[1]}]}
    same(a.rest("POST", "/restconf/data/ietf-system:system/authentication", json.dumps(user))[0], 201)
    policy = {"ietf-netconf-acm:nacm": {
        "groups": {"group": [{"name": "testers", "user-name": [TESS[0]]}]},
        "rule-list": [{"name": "testers", "group": ["testers"], "rule": RULES}]}}
    status, _, text = a.rest("PATCH", "/restconf/data/ietf-netconf-acm:nacm", json.dumps(policy))
    same(status, 204, text)


def as_tess(a, method, path, body=None, **kw):
    return a.rest(method, path, json.dumps(body) if body is not None else None, auth=TESS, **kw)


def reads(a):
    for query in ("", "?content=config", "?content=nonconfig", "?with-defaults=report-all", "?depth=4", "?fields=resource",
                  "?fields=resource(resource-id)"):
        status, headers, text = as_tess(a, "GET", SERVER + query)
        same(status, 200, query + text)
        assert MINE in text and OTHER not in text, (query, text)
        assert "ETag" not in headers and "Last-Modified" not in headers, (query, dict(headers))
    for path in ("/resource", "/resource?limit=10", "/resource?offset=1", "/resource?sort-by=resource-id", "/resource?direction=backwards"):
        status, _, text = as_tess(a, "GET", SERVER + path)
        assert OTHER not in text, (path, status, text)
    there, nowhere = (as_tess(a, "GET", f"{SERVER}/resource={name}") for name in (OTHER, "nowhere"))
    same((there[0], there[2].replace(OTHER, "nowhere")), (nowhere[0], nowhere[2]), "a resource that is there, and one that is not")
    same(as_tess(a, "GET", "/restconf/data/ietf-netconf-acm:nacm")[0], 404)
    assert "password" not in as_tess(a, "GET", "/restconf/data/ietf-system:system")[2]


def writes(a):
    status, _, text = as_tess(a, "PATCH", f"{SERVER}/resource={MINE}",
                              {"ietf-alto:resource": [{"resource-id": MINE, "description": "by tess"}]})
    same(status, 204, text)
    for name in (OTHER, "nowhere"):
        for method, body in (("DELETE", None), ("PATCH", {"ietf-alto:resource": [{"resource-id": name, "description": "x"}]})):
            status, headers, text = as_tess(a, method, f"{SERVER}/resource={name}", body)
            assert status == 403 and "access-denied" in text and name not in text and "ETag" not in headers, (method, name, status, text)
    there, nowhere = (as_tess(a, "DELETE", f"{SERVER}/resource={name}", headers={"If-Match": '"1-x.json"'}) for name in (OTHER, "nowhere"))
    same((there[0], there[2].replace(OTHER, "nowhere")), (nowhere[0], nowhere[2]), "conditions tell nothing")
    status, _, text = as_tess(a, "DELETE", "/restconf/data/ietf-alto:alto")
    assert status == 403 and OTHER not in text, text
    for operation in ("ietf-netconf:kill-session", "ietf-netconf:delete-config"):
        assert operation not in as_tess(a, "GET", "/restconf/operations")[2]
    same(a.data("ietf-netconf-acm:nacm")["ietf-netconf-acm:nacm"]["denied-data-writes"] > 4, True)


def history(a):
    status, _, text = as_tess(a, "POST", "/restconf/operations/altoam-commit:compare", {"altoam-commit:input": {"from": {"number": "1"}}})
    same(status, 200, text)
    assert OTHER not in text and "nacm" not in text, text
    status, _, text = as_tess(a, "POST", "/restconf/operations/altoam-commit:dry-run", {"altoam-commit:input": {"rollback": {"number": "1"}}})
    same(status, 200, text)
    assert "access-denied" in text and OTHER not in text and "nacm" not in text, text
    status, _, text = as_tess(a, "POST", "/restconf/operations/altoam-commit:rollback", {"altoam-commit:input": {"to": {"number": "1"}}})
    assert status == 403 and OTHER not in text and "acm" not in text, (status, text)
    same(as_tess(a, "GET", "/restconf/data/altoam-commit:commits/commit")[0], 404)


def netconf(a):
    with manager.connect(host="127.0.0.1", port=a.netconf_port, username=TESS[0], password=TESS[1], hostkey_verify=False,
                         allow_agent=False, look_for_keys=False, timeout=60) as m:
        subtree = f'<filter type="subtree"><alto xmlns="{ALTO}"/></filter>'
        one = f'<alto xmlns="{ALTO}"><alto-server><resource><resource-id>%s</resource-id></resource></alto-server></alto>'
        for text in (m.get_config("running", filter=to_ele(subtree)).xml, m.get(filter=to_ele(subtree)).xml, m.get().xml,
                     m.get(filter=("subtree", one % OTHER)).xml,
                     m.get(filter=("xpath", ({"a": ALTO}, "/a:alto/a:alto-server/a:resource[a:resource-id]"))).xml,
                     m.get(filter=("xpath", ({"a": ALTO}, f"/a:alto[a:alto-server/a:resource/a:resource-id='{OTHER}']"))).xml):
            assert OTHER not in text, text
        refused = [lambda: m.edit_config(target="candidate", config=f'<config>{one % OTHER}</config>'.replace(
            "</resource-id>", "</resource-id><description>x</description>")),
            lambda: m.copy_config(source="running", target="candidate"), lambda: m.kill_session("1")]
        for f in refused:
            try:
                f()
            except RPCError as e:
                for one_error in getattr(e, "errors", None) or [e]:
                    assert one_error.tag == "access-denied" and OTHER not in str(one_error.path) + one_error.message, e
            else:
                raise AssertionError("an operation was not refused")
        m.create_subscription()
        for name in (OTHER, MINE):
            body = {"ietf-alto:resource": [{"resource-id": name, "description": "by admin"}]}
            same(a.rest("PATCH", f"{SERVER}/resource={name}", json.dumps(body))[0], 204)
        event = m.take_notification(timeout=10).notification_xml
        assert MINE in event and OTHER not in event, event


def prefixes(a):
    """A path comes with the prefixes of XML and goes with declared ones."""
    with a.netconf() as m:
        m.edit_config(target="running", config=f'''<config><nacm xmlns="{ACM}"><rule-list><name>testers</name><rule><name>xml</name>
          <path xmlns:al="{ALTO}">/al:alto/al:alto-server/al:meta</path><action>deny</action></rule></rule-list></nacm></config>''')
        got = m.get_config("running", filter=("subtree", f'<nacm xmlns="{ACM}"><rule-list><rule><name>xml</name></rule></rule-list></nacm>')).data_xml
        assert ALTO in got, got
    rule = a.data("ietf-netconf-acm:nacm/rule-list=testers/rule=xml")["ietf-netconf-acm:rule"][0]
    same(rule["path"], "/ietf-alto:alto/ietf-alto:alto-server/ietf-alto:meta")
    assert "meta" not in as_tess(a, "GET", SERVER)[2]
    wrong = {"ietf-netconf-acm:rule": [{"name": "wrong", "path": "/ietf-alto:alto/nothing", "action": "deny"}]}
    status, _, text = a.rest("POST", "/restconf/data/ietf-netconf-acm:nacm/rule-list=testers", json.dumps(wrong))
    assert status == 400 and "names no node" in text, (status, text)


with Agent(seed=example("lab.json", free_port())) as a:
    setup(a)
    reads(a)
    writes(a)
    history(a)
    netconf(a)
    prefixes(a)
