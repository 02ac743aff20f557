"""A client that knows nothing but openapi.json: it reads every resource there is, whose answers must be as described, and
puts back what it has read."""
import json, re, time
from urllib.parse import quote
from harness import JSON, Agent, example, free_port, same


class Description:
    """An OpenAPI 3.1 document, with as much of JSON Schema 2020-12 as it uses."""

    def __init__(self, text):
        self.doc = json.loads(text)
        self.paths = self.doc["paths"]

    def deref(self, v):
        while "$ref" in v and len(v) == 1:
            v = self.at(v["$ref"])
        return v

    def at(self, ref):
        v = self.doc
        for k in ref[2:].split("/"):
            v = v[k]
        return v

    def faults(self, s, v, where=""):
        """What is wrong with v by the schema s."""
        if isinstance(s, bool):
            return [] if s else [where + " is not allowed"]
        out = self.faults(self.at(s["$ref"]), v, where) if "$ref" in s else []
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
        if "type" in s and (not isinstance(v, kinds[s["type"]]) or s["type"] == "integer" and isinstance(v, bool)):
            return out + [f"{where} is {v!r}, not of type {s['type']}"]
        if "const" in s and v != s["const"] or "enum" in s and v not in s["enum"]:
            out.append(f"{where} is {v!r}")
        if "anyOf" in s and all(self.faults(x, v) for x in s["anyOf"]):
            out.append(f"{where} is {v!r}, none of the alternatives")
        if "not" in s and not self.faults(s["not"], v):
            out.append(f"{where} is {v!r}")
        for x in s.get("allOf", []):
            out += self.faults(x, v, where)
        if isinstance(v, str):
            if not s.get("minLength", 0) <= len(v) <= s.get("maxLength", 1 << 62):
                out.append(f"{where} has {len(v)} characters")
            if "pattern" in s and "\\p{" not in s["pattern"] and not re.search(s["pattern"], v):
                out.append(f"{where} is {v!r}, against {s['pattern']}")
        if isinstance(v, int) and not s.get("minimum", v) <= v <= s.get("maximum", v):
            out.append(f"{where} is {v}")
        if isinstance(v, list):
            if not s.get("minItems", 0) <= len(v) <= s.get("maxItems", 1 << 62):
                out.append(f"{where} has {len(v)} entries")
            for i, x in enumerate(v):
                out += self.faults(s.get("items", True), x, f"{where}[{i}]")
        return out + (self.members(s, v, where) if isinstance(v, dict) else [])

    def members(self, s, v, where):
        out = [f"{where} lacks {k}" for k in s.get("required", []) if k not in v]
        for k, x in v.items():
            if k in s.get("properties", {}):
                out += self.faults(s["properties"][k], x, where + "/" + k)
            elif not any(re.search(p, k) for p in s.get("patternProperties", {})):
                out += self.faults(s.get("additionalProperties", True), x, where + "/" + k)
            out += self.faults(s.get("dependentSchemas", {}).get(k, True), v, where)
            out += [f"{where} lacks {d}" for d in s.get("dependentRequired", {}).get(k, []) if d not in v]
        return out

    def answer(self, path, method, status, headers, text):
        """The answer as JSON, which must be as the description says."""
        answers = self.paths[path][method]["responses"]
        assert str(status) in answers or status >= 400, (path, method, status)
        answer = self.deref(answers.get(str(status)) or answers["default"])
        if not text:
            return None
        schema = answer["content"][headers["Content-Type"]]["schema"]
        found = self.faults(schema, json.loads(text))
        assert not found, (path, method, status, found[:5], text[:1000])
        return json.loads(text)


class Client:
    def __init__(self, agent, description):
        self.a, self.d, self.keys, self.read, self.put = agent, description, {}, 0, 0
        self.seen = {}

    def get(self, path):
        uri = self.uri(path)
        if uri is None:
            return None
        status, headers, text = self.a.rest("GET", uri)
        assert status in (200, 404), (uri, status, text)
        self.read += status == 200
        got = self.d.answer(path, "get", status, headers, text)
        return got if status == 200 else None

    def uri(self, path):
        """The URI of the first entries of all lists on the path; None where one is empty."""
        out = ""
        for segment in path[1:].split("/"):
            name, _, values = segment.partition("=")
            if values:
                if self.keys.get(out + "/" + name) is None:
                    return None
                segment = name + "=" + self.keys[out + "/" + name]
            out += "/" + segment
        return out

    def entries(self, path, got):
        """Notes the keys of the first entry of a list that was read."""
        (member, values), = [(k, v) for k, v in got.items() if not k.startswith("@")]
        schema = self.d.deref(self.d.paths[path]["get"]["responses"]["200"]["content"][JSON]["schema"])
        items = self.d.deref(schema["properties"][member]["items"])
        if not values or isinstance(values[0], dict) and "x-yang-key" not in items:
            return
        keys = [values[0][k] for k in items["x-yang-key"]] if isinstance(values[0], dict) else values[:1]
        self.keys[self.uri(path)] = ",".join(quote({True: "true", False: "false"}.get(k, str(k)), safe="") for k in keys)

    def everything(self):
        for path, item in self.d.paths.items():
            if not path.startswith("/restconf/data/") or "get" not in item:
                continue
            got = self.get(path)
            if got is not None and any(p.startswith(path + "={") for p in self.d.paths):
                self.entries(path, got)

    def put_back(self, path):
        """Replaces a resource by what it is; what the description says of content must hold before."""
        uri = self.uri(path)
        status, headers, text = self.a.rest("GET", uri + "?content=config")
        if uri is None or status != 200:
            return
        op = self.d.paths[path]["put"]
        found = self.d.faults(op["requestBody"]["content"][JSON]["schema"], json.loads(text))
        assert not found, (path, found[:5])
        status, headers, answer = self.a.rest("PUT", uri, text)
        self.d.answer(path, "put", status, headers, answer)
        assert status in (201, 204), (uri, text, status, answer)  # 201 makes a default that was not set
        self.put += 1


with Agent(seed=example("full.json", free_port())) as a:
    started = time.time()
    status, headers, text = a.rest("GET", "/restconf/openapi.json", accept="application/json")
    took = time.time() - started
    same((status, headers["Content-Type"]), (200, "application/json"))
    same(a.rest("GET", "/restconf/openapi.json", accept="*/*", headers={"If-None-Match": headers["ETag"]})[0], 304)
    d = Description(text)
    print(f"     {len(d.paths)} paths, {len(text) / 1e6:.1f} MB, {took:.2f} s")
    c = Client(a, d)
    c.everything()
    assert c.read > 200, c.read
    for path in list(d.paths):
        if path.startswith("/restconf/data/ietf-alto:") and "put" in d.paths[path] and path.count("/") < 7:
            if c.uri(path) is not None:
                c.put_back(path)
    print(f"     {c.read} resources read, {c.put} put back")
    assert c.put > 20, c.put

    def refused(path, body):
        op = d.paths["/restconf/data/" + path]["put"]
        assert d.faults(op["requestBody"]["content"][JSON]["schema"], body), ("described", body)
        status, headers, text = a.rest("PUT", c.uri("/restconf/data/" + path), json.dumps(body))
        assert 400 <= status < 500, (status, text)
        d.answer("/restconf/data/" + path, "put", status, headers, text)

    cost = "ietf-alto:alto/alto-server/cost-type={cost-type-name}"
    name = c.keys["/restconf/data/ietf-alto:alto/alto-server/cost-type"]
    refused(cost, {"ietf-alto:cost-type": [{"cost-type-name": name}]})
    refused(cost, {"ietf-alto:cost-type": [{"cost-type-name": name, "cost-mode": "ietf-alto:other", "cost-metric": "ietf-alto:routingcost"}]})
    refused(cost, {"ietf-alto:cost-type": []})
    for module, datastore in (("ietf-alto", ""), ("ietf-system", "running"), ("ietf-alto", "operational")):
        query = f"?module={module}" + (f"&datastore={datastore}" if datastore else "")
        status, _, text = a.rest("GET", "/restconf/openapi.json" + query, accept="*/*")
        below = "/restconf/ds/ietf-datastores:" + datastore if datastore else "/restconf/data"
        paths = [p for p in json.loads(text)["paths"] if p.startswith(below + "/")]
        assert paths and all(p.startswith(f"{below}/{module}:") for p in paths), (query, paths[:3])
