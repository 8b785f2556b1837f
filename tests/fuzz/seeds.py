#!/usr/bin/env python3
"""seeds.py CAPTURE PORT FOLDER: flows to or from a port as the steps that trial_fuzz reads, a file each.

A step is one byte of direction, two of length, then the payload of one packet. Captures of tests/traffic only: pcap, Ethernet, IPv4.
"""
import struct, sys

capture, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
data = open(capture, "rb").read()
flows, at = {}, 24
while at + 16 <= len(data):
    size = struct.unpack_from("<I", data, at + 8)[0]
    frame, at = data[at + 16 : at + 16 + size], at + 16 + size
    if frame[12:14] != b"\x08\x00":
        continue
    ip = frame[14:]
    length, head, proto = struct.unpack_from(">H", ip, 2)[0], (ip[0] & 15) * 4, ip[9]
    body = ip[head:length]
    if proto not in (6, 17):
        continue
    ports = struct.unpack_from(">HH", body)
    payload = body[(body[12] >> 4) * 4 if proto == 6 else 8 :]
    if port in ports and payload:
        step = bytes([ports[0] == port]) + struct.pack(">H", len(payload)) + payload
        flows.setdefault((proto, max(ports)), []).append(step)
for i, steps in enumerate(flows.values()):
    open(f"{folder}/flow{port}-{i}", "wb").write(b"".join(steps[:32]))
