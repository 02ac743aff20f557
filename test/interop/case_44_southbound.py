"""The ALTO server in a process of its own: it and the agent are killed in turn under load, and agree again."""
import base64, json, os, signal, stat, subprocess, threading, time
from harness import BINARY, Agent, eventually, example, free_port, get, same

ROUNDS = int(os.environ.get("ALTOAM_ROUNDS", "6"))
SERVER = "ietf-alto:alto/alto-server"
PROCESS = f"{SERVER}/altoam-southbound:southbound"
WITHIN = 1.0  # seconds


class Load:
    """Clients that ask all the time. Failures count unless they may be, in which case nobody serves."""

    def __init__(self, port, clients=3):
        self.port, self.may_fail, self.asked, self.failed, self.ended = port, False, 0, [], False
        self.threads = [threading.Thread(target=self.run) for _ in range(clients)]
        for t in self.threads:
            t.start()

    def run(self):
        while not self.ended:
            before, why = self.may_fail, None
            try:
                status, _, text = get(f"http://127.0.0.1:{self.port}/alto/networkmap/my-default-network-map")
                if status != 200 or not json.loads(text)["network-map"]:
                    why = f"{status} {text[:200]}"
            except Exception as e:
                why = repr(e)
            self.asked += 1
            if why and not before and not self.may_fail:
                self.failed.append(why)
            time.sleep(0.002)

    def end(self):
        self.ended = True
        for t in self.threads:
            t.join(20)


def state(a):
    status, _, text = a.rest("GET", f"/restconf/data/{SERVER}/altoam-southbound:southbound-state")
    return json.loads(text)["altoam-southbound:southbound-state"] if status == 200 else {}


def vendor(port):
    return json.loads(get(f"http://127.0.0.1:{port}/alto/directory")[2])["meta"].get("vendor")


def set_vendor(a, name):
    value = base64.b64encode(json.dumps(name).encode()).decode()
    body = json.dumps({"ietf-alto:meta": [{"meta-key": "vendor", "meta-value": value}]})
    status, _, text = a.rest("PUT", f"/restconf/data/{SERVER}/meta=vendor", body)
    assert status in (201, 204), (status, text)


def agree(a, not_pid=None):
    """Waits until clients see what is configured, and returns how long that took."""
    begin = time.time()
    while True:
        s = state(a)
        if s.get("state") == "applied" and s.get("process-id") not in (None, not_pid):
            return time.time() - begin, s
        assert time.time() < begin + 15, s
        time.sleep(0.01)


def counters(a):
    s = a.data(f"{SERVER}/ietf-alto-stats:server-level-stats")["ietf-alto-stats:server-level-stats"]
    return int(s["num-total-req"]), s["altoam-statistics:counters-since"]


def go_on(before, now, anew):
    """Counters are those of before and more, or say that they have begun anew."""
    assert (now[1] > before[1]) == anew and (anew or now[0] >= before[0]), (before, now)
    return now


def rounds(a, port):
    pid = agree(a)[1]["process-id"]
    load = Load(port)
    server, agent = [], []
    count = counters(a)
    try:
        for i in range(ROUNDS):
            load.may_fail = True
            os.kill(pid, signal.SIGKILL)
            took, s = agree(a, not_pid=pid)
            load.may_fail, pid = False, s["process-id"]
            server.append(took)
            count = go_on(count, counters(a), anew=True)
            set_vendor(a, f"v{i}")
            if i % 2:
                agree(a)  # the next is killed in the middle of it
            count = go_on(count, counters(a), anew=False)
            a.kill()
            same(json.loads(get(f"http://127.0.0.1:{port}/alto/directory")[2])["meta"]["vendor"][:1], "v", "served without the agent")
            a.start()
            took, s = agree(a)
            agent.append(took)
            same((s["process-id"], s["starts"]), (pid, "0"), "the process that serves")
            same(vendor(port), f"v{i}", "what clients see")
            count = go_on(count, counters(a), anew=False)
            assert not load.failed, (i, load.failed[:3])
    finally:
        load.end()
    assert not load.failed, load.failed[:3]
    slow = [t for t in server + agent if t > WITHIN]
    assert not slow, slow
    if ROUNDS > 6:
        print(f"{ROUNDS} rounds, {load.asked} requests; agreed again after {max(server):.2f} s at most when the server was killed, {max(agent):.2f} s when the agent was")
    return pid


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def compared(a):
    body = json.dumps({"ietf-nmda-compare:input": {"source": "ietf-datastores:operational", "target": "ietf-datastores:intended"}})
    status, _, text = a.rest("POST", "/restconf/operations/ietf-nmda-compare:compare", body)
    assert status == 200, (status, text)
    return text


def attached(a, port):
    """A service manager runs the process: the agent says what is missing while nobody answers."""
    socket = os.path.join(a.folder, "run", "alto.sock")
    run = [BINARY, "alto-server", "--socket", socket]
    log = open(os.path.join(a.folder, "alto-server.log"), "a")
    first = subprocess.Popen(run, stderr=log)
    try:
        eventually(lambda: os.path.exists(socket))
        same([stat.S_IMODE(os.stat(p).st_mode) for p in (socket, os.path.dirname(socket))], [0o600, 0o700], "permissions")
        assert subprocess.run(run, stderr=log, timeout=10).returncode != 0, "two servers at one socket"
        status, _, text = a.rest("PUT", f"/restconf/data/{PROCESS}", json.dumps({"altoam-southbound:southbound": {"process": {"socket": socket, "start": False}}}))
        assert status == 204, (status, text)
        same(agree(a)[1]["process-id"], first.pid, "the process that serves")
        first.kill()
        first.wait(10)
        set_vendor(a, "while away")
        eventually(lambda: state(a).get("state") == "failed" and "last-error" in state(a))
        assert int(state(a)["lag"]) > 0
        eventually(lambda: "southbound-unreachable" in json.dumps(a.data("altoam-alarms:alarms/alarm-list")))
        assert "/meta" in compared(a), compared(a)[:3000]
        assert "meta-value" not in json.dumps(a.data(f"{SERVER}?content=all")), "operational shows what nobody serves"
        first = subprocess.Popen(run, stderr=log)  # the socket of the one before is still there
        agree(a)
        same(vendor(port), "while away", "what clients see")
        assert "/meta" not in compared(a), compared(a)[:3000]
    finally:
        first.kill()
        first.wait(10)


def main():
    port = free_port()
    with Agent(seed=example("lab.json", port)) as a:
        pid = None
        try:
            status, _, text = a.rest("PUT", f"/restconf/data/{PROCESS}", json.dumps({"altoam-southbound:southbound": {"process": {}}}))
            assert status == 201, (status, text)
            pid = rounds(a, port)
            attached(a, port)
            eventually(lambda: gone(pid))  # it was told to end
            status, _, text = a.rest("DELETE", f"/restconf/data/{PROCESS}")
            assert status == 204, (status, text)
            eventually(lambda: vendor(port) == "while away")
            same(state(a).get("process-id"), None, "after that the agent serves")
        finally:
            if pid and not gone(pid):
                os.kill(pid, signal.SIGKILL)


main()
