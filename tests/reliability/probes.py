"""probes - lines that open an alert each, `probe: number N`, so that a test sees which came and when."""
import json
import socket
import ssl
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


class Peer:
    """One that sends lines over a connection of its own: `tcp`, `tls` or `relp`."""

    def __init__(self, kind, port, address, timeout=20):
        self.kind, self.turn = kind, 1
        s = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(address, 0))
        self.s = ssl._create_unverified_context().wrap_socket(s) if kind == "tls" else s
        if kind == "relp":
            self.frame(b"open", b"relp_version=0\nrelp_software=probes\ncommands=syslog")
            self.s.recv(4096)

    def frame(self, command, data=b""):
        self.s.sendall(b"%d %s %d%s%s\n" % (self.turn, command, len(data), b" " if data else b"", data))
        self.turn += 1

    def say(self, line):
        if self.kind != "relp":
            return self.s.sendall(line + b"\n")
        self.frame(b"syslog", line)
        patience = self.s.gettimeout()
        self.s.setblocking(False)
        try:
            while self.s.recv(65536):
                pass  # what was acknowledged
        except BlockingIOError:
            pass
        self.s.settimeout(patience)

    def end(self):
        if self.kind == "relp":
            self.frame(b"close")
            while self.s.recv(65536):
                pass
        elif self.kind == "tls":
            self.s = self.s.unwrap()
        self.s.close()


class Others(threading.Thread):
    """Those who say little: so many lasting connections, of each kind in turn, and each second a new one of each; each says a probe, `each` times a second. When each was sent; how long
    the new ones took to connect."""

    def __init__(self, ports, quiet=12, each=10):
        super().__init__()
        self.ports, self.each, self.kinds = ports, each, sorted(ports)
        self.links = [self.dial("127.0.2.%d" % (i + 1), self.kinds[i % len(ports)]) for i in range(quiet)]
        self.sent, self.probes, self.ends, self.late_dials = 0, {}, False, []
        self.start()

    def dial(self, address, kind):
        return Peer(kind, self.ports[kind], address)

    def say(self, peer):
        self.probes[self.sent] = time.monotonic()
        peer.say(b"<38>%s quiet probe: number %d" % (time.strftime("%b %e %H:%M:%S", time.gmtime()).encode(), self.sent))
        self.sent += 1

    def run(self):
        began, turn = time.monotonic(), 0
        while not self.ends:
            for peer in self.links:
                self.say(peer)
            if turn % self.each == 0:
                for kind in self.kinds:
                    at = time.monotonic()
                    peer = self.dial("127.0.3.1", kind)
                    self.late_dials.append(time.monotonic() - at)
                    self.say(peer)
                    peer.end()
            turn += 1
            time.sleep(max(0, began + turn / self.each - time.monotonic()))
