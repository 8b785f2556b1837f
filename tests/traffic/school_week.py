#!/usr/bin/env python3
"""school_week.py FOLDER [--seed N] [--days D] [--users U] - a school of a thousand users as events and log lines.

Writes truth.ndjson first (id, rule, entity, t0, t1, expect), then tocsin.yml, events.ndjson (the wire) and school.log (syslog of a
firewall and a server). Each staged incident has an address of its own; what is not staged is what schools do: classes, lunch,
a testing morning, updates, backups at night, a fire drill, the imaging of a lab, a vendor's tunnel, a phishing exercise, labs
that are shut down, copiers, phones with old passwords. The same seed gives the same files.
"""
import argparse
import json
import os
import random
import sys
import time

START = 1772409600  # 2026-03-02 00:00 UTC, a Monday
DAY, HOUR, MINUTE = 86400, 3600, 60
DC, FILES, DNS, RELAY, SCANNER, BACKUP, DHCP = ("10.20.0." + n for n in ("10", "20", "53", "25", "9", "30", "2"))
LOGIDS = {"webfilter": "0316013056", "app-ctrl": "1059028704", "virus": "0211008192", "forward": "0000000013", "system": "0100044547", "wireless": "0104043551"}
SITE = """sensor: {name: school-week}
site:
  local: [10.20.0.0/16]
  zones:
    - {name: servers, networks: [10.20.0.0/24], site: east}
    - {name: staff, networks: [10.20.1.0/24, 10.20.2.0/24], role: staff, site: east}
    - {name: students-east, networks: [10.20.16.0/20], role: student, site: east}
    - {name: staff-west, networks: [10.20.64.0/24], role: staff, site: west}
  people: people.csv
  devices: devices.csv
protect: {dhcp_servers: [10.20.0.2], gateways: [10.20.16.1], domains: [mapleton-schools.example]}
observe: {link: {mbps: 1000}}
rules: {lists: [lists.yml]}
"""
LISTS = """domain_controllers: {type: address, owner: t, what: the district's, values: [10.20.0.10]}
admin_hosts: {type: address, owner: t, what: jump host, values: [10.20.0.8]}
servers: {type: cidr, owner: t, what: servers, values: [10.20.0.0/24]}
resolvers: {type: address, owner: t, what: the district's, values: [10.20.0.53]}
scanners: {type: address, owner: t, what: by order, values: [10.20.0.9]}
mail_servers: {type: address, owner: t, what: the relay, values: [10.20.0.25]}
approved_vpn: {type: cidr, owner: t, what: a vendor under contract, values: [198.51.100.200/32]}
upload_networks: {type: cidr, owner: t, what: backups in the cloud, values: [198.51.100.240/28]}
protected_servers: {type: address, owner: t, what: the student system, values: [10.20.0.60]}
infra_nets: {type: cidr, owner: t, what: switches, values: [10.20.250.0/24]}
decoy_addresses: {type: address, owner: t, what: nobody has a reason, values: [10.20.0.99]}
rested_accounts: {type: user, kind: rested, owner: t, reason: departed, expires: 2027-08-31, what: departed, values: [rested-0, rested-1, rested-2]}
"""


class Week:
    def __init__(self, seed, days, users):
        self.rand = random.Random(seed)
        self.days, self.users = days, users
        self.events, self.lines, self.truth = [], [], []
        self.host = self.peers = self.cases = 0
        self.port = 20000
        self.people, self.devices, self.latest = [], [], 0.0

    # --- one event, one line --------------------------------------------------------------------------------------
    def put(self, at, text, told=0.0):
        """text: the event's fields behind ts. told: how much later the sensor knows (connections: at their end)."""
        self.events.append((at + told, '{"event":%s,"ts":%.6f,%s}' % (text[0], at, text[1])))
        self.latest = max(self.latest, at + told)

    def put_fields(self, at, kind, fields, told=0.0):
        self.put(at, ('"%s"' % kind, json.dumps(fields, separators=(",", ":"), ensure_ascii=False)[1:-1]), told)

    def event(self, at, kind, **fields):
        told = fields.pop("told", 0.0)
        names = {k.replace("__", "."): v for k, v in fields.items()}
        self.put_fields(at, kind, names, told)

    def conn(self, at, src, dst, port, up, down, seconds=1.0, proto="tcp", service='"service":"ssl",', state="SF"):
        self.port = 20000 + (self.port - 19999) % 40000
        history = "Dd" if proto == "udp" else "ShADadFf" if state == "SF" else "S"
        self.put(at, ('"conn"', '"id.orig_h":"%s","id.orig_p":%d,"id.resp_h":"%s","id.resp_p":%d,"proto":"%s",%s"duration":%.3f,'
                      '"orig_bytes":%d,"resp_bytes":%d,"conn_state":"%s","missed_bytes":0,"history":"%s","orig_pkts":%d,"resp_pkts":%d'
                      % (src, self.port, dst, port, proto, service, seconds, up, down, state, history, 2 + up // 1400,
                         (2 + down // 1400) if state != "S0" else 0)), seconds)

    def firewall(self, at, src, name, category, action):
        stamp = time.strftime("date=%Y-%m-%d time=%H:%M:%S", time.gmtime(at))
        self.lines.append((at, '<189>%s devname="fw1" devid="FG100" eventtime=%d tz="+0000" logid="0316013056" type="utm" subtype="webfilter" '
                           'eventtype="ftgd_blk" level="warning" vd="root" srcip=%s srcport=40000 dstip=203.0.113.40 dstport=443 '
                           'service="HTTPS" hostname="%s" action="%s" reqtype="direct" url="/" catdesc="%s"'
                           % (stamp, int(at), src, name, action, category)))

    def fortigate(self, at, fields):
        stamp = time.strftime("date=%Y-%m-%d time=%H:%M:%S", time.gmtime(at))
        pairs = {"devname": "fw1", "devid": "FG100", "eventtime": int(at), "tz": "+0000", "logid": LOGIDS[fields["subtype"]], "vd": "root", "level": "notice"}
        pairs.update(fields)
        self.lines.append((at, "<189>%s %s" % (stamp, " ".join('%s="%s"' % (k, v) if isinstance(v, str) else "%s=%s" % (k, v) for k, v in pairs.items()))))

    def windows(self, at, fields):
        """As NXLog's im_msvistalog sends them."""
        whole = {"EventTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)), "Hostname": fields["host"] + ".school.example", "Channel": "Security"}
        whole.update((k, v) for k, v in fields.items() if k != "host")
        self.lines.append((at, "<14>%s %s %s" % (time.strftime("%b %e %H:%M:%S", time.gmtime(at)), fields["host"], json.dumps(whole))))

    def google(self, at, fields):
        """As the reports API gives an activity."""
        self.cases += 1
        activity = {"kind": "admin#reports#activity",
                    "id": {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), "uniqueQualifier": "%d" % self.cases, "applicationName": fields["app"], "customerId": "C01"},
                    "actor": {"email": fields["actor"] + "@school.example", "profileId": "1"}}
        if "ip" in fields:
            activity["ipAddress"] = fields["ip"]
        activity["events"] = [{"type": "x", "name": fields["name"], "parameters": [{"name": k, "value": v} for k, v in fields.get("params", {}).items()]}]
        self.lines.append((at, json.dumps(activity, separators=(",", ":"))))

    def sshd(self, at, src, user, what):
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(at))
        self.lines.append((at, "<86>%s app1 sshd[%d]: %s password for %s from %s port 50000 ssh2" % (stamp, 900 + int(at) % 1000, what, user, src)))

    # --- what schools do ------------------------------------------------------------------------------------------
    def user_ip(self, u):
        return "10.20.%d.%d" % (16 + u // 250, 1 + u % 250) if u % 10 else "10.20.1.%d" % (1 + u // 10 % 250)

    def lesson(self, ip, t, length=40 * MINUTE, sites=8):
        r = self.rand
        for _ in range(sites):
            at = t + r.random() * length
            site = r.randrange(400)
            name = "www%d.example.org" % site
            dst = "198.51.%d.%d" % (100 + site // 200, 1 + site % 200)
            if r.random() < 0.5:
                self.put(at, ('"dns"', '"id.orig_h":"%s","id.orig_p":%d,"id.resp_h":"%s","id.resp_p":53,"proto":"udp","trans_id":%d,"rtt":%.6f,'
                              '"query":"%s","qtype":1,"qtype_name":"A","rcode":0,"rcode_name":"NOERROR","domain":"example.org","answers":["%s"]'
                              % (ip, r.randrange(30000, 60000), DNS, r.randrange(65536), r.lognormvariate(-5, 0.5), name, dst)))
            self.put(at + 0.02, ('"ssl"', '"id.orig_h":"%s","id.orig_p":%d,"id.resp_h":"%s","id.resp_p":443,"version":"TLSv13","server_name":"%s",'
                                 '"established":true' % (ip, r.randrange(30000, 60000), dst, name)))
            self.conn(at + 0.02, ip, dst, 443, int(r.lognormvariate(7, 1)), int(r.lognormvariate(10, 1.5)), r.lognormvariate(0.5, 1.2))

    def user_day(self, u, day):
        r, ip = self.rand, self.user_ip(u)
        mac = "02:00:10:%02x:%02x:%02x" % (u >> 16, u >> 8 & 255, u & 255)
        begin = day + 8 * HOUR + r.gauss(0, 300)
        self.event(begin, "dhcp_message", op=1, msg_type="REQUEST", mac=mac, xid=r.randrange(1 << 31))
        self.event(begin + 0.1, "dhcp_message", op=2, msg_type="ACK", mac=mac, yiaddr=ip, server_addr=DHCP, lease_time=28800.0)
        self.event(begin + 2, "arp", op="request", sender_ip=ip, sender_mac=mac, target_ip="10.20.16.1", gratuitous=False, probe=False)
        self.event(begin + 3, "kerberos", id__orig_h=ip, id__resp_h=DC, request_type="AS", client="u%d/SCHOOL" % u, service="krbtgt/SCHOOL",
                   success=True, preauth=2, cipher="aes256-cts-hmac-sha1-96", reply_cipher="aes256-cts-hmac-sha1-96")
        for service in ("cifs/files", "ldap/dc"):
            self.event(begin + 4, "kerberos", id__orig_h=ip, id__resp_h=DC, request_type="TGS", client="u%d/SCHOOL" % u, service=service, success=True,
                       cipher="aes256-cts-hmac-sha1-96")
        if r.random() < 0.08:  # mistyped, once or twice
            self.event(begin + 2.5, "kerberos", id__orig_h=ip, id__resp_h=DC, request_type="AS", client="u%d/SCHOOL" % u, service="krbtgt/SCHOOL",
                       success=False, error_msg="KDC_ERR_PREAUTH_FAILED")
        self.conn(begin + 5, ip, FILES, 445, 9000, 30000, 3000, service='"service":"smb",')
        for period in range(7):
            if period != 4:
                self.lesson(ip, begin + 300 + period * 55 * MINUTE)
            else:
                self.lesson(ip, begin + 300 + period * 55 * MINUTE, 30 * MINUTE, 2)  # lunch
        for i in range(r.randrange(3)):
            self.event(begin + 2 * HOUR + i, "file_op", id__orig_h=ip, id__resp_h=FILES, share="\\\\files\\class", dir="u%d" % u, name="essay%d.docx" % i,
                       ext="docx", op=r.choice(("write", "read", "delete")), reads=1, writes=1)
        if r.random() < 0.05:
            self.firewall(begin + r.random() * 6 * HOUR, ip, "play%d.example.net" % r.randrange(50), "Games", "blocked")
        if r.random() < 0.02:
            self.firewall(begin + r.random() * 6 * HOUR, ip, "odds%d.example.net" % r.randrange(3), "Gambling", "blocked")

    def night(self, day):
        for i in range(60):  # backups, to the store inside and to the approved one in the cloud
            at = day + 22.5 * HOUR + i * 60
            for dst in (BACKUP, "198.51.100.241"):
                self.event(at, "transfer", id__orig_h=FILES, id__orig_p=50000, id__resp_h=dst, id__resp_p=443, proto="tcp", service="ssl", duration=60.0 * (i + 1),
                           orig_bytes=200000000, resp_bytes=2000, total_orig_bytes=200000000 * (i + 1), total_resp_bytes=2000 * (i + 1))

    def copiers(self, day):
        for c in range(12):
            for i in range(20):
                at = day + 8 * HOUR + self.rand.random() * 7 * HOUR
                ip = "10.20.2.%d" % (200 + c)
                self.event(at, "auth", id__orig_h=ip, id__resp_h=RELAY, user="copier%d" % c, outcome="success", app="smtp", method="login")
                self.conn(at, ip, RELAY, 25, 400000, 900, 2, service='"service":"smtp",')

    def phones(self, day):
        for p in range(6):  # a password changed, the phone does not know: one try each quarter of an hour
            for i in range(30):
                self.event(day + 8 * HOUR + i * 900 + p * 7, "windows", EventID=4625, Channel="Security", TargetUserName="phone%d" % p, IpAddress="10.20.0.40",
                           LogonType=3, host="nps1")

    def special(self, d, day):
        r = self.rand
        if d == 0:  # updates: everybody fetches, at noon
            for u in range(0, self.users, 2):
                at = day + 11 * HOUR + r.random() * HOUR
                self.event(at, "transfer", id__orig_h=self.user_ip(u), id__orig_p=50001, id__resp_h="198.51.100.77", id__resp_p=443, proto="tcp", service="ssl",
                           duration=20.0, orig_bytes=40000, resp_bytes=30000000, total_orig_bytes=40000, total_resp_bytes=30000000)
        if d == 1:  # a testing morning: half of the school at one host within minutes
            for u in range(0, self.users, 2):
                at = day + 9 * HOUR + r.random() * 120
                self.conn(at, self.user_ip(u), "198.51.101.9", 443, 4000, 90000, 3600)
        if d == 2:  # fire drill: everybody leaves and comes back within two minutes
            for u in range(self.users):
                at = day + 10.5 * HOUR + r.random() * 120
                mac = "02:00:10:%02x:%02x:%02x" % (u >> 16, u >> 8 & 255, u & 255)
                self.event(at, "dhcp_message", op=1, msg_type="REQUEST", mac=mac, xid=r.randrange(1 << 31))
                for _ in range(3):
                    self.event(at + r.random() * 5, "arp", op="request", sender_ip=self.user_ip(u), sender_mac=mac, target_ip="10.20.16.1", gratuitous=False, probe=False)
        if d == 3:  # a lab is imaged: thirty new devices ask, fetch and come back under new names
            for i in range(30):
                at = day + 13 * HOUR + i * 4
                mac = "02:00:77:00:00:%02x" % i
                for kind in ("DISCOVER", "REQUEST"):
                    self.event(at, "dhcp_message", op=1, msg_type=kind, mac=mac, xid=r.randrange(1 << 31))
                self.event(at + 60, "transfer", id__orig_h="10.20.17.%d" % (1 + i), id__orig_p=2000, id__resp_h=FILES, id__resp_p=445, proto="tcp", service="smb",
                           duration=60.0, orig_bytes=4000, resp_bytes=900000000, total_orig_bytes=4000, total_resp_bytes=900000000)
        if d == 4:  # a vendor's tunnel, under contract; an exercise in phishing that three click on
            for i in range(30):
                self.event(day + 9 * HOUR + i * 10, "transfer", id__orig_h="10.20.2.5", id__orig_p=51820, id__resp_h="198.51.100.200", id__resp_p=51820, proto="udp",
                           service="wireguard", duration=300.0, orig_bytes=400000, resp_bytes=400000, total_orig_bytes=400000 * i, total_resp_bytes=1)
        for i in range(3):  # the vulnerability scanner, by order, every night
            for p in range(40):
                self.conn(day + 2 * HOUR + i * 60 + p * 0.1, SCANNER, "10.20.0.%d" % (10 + i), 20 + p, 0, 0, 0.0, service="", state="S0")

    def thin(self):
        """Five weeks before: what rules with a long memory have learnt by now. A router, a few devices, the ways of uploads."""
        for d in range(-35, 0):
            day = START + d * DAY
            for i in range(8):
                at = day + (7 + i) * HOUR
                self.event(at, "nd", type="RA", src="fe80::1", src_mac="02:00:5e:00:00:01", router_lifetime=1800.0)
                mac = "02:00:10:00:%02x:%02x" % (i, 40 + d)
                self.event(at, "dhcp_message", op=1, msg_type="DISCOVER", mac=mac, xid=i)
                self.event(at + 1, "dhcp_message", op=1, msg_type="REQUEST", mac=mac, xid=i)
            self.event(day + 9 * HOUR, "dns", id__orig_h=self.user_ip(1), id__resp_h=DNS, id__resp_p=53, query="www.districtexample-boosters.test",
                       domain="districtexample-boosters.test", qtype_name="A", rcode_name="NOERROR")
            self.event(day + 10 * HOUR, "transfer", id__orig_h=self.user_ip(1), id__orig_p=50003, id__resp_h="198.51.100.90", id__resp_p=443, proto="tcp", service="ssl",
                       duration=9.0, orig_bytes=200000, resp_bytes=90000, total_orig_bytes=200000, total_resp_bytes=90000)

    def ordinary(self):
        self.thin()
        for d in range(self.days):
            day = START + d * DAY
            for u in range(self.users):
                if self.rand.random() < 0.92:
                    self.user_day(u, day)
            self.night(day)
            self.copiers(day)
            self.phones(day)
            self.special(d, day)

    # --- what is staged -------------------------------------------------------------------------------------------
    def attacker(self, place="student"):
        self.host += 1
        h = self.host
        return {"student": "10.20.%d.%d" % (24 + h // 250, 1 + h % 250), "staff": "10.20.2.%d" % (10 + h % 180), "server": "10.20.0.%d" % (100 + h % 150),
                "outside": "198.51.%d.%d" % (110 + h // 250, 1 + h % 250)}[place]

    def peer(self):
        """Another address among the students, for what several do together."""
        self.peers += 1
        return "10.20.%d.%d" % (28 + self.peers // 250, 1 + self.peers % 250)

    def serial(self):
        self.cases += 1
        return self.cases

    def stage(self, cases):
        """Each at 0.8, 1.2 and 3 times its threshold, and just inside its window; spread over the days."""
        n = 0
        for case in cases:
            for variant in case.variants():
                day, hour = case.begin(self, n, variant)
                n += 1
                t = START + day * DAY + hour * HOUR
                who = self.attacker(case.place)
                t1 = case.play(self, t, who, variant)
                expect = variant not in ("0.8", "near")
                self.truth.append({"id": "%s-%s" % (case.rule, variant), "rule": case.rule, "entity": case.entity(who), "with": [who] + case.others, "t0": round(t - 1, 3),
                                   "t1": round(t1, 3), "window": case.window + case.after, "expect": int(expect),
                                   "decided": round(case.decided, 3) if expect and case.arrival else None})

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "truth.ndjson"), "w") as f:
            for row in self.truth:
                f.write(json.dumps(row) + "\n")
        with open(os.path.join(folder, "tocsin.yml"), "w") as f:
            f.write(SITE)
        with open(os.path.join(folder, "lists.yml"), "w") as f:
            f.write(LISTS)
        for name, head, rows in (("people.csv", "user,role,kind,grade_band", self.people), ("devices.csv", "mac,host,role,owner,ownership", self.devices)):
            with open(os.path.join(folder, name), "w") as f:
                f.writelines(row + "\n" for row in [head] + rows)
        self.events.sort(key=lambda e: e[0])
        self.lines.sort(key=lambda e: e[0])
        with open(os.path.join(folder, "events.ndjson"), "w") as f:
            f.writelines(e[1] + "\n" for e in self.events)
        with open(os.path.join(folder, "school.log"), "w") as f:
            f.writelines(e[1] + "\n" for e in self.lines)
        end = START + self.days * DAY
        os.utime(os.path.join(folder, "school.log"), (end, end))


def main():
    import school_cases
    import school_table
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--days", type=int, default=5)
    p.add_argument("--users", type=int, default=1000)
    a = p.parse_args()
    week = Week(a.seed, a.days, a.users)
    week.stage(school_cases.CASES + school_table.load())
    week.ordinary()
    week.write(a.folder)
    print("%d events, %d lines, %d staged" % (len(week.events), len(week.lines), len(week.truth)))


if __name__ == "__main__":
    sys.exit(main())
