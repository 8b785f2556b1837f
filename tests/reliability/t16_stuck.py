#!/usr/bin/env python3
"""T16, the other half: a Redis that is slow (a second a reply), stands still (SIGSTOP, ten minutes) and is cut off by a packet filter (no answer, no reset), one after the other,
while requests and lines come. From each request and line to its record in the journal it takes no longer than before, nothing is lost, and what waited arrives in order when Redis is
itself again; the sensor tries again at most every five seconds once it has backed off. Needs root, tcpreplay and iptables, which filters in a network namespace of its own.
SLOW, STOPPED and CUT are seconds (120, 600, 120; the short form has 5 each); FOLDER keeps what was measured (each latency)."""
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import delivery
import measure
import t29
from rig import LONG, skip, verdict
from sensor import Sensor

CALM, SLOW, STOPPED, CUT = (int(os.environ.get(k, n if LONG else 5)) for k, n in (("CALM", 60), ("SLOW", 120), ("STOPPED", 600), ("CUT", 120)))
RATE, PORT = 10, 6390  # requests, and as many lines, a second
POLL = 0.005           # how often the journal is looked at
NOISE = 0.02 if LONG else 0.25  # seconds by which two measurements of the same may differ; in the short form p99 is the slowest of fifty, beside other tests


def proxy(work):
    """Inside of the namespace, from TCP to Redis' socket: each part of an answer waits as long as the file says; when which connection came is noted."""
    def pump(source, to, waits):
        try:
            while data := source.recv(65536):
                if waits:
                    with open(work + "/wait") as f:
                        time.sleep(float(f.read() or 0))
                to.sendall(data)
        except OSError:
            pass
        for s in (source, to):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    listener = socket.create_server(("127.0.0.1", PORT), backlog=16)
    with open(work + "/connections", "w", buffering=1) as noted:
        while True:
            client, _ = listener.accept()
            noted.write("%.3f\n" % time.monotonic())
            real = socket.socket(socket.AF_UNIX)
            try:
                real.connect(work + "/redis/redis.sock")
            except OSError:
                client.close()
                continue
            threading.Thread(target=pump, args=(client, real, False), daemon=True).start()
            threading.Thread(target=pump, args=(real, client, True), daemon=True).start()


class Journal(threading.Thread):
    """When the first record of each planted thing was whole in the journal, which is before Redis and does not wait for it."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.at, self.ends, self.read = folder, {}, False, {}
        self.start()

    def run(self):
        while not self.ends:
            for name in sorted(os.listdir(self.folder)):
                if name.endswith(".seg") and (size := os.path.getsize(self.folder + "/" + name)) > self.read.get(name, 0):
                    with open(self.folder + "/" + name, "rb") as f:
                        f.seek(self.read.get(name, 0))
                        data = f.read(size - self.read.get(name, 0))
                    self.look(name, data)
            time.sleep(POLL)

    def look(self, name, data):
        """A record that is not whole yet is looked at again."""
        now, at = time.monotonic(), 0
        while at + 8 <= len(data) and (end := at + 8 + int.from_bytes(data[at:at + 4], "little")) <= len(data):
            for number in re.findall(rb'"(?:uri|app)":"/?planted-(\d+)"', data[at:end]):
                self.at.setdefault(int(number), now)
            at = end
        self.read[name] = self.read.get(name, 0) + at


class Offered:
    """A request (even numbers) and a line (odd ones), RATE of each a second; when each was sent, and what part of the test it belongs to."""

    def __init__(self):
        self.link, self.tap = t29.sockets_within()[1:]
        self.sent, self.parts = {}, {}

    def go_on(self, part, seconds):
        began, first = time.monotonic(), len(self.sent)
        numbers = self.parts.setdefault(part, [])
        while (now := time.monotonic() - began) < seconds:
            while (len(self.sent) - first) / 2 < now * RATE:
                n = len(self.sent)
                numbers += [n, n + 1]
                self.sent[n] = time.monotonic()
                for frame in t29.attack(n):
                    self.tap.send(frame)
                self.sent[n + 1] = time.monotonic()
                stamp = time.strftime("%b %e %H:%M:%S", time.gmtime())
                self.link.sendall(b"<38>%s host%d planted-%d: it was said\n" % (stamp.encode(), n % 500, n + 1))
            time.sleep(0.01)

    def p99(self, parts, journal, odd):
        return measure.percentile([journal.at[n] - self.sent[n] for part in parts for n in self.parts[part] if n % 2 == odd and n in journal.at], 0.99)


def filtered(how):
    for port in ("--dport", "--sport"):
        subprocess.run(["ip", "netns", "exec", t29.NS, "iptables", "-w", how, "INPUT", "-p", "tcp", port, str(PORT), "-j", "DROP"], check=True)


def drained(sensor):
    s = sensor.status() or {}
    return "journal_waiting_bytes" in s and not s["journal_waiting_bytes"] and not s["alerts_in_memory"]


def recovered(sensor):
    began = time.monotonic()
    for _ in range(1800):
        if drained(sensor):
            return time.monotonic() - began
        time.sleep(0.1)
    sys.exit("T16: what waited does not arrive: %s" % sensor.status())


def waits(work, seconds):
    with open(work + "/wait.new", "w") as f:
        f.write(str(seconds))
    os.rename(work + "/wait.new", work + "/wait")


def tries(work, since, until):
    with open(work + "/connections") as f:
        return sum(since <= float(line) < until for line in f)


def troubled(work, sensor, offered, redis):
    """Each part: (seconds until all had arrived behind it, connections tried in it, its length); behind each a calm one, since a shared machine is not always as fast."""
    def slow(how):
        waits(work, 1 if how else 0)

    def stopped(how):
        redis.process.send_signal(signal.SIGSTOP if how else signal.SIGCONT)

    out = {}
    for part, trouble, seconds in (("slow", slow, SLOW), ("stopped", stopped, STOPPED), ("cut", lambda how: filtered("-A" if how else "-D"), CUT)):
        began = time.monotonic()
        trouble(True)
        offered.go_on(part, seconds)
        n = tries(work, began, time.monotonic())
        trouble(False)
        out[part] = recovered(sensor), n, seconds
        offered.go_on("calm behind " + part, CALM)
    return out


def noted(journal, offered):
    """Each latency in ms, for who wants to look."""
    if os.environ.get("FOLDER"):
        with open(os.environ["FOLDER"] + "/latencies", "w") as f:
            f.writelines("%s: %d %.1f\n" % (part, n, 1000 * (journal.at[n] - offered.sent[n])) for part, numbers in offered.parts.items() for n in numbers if n in journal.at)


def played(work):
    os.mkdir(work + "/redis")
    with open(work + "/rules.yml", "w") as f:
        f.write(t29.RULE % ("request", "a", "zeek, service: http", "uri", "/planted-", "uri") + "---\n" + t29.RULE % ("line", "b", "tocsin, service: syslog", "app", "planted-", "app"))
    waits(work, 0)
    redis = delivery.Redis(work + "/redis")
    t29.in_ns(sys.executable, os.path.realpath(__file__), "proxy", work)
    sensor = Sensor(work, "interfaces: [{name: tap1, ring_mb: 16}]\nsyslog: [{tcp: '127.0.0.1:5514'}, {udp: '127.0.0.1:5515'}]\nrules: {shipped: false, paths: [rules.yml]}\n"
                    "deliver: {redis: 'redis://127.0.0.1:%d', names: true, syslog: none.sock}\nevidence: false\n" % PORT, within=("ip", "netns", "exec", t29.NS))
    player = t29.in_ns("nice", "-n", "5", "tcpreplay", "-q", "--no-flow-stats", "--loop=100000", "--unique-ip", "--timer=nano", "--pps=300", "-i", "tap0", "tests/golden/sample-day/day.pcap",
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal, offered = Journal(work + "/state/journal"), Offered()
    atexit.register(noted, journal, offered)
    offered.go_on("first", 2)
    offered.go_on("calm", CALM)
    troubles = troubled(work, sensor, offered, redis)
    player.terminate()
    player.wait()
    sensor.wait_for(lambda: len(journal.at) >= len(offered.sent), 30)
    recovered(sensor)
    sensor.wait_for(lambda: drained(sensor) and (s := sensor.status())["redis_confirmed"] == s["journal_appended"], 30)  # of what an answer was lost to, too
    kernel, receive, mismatch, end = sensor.stage("kernel"), sensor.stage("receive"), sensor.mismatch(), sensor.status()
    mismatch += abs(receive["in"] - len(offered.sent) // 2) + len(set(offered.sent) ^ set(journal.at))
    lost = sum(kernel["lost"].values()) + sum(receive["lost"].values()) + end["alerts_lost"]
    said, status = sensor.said().count("Redis is away"), sensor.stop()
    journal.ends = True
    with open(work + "/entries", "w") as f:
        f.writelines(e + "\n" for e in redis.entries())
    books = subprocess.run([sys.executable, "tests/e2e/journal.py", work + "/state/journal", work + "/entries"], capture_output=True, text=True)
    told(offered, journal, troubles, kernel, receive, lost, mismatch, said, status, books)


def told(offered, journal, troubles, kernel, receive, lost, mismatch, said, status, books):
    ok, parts = True, []
    for odd in (0, 1):
        before, figures = "calm", []
        for part in troubles:
            calm, p = offered.p99([before, "calm behind " + part], journal, odd), offered.p99([part], journal, odd)
            before = "calm behind " + part
            ok = ok and p <= 1.1 * calm + NOISE
            figures.append("%.0f ms %s (%.0f calm)" % (1000 * p, part, 1000 * calm))
        parts.append("%s p99 %s" % (("requests", "lines")[odd], ", ".join(figures)))
    for part, (back, n, seconds) in troubles.items():
        parts.append("%s for %d s: %d connections tried, all arrived %.1f s after it" % (part, seconds, n, back))
        ok = ok and n <= 8 + seconds / 5 and back <= 30
    ok = ok and not lost and not books.returncode and status == 0 and said >= (STOPPED > 15) + (CUT > 15)
    verdict("%s; told %d times; %d frames and %d lines, lost %d; %s" % ("; ".join(parts), said, kernel["in"], receive["in"], lost, (books.stdout + books.stderr).strip().replace("\n", "; ")),
            "p99 as in calm (10 %% and %.0f ms of noise), at most 8 tries and one in 5 s, arrived within 30 s, no loss" % (1000 * NOISE), mismatch, ok)


def main():
    if not shutil.which("tcpreplay"):
        skip("there is no tcpreplay")
    work = t29.network("t16", "iptables")
    keep = os.environ.get("FOLDER")
    os.makedirs(keep or work, exist_ok=True)
    try:
        played(work)
    finally:
        if keep:
            for name in ("words", "connections"):
                if os.path.exists(work + "/" + name):
                    shutil.copy(work + "/" + name, keep)
        t29.clean(work)


if __name__ == "__main__":
    if sys.argv[1:2] == ["proxy"]:
        proxy(sys.argv[2])
    else:
        main()
