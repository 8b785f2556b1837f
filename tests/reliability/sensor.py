"""sensor - a running sensor with sockets of its own, for tests that send to it and ask it."""
import atexit
import json
import os
import subprocess
import time

from rig import TOCSIN


class Sensor:
    """`tocsin run` in a folder of its own; alerts as documents in the order in which they came."""

    def __init__(self, work, config, state="state", within=()):
        """within: the words before the program (ip netns exec …, nice …)."""
        self.work, self.config = work, work + "/tocsin.yml"
        with open(self.config, "w") as f:
            f.write("sensor: {name: s1, user: root}\nstate: %s\n%s" % (state, config))
        self.out, self.words = work + "/alerts", work + "/words"
        env = os.environ | {"ASAN_OPTIONS": "exitcode=99:detect_leaks=0"}  # what looks for leaks at the end is not let out of the engine's cage
        self.process = subprocess.Popen([*within, TOCSIN, "run", "-c", self.config], stdout=open(self.out, "w"), stderr=open(self.words, "w"), env=env)
        atexit.register(self.stop)
        self.wait_for(lambda: "running" in self.said(), 300)

    def said(self):
        with open(self.words, errors="replace") as f:
            return f.read()

    def wait_for(self, test, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if test():
                return True
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("the sensor is not where it was waited for (exit status %s):\n%s" % (self.process.poll(), self.said()[-4000:]))

    def status(self):
        """Funnel and all, or nothing while it does not answer."""
        said = subprocess.run([TOCSIN, "status", "-c", self.config], capture_output=True, text=True).stdout
        return json.loads(said) if said.startswith("{") else {}

    def stage(self, name):
        for s in self.status().get("funnel", []):
            if s["stage"] == name:
                return s
        return {"in": 0, "out": 0, "lost": {}}

    def mismatch(self):
        """Of all stages: in less out and what was lost by name."""
        return sum(abs(s["in"] - s["out"] - sum(s["lost"].values())) for s in self.status().get("funnel", []) if s["lost"])

    def alerts(self, title=None, state="open"):
        with open(self.out) as f:
            found = [json.loads(line) for line in f if line.endswith("\n")]
        return [a for a in found if a["state"] == state and (title is None or a["finding_info"]["title"] == title)]

    def processes(self):
        """The keeper and the engine."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        return [self.process.pid, *(int(c) for c in children)]

    def rss_mib(self):
        total = 0
        for pid in self.processes():
            try:
                with open("/proc/%d/status" % pid) as f:
                    total += sum(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024
            except OSError:
                pass
        return total

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.returncode
