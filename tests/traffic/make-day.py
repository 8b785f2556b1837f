#!/usr/bin/env python3
"""make-day.py FOLDER - six minutes of a small school: ordinary work, and one staged case of each shipped rule.

Writes day.pcap and day.log. Everything is computed from fixed numbers or read from real-programs.pcap, so the files are the
same on every run. Addresses are those for documentation (RFC 5737) and private ones, names end in example.org and its like.
"""
import json
import os
import random
import sys
import time

import wire
from wire import ACK, FIN, PSH, RST, SYN

START = 1772438400  # 2026-03-02 08:00:00 UTC
GATEWAY, DHCP, DNS, FILES, DC = "10.20.3.1", "10.20.0.2", "10.20.0.53", "10.20.0.20", "10.20.0.10"
MACS = {GATEWAY: "02:00:5e:00:03:01", DHCP: "02:00:5e:00:00:02", DNS: "02:00:5e:00:00:53", FILES: "02:00:5e:00:00:20"}
ROGUE = "02:00:5e:00:03:66"
CLIENTS = {"10.20.3.10": "cb-010", "10.20.3.11": "cb-011", "10.20.3.12": "cb-012", "10.20.3.13": "cb-013", "10.20.1.10": "pc-staff"}
SITES = [("www.example.org", "198.51.100.80"), ("learn.example.net", "198.51.100.81"), ("news.example.com", "198.51.100.82")]
rand = random.Random(20260302)


def mac_of(address):
    return MACS.get(address) or "02:00:5e:00:%02x:%02x" % (int(address.split(".")[2]), int(address.split(".")[3]))


class Day(wire.Capture):
    def __init__(self):
        super().__init__()
        self.lines = []
        self.port = 40000

    # --- packets ----------------------------------------------------------------------------------------------
    def send(self, at, src, dst, packet, wire_length=None):
        local = dst if dst.startswith("10.20.") else GATEWAY
        frame = wire.ether(mac_of(src) if src.startswith("10.20.") else mac_of(GATEWAY), mac_of(local), 0x0800, packet)
        self.add(at, frame, None if wire_length is None else len(frame) + wire_length)

    def lookup(self, at, client, name, address):
        self.port += 1
        ident = rand.randrange(65536)
        self.send(at, client, DNS, wire.udp(client, self.port, DNS, 53, wire.dns_query(ident, name)))
        if address:
            self.send(at + 0.004, DNS, client, wire.udp(DNS, 53, client, self.port, wire.dns_reply(ident, name, address)))

    def connection(self, at, src, dst, dport, parts):
        """parts: (from the client?, bytes); with handshake and end."""
        self.port += 1
        sport, a, b = self.port, rand.randrange(2**31), rand.randrange(2**31)
        self.send(at, src, dst, wire.tcp(src, sport, dst, dport, a, 0, SYN))
        self.send(at + 0.01, dst, src, wire.tcp(dst, dport, src, sport, b, a + 1, SYN | ACK))
        self.send(at + 0.011, src, dst, wire.tcp(src, sport, dst, dport, a + 1, b + 1, ACK))
        at, a, b = at + 0.012, a + 1, b + 1
        for client, data in parts:
            for i in range(0, len(data), 1400):
                piece = data[i : i + 1400]
                at += 0.003
                if client:
                    self.send(at, src, dst, wire.tcp(src, sport, dst, dport, a, b, PSH | ACK, piece))
                    a += len(piece)
                else:
                    self.send(at, dst, src, wire.tcp(dst, dport, src, sport, b, a, PSH | ACK, piece))
                    b += len(piece)
        self.send(at + 0.01, src, dst, wire.tcp(src, sport, dst, dport, a, b, FIN | ACK))
        self.send(at + 0.02, dst, src, wire.tcp(dst, dport, src, sport, b, a + 1, FIN | ACK))
        self.send(at + 0.021, src, dst, wire.tcp(src, sport, dst, dport, a + 1, b + 1, ACK))

    def browse(self, at, client, name, address, path):
        self.lookup(at, client, name, address)
        page = b"<html><body>" + path.encode() * 20 + b"</body></html>"
        request = "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ExampleBrowser/1.0\r\nAccept: */*\r\n\r\n" % (path, name)
        reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
        self.connection(at + 0.02, client, address, 80, [(True, request.encode()), (False, reply + page)])

    def secure(self, at, client, name, address):
        self.lookup(at, client, name, address)
        self.connection(at + 0.02, client, address, 443, [(True, wire.client_hello(name, int(at)))])

    def dhcp(self, at, client, host, address, server, server_mac, answer_only=False):
        xid = rand.randrange(2**32)
        hw = mac_of(client)
        ident = (54, wire.ip(server))
        lease = [ident, (51, (3600).to_bytes(4, "big")), (1, wire.ip("255.255.255.0")), (3, wire.ip(GATEWAY))]
        name = (12, host.encode())

        def up(when, kind, options):
            body = wire.udp("0.0.0.0", 68, "255.255.255.255", 67, wire.dhcp(1, xid, hw, kind, options=options))
            self.add(when, wire.ether(hw, "ff:ff:ff:ff:ff:ff", 0x0800, body))

        def down(when, kind):
            body = wire.udp(server, 67, address, 68, wire.dhcp(2, xid, hw, kind, address, lease))
            self.add(when, wire.ether(server_mac, hw, 0x0800, body))

        up(at, 1, [name])
        down(at + 0.05, 2)
        if not answer_only:
            up(at + 0.1, 3, [name, ident, (50, wire.ip(address))])
            down(at + 0.15, 5)

    # --- lines ------------------------------------------------------------------------------------------------
    def log(self, at, priority, host, text):
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(START + int(at)))
        self.lines.append((at, len(self.lines), "<%d>%s %s %s" % (priority, stamp, host, text)))

    def windows(self, at, host, event, **values):
        data = {"EventTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + int(at))), "Hostname": host,
                "EventID": event, "SourceName": "Microsoft-Windows-Security-Auditing", "Channel": "Security"}
        data.update(values)
        self.log(at, 14, host, json.dumps(data))

    def fortigate(self, at, **values):
        head = {"date": time.strftime("%Y-%m-%d", time.gmtime(START + int(at))),
                "time": time.strftime("%H:%M:%S", time.gmtime(START + int(at))), "devname": "fw1", "devid": "FG100X",
                "eventtime": (START + int(at)) * 10**9, "tz": "+0000"}
        head.update(values)
        text = " ".join('%s=%s' % (k, v) if isinstance(v, int) else '%s="%s"' % (k, v) for k, v in head.items())
        self.lines.append((at, len(self.lines), "<189>" + text))

    def write_log(self, path):
        with open(path, "w") as out:
            for _, _, line in sorted(self.lines, key=lambda l: l[:2]):
                out.write(line + "\n")


def ordinary(day):
    """Leases, lookups, pages, logins: what a Monday is made of."""
    for i, (address, host) in enumerate(CLIENTS.items()):
        day.dhcp(1 + i, address, host, address, DHCP, MACS[DHCP])
        day.log(1.2 + i, 30, "dhcp1", "dhcpd[702]: DHCPACK on %s to %s (%s) via eth0" % (address, mac_of(address), host))
        day.add(2 + i, wire.arp(1, mac_of(address), address, "00:00:00:00:00:00", GATEWAY))
        day.add(2.01 + i, wire.arp(2, mac_of(GATEWAY), GATEWAY, mac_of(address), address, mac_of(address)))
    for i in range(60):
        at, client = 10 + i * 5.5 + rand.random(), rand.choice(list(CLIENTS))
        name, address = rand.choice(SITES)
        if i % 3:
            day.browse(at, client, name, address, "/page/%d" % rand.randrange(100))
        else:
            day.secure(at, client, name, address)
    day.windows(20, "dc1", 4624, TargetUserName="student1", IpAddress="10.20.3.10", LogonType=2)
    day.windows(24, "dc1", 4624, TargetUserName="teacher1", IpAddress="10.20.1.10", LogonType=2)
    day.windows(25, "dc1", 4625, TargetUserName="student2", IpAddress="10.20.3.11", LogonType=2, Status="0xc000006d")
    day.windows(31, "dc1", 4624, TargetUserName="student2", IpAddress="10.20.3.11", LogonType=2)
    day.log(40, 86, "app1", "sshd[811]: Accepted publickey for admin from 10.20.1.10 port 50112 ssh2: ED25519 SHA256:mQ9Y")
    day.log(45, 85, "app1", "sudo:    admin : TTY=pts/0 ; PWD=/home/admin ; USER=root ; COMMAND=/usr/bin/apt update")
    day.log(61, 30, "dhcp1", "dhcpd[702]: DHCPREQUEST for 10.20.3.10 from %s (cb-010) via eth0" % mac_of("10.20.3.10"))
    day.log(90, 38, "app1", "systemd[1]: Started Daily apt download activities.")
    for i in range(20):
        day.fortigate(12 + i * 15, logid="0000000013", type="traffic", subtype="forward", level="notice", srcip="10.20.3.11",
                      srcport=50000 + i, dstip="198.51.100.80", dstport=443, action="close", policyid=3, sentbyte=5120, rcvdbyte=40960)
    day.fortigate(200, logid="0316013056", type="utm", subtype="webfilter", eventtype="ftgd_blk", level="warning", user="student2",
                  srcip="10.20.3.11", dstip="203.0.113.60", dstport=443, hostname="games.example.com", action="blocked", catdesc="Games")


def real_programs(day):
    """A lease, lookups, pages and a port scan by real programs (real-programs.sh made the capture)."""
    for at, frame in wire.read_pcap(os.path.join(os.path.dirname(os.path.abspath(__file__)), "real-programs.pcap")):
        day.add(240 + at, frame)


def staged_packets(day):
    attacker = "10.20.3.13"
    # impersonation: the gateway's address under another hardware address; a DHCP server that nobody knows
    for i in range(3):
        day.add(60 + i, wire.arp(2, ROGUE, GATEWAY, "ff:ff:ff:ff:ff:ff", GATEWAY))
    day.dhcp(75, "10.20.3.12", "cb-012", "10.20.3.200", "10.20.3.66", ROGUE, answer_only=True)
    # breach: thirty ports of the file server; data in DNS names
    for i in range(30):
        port, seq = 20 + i * 7, 1000 * i
        day.send(90 + i * 0.2, attacker, FILES, wire.tcp(attacker, 51000 + i, FILES, port, seq, 0, SYN))
        day.send(90.001 + i * 0.2, FILES, attacker, wire.tcp(FILES, port, attacker, 51000 + i, 0, seq + 1, RST | ACK))
    for i in range(45):
        label = "".join(rand.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(44))
        day.lookup(120 + i * 0.6, "10.20.3.12", label + ".t.example.info", "203.0.113.53")
    # vandalism: a flood of connection attempts
    for i in range(1500):
        day.send(150 + i / 150, "10.20.3.11", "203.0.113.80",
                 wire.tcp("10.20.3.11", 10000 + i, "203.0.113.80", 80, i * 7919, 0, SYN))
    # disruption: eight megabytes out in forty seconds; only headers are kept, as a short snap length would
    client, server, sport, a, b, size = "10.20.3.10", "203.0.113.90", 45000, 5000, 9000, 64000
    day.send(180, client, server, wire.tcp(client, sport, server, 443, a, 0, SYN))
    day.send(180.02, server, client, wire.tcp(server, 443, client, sport, b, a + 1, SYN | ACK))
    day.send(180.021, client, server, wire.tcp(client, sport, server, 443, a + 1, b + 1, ACK))
    for i in range(125):
        at, seq = 180.1 + i * 0.32, a + 1 + i * size
        day.send(at, client, server, wire.tcp(client, sport, server, 443, seq, b + 1, PSH | ACK, wire=size), size)
        day.send(at + 0.05, server, client, wire.tcp(server, 443, client, sport, b + 1, seq + size, ACK))
    end = a + 1 + 125 * size
    day.send(221, client, server, wire.tcp(client, sport, server, 443, end, b + 1, FIN | ACK))
    day.send(221.02, server, client, wire.tcp(server, 443, client, sport, b + 1, end + 1, FIN | ACK))
    day.send(221.03, client, server, wire.tcp(client, sport, server, 443, end + 1, b + 2, ACK))


def staged_lines(day):
    # impersonation: a teacher's account at a student's device
    day.windows(100, "dc1", 4624, TargetUserName="teacher1", IpAddress="10.20.3.12", LogonType=2)
    # breach: guessing by SSH, then a login; a spray over accounts, then a login
    for i in range(12):
        day.log(120 + i * 3, 86, "app1", "sshd[%d]: Failed password for root from 203.0.113.9 port %d ssh2" % (900 + i, 40100 + i))
    day.log(170, 86, "app1", "sshd[950]: Accepted password for root from 203.0.113.9 port 40200 ssh2")
    for i in range(9):
        day.windows(150 + i * 6, "dc1", 4625, TargetUserName="staff%d" % i, IpAddress="10.20.3.13", LogonType=3, Status="0xc000006d")
    day.windows(215, "dc1", 4624, TargetUserName="staff4", IpAddress="10.20.3.13", LogonType=3)
    # vandalism: many files deleted, a log cleared, the firewall's logging removed
    for i in range(220):
        day.windows(230 + i * 0.4, "fs1", 4663, SubjectUserName="student2", ObjectType="File", AccessMask="0x10000",
                    ObjectName="D:\\\\class\\\\%03d.docx" % i)
    day.windows(325, "fs1", 1102, SubjectUserName="student2", SourceName="Microsoft-Windows-Eventlog")
    day.fortigate(330, logid="0100044547", type="event", subtype="system", level="notice", user="admin", ui="ssh(10.20.3.13)",
                  action="Delete", cfgpath="log.syslogd.setting", msg="Delete log.syslogd.setting")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../golden/sample-day")
    day = Day()
    ordinary(day)
    real_programs(day)
    staged_packets(day)
    staged_lines(day)
    day.write(os.path.join(folder, "day.pcap"), START)
    day.write_log(os.path.join(folder, "day.log"))


if __name__ == "__main__":
    main()
