"""An NMS whose user has one entry: what is hidden and what is nowhere are the same to it, over ncclient and curl (RFC 8341)."""
import json, os, subprocess
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import Agent, eventually, example, free_port, same

NMS = ("nms", "nms-password")
DATA = "/restconf/data/ietf-alto:alto/alto-server"
MINE, HIDDEN, NOWHERE = "my-default-network-map", "endpoint-cost", "no-such-resource"
RESOURCE = "/ietf-alto:alto/alto-server/resource"
ALTO = "urn:ietf:params:xml:ns:yang:ietf-alto"
RULES = [
    {"name": "mine", "path": f"{RESOURCE}[resource-id='{MINE}']", "action": "permit"},
    {"name": "others", "path": RESOURCE, "action": "deny"},
    {"name": "roles", "path": "/ietf-alto:alto/alto-server/role", "action": "deny"},
    {"name": "sources", "path": "/ietf-alto:alto/alto-server/data-source", "action": "deny"},
    {"name": "totals", "path": "/ietf-alto:alto/alto-server/ietf-alto-stats:server-level-stats", "action": "deny"},
    {"name": "revision", "path": "/ietf-alto:alto/alto-server/altoam-southbound:southbound-state", "action": "deny"},
    {"name": "way", "path": "/ietf-alto:alto", "access-operations": "read", "action": "permit"},
    {"name": "alarms", "path": "/altoam-alarms:alarms", "action": "permit"},
    {"name": "changes", "notification-name": "netconf-config-change", "action": "permit"},
]
checks = 0


def equal(got, want, what):
    global checks
    checks += 1
    same(got, want, what)


def setup(a):
    user = {"ietf-system:user": [{"name": NMS[0], "password": "$0$" + NMS[1]}]}
    same(a.rest("POST", "/restconf/data/ietf-system:system/authentication", json.dumps(user))[0], 201)
    policy = {"ietf-netconf-acm:nacm": {"read-default": "deny", "groups": {"group": [{"name": "nms", "user-name": [NMS[0]]}]},
                                        "rule-list": [{"name": "nms", "group": ["nms"], "rule": RULES}]}}
    status, _, text = a.rest("PATCH", "/restconf/data/ietf-netconf-acm:nacm", json.dumps(policy))
    same(status, 204, text)
    role = {"ietf-alto:role": [{"role-name": "hidden-role"}]}
    same(a.rest("POST", DATA, json.dumps(role))[0], 201)


def curl(a, method, path, body=None, *flags):
    """Status and body of a request with curl."""
    command = ["curl", "-sk", "-u", ":".join(NMS), "-X", method, "-w", "\n%{http_code}", *flags]
    if body is not None:
        command += ["-H", "Content-Type: application/yang-data+json", "--data-binary", json.dumps(body)]
    text, _, status = subprocess.run([*command, "https://" + a.ready["restconf"] + path], check=True, capture_output=True, text=True).stdout.rpartition("\n")
    return int(status), text


def alike(a, what, method, path, body=None, *flags):
    """A request about what is hidden is answered like one about what is nowhere."""
    def about(name, role):
        text = json.dumps(body).replace("NAME", name).replace("ROLE", role) if body is not None else None
        status, answer = curl(a, method, path.replace("NAME", name), json.loads(text) if text else None, *flags)
        return status, answer.replace(name, "NAME").replace(role, "ROLE")
    there, nowhere = about(HIDDEN, "hidden-role"), about(NOWHERE, "no-such-role")
    equal(there, nowhere, what)
    return there


def restconf(a):
    status, text = curl(a, "GET", "/restconf/data")
    equal((status, MINE in text, HIDDEN in text, "acm" in text, "secret" in text), (200, True, False, False, False), "the whole datastore")
    equal([r["resource-id"] for r in json.loads(curl(a, "GET", f"{DATA}/resource")[1])["ietf-alto:resource"]], [MINE], "the list")
    one = alike(a, "GET", "GET", f"{DATA}/resource=NAME")
    equal(one[0], 404, "GET of what is hidden")
    for query in ("content=config", "depth=2", "fields=description", "with-defaults=report-all", "limit=1", "where=description"):
        alike(a, query, "GET", f"{DATA}/resource=NAME?{query}")
    alike(a, "If-Match", "GET", f"{DATA}/resource=NAME", None, "-H", "If-Match: *")
    equal(alike(a, "DELETE", "DELETE", f"{DATA}/resource=NAME")[0], 403, "DELETE of what is hidden")
    alike(a, "DELETE with If-None-Match", "DELETE", f"{DATA}/resource=NAME", None, "-H", "If-None-Match: *")
    alike(a, "an equal entry", "PATCH", f"{DATA}/resource=NAME", {"ietf-alto:resource": [{"resource-id": "NAME"}]})
    alike(a, "PUT", "PUT", f"{DATA}/resource=NAME", {"ietf-alto:resource": [{"resource-id": "NAME", "resource-type": "ird"}]})
    alike(a, "POST", "POST", DATA, {"ietf-alto:resource": [{"resource-id": "NAME", "resource-type": "ird"}]})
    refers = alike(a, "a reference", "PATCH", f"{DATA}/resource={MINE}", {"ietf-alto:resource": [{"resource-id": MINE, "accepted-role": ["ROLE"]}]})
    assert "instance-required" in refers[1], refers
    alike(a, "a dependency", "PATCH", f"{DATA}/resource={MINE}?dry-run", {"ietf-alto:resource": [{"resource-id": MINE, "dependency": ["NAME"]}]})
    status, text = curl(a, "PATCH", f"{DATA}/resource={MINE}", {"ietf-alto:resource": [{"resource-id": MINE, "description": "by the NMS"}]}, "-D", "/dev/stdout")
    equal((status, "Altoam-Commit" in text), (204, False), "the entry of one's own")
    equal(curl(a, "GET", "/restconf/data/altoam-commit:commits/commit")[0], 404, "the list of commits")
    equal(curl(a, "POST", "/restconf/operations/altoam-commit:rollback", {"altoam-commit:input": {"to": {"number": "1"}}})[0], 403, "rollback")


def netconf(a):
    with manager.connect(host="127.0.0.1", port=a.netconf_port, username=NMS[0], password=NMS[1], hostkey_verify=False,
                         allow_agent=False, look_for_keys=False, timeout=60) as m:
        def said(f, name):
            try:
                answer = f(name)
                text = getattr(answer, "data_xml", None) or answer.xml
            except RPCError as e:
                text = f"{e.tag} {e.path} {e.message}"
            return text.replace(name, "NAME").split("message-id", 1)[0] if "rpc-reply" in text and "<data" not in text else text.replace(name, "NAME")

        def entry(name, more="", operation="merge"):
            return (f'<config><alto xmlns="{ALTO}"><alto-server><resource xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="{operation}">'
                    f'<resource-id>{name}</resource-id>{more}</resource></alto-server></alto></config>')

        select = "/a:alto/a:alto-server/a:resource[a:resource-id='%s'] | /a:alto[.//a:resource-id='%s']/a:alto-server/a:meta"
        for what, f in {
            "subtree": lambda n: m.get(filter=to_ele(f'<filter type="subtree"><alto xmlns="{ALTO}"><alto-server><resource><resource-id>{n}</resource-id></resource></alto-server></alto></filter>')),
            "XPath": lambda n: m.get(filter=("xpath", ({"a": ALTO}, select % (n, n)))),
            "get-config": lambda n: m.get_config("candidate", filter=("xpath", ({"a": ALTO}, f"//a:resource[.//*='{n}']"))),
            "merge": lambda n: m.edit_config(target="running", config=entry(n)),
            "remove": lambda n: m.edit_config(target="running", config=entry(n, operation="remove")),
            "create": lambda n: m.edit_config(target="candidate", config=entry(n, "<resource-type>ird</resource-type>", "create")),
            "delete": lambda n: m.edit_config(target="candidate", config=entry(n, operation="delete")),
        }.items():
            equal(said(f, HIDDEN), said(f, NOWHERE), what + " over NETCONF")
        count = m.get(filter=("xpath", ({"a": ALTO}, "/a:alto[count(a:alto-server/a:resource)=1]/a:alto-server/a:resource/a:resource-id"))).data_xml
        equal((MINE in count, HIDDEN in count), (True, False), "count()")
        equal(said(lambda n: m.kill_session("1"), HIDDEN).split()[0], "access-denied", "kill-session")
        m.create_subscription()
        for name in (HIDDEN, MINE):
            body = {"ietf-alto:resource": [{"resource-id": name, "description": "by admin"}]}
            same(a.rest("PATCH", f"{DATA}/resource={name}", json.dumps(body))[0], 204)
        text = m.take_notification(timeout=10).notification_xml
        equal((MINE in text, HIDDEN in text), (True, False), "the first event")


def alarms(a):
    """A source that fails raises an alarm, which is not for the user who may not read the source."""
    path = os.path.join(a.folder, "maps.json")
    with open(path, "w") as f:
        json.dump({"network-map": {"all": {"ipv4": ["0.0.0.0/0"]}}}, f)
    source = {"ietf-alto:data-source": [{"source-id": "failing", "source-type": "altoam-source-file:file",
                                         "source-params": {"altoam-source-file:file": {"path": [path], "poll-interval": 1}}}]}
    status, _, text = a.rest("POST", DATA, json.dumps(source))
    same(status, 201, text)
    os.remove(path)
    eventually(lambda: "failing" in a.rest("GET", "/restconf/data/altoam-alarms:alarms/alarm-list/alarm")[2])
    equal("failing" in curl(a, "GET", "/restconf/data/altoam-alarms:alarms")[1], False, "the alarm of a hidden source")


with Agent(seed=example("lab.json", free_port())) as a:
    setup(a)
    restconf(a)
    netconf(a)
    alarms(a)
assert checks >= 25, checks
print(f"     {checks} checks")
