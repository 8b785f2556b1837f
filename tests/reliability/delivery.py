"""delivery - a private redis-server on a unix socket for the tests, and a sensor that delivers to it."""
import atexit
import os
import re
import shutil
import subprocess
import sys
import time

from rig import TOCSIN, skip

RULE = """title: Something was said
id: 5a0c2b1e-6d3f-4c55-9f0a-1f2e3d4c5b6a
status: test
logsource: {product: tocsin, service: syslog}
detection: {words: ['tocsin-fault'], condition: words}
level: medium
tocsin: {episode: {key: [host], close: 1m}, route: [ts]}
"""
STREAM = "{tocsin}:alerts:ts"


class Redis:
    def __init__(self, work, *options):
        program = shutil.which("redis-server") or shutil.which("redis-check-rdb")  # the same program by another name
        if not program:
            skip("there is no redis-server")
        link = os.path.join(work, "redis-server")
        if not os.path.exists(link):
            os.symlink(program, link)
        self.work, self.program, self.options, self.socket, self.process = work, link, options, os.path.join(work, "redis.sock"), None
        self.url = "unix://" + self.socket
        self.start()
        atexit.register(self.stop)

    def start(self):
        self.process = subprocess.Popen([self.program, "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no", "--dir", self.work, *self.options],
                                        stdout=open(self.work + "/redis.log", "a"), stderr=subprocess.STDOUT)
        for _ in range(200):
            if self.call("PING").startswith(("PONG", "NOAUTH")):
                return
            time.sleep(0.05)
        sys.exit("redis-server did not start")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def call(self, *words):
        return subprocess.run(["redis-cli", "--raw", "-s", self.socket, *words], capture_output=True, text=True, errors="surrogateescape").stdout.strip()

    def pages(self, most=2000):
        """All entries of the stream in order, each (milliseconds since 1970, its fields), some thousands at a time."""
        where = "-"
        while (text := self.call("XRANGE", STREAM, where, "+", "COUNT", str(most))):
            parts = re.split(r"^(\d{13}-\d+)\n", text, flags=re.M)[1:]
            for at, body in zip(parts[::2], parts[1::2]):
                words = body.split("\n")
                yield int(at.split("-")[0]), dict(zip(words[::2], words[1::2]))
            where = "(" + parts[-2]

    def entries(self):
        """"id rev" of each entry of the stream."""
        lines, out = self.call("XRANGE", STREAM, "-", "+").split("\n"), []
        for i, line in enumerate(lines[:-1]):
            if line == "id":
                name = lines[i + 1]
            elif line == "rev":
                out.append("%s %s" % (name, lines[i + 1]))
        return out


def lines(first, n):
    """Log lines, each of which opens and closes an episode of its own."""
    return "".join("<30>Mar  2 08:%02d:%02d h%d app: tocsin-fault %d\n" % (i // 60 % 60, i % 60, i, i) for i in range(first, first + n))


def journalled(state):
    """"id rev" of what the journal holds whole, read without the program that wrote it."""
    said = subprocess.run([sys.executable, "tests/e2e/journal.py", os.path.join(state, "journal")], capture_output=True, text=True, errors="surrogateescape", check=True)
    return said.stdout.split("\n")[:-1]


def deliver(work, redis, state, text, *options):
    """A replay that delivers; its exit status and words."""
    with open(work + "/rule.yml", "w") as f:
        f.write(RULE)
    with open(work + "/log", "w") as f:
        f.write(text)
    said = subprocess.run([TOCSIN, "replay", "--quiet", "--rules", work + "/rule.yml", "--redis", redis.url, "--state", state, *options, work + "/log"], capture_output=True, text=True, errors="replace")
    return said.returncode, said.stderr
