"""probes - lines that open an alert each, `probe: number N`, so that a test sees which came and when."""
import json
import socket
import threading
import time

RULE = """title: It was said
id: 5a0c2b1e-6d3f-4c55-9f0a-1f2e3d4c5b6a
status: test
logsource: {product: tocsin, service: syslog}
detection: {words: {app: probe}, condition: words}
level: medium
tocsin: {episode: {key: [message], close: 1m}, route: [ts]}
"""


def free_port(kind=socket.SOCK_STREAM, family=socket.AF_INET):
    with socket.socket(family, kind) as s:
        s.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        return s.getsockname()[1]


class Seen(threading.Thread):
    """When the alert of each probe came; other: is shown the open alerts that are of no probe. Ends when `ends` is set."""

    def __init__(self, path, other=None):
        super().__init__()
        self.path, self.other, self.at, self.ends = path, other, {}, False
        self.start()

    def run(self):
        with open(self.path) as f:
            line = ""
            while not self.ends:
                line = (line if not line.endswith("\n") else "") + f.readline()  # the sensor may be in the midst of one
                if not line.endswith("\n"):
                    time.sleep(0.01)
                elif '"state":"open"' in line:
                    self.take(json.loads(line))

    def take(self, alert):
        key = alert["unmapped"]["tocsin"].get("key", {}).get("message", "").split()
        if alert["finding_info"]["title"] == "It was said":
            self.at[int(key[1])] = time.monotonic()
        elif self.other:
            self.other(alert)
