#!/usr/bin/env python3
"""make-udp.py OUT.pcap - one short talk of each small protocol over datagrams, streams and links, by hand from their RFCs."""
import struct
import sys

from wire import ACK, PSH, SYN, Capture, dns_name, ether, ip, ipv4, mac, tcp, udp

A, B = "10.20.0.5", "10.20.0.9"
MAC_A, MAC_B = "02:00:00:00:20:05", "02:00:00:00:20:09"
out, clock = Capture(), [0.0]


def frame(src, packet):
    clock[0] += 0.01
    out.add(clock[0], ether(MAC_A if src == A else MAC_B, MAC_B if src == A else MAC_A, 0x0800, packet))


def talk(sport, dport, *messages):
    """Datagrams by turns, the client first."""
    for i, payload in enumerate(messages):
        frame(A if i % 2 == 0 else B, udp(A, sport, B, dport, payload) if i % 2 == 0 else udp(B, dport, A, sport, payload))


def stream(sport, dport, *messages):
    seq, ack = 1000, 5000
    frame(A, tcp(A, sport, B, dport, seq, 0, SYN))
    frame(B, tcp(B, dport, A, sport, ack, seq + 1, SYN | ACK))
    seq, ack = seq + 1, ack + 1
    for i, payload in enumerate(messages):
        if i % 2 == 0:
            frame(A, tcp(A, sport, B, dport, seq, ack, PSH | ACK, payload))
            seq += len(payload)
        else:
            frame(B, tcp(B, dport, A, sport, ack, seq, PSH | ACK, payload))
            ack += len(payload)


def radius(code, ident, attributes):
    body = b"".join(bytes([kind, 2 + len(value)]) + value for kind, value in attributes)
    return struct.pack("!BBH", code, ident, 20 + len(body)) + bytes(16) + body


def ber(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def snmp(kind, value):
    variable = ber(0x30, ber(6, bytes([0x2B, 6, 1, 2, 1, 1, 1, 0])), value)
    pdu = ber(kind, ber(2, b"\7"), ber(2, b"\0"), ber(2, b"\0"), ber(0x30, variable))
    return ber(0x30, ber(2, b"\1"), ber(4, b"hidden-word"), pdu)


def link(kind, payload):
    clock[0] += 0.01
    out.add(clock[0], mac("01:80:c2:00:00:0e") + mac(MAC_B) + struct.pack("!H", kind) + payload)


talk(123, 123, bytes([0x23]) + bytes(39) + struct.pack("!II", 0xED50C080, 0), bytes([0x24, 2]) + bytes(38) + struct.pack("!II", 0xED50C080, 1))
talk(40001, 161, snmp(0xA0, ber(5)), snmp(0xA2, ber(4, b"a switch")))
talk(40002, 1812, radius(1, 7, [(1, b"anna"), (2, b"\x55" * 16), (31, b"02-00-00-00-00-07")]), radius(2, 7, []))
talk(40003, 1813, radius(4, 8, [(40, b"\0\0\0\1"), (1, b"anna"), (44, b"s1"), (8, ip("10.20.1.7"))]), radius(5, 8, []))
talk(40004, 69, b"\0\1boot.cfg\0octet\0")
frame(B, udp(B, 50004, A, 40004, b"\0\3\0\1" + b"option 1\n"))
frame(A, udp(A, 40004, B, 50004, b"\0\4\0\1"))
ID = struct.pack("!I", 0x2112A442) + bytes(range(12))
talk(40005, 3478, b"\0\1\0\0" + ID, b"\1\1\0\x0c" + ID + bytes.fromhex("00200008000 1a147e112a643".replace(" ", "")))
talk(40006, 500, bytes(range(1, 9)) + bytes(8) + bytes.fromhex("2120220800000000 0000001c".replace(" ", "")))
C, S = bytes(range(1, 9)), bytes(range(17, 25))
talk(40007, 1194, b"\x38" + C + b"\0" + bytes(4), b"\x40" + S + b"\1" + bytes(4) + C + bytes(4))
talk(40008, 51820, struct.pack("<II", 1, 7) + bytes(140), struct.pack("<III", 2, 9, 7) + bytes(80))
talk(40009, 6881, b"d1:ad2:id20:" + b"x" * 20 + b"e1:q4:ping1:t2:aa1:y1:qe")
talk(40010, 53, struct.pack("!HHHHHH", 5, 0x0100, 1, 0, 0, 1) + dns_name("k3x9q7.t.example.co.uk") + struct.pack("!HH", 16, 1)
     + b"\0" + struct.pack("!HHIH", 41, 1232, 0, 11) + bytes.fromhex("0008000700011 8000a0102".replace(" ", "")))
frame(A, ipv4(A, "224.0.0.22", 2, bytes.fromhex("2200 0000 0000 0001 0400 0000 ef010203".replace(" ", ""))))
frame(B, ipv4(B, "224.0.0.18", 112, bytes.fromhex("2107640100010000 0a140001".replace(" ", ""))))
link(0x88CC, bytes.fromhex("0207 04 020000002009 0404 05 676931 0602 0078 0a02 7377 0000".replace(" ", "")))
link(0x0026, bytes.fromhex("424203 0000 02 02 3c 8001 020000002001 00000004 8002 020000002009 8003 0100 1400 0200 0f00".replace(" ", "")))
stream(40020, 502, bytes.fromhex("000100000006 01 03 00000002".replace(" ", "")), bytes.fromhex("000100000003 01 83 02".replace(" ", "")))
stream(40021, 49, bytes.fromhex("c001010000000007 00000004".replace(" ", "")) + b"abcd")
stream(40022, 80, b"PROXY TCP4 10.1.1.1 10.2.2.2 4000 80\r\nGET / HTTP/1.1\r\nHost: x.example\r\n\r\n")
stream(40023, 655, b"0 alpha 17.7\n", b"0 beta 17.7\n")
stream(40024, 3333, b'{"id":1,"method":"mining.subscribe","params":[]}\n', b'{"id":1}\n')
out.write(sys.argv[1], 1772438400)
