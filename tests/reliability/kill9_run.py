#!/usr/bin/env python3
"""kill9_run.py [--kills N] [--rate N] [--seconds N] [--seed N] [--gib]: kill -9 of a running sensor (tests/e2e/kill9.py kills replays). Lines come by a unix
socket at a rate while it is killed at random moments, in turn the engine alone and the keeper with it, and started again over what is left; twenty kills a state
folder. The oracle is kill9.py's: each record whose write(2) has returned must be in Redis in the end, in the order of first occurrence, and beside them only what the
journal holds. --gib: a start over a journal of 1 GiB of which nothing was delivered, kill -9 in the midst of that, and a start again. Not run by CI:
docs/reliability.md has the figures. TOCSIN, BUILD: of a release build."""
import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

import delivery
from rig import BUILD, verdict, work_folder
from sensor import Sensor

CONFIG = "syslog: [{unix_stream: log.sock}]\nrules: {shipped: false, paths: [rule.yml]}\nevidence: false\ndeliver: {redis: '%s', syslog: /nowhere, journal_mb: 1400}\n"
PATIENCE = 600  # seconds for a start, on a machine that others use
RECORDS = 340_000  # of 3.8 kB: more than 1 GiB


class Sender(threading.Thread):
    """Lines at a rate, each about a host of its own; to whoever listens at present."""

    def __init__(self, path, rate):
        super().__init__(daemon=True)
        self.path, self.rate, self.sent, self.over = path, rate, 0, False

    def run(self):
        link, due = None, time.monotonic()
        while not self.over:
            due = max(due + 0.01, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not link:
                    link = socket.socket(socket.AF_UNIX)
                    link.connect(self.path)
                stamp = time.strftime("%b %e %H:%M:%S", time.gmtime())
                link.sendall("".join("<30>%s h%d app: tocsin-fault\n" % (stamp, self.sent + i) for i in range(self.rate // 100)).encode())
                self.sent += self.rate // 100
            except OSError:
                link = None


def lives(pid):
    """A process whose first thread has ended is a zombie while its others go on to answer."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z" or len(os.listdir("/proc/%d/task" % pid)) > 1
    except OSError:
        return False


def kill(sensor, both):
    pids = sensor.processes()
    for pid in pids if both else pids[1:]:
        os.kill(pid, signal.SIGKILL)
    sensor.process.wait(30)
    while any(lives(pid) for pid in pids):
        time.sleep(0.01)  # the lock of the journal goes with the last of them


def length(redis):
    return int(redis.call("XLEN", delivery.STREAM) or 0)


def delivered(sensor):
    s = sensor.status()
    return s and s["journal_waiting_bytes"] == 0 and not s["redis_trouble"]


def one_round(work, redis, kills, rate, starts):
    """What was written, what of it is lost, whether the order is kept and Redis holds what the journal does, what came twice."""
    written, within = work + "/written", ["env", "LD_PRELOAD=" + work + "/kill_points.so", "KILL_LOG=" + work + "/written"]
    sender = Sender(work + "/log.sock", rate)
    sender.start()
    for n in range(kills):
        was, began = length(redis), time.monotonic()
        sensor = Sensor(work, CONFIG % redis.url, within=within)
        sensor.wait_for(lambda: length(redis) > was, PATIENCE)
        starts.append(time.monotonic() - began)
        time.sleep(random.random() * 1.5)
        kill(sensor, n % 2)
    sensor = Sensor(work, CONFIG % redis.url, within=within)
    sender.over = True
    sender.join()
    sensor.wait_for(lambda: delivered(sensor), PATIENCE)
    sensor.stop()
    with open(written) as f:
        lines = f.read().split("\n")[:-1]
    assert all(len(line) == 63 for line in lines), "the log of what was written is torn: %r" % [line for line in lines if len(line) != 63][:3]
    owed = list(dict.fromkeys(line.rstrip() for line in lines))
    held, got = list(dict.fromkeys(delivery.journalled(work + "/state"))), redis.entries()
    first, known = list(dict.fromkeys(got)), set(owed)
    lost = len(known - set(first))
    for record in sorted(known - set(first)):
        print("  lost: %s, number %d of %d written; the journal %s" % (record, owed.index(record) + 1, len(owed), "has it" if record in held else "has it not"), flush=True)
    in_order = [f for f in first if f in known] == owed and first == held and len(first) - len(owed) <= kills
    redis.call("DEL", delivery.STREAM)
    shutil.rmtree(work + "/state")
    os.unlink(written)
    return len(owed), lost, in_order, len(got) - len(first)


def random_kills(work, redis, kills, rate, seconds):
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", work + "/kill_points.so", "tests/e2e/kill_points.c", "-ldl"], check=True)
    with open(work + "/rule.yml", "w") as f:
        f.write(delivery.RULE)
    until, done, starts, total = time.monotonic() + seconds, 0, [], [0, 0, True, 0]
    while done < kills and time.monotonic() < until:
        n = min(20, kills - done)
        records, lost, in_order, repeated = one_round(work, redis, n, rate, starts)
        done, total = done + n, [total[0] + records, total[1] + lost, total[2] and in_order, total[3] + repeated]
        print("  %d kills, %d records written, %d lost, order %s, %d repeated, slowest start to first delivery %.2f s" % (done, *total[:2], "kept" if total[2] else "NOT kept", total[3], max(starts)), flush=True)
        if lost or not in_order:
            break
    return done, *total, max(starts)


def start_over_a_gib(work, redis):
    with open(work + "/rule.yml", "w") as f:
        f.write(delivery.RULE)
    os.mkdir(work + "/state")
    subprocess.run([BUILD + "/bench/bench_deliver", "fill", redis.url, work + "/state/journal", str(RECORDS)], check=True)
    bytes_held = sum(os.path.getsize(work + "/state/journal/" + name) for name in os.listdir(work + "/state/journal"))
    took = []
    for _ in range(2):
        was, began = length(redis), time.monotonic()
        sensor = Sensor(work, CONFIG % redis.url)
        sensor.wait_for(lambda: length(redis) > was)
        took.append(time.monotonic() - began)
        if not was:
            time.sleep(3)
            kill(sensor, True)
    sensor.wait_for(lambda: delivered(sensor), 300)
    whole = time.monotonic() - began
    sensor.stop()
    ids = redis.call("XLEN", delivery.STREAM)
    return bytes_held, took, was, whole, int(ids), redis.call("XLEN", "{tocsin}:alerts:da")


def main():
    ask = argparse.ArgumentParser()
    for name, usual in (("--kills", 740), ("--rate", 300), ("--seconds", 7200), ("--seed", 1)):
        ask.add_argument(name, type=int, default=usual)
    ask.add_argument("--gib", action="store_true")
    args = ask.parse_args()
    random.seed(args.seed)
    work = work_folder()
    redis = delivery.Redis(work)
    if args.gib:
        held, took, was, whole, ts, da = start_over_a_gib(work, redis)
        verdict("%.2f GiB in the journal: first delivery %.2f s after the start; killed at %d of %d; again %.2f s, and all of it after %.1f s; %d and %s entries" % (held / (1 << 30), took[0], was, RECORDS, took[1], whole, ts, da),
                "5 s, nothing lost, nothing twice", abs(ts - RECORDS) + abs(int(da) - RECORDS), max(took) < 5)
    done, records, lost, in_order, repeated, slowest = random_kills(work, redis, args.kills, args.rate, args.seconds)
    verdict("%d kills at %d lines/s: %d records written, %d lost, %d repeated, order %s, slowest start to first delivery %.2f s" % (done, args.rate, records, lost, repeated, "kept" if in_order else "NOT kept", slowest),
            "%d kills, 0 lost, order kept" % args.kills, lost, in_order and done == args.kills)


main()
