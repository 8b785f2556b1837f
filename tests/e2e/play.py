#!/usr/bin/env python3
"""play.py [--speed N] --interface IF --tcp HOST:PORT DAY.pcap DAY.log: plays a capture and its lines as they once came.

Frames go out by a packet socket, lines by TCP, in the order of their times; the lines' stamps are moved to today, as if
their programs wrote them now. A frame whose capture was cut goes
out as short as it is.
"""
import argparse
import re
import socket
import struct
import time

START = 1772438400
BSD = re.compile(r"^(<\d+>)([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)")


def frames(path):
    data = open(path, "rb").read()
    at = 24
    while at < len(data):
        sec, ns, caplen, _wire = struct.unpack_from("<IIII", data, at)
        yield sec + ns / 1e9 - START, data[at + 16 : at + 16 + caplen]
        at += 16 + caplen


def lines(path):
    for line in open(path):
        stamp = BSD.match(line)
        if stamp:
            when = time.strptime("2026 " + stamp.group(2), "%Y %b %d %H:%M:%S")
            yield time.mktime(when) - time.timezone - START, line
        else:
            yield int(re.search(r"eventtime=(\d+)", line).group(1)) / 1e9 - START, line


def restamp(line, now):
    text = time.strftime("%b %e %H:%M:%S", time.gmtime(now))
    line = BSD.sub(lambda m: m.group(1) + text, line)
    return re.sub(r"eventtime=\d+", "eventtime=%d" % (now * 1e9), line)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--speed", type=float, default=1)
    p.add_argument("--interface")
    p.add_argument("--tcp")
    p.add_argument("files", nargs=2)
    a = p.parse_args()
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((a.interface, 0))
    host, port = a.tcp.split(":")
    log = socket.create_connection((host, int(port)))
    todo = [(t, 0, f) for t, f in frames(a.files[0])] + [(t, 1, l) for t, l in lines(a.files[1])]
    todo.sort(key=lambda x: (x[0], x[1]))
    begin = time.time()
    for t, kind, what in todo:
        wait = begin + t / a.speed - time.time()
        if wait > 0:
            time.sleep(wait)
        if kind:
            log.sendall(restamp(what, time.time()).encode())
        else:
            wire.send(what)
    log.close()


if __name__ == "__main__":
    main()
