#!/usr/bin/env python3
"""school_names.py [--seed N] [--users U] [--days D] - a school's log lines with who was behind each, on stdout.

One line each, in the order of receipt: receipt (ns) TAB sender's address TAB question TAB log line. The question is "-", or
"USER/1" where the line is an event of USER's and a log that names him there had been received by then, "USER/0" where none had.
The rates below were written before anything was measured with them. The same seed gives the same lines.
"""
import argparse
import heapq
import random
import sys
import time

START = 1772409600  # 2026-03-02 00:00 UTC, a Monday
DAY, HOUR, MINUTE = 86400, 3600, 60
NEVER = float("inf")

# --- rates: of loss, lateness, skew and churn ---------------------------------------------------------------------------
LOSS = 0.005               # of all lines, each by itself (datagrams)
LATE, LATE_MEAN = 0.01, 10 * MINUTE  # lines that come late by themselves
OUTAGE, OUTAGE_LENGTH = 0.2, (20 * MINUTE, HOUR)  # of a sender, a day: what it has kept comes afterwards
SKEW = ((0.7, 1.0), (0.2, 60.0), (0.1, 240.0))  # share of senders, and by how many seconds at most their clocks are off
DRIFT = 2.0                # seconds a day at most
LEASE = {"wifi": HOUR, "wired": 8 * HOUR}
POOL = 1.15                # addresses for each device that a building has at its peak
ROAM = 0.6                 # to another access point between two lessons
MOVE = 0.08                # to another building, and so to another address
PAUSE = 0.3                # lids closed over lunch: off the network
NO_RELEASE = 0.9           # devices that leave without giving their lease back
NO_LOGOFF = 0.25           # who leaves a shared device without logging off
EVENTS = 6                 # of a user, a lesson


class Sender:
    def __init__(self, world, name, peer):
        r = world.rand
        self.world, self.name, self.peer = world, name, peer
        pick, most = r.random(), SKEW[-1][1]
        for share, seconds in SKEW:
            if pick < share:
                most = seconds
                break
            pick -= share
        self.skew, self.drift = r.uniform(-most, most), r.uniform(-DRIFT, DRIFT) / DAY
        self.cut = []
        for d in range(world.days):
            if r.random() < OUTAGE:
                begin = START + d * DAY + r.uniform(7, 15) * HOUR
                self.cut.append((begin, begin + r.uniform(*OUTAGE_LENGTH)))

    def clock(self, t):
        return t + self.skew + self.drift * (t - START)

    def receipt(self, t):
        r = self.world.rand
        if r.random() < LOSS:
            return NEVER
        got = t + min(r.expovariate(4), 3)
        if r.random() < LATE:
            got += r.expovariate(1 / LATE_MEAN)
        for begin, end in self.cut:
            if begin <= t < end:
                got = max(got, end + r.random() * 30)
        return got

    def put(self, t, text, question="-"):
        """Returns when it is received."""
        got = self.receipt(t)
        if got < NEVER:
            self.world.lines.append((got, self.peer, question, text))
        return got

    def syslog(self, t, priority, tag, message, question="-"):
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(self.clock(t)))
        return self.put(t, "<%d>%s %s %s: %s" % (priority, stamp, self.name, tag, message), question)


class Building:
    def __init__(self, world, number, devices):
        self.number = number
        self.free = ["10.%d.%d.%d" % (20 + number, i // 250, 1 + i % 250) for i in range(16, 16 + int(devices * POOL) + 8)]
        world.rand.shuffle(self.free)
        self.leases = []  # heap: when a lease is to be looked at, which
        self.firewall = Sender(world, "fw%d" % number, "10.1.%d.1" % number)
        self.points = [Sender(world, "ap%d-%d" % (number, i), "10.1.%d.%d" % (number, 10 + i)) for i in range(6)]

    def collect(self, t):
        """Leases that have run out are free again; those that were renewed are looked at later."""
        while self.leases and self.leases[0][0] <= t:
            _, n, lease = heapq.heappop(self.leases)
            if lease.until > t:
                heapq.heappush(self.leases, (lease.until, n, lease))
            else:
                self.free.append(lease.address)


class Lease:
    def __init__(self, place, address):
        self.place, self.address, self.until = place, address, 0


class Device:
    def __init__(self, number, kind, home, owner=None):
        self.kind, self.home, self.owner = kind, home, owner
        self.mac = "%02x:%02x:%02x:%02x:%02x:%02x" % (0x3a if kind == "phone" else 0x3c, 0x22, 0xfb, number >> 16, number >> 8 & 255, number & 255)
        self.name = "%s-%05d" % (kind, number)
        self.place = self.point = self.lease = self.address = self.user = None
        self.on = False
        self.session = 0
        self.told = NEVER       # when a log was received that names the user on this device, of this session
        self.bound = NEVER      # ... that tells that the address is this device's, of this lease
        self.direct = NEVER     # ... that names the user behind this address


class World:
    def __init__(self, seed, users, days):
        self.rand, self.days, self.users = random.Random(seed), days, users
        self.lines, self.agenda, self.count = [], [], 0
        n = max(1, users // 500)
        self.places = [Building(self, b, users * 8 // 5 // n) for b in range(n)]
        make = lambda name, peer: Sender(self, name, peer)
        self.dhcpd, self.kea, self.msdhcp = make("dhcp1", "10.1.100.1"), make("kea1", "10.1.100.2"), make("dhcp3", "10.1.100.3")
        self.radius = [make("rad1", "10.1.100.11"), make("rad2", "10.1.100.12")]
        self.ise = make("ise1", "10.1.100.13")
        self.dcs = [make("dc1", "10.1.100.21"), make("dc2", "10.1.100.22")]
        self.proxy = make("px1", "10.1.100.31")
        self.devices = []
        for u in range(users):  # of 5,000: 4,000 have a laptop of their own, 1,800 bring a phone
            home = self.places[u % n]
            if u % 5 < 4:
                self.add("laptop", home, u)
            if u * 37 % 100 < 36:
                self.add("phone", home, u)
        for i in range(users * 16 // 50):
            self.add("cart", self.places[i % n])
        for i in range(users * 2 // 50):
            self.add("lab", self.places[i % n])
        for i in range(max(1, users // 500)):
            self.add("crowd", self.places[i % n])  # a server of desktops: many people, one address

    def add(self, kind, home, owner=None):
        self.devices.append(Device(len(self.devices), kind, home, owner))

    def at(self, t, do, *args):
        self.count += 1
        heapq.heappush(self.agenda, (t, self.count, do, args))

    # --- addresses ----------------------------------------------------------------------------------------------------
    def lease(self, t, d):
        """The device has an address now; the same one if its lease still holds."""
        place, old = d.place, d.lease
        length = LEASE["wired" if d.kind in ("lab", "crowd") else "wifi"]
        if not (old and old.until > t and old.place is place):
            place.collect(t)
            d.bound = d.direct = NEVER
            d.lease = Lease(place, place.free.pop(self.rand.randrange(min(len(place.free), 20))))
            d.lease.until = t + length
            self.count += 1
            heapq.heappush(place.leases, (d.lease.until, self.count, d.lease))
        d.lease.until = t + length
        d.address = d.lease.address
        d.bound = min(d.bound, self.tell_lease(t, d))

    def tell_lease(self, t, d):
        r = self.rand
        if d.kind in ("lab", "crowd") or d.place.number % 10 >= 8:
            s = self.msdhcp
            stamp = time.strftime("%m/%d/%y,%H:%M:%S", time.gmtime(s.clock(t)))
            return s.put(t, "10,%s,Assign,%s,%s.school.example,%s,,%d,0,,,,0x4D53,MSFT 5.0,,,,0"
                         % (stamp, d.address, d.name, d.mac.replace(":", "").upper(), r.randrange(1 << 16)))
        if d.place.number % 10 >= 5:
            return self.kea.syslog(t, 30, "kea-dhcp4[412]", "INFO  [kea-dhcp4.leases/24.139] DHCP4_LEASE_ALLOC [hwtype=1 %s], cid=[01:%s], tid=0x%x: "
                                   "lease %s has been allocated for %d seconds" % (d.mac, d.mac, r.randrange(1 << 31), d.address, LEASE["wifi"]))
        return self.dhcpd.syslog(t, 30, "dhcpd[702]", "DHCPACK on %s to %s (%s) via 10.%d.0.1" % (d.address, d.mac, d.name, 20 + d.place.number))

    def give_back(self, t, d):
        if d.place.number % 10 < 5 and d.kind not in ("lab", "crowd"):
            self.dhcpd.syslog(t, 30, "dhcpd[702]", "DHCPRELEASE of %s from %s (%s) via 10.%d.0.1 (found)" % (d.address, d.mac, d.name, 20 + d.place.number))
        d.lease.until = t

    # --- the network --------------------------------------------------------------------------------------------------
    def associate(self, t, d):
        d.point = self.rand.choice(d.place.points)
        d.point.syslog(t, 30, "hostapd", "ath0: STA %s IEEE 802.11: associated" % d.mac)
        s, cli = self.rand.choice(self.radius), d.mac.replace(":", "-").upper()
        number = self.rand.randrange(1 << 20)
        if d.owner is None:
            s.syslog(t + 0.3, 86, "radiusd[77]", "(%d) Login OK: [host/%s.school.example] (from client WLAN port 0 cli %s)" % (number, d.name, cli))
            return
        got = s.syslog(t + 0.3, 86, "radiusd[77]", "(%d) Login OK: [SCHOOL\\%s] (from client WLAN port 0 cli %s via TLS tunnel)" % (number, d.user, cli))
        s.syslog(t + 0.3, 86, "radiusd[77]", "(%d) Login OK: [anonymous@school.example] (from client WLAN port 0 cli %s)" % (number, cli))
        d.told = min(d.told, got)

    def account(self, t, d, status):
        if d.owner is None or d.place.number % 10 >= 5:
            return NEVER
        title = {"Start": "3000 NOTICE Radius-Accounting: RADIUS Accounting start request", "Stop": "3001 NOTICE Radius-Accounting: RADIUS Accounting stop request",
                 "Interim-Update": "3002 NOTICE Radius-Accounting: RADIUS Accounting watchdog update"}[status]
        s, r = self.ise, self.rand
        stamp = time.strftime("%Y-%m-%d %H:%M:%S.120 +00:00", time.gmtime(s.clock(t)))
        got = s.syslog(t, 181, "CISE_RADIUS_Accounting", "%010d 1 0 %s %010d %s, ConfigVersionId=9, Device IP Address=%s, UserName=%s, NAS-IP-Address=%s, "
                       "Framed-IP-Address=%s, Calling-Station-ID=%s, Acct-Status-Type=%s, Acct-Session-Id=%08x, NetworkDeviceName=wlc1"
                       % (r.randrange(1 << 31), stamp, r.randrange(1 << 31), title, d.point.peer, d.user, d.point.peer, d.address, d.mac.replace(":", "-").upper(),
                          status, d.session))
        if status != "Stop":
            d.direct = min(d.direct, got)
        return got

    def connect(self, t, d, place, user):
        d.place, d.user, d.on = place, user, True
        d.session += 1
        d.told = d.direct = NEVER
        if d.kind not in ("lab", "crowd"):
            self.associate(t, d)
        self.lease(t + 0.6, d)
        self.account(t + 0.9, d, "Start")
        self.at(t + LEASE["wired" if d.kind in ("lab", "crowd") else "wifi"] / 2, self.renew, d, d.session)
        self.at(t + 15 * MINUTE, self.interim, d, d.session)

    def renew(self, t, d, session):
        if d.on and d.session == session:
            self.lease(t, d)
            self.at(t + LEASE["wired" if d.kind in ("lab", "crowd") else "wifi"] / 2, self.renew, d, session)

    def interim(self, t, d, session):
        if d.on and d.session == session:
            self.account(t, d, "Interim-Update")
            self.at(t + 15 * MINUTE, self.interim, d, session)

    def disconnect(self, t, d):
        if not d.on:
            return
        d.on = False
        self.account(t + self.rand.choice((1, 300)), d, "Stop")  # at once, or when it has been idle for long enough
        if self.rand.random() >= NO_RELEASE:
            self.give_back(t, d)

    def roam(self, t, d):
        if d.on:
            self.associate(t, d)

    # --- people -------------------------------------------------------------------------------------------------------
    def log_on(self, t, d, user):
        d.user, d.told = user, NEVER
        dc = self.rand.choice(self.dcs)
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(dc.clock(t)))
        for event, more in ((4768, '"Status":"0x0","ServiceName":"krbtgt"'), (4624, '"LogonType":"3"')):
            d.told = min(d.told, dc.syslog(t, 14, "Microsoft-Windows-Security-Auditing[4]",
                                           '{"EventTime":"%s","Hostname":"%s.school.example","EventID":%d,"Channel":"Security","TargetUserName":"%s",'
                                           '"TargetDomainName":"SCHOOL","IpAddress":"::ffff:%s","IpPort":"49811",%s}' % (stamp, dc.name, event, user, d.address, more)))
        if d.kind == "cart":
            d.told = min(d.told, self.fsso(t + 1, d, "FSSO-logon"))

    def fsso(self, t, d, action):
        s = d.place.firewall
        w = s.clock(t)
        return s.put(t, '<189>%s devname="%s" devid="FGT1" eventtime=%d tz="+0000" logid="0102043014" type="event" subtype="user" level="notice" vd="root" '
                     'srcip=%s user="%s" server="fsso" action="%s" msg="%s event from FSSO_ fsso: user %s"'
                     % (time.strftime("date=%Y-%m-%d time=%H:%M:%S", time.gmtime(w)), s.name, int(w * 1000) * 1000000, d.address, d.user, action, action, d.user))

    def log_off(self, t, d):
        if d.kind == "cart" and self.rand.random() >= NO_LOGOFF:
            self.fsso(t, d, "FSSO-logoff")
        d.user = None

    def event(self, t, d, user, session):
        """What is asked: a line of the firewall or the proxy, which names an address only."""
        if not d.on or d.session != session or (d.kind != "crowd" and d.user != user):
            return
        s = d.place.firewall if self.rand.random() < 0.5 else self.proxy
        w, got, lines = s.clock(t), s.receipt(t), self.lines
        if got == NEVER:
            return
        if d.kind == "crowd":
            could = False
        elif d.owner is None:
            could = d.told <= got
        else:
            could = max(d.told, d.bound) <= got or d.direct <= got
        question = "%s/%d" % (user, could)
        if s is self.proxy:
            text = ("<14>%s px1 squid[77]: %.3f    211 %s TCP_MISS/200 3868 GET http://www.example.net/x - HIER_DIRECT/198.51.100.80 text/html"
                    % (time.strftime("%b %e %H:%M:%S", time.gmtime(w)), w, d.address))
        else:
            text = ('<189>%s devname="%s" devid="FGT1" eventtime=%d tz="+0000" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=%s '
                    'srcport=40000 dstip=198.51.100.80 dstport=443 proto=6 action="close" policyid=1 service="HTTPS" sentbyte=900 rcvdbyte=9000'
                    % (time.strftime("date=%Y-%m-%d time=%H:%M:%S", time.gmtime(w)), s.name, int(w * 1000) * 1000000, d.address))
        lines.append((got, s.peer, question, text))

    def named(self, t, d, user):
        """On a crowded address the proxy asks for a name now and then."""
        stamp = time.strftime("%b %e %H:%M:%S", time.gmtime(self.proxy.clock(t)))
        self.proxy.put(t, "<14>%s px1 squid[77]: %.3f    211 %s TCP_MISS/200 3868 GET http://www.example.net/x %s HIER_DIRECT/198.51.100.80 text/html"
                       % (stamp, self.proxy.clock(t), d.address, user))

    def lesson(self, t, d, user, length):
        for _ in range(EVENTS):
            self.at(t + 2 + self.rand.random() * (length - 4), self.event, d, user, d.session)

    # --- a day of each ------------------------------------------------------------------------------------------------
    def own_day(self, day, d):
        r, user = self.rand, "u%d" % d.owner
        begin = day + 7.9 * HOUR + r.gauss(0, 8 * MINUTE)
        place = d.home
        self.at(begin, self.connect, d, place, user)
        for period in range(7):
            t = day + 8 * HOUR + period * 55 * MINUTE + r.random() * 3 * MINUTE
            if period == 4 and r.random() < PAUSE:
                self.at(t, self.disconnect, d)
                self.at(t + 40 * MINUTE, self.connect, d, place, user)
                continue
            if period and r.random() < MOVE and len(self.places) > 1:
                place = r.choice(self.places)
                self.at(t, self.disconnect, d)
                self.at(t + 4 * MINUTE, self.connect, d, place, user)
                self.at(t + 5 * MINUTE, self.lesson, d, user, 45 * MINUTE)
                continue
            if period and r.random() < ROAM:
                self.at(t, self.roam, d)
            self.at(t + MINUTE, self.lesson, d, user, 48 * MINUTE)
        self.at(day + 14.6 * HOUR + r.random() * HOUR, self.disconnect, d)

    def shared_day(self, day, d):
        """Carts and laboratories: another one each lesson."""
        r = self.rand
        if d.kind == "lab":
            self.at(day + 7.5 * HOUR + r.random() * MINUTE, self.connect, d, d.home, None)
        for period in range(7):
            if r.random() < 0.35:
                continue
            t = day + 8 * HOUR + period * 55 * MINUTE + r.uniform(1, 5) * MINUTE
            self.at(t, self.shared_lesson, d, "u%d" % r.randrange(self.users))
        if d.kind == "lab":
            self.at(day + 16 * HOUR, self.disconnect, d)

    def shared_lesson(self, t, d, user):
        if d.kind == "cart":
            place = d.home if self.rand.random() >= MOVE else self.rand.choice(self.places)
            self.connect(t, d, place, None)
        self.at(t + 30, self.log_on, d, user)
        self.at(t + 40, self.lesson, d, user, 40 * MINUTE)
        self.at(t + 42 * MINUTE, self.log_off, d)
        if d.kind == "cart":
            self.at(t + 42.5 * MINUTE, self.disconnect, d)

    def crowd_day(self, day, d):
        r = self.rand
        people = ["u%d" % r.randrange(self.users) for _ in range(20)]
        self.at(day + 7 * HOUR, self.connect, d, d.home, None)
        for user in people:
            for _ in range(12):
                t = day + r.uniform(8, 15) * HOUR
                self.at(t, self.named, d, user)
                self.at(t + r.uniform(1, 300), lambda t, d, user: self.event(t, d, user, d.session), d, user)
        self.at(day + 16 * HOUR, self.disconnect, d)

    def run(self):
        for n in range(self.days):
            for d in self.devices:
                day = START + n * DAY
                if d.kind == "crowd":
                    self.crowd_day(day, d)
                elif d.owner is None:
                    self.shared_day(day, d)
                elif self.rand.random() < 0.95:
                    self.own_day(day, d)
        while self.agenda:
            t, _, do, args = heapq.heappop(self.agenda)
            do(t, *args)
        self.lines.sort(key=lambda line: line[0])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--users", type=int, default=5000)
    p.add_argument("--days", type=int, default=5)
    a = p.parse_args()
    world = World(a.seed, a.users, a.days)
    world.run()
    for got, peer, question, text in world.lines:
        sys.stdout.write("%d\t%s\t%s\t%s\n" % (int(got * 1e9), peer, question, text))


if __name__ == "__main__":
    sys.exit(main())
