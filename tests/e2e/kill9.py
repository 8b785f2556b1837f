#!/usr/bin/env python3
"""kill9.py [--each N] [--random N] [--seconds N] [--seed N]: kill -9 of the sensor on the way from an alert to Redis, at twelve
named places (tests/e2e/kill_points.c, preloaded) N times each, and at random moments. CI has a short form (tests/reliability/t13.test); docs/reliability.md has
the figures. TOCSIN names the program, a release build.

The oracle: kill_points.c notes each id and revision after its write(2) has returned. All of these must be in Redis in the end, in the order of first
occurrence, and with them what the journal holds, read without the program that wrote it. What is there more than once is the same id and revision, and at
most what one kill can repeat: two batches, the one under way and the one behind it. The time from a start to its first delivery is measured too."""
import argparse, collections, os, random, shutil, subprocess, tempfile, time

import journal

POINTS = ["segment-created", "segment-rotated", "record-unwritten", "record-torn", "record-written", "batch-unsent", "batch-sent", "reply-read",
          "cursor-unwritten", "cursor-written", "segment-still-there", "segment-removed"]
SMALL = {"segment-rotated", "segment-still-there", "segment-removed"}  # a journal of 1 MiB, so that segments come and go
OFTEN = {"record-unwritten": 900, "record-torn": 900, "record-written": 900, "batch-unsent": 8, "batch-sent": 8, "reply-read": 8, "cursor-unwritten": 8, "cursor-written": 8,
         "segment-rotated": 8, "segment-still-there": 6, "segment-removed": 6}
LINES, BATCH = 1500, 100
RULE = """title: Something was said
id: 5a0c2b1e-6d3f-4c55-9f0a-1f2e3d4c5b6a
status: test
logsource: {product: tocsin, service: syslog}
detection: {words: ['tocsin-fault'], condition: words}
level: medium
tocsin: {episode: {key: [host], close: 1m}, route: [ts]}
"""


class Trial:
    """One state folder and one Redis, killed many times."""
    def __init__(self, work, name, small):
        self.work, self.state, self.n, self.small = work, "%s/%s" % (work, name), 0, small
        self.config = work + ("/small.yml" if small else "/large.yml")
        self.written = self.state + ".written"

    def log(self, lines):
        path, self.n = self.work + "/log", self.n + 1
        with open(path, "w") as f:
            for i in range(lines):
                f.write("<30>Mar  2 08:%02d:%02d h%d-%d app: tocsin-fault %d\n" % (i // 60 % 60, i % 60, self.n, i, i))
        return path

    def start(self, lines, **env):
        env = dict(os.environ, LD_PRELOAD=self.work + "/kill_points.so", KILL_LOG=self.written, **env)
        return subprocess.Popen([os.environ["TOCSIN"], "replay", "--quiet", "-c", self.config, "--rules", self.work + "/rule.yml", "--redis", "unix://" + self.work + "/redis.sock",
                                 "--state", self.state, self.log(lines)], stdout=subprocess.DEVNULL, stderr=open(self.work + "/words", "w"), env=env)

    def noted(self):
        return os.path.getsize(self.written) if os.path.exists(self.written) else 0

    def settle(self):
        """A last run, that nobody kills; seconds from its start with what the last kill left until the first record goes into Redis."""
        length = lambda: int(cli(self.work, "XLEN", "{tocsin}:alerts:ts"))
        was, began = length(), time.time()
        p = self.start(2)
        while p.poll() is None and length() == was:
            time.sleep(0.02)
        took = time.time() - began
        assert p.wait(120) == 0, open(self.work + "/words").read()
        return took


def cli(work, *args):
    return subprocess.run(["redis-cli", "-s", work + "/redis.sock", "--raw", *args], capture_output=True, text=True, check=True).stdout


def entries(work):
    lines = cli(work, "XRANGE", "{tocsin}:alerts:ts", "-", "+").split("\n")
    ids = [lines[i + 1] for i, l in enumerate(lines[:-1]) if l == "id" and len(lines[i + 1]) == 32]
    revs = [lines[i + 1] for i, l in enumerate(lines[:-1]) if l == "rev"]
    assert len(ids) == len(revs)
    return ["%s %s" % p for p in zip(ids, revs)]


def judge(trial, kills, total):
    got, written = entries(trial.work), list(dict.fromkeys(l.rstrip() for l in open(trial.written).read().split("\n")[:-1]))
    first, owed = list(dict.fromkeys(got)), set(written)
    lost = [w for w in written if w not in set(first)]
    assert not lost, "LOST %d of %d: %s" % (len(lost), len(written), lost[:3])
    assert [f for f in first if f in owed] == written, "the order is another"
    # the small journal has removed what it delivered; a record whose write(2) returned in the moment of a kill was not noted
    assert trial.small or first == list(dict.fromkeys(journal.records(trial.state + "/journal"))), "Redis and the journal differ"
    assert len(first) - len(written) <= kills, "Redis has %d records that nobody wrote" % (len(first) - len(written))
    repeated = len(got) - len(first)
    assert repeated <= kills * 2 * BATCH, "%d repeated by %d kills" % (repeated, kills)
    total["records"] += len(written)
    total["repeated"] += repeated
    cli(trial.work, "DEL", "{tocsin}:alerts:ts")
    shutil.rmtree(trial.state)
    os.unlink(trial.written)


def main():
    ask = argparse.ArgumentParser()
    for name, usual in (("--each", 20), ("--random", 500), ("--seconds", 0), ("--seed", 1)):
        ask.add_argument(name, type=int, default=usual)
    args = ask.parse_args()
    random.seed(args.seed)
    until = time.time() + args.seconds if args.seconds else float("inf")
    work = tempfile.mkdtemp(prefix="tocsin-kill9.")
    total, slowest = collections.Counter(), 0.0
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", work + "/kill_points.so", "tests/e2e/kill_points.c", "-ldl"], check=True)
    server = shutil.which("redis-server")
    if not server:
        server = work + "/redis-server"
        os.symlink(shutil.which("redis-check-rdb"), server)
    for name, text in (("rule.yml", RULE), ("large.yml", "sensor: {name: k}\nevidence: false\ndeliver: {syslog: /nowhere}\n"),
                       ("small.yml", "sensor: {name: k}\nevidence: false\ndeliver: {syslog: /nowhere, journal_mb: 1}\n")):
        open(work + "/" + name, "w").write(text)
    redis = subprocess.Popen([server, "--port", "0", "--unixsocket", work + "/redis.sock", "--save", "", "--dir", work], stdout=subprocess.DEVNULL)
    try:
        while not os.path.exists(work + "/redis.sock"):
            assert redis.poll() is None
            time.sleep(0.05)
        for point in POINTS:
            trial, kills, tries = Trial(work, point, point in SMALL), 0, 0
            while kills < args.each and tries < 3 * args.each and time.time() < until:
                tries += 1
                if point == "segment-created" and os.path.isdir(trial.state):  # only the first of a journal
                    trial.settle()
                    judge(trial, kills, total)
                    trial = Trial(work, point, False)
                p = trial.start(LINES, KILL_AT=point, KILL_N=str(random.randint(1, OFTEN.get(point, 1))))
                p.wait(120)
                kills += p.returncode == -9
            if kills:
                slowest = max(slowest, trial.settle())
                judge(trial, kills, total)
            total["kills"] += kills
            print("  %-20s %3d kills%s" % (point, kills, "" if kills >= args.each else " (of %d)" % args.each), flush=True)
        done = 0
        while done < args.random and time.time() < until:
            trial, kills = Trial(work, "random", False), 0
            while kills < 25 and done + kills < args.random and time.time() < until:
                p, was = trial.start(LINES), trial.noted()
                if kills % 4:  # else at any moment of its start as well
                    while p.poll() is None and trial.noted() == was:
                        time.sleep(0.002)
                time.sleep(random.random() * (0.2 if kills % 4 else 0.6))
                p.kill()
                kills += p.wait(120) == -9
            slowest = max(slowest, trial.settle())
            judge(trial, kills, total)
            done += kills
        total["kills"] += done
        print("  %-20s %3d kills%s" % ("random", done, "" if done >= args.random else " (of %d)" % args.random))
        print("kill9: %d kills, %d records written, none lost, none out of order, %d repeated; slowest start to first delivery %.2f s; seed %d"
              % (total["kills"], total["records"], total["repeated"], slowest, args.seed))
    finally:
        redis.kill()
        redis.wait()
        shutil.rmtree(work)


main()
