#!/usr/bin/env python3
"""bench/engine_waits.py [--pairs N] [--lines N]: does the engine feel it when Redis stands still? A sensor gets lines of which each opens an alert, in interleaved pairs: Redis
runs, then it is stopped (SIGSTOP). Prints the CPU an event of the engine's thread in both, the difference pair by pair, and engine_waits of the status: appends that met
the reader of the journal. TOCSIN names the program."""
import argparse
import os
import signal
import socket
import statistics
import sys
import time

sys.path.insert(0, "tests/reliability")
import delivery  # noqa: E402
from rig import work_folder  # noqa: E402
from sensor import Sensor  # noqa: E402

CONFIG = "syslog: [{unix_stream: log.sock}]\nrules: {shipped: false, paths: [rule.yml]}\nevidence: false\ndeliver: {redis: '%s', syslog: /nowhere, journal_mb: 4000}\n"


def engine_seconds(sensor):
    """CPU of the thread that matches and alerts, to the nanosecond."""
    for pid in sensor.processes():
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/comm" % (pid, task)) as f:
                if f.read().startswith("engine-"):
                    with open("/proc/%d/task/%s/schedstat" % (pid, task)) as g:
                        return int(g.read().split()[0]) / 1e9
    raise SystemExit("there is no engine's thread")


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--pairs", type=int, default=15)
    ask.add_argument("--lines", type=int, default=2000)
    args = ask.parse_args()
    work = work_folder()
    redis = delivery.Redis(work)
    with open(work + "/rule.yml", "w") as f:
        f.write(delivery.RULE.replace("close: 1m", "close: 1d"))
    sensor = Sensor(work, CONFIG % redis.url)
    link, sent = socket.socket(socket.AF_UNIX), 0
    link.connect(work + "/log.sock")

    def feed():
        nonlocal sent
        before = engine_seconds(sensor)
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime())
        for at in range(0, args.lines, 100):
            link.sendall("".join("<30>%s h%d app: tocsin-fault\n" % (stamp, sent + at + i) for i in range(100)).encode())
            time.sleep(0.02)
        sent += args.lines
        sensor.wait_for(lambda: sensor.status().get("journal_appended", 0) >= sent)
        return (engine_seconds(sensor) - before) / args.lines * 1e6

    feed()  # the first pages, the first segment
    runs, waits = {"runs": [], "stopped": []}, {"runs": 0, "stopped": 0}
    for pair in range(args.pairs):
        for how in ("runs", "stopped") if pair % 2 else ("stopped", "runs"):
            before = sensor.status()["engine_waits"]
            if how == "stopped":
                redis.process.send_signal(signal.SIGSTOP)
            runs[how].append(feed())
            waits[how] += sensor.status()["engine_waits"] - before
            redis.process.send_signal(signal.SIGCONT)
            sensor.wait_for(lambda: sensor.status()["journal_waiting_bytes"] == 0)
    sensor.stop()
    more = [b - a for a, b in zip(runs["runs"], runs["stopped"])]
    error = statistics.stdev(more) / len(more) ** 0.5 if len(more) > 1 else 0
    for how in runs:
        print("Redis %-8s engine's CPU an event: median %.1f us (%.1f to %.1f), engine_waits %d" % (how + ":", statistics.median(runs[how]), min(runs[how]), max(runs[how]), waits[how]))
    print("stopped less running, %d interleaved pairs of %d events that each open an alert: %+.1f us +- %.1f; load %.1f" % (args.pairs, args.lines, statistics.mean(more), 2 * error, os.getloadavg()[0]))
    return 0 if waits["stopped"] == 0 else 1


sys.exit(main())
