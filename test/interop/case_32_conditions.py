"""Conditional requests of two operators, one over RESTCONF and one over NETCONF; entity tags across kill -9."""
import json
from harness import JSON, XML, Agent, same

SYSTEM = "/restconf/data/ietf-system:system"
CONTACT, LOCATION = SYSTEM + "/contact", SYSTEM + "/location"
XML_LIST = "application/yang-data+xml-list"
CONFIG = '<config><system xmlns="urn:ietf:params:xml:ns:yang:ietf-system"><contact>%s</contact></system></config>'


def tag(a, path, accept=JSON):
    status, headers, text = a.rest("GET", path, accept=accept)
    same(status, 200, text)
    return headers["ETag"]


def put(a, leaf, value, **conditions):
    name = leaf.rsplit("/", 1)[1]
    headers = {k.replace("_", "-"): v for k, v in conditions.items()}
    return a.rest("PUT", leaf, json.dumps({"ietf-system:" + name: value}), headers=headers)


def two_operators(a):
    with a.netconf() as other:
        same(put(a, CONTACT, "ann")[0], 201)
        same(put(a, LOCATION, "here")[0], 201)
        seen, elsewhere = tag(a, CONTACT), tag(a, LOCATION)
        other.edit_config(target="candidate", config=CONFIG % "bob")
        same(tag(a, CONTACT), seen, "an edit of the candidate changes nothing in running")
        other.commit()
        status, headers, text = put(a, CONTACT, "carol", If_Match=seen)
        same(status, 412, text)
        assert "of admin changed it last" in text and '"altoam-commit:protocol":"netconf-ssh"' in text, text
        same(headers["ETag"], tag(a, CONTACT))
        for accept in JSON, XML:
            same(a.rest("GET", CONTACT, accept=accept, headers={"If-Match": seen})[0], 412, "a read of what it was")
        same(a.rest("GET", CONTACT, headers={"If-Match": headers["ETag"]})[0], 200)
        same(a.rest("GET", CONTACT, headers={"If-None-Match": headers["ETag"]})[0], 304)
        same(put(a, LOCATION, "there", If_Match=elsewhere)[0], 204, "what the other has not touched")

        before = tag(a, CONTACT)
        other.edit_config(target="candidate", config=CONFIG % "dora")
        other.commit(confirmed=True, timeout="60")
        waiting = tag(a, CONTACT)
        other.cancel_commit()
        assert len({before, waiting, tag(a, CONTACT)}) == 3, "what was taken back has a tag that was given before"
        same(put(a, CONTACT, "eve", If_Match=waiting)[0], 412, "the tag of what was taken back")


def lists(a):
    users = SYSTEM + "/authentication/user"
    tags = [tag(a, users, accept) for accept in (JSON, XML, XML_LIST)]
    same(len(set(tags)), 3, f"entity tags of JSON, XML, xml-list: {tags}")
    same(a.rest("GET", users, accept=XML_LIST, headers={"If-None-Match": tags[2]})[0], 304)
    same(a.rest("GET", users, accept=XML_LIST, headers={"If-None-Match": tags[1]})[0], 200)


def missing(a):
    status, headers, text = put(a, CONTACT, "x", If_None_Match="*")
    same(status, 412, text)
    same(a.rest("DELETE", CONTACT)[0], 204)
    status, headers, text = put(a, CONTACT, "x", If_Match="*")
    same((status, headers["ETag"]), (412, None), text)
    assert "the resource does not exist" in text and "changed it last" not in text, text
    same(put(a, CONTACT, "x", If_None_Match="*")[0], 201)


with Agent() as agent:
    for step in (two_operators, lists, missing):
        step(agent)
    paths = ("/restconf/data", SYSTEM, CONTACT, LOCATION, SYSTEM + "/authentication/user=admin")
    tags = [tag(agent, path) for path in paths]
    agent.kill()
    agent.start()
    same([tag(agent, path) for path in paths], tags, "after kill -9")
    same(put(agent, CONTACT, "y", If_Match=tags[2])[0], 204)
