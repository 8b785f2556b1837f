#!/usr/bin/env python3
"""T24's memory in six minutes (memory.py; SECONDS, 345): refused and accepted logins from ever fresh addresses fill the windows (windows_mb: 24) within seconds, so that what
still grows at the first, second and later writing of the state (each minute; identities and peaks every five) is not a table. From the first state on, the process may
grow by 4 MiB. TOCSIN: the release build, as the sanitizers keep what is freed."""
import os
import random
import socket
import sys
import time

from rig import BUILD, TOCSIN, skip, verdict, work_folder
from sensor import Sensor

SECONDS, MOST_MIB = int(os.environ.get("SECONDS", 345)), 4
if "asan" in BUILD or "asan" in TOCSIN:
    skip("the sanitizers keep what is freed")


def line(rnd):
    who, where = rnd.choice(("anna", "ben", "chen", "dora")), "10.%d.%d.%d" % (rnd.randrange(20, 200), rnd.randrange(256), rnd.randrange(1, 255))
    return ("<38>%s gw%d sshd[%d]: %s password for %s%d from %s port %d ssh2" % (time.strftime("%b %e %H:%M:%S", time.gmtime()), rnd.randrange(20), rnd.randrange(9999),
            rnd.choice(("Accepted", "Failed")), who, rnd.randrange(3000), where, rnd.randrange(1024, 65535))).encode()


def state_bytes(folder):
    return sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))


work = work_folder()
sensor = Sensor(work, "syslog: [{unix: log.sock}]\nlimits: {windows_mb: 24}\nevidence: false\ndeliver: {names: true}\n")
log, rnd, rows, sent = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), random.Random(24), [], 0
log.connect(work + "/log.sock")  # waits where the sensor does not keep up
began = time.monotonic()
while (now := time.monotonic() - began) < SECONDS:
    for _ in range(60):
        log.send(line(rnd))
    sent += 60
    if not rows or now - rows[-1][0] > 2:
        rows.append((now, sensor.rss_mib(), state_bytes(work + "/state")))
    time.sleep(0.03)
said, mismatch = sensor.status(), sensor.mismatch()
status = sensor.stop()
full = [mib for at, mib, state in rows if 30 < at and not state] or [0]  # windows are full, nothing was written yet
grown = max(mib for _, mib, _ in rows) - full[-1]
verdict("%d lines, %d windows, %d evicted, state %.1f MiB: %.1f MiB before the first state was written, at most %.1f MiB more afterwards" %
        (sent, said["windows"], said["windows_evicted"], rows[-1][2] / 2 ** 20, full[-1], grown), "%d MiB" % MOST_MIB, mismatch,
        status == 0 and full[-1] > 0 and said["windows_evicted"] > 0 and grown <= MOST_MIB)
