"""wire - frames by hand: just enough Ethernet, ARP, IPv4, TCP, UDP, DNS, DHCP and TLS for the sample day."""
import struct


def mac(text):
    return bytes(int(b, 16) for b in text.split(":"))


def ip(text):
    return bytes(int(b) for b in text.split("."))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ether(src, dst, kind, payload):
    return mac(dst) + mac(src) + struct.pack("!H", kind) + payload


def arp(op, src_mac, src_ip, dst_mac, dst_ip, to=None):
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + mac(src_mac) + ip(src_ip) + mac(dst_mac) + ip(dst_ip)
    return ether(src_mac, to or "ff:ff:ff:ff:ff:ff", 0x0806, body)


def ipv4(src, dst, proto, payload, length=None):
    """length: of the payload on the wire, where it is not captured whole."""
    total = 20 + (len(payload) if length is None else length)
    head = struct.pack("!BBHHHBBH", 0x45, 0, total, 0, 0x4000, 64, proto, 0) + ip(src) + ip(dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(src, sport, dst, dport, payload):
    head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    pseudo = ip(src) + ip(dst) + struct.pack("!BBH", 0, 17, 8 + len(payload))
    total = checksum(pseudo + head + payload) or 0xFFFF
    return ipv4(src, dst, 17, head[:6] + struct.pack("!H", total) + payload)


FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def tcp(src, sport, dst, dport, seq, ack, flags, payload=b"", wire=None):
    """wire: length of the payload on the wire where it is not captured."""
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 5 << 4, flags, 64240, 0, 0)
    if wire is None:
        pseudo = ip(src) + ip(dst) + struct.pack("!BBH", 0, 6, 20 + len(payload))
        head = head[:16] + struct.pack("!H", checksum(pseudo + head + payload)) + head[18:]
    return ipv4(src, dst, 6, head + payload, None if wire is None else 20 + wire)


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_query(ident, name, qtype=1):
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack("!HH", qtype, 1)


def dns_reply(ident, name, address, qtype=1):
    body = struct.pack("!HHHHHH", ident, 0x8180, 1, 1, 0, 0) + dns_name(name) + struct.pack("!HH", qtype, 1)
    return body + struct.pack("!HHHIH", 0xC00C, 1, 1, 300, 4) + ip(address)


def dhcp(op, xid, client, kind, yiaddr="0.0.0.0", options=()):
    head = struct.pack("!BBBBIHH", op, 1, 6, 0, xid, 0, 0) + ip("0.0.0.0") + ip(yiaddr) + ip("0.0.0.0") + ip("0.0.0.0")
    body = head + mac(client) + b"\0" * 10 + b"\0" * 192 + bytes([99, 130, 83, 99, 53, 1, kind])
    for code, value in options:
        body += bytes([code, len(value)]) + value
    return body + b"\xff"


def client_hello(name, seed):
    sni = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name.encode()
    extensions = b""
    for kind, value in ((0, sni), (10, struct.pack("!HHH", 4, 29, 23)), (11, b"\1\0"),
                        (13, struct.pack("!HHH", 4, 0x0403, 0x0804)), (16, b"\0\x0c\x02h2\x08http/1.1"),
                        (43, b"\x04\x03\x04\x03\x03")):
        extensions += struct.pack("!HH", kind, len(value)) + value
    ciphers = struct.pack("!HHHH", 0x1301, 0x1302, 0xC02B, 0xC02F)
    body = b"\x03\x03" + bytes((seed + i) & 0xFF for i in range(32)) + b"\0" + struct.pack("!H", len(ciphers)) + ciphers
    body += b"\1\0" + struct.pack("!H", len(extensions)) + extensions
    message = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(message)) + message


def read_pcap(path):
    """(seconds since the first frame, frame) of each frame of a little-endian pcap with microseconds."""
    data, at, first = open(path, "rb").read(), 24, None
    assert data[:4] == struct.pack("<I", 0xA1B2C3D4), path
    while at < len(data):
        seconds, micro, kept, _ = struct.unpack_from("<IIII", data, at)
        first = first or (seconds, micro)
        yield seconds - first[0] + (micro - first[1]) / 1e6, data[at + 16 : at + 16 + kept]
        at += 16 + kept


class Capture:
    """Frames in the order of their times, as a pcap with nanoseconds."""

    def __init__(self):
        self.frames = []

    def add(self, at, frame, wire=None):
        self.frames.append((at, len(self.frames), frame, wire or len(frame)))

    def write(self, path, start):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
            for at, _, frame, wire in sorted(self.frames, key=lambda f: f[:2]):
                ns = start * 10**9 + round(at * 10**6) * 1000
                out.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), wire) + frame)
