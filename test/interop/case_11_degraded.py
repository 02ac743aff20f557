"""A restart while a file is gone, malformed, and a port is taken: the management plane comes up, the rest follows."""
import json, os, shutil, socket
from harness import ROOT, Agent, eventually, example, free_port, get, same

SMALL = os.path.join(ROOT, "agent", "drivers", "cric", "testdata", "sites.json")
port = free_port()

with Agent(seed=example("lab.json", port)) as a:
    path = os.path.join(a.folder, "sites.json")
    shutil.copy(SMALL, path)
    config = example("lhcone.json", port).replace("/var/lib/altoam/cric-rcsite.json", path)
    status, _, text = a.rest("PUT", "/restconf/data/ietf-alto:alto", config)
    same(status, 204, text)
    root = a.ready["alto"][0].replace("/alto/", "/lhcone/")
    listed = lambda: sorted(json.loads(get(root)[2])["resources"])
    whole = listed()
    vtag = lambda: json.loads(get(root.replace("directory", "networkmap/lhcone"))[2])["meta"]["vtag"]
    tag = vtag()
    state = lambda: a.data("ietf-alto:alto/alto-server/data-source=cric/altoam-source:source-state")["altoam-source:source-state"]

    # The file is gone: all is there but the maps; a commit elsewhere works; the file comes back.
    kept = os.path.join(a.folder, "data", "state", "sources")
    a.stop()
    os.remove(path)
    shutil.rmtree(kept)
    a.start()
    same(listed(), [], "IRD without the file")
    same(state()["stale"], True, "stale")
    assert "no such file" in state()["last-error"], state()
    assert 'altoam_alto_resource_up{resource="lhcone"} 0' in a.metrics()
    status, _, text = a.rest("PATCH", "/restconf/data/ietf-alto:alto/alto-server", json.dumps(
        {"ietf-alto:alto-server": {"meta": [{"meta-key": "more", "meta-value": "InllcyI="}]}}))
    same(status, 204, text)
    shutil.copy(SMALL, path)
    eventually(lambda: listed() == whole)
    same(vtag(), tag, "the tag of the same map")
    same(state()["stale"], False, "stale")

    # Malformed, and the port is taken by another program.
    a.kill()
    shutil.rmtree(kept, ignore_errors=True)
    with open(path, "w") as f:
        f.write("{")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        a.start()
        same(a.ready["alto"], [], "addresses while the port is taken")
        status, _, text = a.rest("PATCH", "/restconf/data/ietf-alto:alto/alto-server", json.dumps(
            {"ietf-alto:alto-server": {"role": [{"role-name": "some"}]}}))
        same(status, 204, text)
    shutil.copy(SMALL, path)

    def served():
        try:
            return listed() == whole
        except OSError:
            return False
    eventually(served)
    with open(os.path.join(a.folder, "log")) as f:
        log = f.read()
    for path in ["/data-source[source-id='cric']/source-params/altoam-source-cric:cric/path", "/local-bind[local-address='127.0.0.1']/local-port", "/resource[resource-id='lhcone']"]:
        assert path in log, f"{path} is not in the log"
