"""SIGKILL in a loop of commits: running is the last acknowledged one or the one in flight."""
import random, threading, time
from harness import Agent, example, free_port

ROUNDS, PATH = 12, "/restconf/data/ietf-alto:alto/alto-server/resource=endpoint-cost/description"

random.seed(7)
with Agent(seed=example("lab.json", free_port())) as a:
    number = 0
    for round in range(ROUNDS):
        acknowledged, sent = None, None
        stop = threading.Timer(random.uniform(0.05, 0.4), a.kill)
        stop.start()
        try:
            while True:
                number += 1
                sent = f"commit {number}"
                status, _, text = a.rest("PUT", PATH, '{"ietf-alto:description":"%s"}' % sent)
                assert status in (201, 204), text
                acknowledged = sent
        except (OSError, ConnectionError):
            pass
        stop.join()
        a.start()
        got = a.data("ietf-alto:alto/alto-server/resource=endpoint-cost/description")["ietf-alto:description"] if acknowledged or round else None
        assert got is None or got in (acknowledged, sent) or acknowledged is None, (round, got, acknowledged, sent)
    assert number > ROUNDS * 3, f"only {number} commits were tried"
    print(f"     {number} commits, {ROUNDS} kills")
