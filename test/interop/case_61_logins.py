"""Guessing: 200 passwords from one address are held back; a user at another address, open sessions and keys are not."""
import base64, http.client, json, re, ssl, subprocess, threading, time
from collections import Counter
from ncclient import manager
from harness import PASSWORD, Agent, example, free_port, same

LOGINS = "/restconf/data/altoam-logins:logins"
CONTEXT = ssl._create_unverified_context()


def ask(a, user, password, source="127.0.0.1", path=LOGINS, timeout=30):
    """One request from an address: (status, headers without those that always differ, body)."""
    host, port = a.ready["restconf"].split(":")
    c = http.client.HTTPSConnection(host, int(port), context=CONTEXT, source_address=(source, 0), timeout=timeout)
    c.request("GET", path, headers={"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()})
    r = c.getresponse()
    body = r.read().decode()
    c.close()
    return r.status, sorted((k, v) for k, v in r.getheaders() if k != "Date"), body


def at_once(n, f):
    """Calls f(i) in n threads; returns what they return."""
    out = [None] * n
    def call(i):
        out[i] = f(i)
    threads = [threading.Thread(target=call, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out


def state(a):
    return json.loads(ask(a, "admin", PASSWORD, "127.0.0.2")[2])["altoam-logins:logins"]


def unlock(a, **whom):
    c = http.client.HTTPSConnection(*a.ready["restconf"].split(":"), context=CONTEXT, source_address=("127.0.0.2", 0), timeout=30)
    c.request("POST", LOGINS + "/unlock", json.dumps({"altoam-logins:input": whom}), {
        "Authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode(), "Content-Type": "application/yang-data+json"})
    r = c.getresponse()
    body = r.read().decode()
    same(r.status, 200, body)
    return json.loads(body)["altoam-logins:output"]["unlocked"]


def connect(a, password=PASSWORD, **kw):
    return manager.connect(host="127.0.0.1", port=a.netconf_port, username="admin", password=password, hostkey_verify=False,
                           allow_agent=False, look_for_keys=False, timeout=30, **kw)


def sshpass(a, user, password, source, *options):
    return subprocess.run(["sshpass", "-p", password, "ssh", "-p", str(a.netconf_port), "-b", source, "-o", "StrictHostKeyChecking=no",
                           "-o", "UserKnownHostsFile=/dev/null", "-o", "NumberOfPasswordPrompts=1", "-o", "PreferredAuthentications=password",
                           *options, f"{user}@127.0.0.1", "-s", "netconf"], input=b"", capture_output=True, timeout=30)


def brute_force(a):
    """200 guesses at once, of a user who is there and of one who is not."""
    with connect(a) as before:  # an open session, from the address of the attack
        refused = [at_once(100, lambda i: ask(a, user, f"guess{i}")) for user in ("guessed", "nobody")]
        same({r for answers in refused for r in map(str, answers)}, {str(refused[0][0])}, "there is one answer to all guesses")
        status, headers, body = refused[0][0]
        assert status == 401 and "Retry-After" not in dict(headers) and "lock" not in body, (headers, body)
        same(str(ask(a, "guessed", "right")), str(refused[0][0]), "the right password is refused like a wrong one")
        same(ask(a, "guessed", "right", "127.0.0.2")[0], 200, "the same user from another address")
        before.get_config("running", filter=("subtree", "<system xmlns='urn:ietf:params:xml:ns:yang:ietf-system'/>"))
    s = state(a)
    counts = next(x for x in s["attempts"] if x["transport"] == "restconf")
    assert int(counts["failure"]) <= 20 and int(counts["locked"]) >= 180, counts
    assert {"guessed", "nobody"} <= {x["user"] for x in s["locked"]}, s
    with connect(a) as again:
        same(again.connected, True, "who was at this address before")


def by_ssh(a):
    """Passwords over SSH count likewise, and a session is not let in while they are locked."""
    wrong = sshpass(a, "guessed", "right", "127.0.0.1")
    assert wrong.returncode != 0 and b"Permission denied" in wrong.stderr, wrong
    nobody = sshpass(a, "nobody", "right", "127.0.0.1")
    same(re.sub(rb"(nobody|guessed)@", b"@", wrong.stderr), re.sub(rb"(nobody|guessed)@", b"@", nobody.stderr), "what SSH says")
    same(sshpass(a, "guessed", "right", "127.0.0.2").returncode, 0, "from another address")


def operator(a):
    assert unlock(a, user="guessed", source="127.0.0.1") >= 1
    same(ask(a, "guessed", "right")[0], 200, "after unlock")
    text = a.metrics()
    assert re.search(r'altoam_logins_total\{result="locked",transport="restconf"\} \d{3}', text), text[:200]
    assert 'altoam_logins_locked{service="management",what="user-from-source"}' in text
    unlock(a)
    same(state(a).get("locked", []), [])


def expiry(a):
    """A lock ends by itself, and the configuration says when."""
    short = {"altoam-logins:logins": {"failures": 2, "first-lock": 1, "longest-lock": 1, "delay": 10}}
    same(a.rest("PATCH", LOGINS, json.dumps(short))[0], 204)
    answers = Counter(ask(a, "kay", "wrong", "127.0.0.3")[0] for _ in range(3))
    same(answers, Counter({401: 3}))
    same(ask(a, "kay", "right-of-kay", "127.0.0.3")[0], 401)
    time.sleep(1.1)
    same(ask(a, "kay", "right-of-kay", "127.0.0.3", "/restconf/yang-library-version")[0], 200)


def passwords(a):
    users = "/restconf/data/ietf-system:system/authentication/user"
    same(a.rest("PATCH", LOGINS, json.dumps({"altoam-logins:logins": {"minimum-password-length": 8}}))[0], 204)
    for password, why in (("short", "at least 8"), ("", "empty"), ("samename", "name of the user")):
        body = {"ietf-system:user": [{"name": "samename", "password": "$0$" + password}]}
        status, _, text = a.rest("PUT", users + "=samename", json.dumps(body))
        assert status == 400 and why in text and (password in ("", "samename") or password not in text), (status, text)
    same(ask(a, "kay", "right-of-kay", "127.0.0.3", "/restconf/yang-library-version")[0], 200, "passwords of before stay")


def main():
    with Agent(seed=example("full.json", free_port())) as a:
        for name, password in (("guessed", "right"), ("kay", "right-of-kay")):
            body = {"ietf-system:user": [{"name": name, "password": "$0$" + password}]}
            same(a.rest("POST", "/restconf/data/ietf-system:system/authentication", json.dumps(body))[0], 201)
        policy = {"ietf-netconf-acm:nacm": {"groups": {"group": [{"name": "admin", "user-name": ["admin", "guessed"]}]}}}
        same(a.rest("PATCH", "/restconf/data/ietf-netconf-acm:nacm", json.dumps(policy))[0], 204)
        same(ask(a, "kay", "right-of-kay", "127.0.0.4")[0], 404, "others see nothing of it")
        same(a.rest("PUT", LOGINS, json.dumps({"altoam-logins:logins": {"first-lock": 30, "delay": 50}}))[0], 201)
        for step in (brute_force, by_ssh, operator, expiry, passwords):
            step(a)


if __name__ == "__main__":
    main()
