"""The Go client github.com/Juniper/go-netconf, which has end-of-message framing only."""
import subprocess
from harness import PASSWORD, ROOT, Agent, example, free_port

with Agent(seed=example("lab.json", free_port())) as a:
    out = subprocess.run(
        ["go", "run", "./test/interop/case_17_go_netconf", f"127.0.0.1:{a.netconf_port}", "admin", PASSWORD],
        cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert out.returncode == 0 and "is content" in out.stdout, out.stdout + out.stderr
