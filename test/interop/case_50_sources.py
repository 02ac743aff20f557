"""Sources that are other servers: three agents in a row, followed by update streams; a ring is
refused; a web server that answers nonsense leaves the last good map, with an alarm."""
import http.server, json, threading, urllib.request
from harness import Agent, eventually, free_port, get, same

GOOD = '{"meta":{"vtag":{"resource-id":"m","tag":"t1"}},"network-map":{"web":{"ipv4":["0.0.0.0/0"],"ipv6":["::/0"]}}}'
SERVER = "/restconf/data/ietf-alto:alto/alto-server"


def network_map(name, source):
    return {"resource-id": name, "resource-type": "ietf-alto:network-map",
            "alto-networkmap-params": {"altoam-algorithm-from-source:from-source": {"source": source}}}


def stream(*covers):
    return {"resource-id": "updates", "resource-type": "ietf-alto:update", "dependency": list(covers),
            "alto-update-params": {"altoam-algorithm-on-change:on-change": {}}}


def static(prefix):
    return {"source-id": "own", "source-type": "altoam-source-static:static", "source-params": {"altoam-source-static:static": {
        "pid": [{"name": "all", "prefix": ["0.0.0.0/0", "::/0"]}, {"name": "lan", "prefix": [prefix]}]}}}


def upstream(name, port, resource):
    return {"source-id": name, "source-type": "altoam-source-alto:alto", "source-params": {"altoam-source-alto:alto": {
        "ird-uri": f"http://127.0.0.1:{port}/alto/directory", "resource": [resource], "poll-interval": 3600}}}


def server(name, port, sources, resources):
    return json.dumps({"ietf-alto:alto": {"alto-server": {
        "listen": {"http": {"tcp-server-parameters": {"local-bind": [{"local-address": "127.0.0.1", "local-port": port}]},
                            "alto-server-parameters": {"base-uri": f"http://127.0.0.1:{port}/alto/"}}},
        "altoam-source-remote:loop-guard": {"server-id": name},
        "data-source": sources, "resource": resources}}})


def patch(agent, **content):
    return agent.rest("PATCH", SERVER, json.dumps({"ietf-alto:alto-server": content}))


def map_at(port, name):
    return get(f"http://127.0.0.1:{port}/alto/networkmap/{name}")[2]


def path_of(port, name):
    r = urllib.request.Request(f"http://127.0.0.1:{port}/alto/networkmap/{name}", method="HEAD")
    with urllib.request.urlopen(r, timeout=10) as a:
        return a.headers["Altoam-Path"]


class Page(http.server.BaseHTTPRequestHandler):
    text = GOOD

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(Page.text.encode())

    def log_message(self, *_):
        pass


def main():
    pa, pb, pc = free_port(), free_port(), free_port()
    with Agent(seed=server("A", pa, [static("192.0.2.0/24")], [network_map("net", "own"), stream("net")])) as a, \
            Agent(seed=server("B", pb, [upstream("up", pa, "net")], [network_map("of-a", "up"), stream("of-a")])) as b, \
            Agent(seed=server("C", pc, [upstream("up", pb, "of-a")], [network_map("far", "up")])):
        def arrived():
            return map_at(pc, "far").find("192.0.2.0/24") > 0 and path_of(pc, "far") == "C, B, A"
        eventually(arrived)

        def streaming():
            t = b.data("ietf-alto:alto/alto-server/data-source=up/altoam-source:source-state")["altoam-source:source-state"]
            return t["altoam-source-remote:transfer"]["streaming"]
        eventually(streaming)
        same(patch(a, **{"data-source": [static("198.51.100.0/24")]})[0], 204)

        def followed():
            return "198.51.100.0/24" in map_at(pc, "far")
        eventually(followed)
        same(json.loads(map_at(pc, "far"))["meta"]["vtag"]["tag"], json.loads(map_at(pa, "net"))["meta"]["vtag"]["tag"])

        for port, resource in ((pb, "of-a"), (pc, "far"), (pa, "net")):
            status, _, text = patch(a, **{"data-source": [upstream("back", port, resource)]})
            assert status >= 400 and "a loop" in text, (status, text)

        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        source = {"source-id": "web", "source-type": "altoam-source-http:http", "source-params": {"altoam-source-http:http": {
            "uri": [f"http://127.0.0.1:{web.server_port}/m.json?key=hidden"], "poll-interval": 1, "user": "u", "cleartext-password": "hidden"}}}
        same(patch(a, **{"data-source": [source], "resource": [network_map("page", "web")]})[0], 204)
        Page.text = '{"network-map":'

        def alarmed():
            return 'altoam_alarm_active{severity="major",type="source-stale"} 1' in a.metrics()
        eventually(alarmed)
        same(json.loads(map_at(pa, "page"))["meta"]["vtag"]["tag"], "t1", "the last good map")
        state = a.rest("GET", SERVER + "/data-source=web/altoam-source:source-state")[2]
        assert '"stale":true' in state and "unexpected EOF" in state and "hidden" not in state, state
        Page.text = GOOD.replace("t1", "t2")

        def mended():
            return "t2" in map_at(pa, "page") and "source-stale\"} 1" not in a.metrics()
        eventually(mended)
        with open(a.folder + "/log") as log:
            assert "hidden" not in log.read()
        web.shutdown()


if __name__ == "__main__":
    main()
