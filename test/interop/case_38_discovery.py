"""Server discovery: records by dynamic update and in a zone file, found by a DNS client; the look-ups of alto-clients."""
import json, os, shutil, socket, struct, subprocess, tempfile
from harness import ROOT, Agent, eventually, example, free_port, get, same

ZONE, SECRET = "2.0.192.in-addr.arpa", "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
SERVER = "ietf-alto:alto/alto-server"
RECORDS = SERVER + "/server-discovery/rdns-naptr-records"


def naptr(server, name):
    """The NAPTR records of a name: lists of order, preference, flags, service, regexp."""
    labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split("."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 35, 1), server)
        answer = s.recv(4096)
    count, at, records = struct.unpack(">H", answer[6:8])[0], 12 + len(labels) + 5, []
    for _ in range(count):
        while answer[at] and answer[at] < 0xC0:  # the owner's name
            at += answer[at] + 1
        at += 2 if answer[at] else 1
        size = struct.unpack(">H", answer[at + 8:at + 10])[0]
        data, at, texts = answer[at + 10:at + 10 + size], at + 10 + size, []
        rest = data[4:]
        for _ in range(3):
            texts.append(rest[1:1 + rest[0]].decode())
            rest = rest[1 + rest[0]:]
        records.append([*struct.unpack(">2H", data[:4]), *texts])
    return records


folder = tempfile.mkdtemp(prefix="altoam-dns-")
binary = os.path.join(folder, "dns_server")
subprocess.run(["go", "build", "-o", binary, "./test/interop/dns_server"], cwd=ROOT, check=True, timeout=250)
dns = subprocess.Popen([binary, ZONE, "agent", SECRET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
host, port = dns.stdout.readline().strip().split(":")
server, zone_file = (host, int(port)), os.path.join(folder, "alto.zone")

with Agent(seed=example("lab.json", free_port())) as a:
    ird = a.ready["alto"][0]
    status, _, text = a.rest("PATCH", "/restconf/data/" + SERVER, json.dumps({"ietf-alto:alto-server": {"server-discovery": {"rdns-naptr-records": {
        "static-prefix": ["192.0.2.0/24", "192.0.2.16/29"],
        "altoam-discovery:tsig-key": [{"name": "agent", "key-format": "ietf-crypto-types:octet-string-key-format", "cleartext-symmetric-key": SECRET}],
        "altoam-discovery:zone": [{"name": ZONE, "zone-file": zone_file, "update": {"server": host, "port": int(port), "tsig-key": "agent"}}]}}}}))
    same(status, 204, text)

    # A client with address 192.0.2.20 finds the directory.
    want = [[100, 10, "u", "ALTO:http", f"!.*!{ird}!"]]
    eventually(lambda: naptr(server, "20.2.0.192.in-addr.arpa") == want)
    same(naptr(server, ZONE), want)
    same(naptr(server, "24.2.0.192.in-addr.arpa"), [])
    same(get(want[0][4].split("!")[2])[1], "application/alto-directory+json")
    eventually(lambda: os.path.exists(zone_file))
    with open(zone_file) as f:
        lines = f.read().splitlines()
    same(len(lines), 10, lines)
    assert f'{ZONE}. 3600 IN NAPTR 100 10 "u" "ALTO:http" "!.*!{ird}!" .' in lines, lines

    state = lambda: a.data(f"{RECORDS}/altoam-discovery:zone={ZONE}/zone-state")["altoam-discovery:zone-state"]
    eventually(lambda: state().get("pending") == "0")
    same(state()["records"], "9")
    same(len(a.data(RECORDS + "/altoam-discovery:discovery-state")["altoam-discovery:discovery-state"]["record"]), 9)
    assert f'altoam_discovery_records{{zone="{ZONE}"}} 9' in a.metrics()

    # An alto-client finds it too.
    status, _, text = a.rest("PATCH", "/restconf/data/ietf-alto:alto", json.dumps({"ietf-alto:alto": {"alto-client": [{
        "client-id": "peer", "server-discovery": {"rdns-params": {"dns-server": [host], "altoam-discovery:port": int(port),
        "altoam-discovery:service": "ALTO:http", "altoam-discovery:prefix": ["192.0.2.99/32", "198.51.100.0/24"]}}}]}}))
    same(status, 204, text)
    def found():
        status, _, text = a.rest("GET", "/restconf/data/ietf-alto:alto/alto-client=peer/server-discovery/rdns-params?content=nonconfig")
        list = json.loads(text).get("ietf-alto:rdns-params", {}).get("altoam-discovery:discovered", []) if status == 200 else []
        return {d["prefix"]: [i["uri"] for i in d.get("ird", [])] for d in list}
    eventually(lambda: found() == {"192.0.2.99/32": [ird], "198.51.100.0/24": []})

    # What it cannot do it says, with the node.
    status, _, text = a.rest("PATCH", "/restconf/data/" + RECORDS, json.dumps({"ietf-alto:rdns-naptr-records": {"static-prefix": ["0.0.0.0/0"]}}))
    assert status == 400 and "static-prefix" in text and "not looked up" in text, (status, text)

    # It knows after a crash which records are its own, and removes them without harm to others.
    a.kill()
    a.start()
    status, _, text = a.rest("DELETE", f"/restconf/data/{RECORDS}/static-prefix=192.0.2.16%2F29")
    same(status, 204, text)
    eventually(lambda: naptr(server, "20.2.0.192.in-addr.arpa") == [])
    same(len(naptr(server, ZONE)), 1)
    status, _, text = a.rest("DELETE", "/restconf/data/" + RECORDS)
    same(status, 204, text)
    eventually(lambda: naptr(server, ZONE) == [])

dns.stdin.close()
same(dns.wait(10), 0)
shutil.rmtree(folder)
