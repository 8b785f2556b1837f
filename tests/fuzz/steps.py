#!/usr/bin/env python3
"""steps.py PCAP tcp|udp PORT PREFIX: each flow to that port becomes a seed in the form of trial_fuzz: direction, length, bytes."""
import struct
import sys

pcap, proto, port, prefix = sys.argv[1], {"tcp": 6, "udp": 17}[sys.argv[2]], int(sys.argv[3]), sys.argv[4]
data = open(pcap, "rb").read()
flows, at = {}, 24
while at + 16 <= len(data):
    length = struct.unpack_from("<I", data, at + 8)[0]
    ip, at = data[at + 30:at + 16 + length], at + 16 + length  # Ethernet, IPv4
    if len(ip) < 20 or ip[0] >> 4 != 4 or ip[9] != proto:
        continue
    end = struct.unpack_from(">H", ip, 2)[0]
    segment = ip[(ip[0] & 15) * 4:end]
    sport, dport = struct.unpack_from(">HH", segment)
    payload = segment[(segment[12] >> 4) * 4:] if proto == 6 else segment[8:]
    if payload and port in (sport, dport):
        flow = flows.setdefault(sport if dport == port else dport, [])
        flow.append(struct.pack(">BH", dport != port, len(payload)) + payload)
for number, steps in flows.items():
    open(prefix + str(number), "wb").write(b"".join(steps[:32]))
