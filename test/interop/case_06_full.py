"""examples/full.json uses every list and choice of ietf-alto: accepted, read back the same, kept over a restart."""
import json, subprocess
from harness import XML, Agent, example, free_port, same


def plain(x):
    """Sorts lists of the system's order, so that only content counts."""
    if isinstance(x, dict):
        return {k.split(":")[-1]: plain(v) for k, v in x.items()}
    if isinstance(x, list):
        return sorted((plain(v) for v in x), key=lambda v: json.dumps(v, sort_keys=True))
    return x.split(":")[-1] if isinstance(x, str) and not x.startswith("http") else x


def key(config):
    return config["ietf-keystore:keystore"]["asymmetric-keys"]["asymmetric-key"][0]


text = example("full.json", free_port())
want = json.loads(text)
del key(want)["cleartext-private-key"]
with Agent(seed=text) as a:
    def read():
        got = json.loads(a.rest("GET", "/restconf/data?content=config")[2])["ietf-restconf:data"]
        sealed = key(got).pop("encrypted-private-key")
        same(sealed["encrypted-value-format"], "altoam-secrets:sealed-value-format", "the private key is stored sealed")
        return {k: got[k] for k in want}
    same(plain(read()), plain(want), "JSON")

    status, _, xml = a.rest("GET", "/restconf/data/ietf-alto:alto?content=config", accept=XML)
    same(status, 200)
    same(a.rest("PUT", "/restconf/data/ietf-alto:alto", xml, kind=XML)[0], 204, "what was read as XML is accepted")
    same(plain(read()), plain(want), "after XML")
    # Served over https; a role sees what anonymous clients do not.
    directory = a.ready["alto"][0]
    assert directory.startswith("https://"), directory
    def listed(*curl):
        out = subprocess.run(["curl", "-sk", *curl, directory], capture_output=True, text=True, timeout=20)
        return json.loads(out.stdout)["resources"]
    assert "endpoint-cost" in listed("-u", "alice:wonderland") and "endpoint-cost" not in listed()
    with a.netconf() as m:
        assert "tls-server-parameters" in m.get_config(source="running").data_xml
    a.stop()
    a.start()
    same(plain(read()), plain(want), "after a restart")
