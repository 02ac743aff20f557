"""The history of running over NETCONF and RESTCONF: what was committed, back to it, what a change would do, writers side by side."""
import datetime, json, re
from lxml import etree
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele
from harness import Agent, XML, example, free_port, get, same

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
ALTO = "urn:ietf:params:xml:ns:yang:ietf-alto"
OWN = "urn:altoam:yang:altoam-commit"
NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
SERVER = "/restconf/data/ietf-alto:alto/alto-server"
COST = SERVER + "/cost-type=%s/description"
RESOURCE = "/ietf-alto:alto/alto-server/cost-type[cost-type-name='%s']"


def alto(inner):
    return f'<alto xmlns="{ALTO}" xmlns:nc="{BASE}"><alto-server>{inner}</alto-server></alto>'


def cost(name, inner):
    return alto(f"<cost-type><cost-type-name>{name}</cost-type-name>{inner}</cost-type>")


def describe(name, text):
    return cost(name, f"<description>{text}</description>")


def elements(reply, path):
    """The texts, or the elements where they have children, below a reply."""
    found = etree.fromstring(str(reply).encode()).findall(".//" + "/".join("{%s}%s" % (OWN, p) for p in path.split("/")))
    return [{etree.QName(c).localname: c.text or "" for c in e} if len(e) else e.text for e in found]


def edit(m, inner, more="", target="running"):
    """edit-config with the parameters that altoam-commit adds, behind config."""
    return m.dispatch(to_ele(f'<edit-config xmlns="{BASE}"><target><{target}/></target><config>{inner}</config>{more}</edit-config>'))


def own(**leafs):
    return "".join(f'<{k} xmlns="{OWN}">{v}</{k}>' for k, v in leafs.items())


def call(m, name, inner=""):
    return m.dispatch(to_ele(f'<{name} xmlns="{OWN}">{inner}</{name}>'))


def post(a, name, status=200, **params):
    code, _, text = a.rest("POST", f"/restconf/operations/altoam-commit:{name}", json.dumps({"altoam-commit:input": params}))
    same(code, status, text)
    return json.loads(text)["altoam-commit:output"] if code == 200 else json.loads(text)["ietf-restconf:errors"]["error"]


def refused(do, tag, app=None):
    try:
        do()
    except RPCError as e:
        same((e.tag, e.app_tag), (tag, app), e.message)
        return e
    raise AssertionError("accepted")


def history(a):
    return {int(c["number"]): c for c in a.data("altoam-commit:commits")["altoam-commit:commits"]["commit"]}


def described(a, name):
    code, _, text = a.rest("GET", COST % name)
    return json.loads(text)["ietf-alto:description"] if code == 200 else None


def commits(a, m):
    """1 is the seed; each way to make a commit says why."""
    edit(m, describe("num-routing", "two"), own(comment="the second one", label="second"))
    code, headers, text = a.rest("PUT", COST % "num-routing", '{"ietf-alto:description":"three"}',
                                 headers={"Altoam-Comment": "by PUT", "Altoam-Label": "third", "Altoam-Base": "2"})
    same((code, headers["Altoam-Commit"]), (204, "3"), text)
    edit(m, describe("num-routing", "four"), target="candidate")
    m.dispatch(to_ele(f'<commit xmlns="{BASE}">{own(comment="by commit", label="fourth")}</commit>'))
    m.dispatch(to_ele(f'<edit-data xmlns="{NMDA}" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:running</datastore>'
                      f'<config>{describe("num-routing", "five")}</config>{own(comment="by edit-data")}</edit-data>'))
    edit(m, describe("num-routing", "six"), target="candidate")
    m.dispatch(to_ele(f'<copy-config xmlns="{BASE}"><target><running/></target><source><candidate/></source>{own(comment="by copy", label="sixth")}</copy-config>'))
    for name in ("comment", "label", "base"):
        refused(lambda: edit(m, describe("num-routing", "x"), own(**{name: "1"}), target="candidate"), "invalid-value")
    m.discard_changes()

    seen = history(a)
    same([(n, c["kind"], c["user"], c.get("protocol"), c.get("comment"), c.get("label")) for n, c in sorted(seen.items())], [
        (1, "seed", "start", None, None, None),
        (2, "edit", "admin", "netconf-ssh", "the second one", "second"),
        (3, "edit", "admin", "restconf", "by PUT", "third"),
        (4, "edit", "admin", "netconf-ssh", "by commit", "fourth"),
        (5, "edit", "admin", "netconf-ssh", "by edit-data", None),
        (6, "edit", "admin", "netconf-ssh", "by copy", "sixth"),
    ])
    age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(re.sub(r"\.\d+Z$", "+00:00", seen[2]["time"]))
    assert abs(age.total_seconds()) < 120, seen[2]
    same((seen[2]["address"], seen[2]["session-id"], seen[2]["records"]), ("127.0.0.1", int(m.session_id), 1))
    same(seen[1]["records"] > 20, True)
    one = a.data("altoam-commit:commits/commit=4")["altoam-commit:commit"]
    same(one, [seen[4]])
    xml = m.get(filter=("subtree", f'<commits xmlns="{OWN}"><commit><number>3</number></commit></commits>'))
    same([c["comment"] for c in elements(xml, "commit")], ["by PUT"])


def compare(a, m):
    row = {"operation": "modify", "path": RESOURCE % "num-routing" + "/description", "old": "three", "new": "four"}
    same(post(a, "compare", to={"number": "4"}), {"count": "1", "change": [row]})
    same(elements(call(m, "compare", "<to><label>fourth</label></to>"), "change"), [row])
    back = dict(row, old="six", new="two")
    same(post(a, "compare", **{"from": {"label": "sixth"}, "to": {"number": "2"}}), {"count": "1", "change": [back]})
    same(post(a, "compare", **{"from": {"number": "5"}, "to": {"number": "5"}}), {"count": "0"})
    all_of_it = elements(call(m, "compare", "<to><number>1</number></to><limit>2</limit>"), "count")[0]
    assert int(all_of_it) > 50, all_of_it
    same(post(a, "compare", 409, to={"number": "77"})[0]["error-tag"], "data-missing")
    same(post(a, "compare", 409, to={"label": "none"})[0]["error-tag"], "data-missing")
    refused(lambda: call(m, "compare", "<to><number>77</number></to>"), "data-missing")


def rollback(a, m, directory):
    def serves():
        return "vendor" in json.loads(get(directory)[2])["meta"]
    assert serves()
    same(a.rest("DELETE", f"{SERVER}/meta=vendor", headers={"Altoam-Label": "anonymous"})[0], 204)
    same((a.rest("GET", f"{SERVER}/meta=vendor")[0], serves()), (404, False))
    same(elements(call(m, "rollback", "<to><label>sixth</label></to>"), "number"), ["8"])
    same((a.rest("GET", f"{SERVER}/meta=vendor")[0], serves()), (200, True))
    same(post(a, "rollback", to={"number": "2"}, comment="it was better", label="old"), {"number": "9"})
    same((described(a, "num-routing"), a.rest("GET", f"{SERVER}/meta=vendor")[0]), ("two", 200))
    same(post(a, "compare", **{"from": {"number": "2"}}), {"count": "0"})
    same(post(a, "rollback", to={"number": "8"}), {"number": "10"})  # the rollback is taken back
    same(described(a, "num-routing"), "six")
    same(post(a, "rollback", to={"number": "10"}), {"number": "10"})  # where it is: no commit
    seen = history(a)
    same([(seen[n]["kind"], seen[n]["comment"], seen[n].get("label")) for n in (8, 9, 10)],
         [("rollback", "back to commit 6", None), ("rollback", "it was better", "old"), ("rollback", "back to commit 8", None)])
    refused(lambda: call(m, "rollback", "<to><number>99</number></to>"), "data-missing")
    refused(lambda: call(m, "rollback", "<to><label>none</label></to>"), "data-missing")
    same(post(a, "rollback", 409, to={"label": "none"})[0]["error-tag"], "data-missing")
    assert post(a, "rollback", 409)[0]["error-app-tag"] == "missing-choice"
    m.lock("running")
    same(post(a, "rollback", 409, to={"number": "1"})[0]["error-tag"], "in-use")
    m.unlock("running")


def dry_run(a, m):
    before = a.rest("GET", "/restconf/data?content=config")[2]
    good = {"ietf-alto:alto": {"alto-server": {"cost-type": [{"cost-type-name": "num-routing", "description": "new"}]}}}
    row = {"operation": "modify", "path": RESOURCE % "num-routing" + "/description", "old": "six", "new": "new"}
    out = post(a, "dry-run", config=good)
    same((out["valid"], out["count"], out["change"]), (True, "1", [row]))
    out = call(m, "dry-run", f"<config>{describe('num-routing', 'new')}</config>")
    same((elements(out, "valid"), elements(out, "change")), (["true"], [row]))
    out = call(m, "dry-run", f"<config>{cost('num-routing', '<description nc:operation=' + repr('delete') + '/>')}</config>")
    same([(c["operation"], c["old"]) for c in elements(out, "change")], [("delete", "six")])

    # Everything that is wrong, of three kinds and at once.
    wrong = {"ietf-alto:alto": {"alto-server": {
        "cost-type": [{"cost-type-name": "a", "cost-mode": "ietf-alto:numerical"},  # lacks its metric
                      {"cost-type-name": "b", "cost-mode": "upside-down"}],         # no such mode
        "colour": "blue"}}}                                                         # no such leaf
    errors = post(a, "dry-run", config=wrong)["error"]
    at = lambda name: next((e["tag"] for e in errors if e.get("path", "").endswith(name)), None)
    same((at("cost-type[cost-type-name='b']/cost-mode"), at("cost-type[cost-type-name='a']/cost-metric"), at("/alto-server")),
         ("invalid-value", "data-missing", "unknown-element"), errors)
    out = call(m, "dry-run", "<config>%s</config>" % alto(
        "<cost-type><cost-type-name>a</cost-type-name><cost-mode>numerical</cost-mode></cost-type>"
        "<cost-type><cost-type-name>b</cost-type-name><cost-mode>upside-down</cost-mode></cost-type>"
        "<cost-type nc:operation='delete'><cost-type-name>c</cost-type-name></cost-type><colour>blue</colour>"))
    same(elements(out, "valid"), ["false"])
    tags = sorted((e["tag"], e.get("path", "").rsplit("/", 1)[-1]) for e in elements(out, "error"))
    for want in [("data-missing", "cost-metric"), ("data-missing", "cost-type[cost-type-name='c']"),
                 ("invalid-value", "cost-mode"), ("unknown-element", "alto-server")]:
        assert want in tags, tags

    # The ALTO server's own judgement counts, and the body may be XML too.
    text = f'<input xmlns="{OWN}"><config>{describe("num-routing", "xml")}</config></input>'
    code, _, reply = a.rest("POST", "/restconf/operations/altoam-commit:dry-run", text, kind=XML, accept=XML)
    same((code, "<new>xml</new>" in reply), (200, True), reply)

    edit(m, describe("ord-routing", "candidate"), target="candidate")
    out = elements(call(m, "dry-run", "<candidate/>"), "change")
    same([(c["path"], c["new"]) for c in out], [(RESOURCE % "ord-routing" + "/description", "candidate")])
    edit(m, cost("c", "<cost-mode>numerical</cost-mode>"), target="candidate")
    same(post(a, "dry-run", candidate=[None])["valid"], False)
    m.discard_changes()
    same(post(a, "dry-run", candidate=[None]), {"valid": True, "count": "0"})
    out = post(a, "dry-run", rollback={"number": "9"}, limit=0)
    same((out["valid"], out["count"], "change" in out), (True, "1", False))
    out = post(a, "dry-run", rollback={"number": "99"})
    same((out["valid"], out["error"][0]["tag"]), (False, "data-missing"))
    same(post(a, "dry-run", config=good, base="1")["error"][0]["app-tag"], "conflict")
    same(a.rest("GET", "/restconf/data?content=config")[2], before, "a dry run changed something")


def effects(a, m):
    """What the ALTO server would do: once when it is tried, and so it does when it is made."""
    new = f"""<resource><resource-id>tried</resource-id><resource-type>network-map</resource-type><alto-networkmap-params>
<from-source xmlns="urn:altoam:yang:altoam-algorithm-from-source"><source>lab</source></from-source></alto-networkmap-params></resource>"""
    directory = a.ready["alto"][0]
    names = lambda: set(json.loads(get(directory)[2])["resources"])
    before = names()
    assert "tried" not in before
    out = call(m, "dry-run", f"<config>{alto(new)}</config>")
    same(elements(out, "valid"), ["true"])
    same([(e["resource"], e["action"]) for e in elements(out, "effect") if "resource" in e], [("tried", "add")])
    same(names(), before, "a dry run was served")
    edit(m, alto(new))
    same(names(), before | {"tried"})
    out = post(a, "dry-run", rollback={"number": str(max(history(a)) - 1)})
    same([(e["resource"], e["action"]) for e in out["effect"] if "resource" in e], [("tried", "remove")])
    out = post(a, "dry-run", config={"ietf-alto:alto": {"alto-server": {"resource": [{"resource-id": "tried", "resource-type": "ietf-alto:cost-map"}]}}})
    same((out["valid"], "effect" in out), (False, False))
    post(a, "rollback", to={"number": str(max(history(a)) - 1)})
    same(names(), before)


def confirmed(a, m):
    """A confirmed commit shows while it waits, and in the history how it ended."""
    base = max(history(a))
    edit(m, describe("num-routing", "perhaps"), target="candidate")
    m.commit(confirmed=True, timeout="600", persist="mine")
    waits = a.data("altoam-commit:commits/pending")["altoam-commit:pending"]
    same((waits["base"], waits["session-id"], waits["persistent"]), (str(base), int(m.session_id), True))
    m.dispatch(to_ele(f'<cancel-commit xmlns="{BASE}"><persist-id>mine</persist-id></cancel-commit>'))
    same(a.rest("GET", "/restconf/data/altoam-commit:commits/pending")[0], 404)
    seen = history(a)
    same([seen[base + i]["kind"] for i in (1, 2)], ["confirmed", "revert"])
    same(post(a, "compare", **{"from": {"number": str(base)}}), {"count": "0"})


def writers(a, m):
    """Two clients that saw one commit."""
    seen = max(history(a))
    with a.netconf() as other:
        edit(m, describe("num-routing", "by one"), own(base=seen))
        edit(other, describe("ord-routing", "by two"), own(base=seen))
        same((described(a, "num-routing"), described(a, "ord-routing")), ("by one", "by two"))
        e = refused(lambda: edit(other, describe("num-routing", "by two"), own(base=seen)), "operation-failed", "conflict")
        assert str(seen) in e.message and "num-routing" in e.path, (e.message, e.path)
        refused(lambda: edit(other, describe("num-routing", "x"), own(base=seen + 100)), "data-missing")
    code, headers, text = a.rest("PUT", COST % "num-routing", '{"ietf-alto:description":"late"}', headers={"Altoam-Base": str(seen)})
    same((code, json.loads(text)["ietf-restconf:errors"]["error"][0]["error-app-tag"]), (409, "conflict"), text)
    same(described(a, "num-routing"), "by one")
    code, headers, _ = a.rest("PUT", COST % "ord-routing", '{"ietf-alto:description":"again"}', headers={"Altoam-Base": str(seen + 2)})
    same((code, headers["Altoam-Commit"]), (204, str(seen + 3)))
    for bad in ({"Altoam-Base": "x"}, {"Altoam-Base": "0"}, {"Altoam-Label": "l" * 65}):
        same(a.rest("PUT", COST % "ord-routing", '{"ietf-alto:description":"bad"}', headers=bad)[0], 400, bad)
    same(a.rest("PUT", COST % "ord-routing?comment=x", '{"ietf-alto:description":"bad"}')[0], 400)
    same(described(a, "ord-routing"), "again")


def secrets(a, m):
    """Passwords are not shown, neither in clear nor as hashes."""
    user = {"ietf-system:user": [{"name": "carla", "password": "$0$first-secret"}]}
    same(a.rest("POST", "/restconf/data/ietf-system:system/authentication", json.dumps(user))[0], 201)
    user["ietf-system:user"][0]["password"] = "$0$second-secret"
    same(a.rest("PATCH", "/restconf/data/ietf-system:system/authentication/user=carla", json.dumps(user))[0], 204)
    change = post(a, "compare")["change"]
    same([(c["operation"], c["old"], c["new"]) for c in change], [("modify", "***", "***")])
    user["ietf-system:user"][0]["password"] = "$0$third-secret"
    text = json.dumps(post(a, "dry-run", config={"ietf-system:system": {"authentication": user_of(user)}}))
    assert "secret" not in text and "$6$" not in text and "***" in text, text


def user_of(user):
    return {"user": user["ietf-system:user"]}


def retention(a):
    newest = max(history(a))
    same(a.rest("PUT", "/restconf/data/altoam-commit:commits/max-commits", '{"altoam-commit:max-commits":3}')[0], 201)
    same(sorted(history(a)), [newest - 1, newest, newest + 1])
    same(a.rest("PUT", COST % "num-routing", '{"ietf-alto:description":"last"}', headers={"Altoam-Label": "last"})[0], 204)
    same(sorted(history(a)), [newest, newest + 1, newest + 2])
    same(post(a, "rollback", 409, to={"number": "1"})[0]["error-tag"], "data-missing")
    same(post(a, "compare", 409, to={"label": "sixth"})[0]["error-tag"], "data-missing")
    same(a.rest("PUT", "/restconf/data/altoam-commit:commits/max-commits", '{"altoam-commit:max-commits":0}')[0], 400)


def restart(a):
    seen = history(a)
    a.kill()
    a.start()
    same(history(a), seen, "after SIGKILL")
    a.stop()
    a.start()
    same(history(a), seen, "after SIGTERM")
    with a.netconf() as m:
        same(elements(call(m, "rollback", f"<to><number>{max(seen) - 1}</number></to>"), "number"), [str(max(seen) + 1)])
        same(described(a, "num-routing"), "by one")
        same(elements(call(m, "rollback", "<to><label>last</label></to>"), "number"), [str(max(seen) + 2)])
    same(described(a, "num-routing"), "last")


with Agent(seed=example("lab.json", free_port())) as a:
    with a.netconf() as m:
        commits(a, m)
        compare(a, m)
        rollback(a, m, a.ready["alto"][0])
        dry_run(a, m)
        effects(a, m)
        confirmed(a, m)
        writers(a, m)
        secrets(a, m)
    retention(a)
    restart(a)
