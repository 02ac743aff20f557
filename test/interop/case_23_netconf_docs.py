"""The examples of docs/netconf.md, each carried out."""
import contextlib, io, os, re, tempfile
from ncclient.operations import RPCError
from harness import PASSWORD, ROOT, Agent, example, free_port

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
# What the examples cannot do here: there is no such session, the file is deleted by the example before, …
REFUSED = {
    "m.kill_session('34')": "invalid-value", "<kill-session>": "invalid-value",
    "m.cancel_commit()": "in-use", "<cancel-commit/>": "operation-failed",
    "<delete-config>": "data-missing",
}
REQUESTS = ("<partial-lock", "<get-config", "<get-data", "<edit-data")
PARTS = ("config", "url", "startup", "rpc", "error", "filter")  # are no operations


def session(a):
    """Everything that the page defines first, in a session of its own."""
    page = {}
    first = BLOCKS[0][1].split("SECOND =")[0].replace("port=1830", f"port={a.netconf_port}").replace("'PASSWORD'", repr(PASSWORD))
    exec(first, page)
    exec("SECOND =" + BLOCKS[0][1].split("SECOND =")[1].split("\n\n")[0], page)
    return page


def leave(page):
    if not page.pop("closed", False):  # ncclient may wait for a reply on a session that has ended
        page["m"].close_session()


def carry_out(page, text):
    """Python on m, or XML."""
    page["closed"] = page.get("closed") or "close" in text
    if not text.startswith("<"):
        with contextlib.redirect_stdout(io.StringIO()):
            return exec(text, page)
    if "xmlns" not in text.split(">")[0]:
        text = re.sub(r"^<([\w-]+)", rf'<\1 xmlns="{BASE}"', text)
    page["m"].dispatch(page["to_ele"](text))


def tried(page, text):
    want = next((tag for start, tag in REFUSED.items() if text.startswith(start)), None)
    try:
        carry_out(page, text)
    except RPCError as e:
        assert e.tag == want, f"{text}\n{e.tag}: {e}"
        return
    except Exception as e:
        raise AssertionError(text) from e
    assert want is None, f"{text} is not refused with {want}"


with open(os.path.join(ROOT, "docs", "netconf.md")) as f:
    PAGE = f.read()
BLOCKS = [b for b in re.findall(r"```(python|xml)\n(.*?)```", PAGE, re.S)]
done = 0
with tempfile.TemporaryDirectory() as folder, Agent("--url-dir", folder, "--startup", seed=example("lab.json", free_port())) as a:
    whole = session(a)
    carry_out(whole, "SECOND =" + BLOCKS[0][1].split("SECOND =")[1])  # the first example, to its end
    for row in re.findall(r"(?m)^\| .*", PAGE):
        page = session(a)
        for text in re.findall(r"`((?:m\.|<)[^`]*)`", row.replace("\\|", "|")):
            operation = re.match(r"<([\w-]+)", text)
            whole_element = operation and re.search(rf"</{operation[1]}>$|^<{operation[1]}[^>]*/>$", text)
            if "…" in text or operation and (operation[1] in PARTS or not whole_element):
                continue
            if text.startswith("<"):
                leave(page)  # with its locks and its confirmed commit
                page = session(a)
            if text.startswith("<commit><confirmed"):
                page["m"].cancel_commit(persist_id="token")
            if text == "m.cancel_commit()":
                page["m"].commit(confirmed=True, persist="token")
            tried(page, text)
            done += 1
        leave(page)
    for kind, text in BLOCKS[1:]:
        if kind == "xml" and ("…" in text or not text.startswith(REQUESTS)):
            continue
        page = session(a)
        for line in text.strip().split("\n") if kind == "python" else [text.strip()]:
            if "create_subscription" in line:
                page = session(a)
            tried(page, line.replace("2026-11-22T12:00:00Z", "2026-01-01T00:00:00Z"))
            done += 1
        leave(page)
assert done >= 64, done
