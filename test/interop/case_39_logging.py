"""The log of the ALTO server in files, over UDP, TCP and on the socket of syslog, and a syslog server that comes late; while it is away nobody waits."""
import json, os, re, socket, threading, time
from harness import Agent, eventually, example, free_port, get, same

# RFC 5424 Section 6.
LINE = re.compile(r'^<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ altoamd \d+ (access|event|change) (-|\[.*\])( .*)?$')


def octets(server, got):
    """Reads messages with octet counting (RFC 6587 Section 3.4.1) from one connection."""
    conn, _ = server.accept()
    with conn, conn.makefile("rb") as f:
        while True:
            count = b""
            while not count.endswith(b" "):
                c = f.read(1)
                if not c:
                    return
                count += c
            got.append(f.read(int(count)).decode())


def lines(path):
    try:
        with open(path) as f:
            return f.read().splitlines()
    except FileNotFoundError:
        return []


with Agent(seed=example("lab.json", free_port())) as a:
    directory = a.ready["alto"][0]
    at = "/restconf/data/ietf-alto:alto/alto-server/logging-system"
    folder = os.path.join(a.folder, "log.d")
    os.mkdir(folder)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    local.bind(folder + "/socket")
    for s in udp, local:
        s.settimeout(10)
    late = free_port()
    conf = folder + "/syslog.conf"
    with open(conf, "w") as f:
        f.write(f"local1.*  {folder}/changes\n*.err @127.0.0.1:{udp.getsockname()[1]}\n")
    targets = [
        {"name": "requests", "record": ["access"], "file": {"path": folder + "/requests", "mode": "0600", "max-size": "2000", "keep": 2}},
        {"name": "collector", "record": ["access"], "udp": {"remote-address": "127.0.0.1", "remote-port": udp.getsockname()[1]}},
        {"name": "host", "record": ["change"], "severity": "notice", "local-syslog": {"path": folder + "/socket"}},
        {"name": "late", "record": ["access"], "queue-length": 5, "tcp": {"remote-address": "127.0.0.1", "remote-port": late}},
    ]
    patch = lambda content: a.rest("PATCH", at, json.dumps({"ietf-alto:logging-system": content}))
    state = lambda name: a.data(f"ietf-alto:alto/alto-server/logging-system/altoam-logging:target={name}/state")["altoam-logging:state"]

    # What cannot be opened refuses the commit, with its node.
    status, _, text = patch({"altoam-logging:target": [{"name": "x", "file": {"path": folder + "/none/x"}}]})
    error = json.loads(text)["ietf-restconf:errors"]["error"][0]
    same((status, error["error-tag"]), (412, "operation-failed"), text)
    assert error["error-path"].endswith("/logging-system/altoam-logging:target[name='x']/file/path"), text
    assert "no such file" in error["error-message"], text

    status, _, text = patch({"altoam-logging:target": targets, "syslog-params": {"config-file": "file://" + conf}})
    same(status, 204, text)
    assert "admin" in local.recv(4096).decode(), "the change that made the targets"

    # Each request is a record, in the file and over UDP; the address without its host.
    same(get(directory + "?secret=1")[0], 200)
    message = udp.recv(4096).decode()
    assert LINE.match(message) and "<134>1 " in message and 'address="127.0.0.0"' in message and 'status="200"' in message, message
    assert "secret" not in message, message
    eventually(lambda: lines(folder + "/requests") == [message])
    same(os.stat(folder + "/requests").st_mode & 0o777, 0o600, "mode")

    # 200 requests with a server that is away: nobody waits, the file turns over.
    begin = time.time()
    for _ in range(200):
        same(get(directory)[0], 200)
    assert time.time() - begin < 10, "requests are slow"
    eventually(lambda: state("requests")["sent"] == "201")
    for name in "requests", "requests.1", "requests.2":
        assert lines(f"{folder}/{name}") and all(LINE.match(x) for x in lines(f"{folder}/{name}")), name
        assert os.path.getsize(f"{folder}/{name}") <= 2000, name
    assert not os.path.exists(folder + "/requests.3")
    s = state("late")
    same((s["up"], s["queued"]), (False, 5), "the late server")
    assert int(s["dropped"]) > 0 and "refused" in s["last-error"], s
    assert re.search(r'altoam_log_records_dropped_total\{target="late"\} [1-9]', a.metrics()), "metric"
    assert 'altoam_log_target_up{target="late"} 0' in a.metrics()

    # Another file after a rename, as logrotate does.
    os.rename(folder + "/requests", folder + "/renamed")
    same(get(directory)[0], 200)
    eventually(lambda: len(lines(folder + "/requests")) == 1)

    # The late server comes: it is told what it missed, then what waited.
    got = []
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", late))
        server.listen()
        thread = threading.Thread(target=octets, args=(server, got))
        thread.start()
        eventually(lambda: len(got) >= 6, 40)
        assert all(LINE.match(x) for x in got), got
        assert " event " in got[0] and 'count="' in got[0], got[0]
        eventually(lambda: state("late")["up"])

        # Changes are told with who made them, to what syslog.conf names; targets go live.
        status, _, text = a.rest("DELETE", at + "/altoam-logging:target=late")
        same(status, 204, text)
        thread.join(10)
        assert not thread.is_alive(), "the connection of a target that is gone stays"
    eventually(lambda: any('user="admin"' in x and "delete=" in x and "target[" in x for x in lines(folder + "/changes")))
    assert all(LINE.match(x) for x in lines(folder + "/changes"))
    destinations = a.data("ietf-alto:alto/alto-server/logging-system/syslog-params/altoam-logging:destination")
    assert any(d["action"] == folder + "/changes" and d["up"] for d in destinations["altoam-logging:destination"]), destinations

    # After a restart all is there again.
    a.stop()
    before = len(lines(folder + "/requests"))
    a.start()
    same(get(a.ready["alto"][0])[0], 200)
    eventually(lambda: len(lines(folder + "/requests")) > 0 and 'method="GET"' in lines(folder + "/requests")[-1] and len(lines(folder + "/requests")) != before)
