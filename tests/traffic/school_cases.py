"""school_cases - what school_week.py stages: a rule, its threshold and window, and what somebody does who breaks it."""
import math

DC, FILES, HOUR = "10.20.0.10", "10.20.0.20", 3600
ASKED = ("SamrEnumerateUsersInDomain", "SamrEnumerateGroupsInDomain", "SamrGetMembersInGroup", "SamrQueryInformationUser", "SamrOpenAlias", "SamrLookupIdsInDomain",
         "SamrQueryDisplayInformation", "SamrGetGroupsForUser", "SamrGetAliasMembership")


class Case:
    """n things within a window. act(week, at, who, i) does the i-th; what counts are distinct i."""

    place = "student"

    def __init__(self, rule, threshold, window, act, hour=9, spread=0.7, entity=None, unsteady=0.4, after=0, decides=None, hours=None, near=None):
        self.rule, self.threshold, self.window, self.act, self.hour, self.spread = rule, threshold, window, act, hour, spread
        self.unsteady = unsteady  # of the evasive variant: how far from equal its steps are
        self.name, self.after, self.others = entity, after, []
        self.decides = decides or threshold  # which of them reaches it, as the engine counts (slow scans: about)
        self.arrival, self.hours = after == 0, hours  # hours: of each variant, where the alert names nobody
        self.near = near  # of a rule without threshold: what only looks like it

    def begin(self, week, number, variant):
        hour = self.hours[self.variants().index(variant)] + week.rand.random() * 0.2 if self.hours else self.hour + week.rand.random() * 2
        return number % week.days, hour

    def entity(self, who):
        return self.name(who) if self.name else who

    def variants(self):
        return ("0.8", "1.2", "3", "evasive") if self.threshold > 1 else ("1.2", "3") + (("near",) if self.near else ())

    def count(self, variant):
        if variant == "0.8":
            return min(max(1, int(self.threshold * 0.8)), self.threshold - 1)
        return math.ceil(self.threshold * (3 if variant == "3" else 1.2))

    def play(self, week, t, who, variant):
        n = self.count(variant)
        # evasive: as slowly as the window allows, and not in equal steps
        length = self.window * (0.95 if variant == "evasive" else self.spread)
        at = t
        for i in range(n):
            off = week.rand.random() * self.unsteady if variant == "evasive" else 0
            at = t + length * (i + off) / n
            week.latest = at
            (self.near if variant == "near" else self.act)(week, at, who, i)
            if i == self.decides - 1:
                self.decided = week.latest
        return at


def conn(port, dst="10.20.0.%d", state="SF", proto="tcp", service="", up=900, down=900, seconds=0.5):
    def act(w, at, who, i):
        w.conn(at, who, dst % (20 + i) if "%" in dst else dst, port if port else 1000 + i, up if state == "SF" else 0, down if state == "SF" else 0,
               seconds if state == "SF" else 0.0, proto, service, state)
    return act


def event(kind, **fields):
    """Values may hold {n}, {who}."""
    def act(w, at, who, i):
        filled = {k: v.replace("{n}", str(i)).replace("{who}", who) if isinstance(v, str) else v for k, v in fields.items()}
        filled = {k: [x.replace("{who}", who) for x in v] if isinstance(v, list) else v for k, v in filled.items()}
        w.event(at, kind, **filled)
    return act


def transfer(dst, up, down=2000, service="ssl", port=443, proto="tcp"):
    def act(w, at, who, i):
        w.event(at, "transfer", id__orig_h=who, id__orig_p=50002, id__resp_h=dst % (1 + i % 250) if "%" in dst else dst, id__resp_p=port, proto=proto, service=service,
                duration=30.0, orig_bytes=up, resp_bytes=down, total_orig_bytes=up, total_resp_bytes=down)
    return act


class Steady(Case):
    """Second by second: what must go on without a pause."""

    def play(self, week, t, who, variant):
        n = self.count(variant)
        for i in range(n):
            week.latest = math.floor(t) + i + 0.01
            self.act(week, week.latest, who, i)
            if i == self.decides - 1:
                self.decided = week.latest
        return t + n


def samr(w, at, who, i):
    w.event(at, "dce_rpc", id__orig_h=who, id__resp_h=DC, endpoint="samr", operation=ASKED[i])


def storm(w, at, who, i):
    for k in range(1050):
        w.event(at + k / 1100, "arp", op="request", sender_ip=who, sender_mac=mac_of(who), target_ip="10.20.16.1", gratuitous=False, probe=False)


def cleared(w, at, who, i):
    w.event(at, "windows", EventID=1102, Channel="Security", host="pc-" + who, SubjectUserName="mallory")


def router(w, at, who, i):
    w.event(at, "nd", type="RA", src="fe80::66", src_mac=mac_of(who), router_lifetime=1800.0)


def removal(w, at, who, i):
    w.event(at, "file_op", id__orig_h=who, id__resp_h=FILES, share="\\\\files\\class", dir="d%d" % (i % 12), name="a%d.docx" % i, ext="docx", op="delete")


def ransom(w, at, who, i):
    w.event(at, "file_op", id__orig_h=who, id__resp_h=FILES, share="\\\\files\\class", dir="d%d" % (i % 12), name="a%d.k%s" % (i, who.replace(".", "")), op="rename",
            ext="k" + who.replace(".", ""), prev_ext=("docx", "xlsx", "jpg", "pdf")[i % 4])


def starve(w, at, who, i):
    a, b = (int(x) for x in who.split(".")[2:])
    w.event(at, "dhcp_message", op=1, msg_type="DISCOVER", mac="02:66:%02x:%02x:%02x:%02x" % (a, b, i >> 8, i & 255), xid=i)
    for later in (45, 60) if i == 0 else ():  # in the evening nothing else moves the clock that the rule waits for
        w.conn(at + later, who, "10.20.0.20", 443, 900, 900, 0.5)


def stolen(w, at, who, i):
    w.event(at, "dns", id__orig_h=who, id__resp_h="10.20.0.53", id__resp_p=53, query="api.ipify.org", rcode=0, rcode_name="NOERROR", qtype_name="A")
    w.event(at + 60, "auth", id__orig_h=who, id__resp_h="203.0.113.25", user="thief", outcome="success", app="smtp", method="login")


def coerced(w, at, who, i):
    w.event(at, "smb_sealed_rpc", id__orig_h=who, id__resp_h=FILES, letters=6, call_bytes=108 + i, number=1 + i)
    w.event(at + 2, "ntlm", id__orig_h=FILES, id__resp_h=who, username="FILES$", domainname="SCHOOL", success=False)


def refused_user(w, at, who, i):
    """The same calls, and a person who mistypes; no server that logs on."""
    w.event(at, "smb_sealed_rpc", id__orig_h=who, id__resp_h=FILES, letters=6, call_bytes=108 + i, number=1 + i)
    w.event(at + 2, "ntlm", id__orig_h=FILES, id__resp_h=who, username="erin", domainname="SCHOOL", success=False)


def solicits(w, at, who, i):
    """Asks for a router, as every host does."""
    w.event(at, "nd", type="RS", src="fe80::67", src_mac=mac_of(who))


def archived(w, at, who, i):
    """The log was full and began anew."""
    w.event(at, "windows", EventID=1105, Channel="Security", host="pc-" + who)


def mails(w, at, who, i):
    """Somebody's own mail program, which does not ask where it is."""
    w.event(at, "dns", id__orig_h=who, id__resp_h="10.20.0.53", id__resp_p=53, query="mail.example.org", rcode=0, rcode_name="NOERROR", qtype_name="A")
    w.event(at + 60, "auth", id__orig_h=who, id__resp_h="203.0.113.25", user="erin", outcome="success", app="smtp", method="login")


def flood(w, at, who, i):
    """A second of it."""
    for k in range(120):
        w.conn(at + k / 130, who, "203.0.113.80", 80, 0, 0, 0.0, service="", state="S0")


def to_site(w, at, who, i):
    if i == 0:
        w.event(at, "ssl", id__orig_h=who, id__resp_h="203.0.113.81", id__resp_p=443, server_name="www.wetransfer.com", version="TLSv13")
    transfer("203.0.113.81", 10000000)(w, at + 1, who, i)


def gambling(w, at, who, i):
    w.firewall(at, who, "bet%d.example.net" % i, "Gambling", "blocked")


def unsafe(w, at, who, i):
    w.firewall(at, who, "x%d.example.net" % (i % 3), "Pornography", "blocked")


def abuse(w, at, who, i):
    w.firewall(at, who, "y%d.example.net" % i, "Child Sexual Abuse", "blocked")


def guess_ssh(w, at, who, i):
    w.sshd(at, who, "root", "Failed")


def mac_of(who):
    a, b = (int(x) for x in who.split(".")[2:])
    return "02:66:00:00:%02x:%02x" % (a, b)


def claim(w, at, who, i):
    w.event(at, "arp", op="reply", sender_ip="10.20.30.%d" % (1 + i), sender_mac=mac_of(who), target_ip="10.20.16.1", gratuitous=False, probe=False)


def forged(w, at, who, i):
    for answers, rtt in ((["10.6.6.6"], 0.001), (["203.0.113.5"], None)):
        fields = {"id__orig_h": who, "id__orig_p": 40000 + i, "id__resp_h": "10.20.0.53", "id__resp_p": 53, "trans_id": 7 + i, "query": "bank%d.example.net" % i,
                  "qtype": 1, "answers": answers, "rcode_name": "NOERROR"}
        if rtt:
            fields["rtt"] = rtt
        w.event(at if rtt else at + 0.02, "dns", **fields)


CASES = [
    # breach
    Case("inside_scan", 10, 60, conn(0, "10.20.0.30", "S0"), spread=0.1),
    Case("icmp_sweep", 20, 60, event("conn", id__orig_h="{who}", id__orig_p=8, id__resp_h="10.20.1.{n}", id__resp_p=0, proto="icmp", orig_bytes=56, resp_bytes=56,
                                     conn_state="OTH", orig_pkts=1, resp_pkts=1)),
    Case("lateral_movement", 5, 1800, conn(445, "10.20.16.%d")),
    Case("slow_scan", 205, 86400, conn(0, "10.20.0.31", "S0"), hour=0, spread=0.85, decides=210),
    Case("samr_enumeration", 3, 60, samr, spread=0.5),
    Case("beacon", 24, 6 * HOUR, conn(443, "203.0.113.66", service='"service":"ssl",', up=310, down=200), spread=0.4, unsteady=0.1),
    Case("service_control_sweep", 5, 600, event("dce_rpc", id__orig_h="{who}", id__resp_h="10.20.16.{n}", endpoint="svcctl", operation="OpenSCManagerW")),
    Case("zerologon", 20, 60, event("dce_rpc", id__orig_h="{who}", id__resp_h=DC, endpoint="netlogon", operation="NetrServerAuthenticate3")),
    Case("dcsync", 1, 60, event("dce_rpc", id__orig_h="{who}", id__resp_h=DC, endpoint="drsuapi", operation="DRSGetNCChanges"),
         near=event("dce_rpc", id__orig_h="{who}", id__resp_h=DC, endpoint="drsuapi", operation="DRSCrackNames")),
    Case("coerced_logon", 1, 60, coerced, near=refused_user),
    Case("kerberoast", 10, 300, event("kerberos", id__orig_h="{who}", id__resp_h=DC, request_type="TGS", client="erin/SCHOOL", service="svc{n}/h", success=True,
                                      cipher="rc4-hmac")),
    Case("password_spray_wire", 10, 600, event("ntlm", id__orig_h="{who}", id__resp_h=FILES, username="s{n}", domainname="SCHOOL", success=False)),
    Case("service_guessing_wire", 30, 120, event("auth", id__orig_h="{who}", id__resp_h=FILES, app="rfb", outcome="failure")),
    Case("ssh_guessing_wire", 30, 600, event("ssh", client="SSH-2.0-Go", id__orig_h="{who}", id__resp_h=FILES, id__resp_p=22, auth_success=False, auth_attempts=3)),
    Case("rdp_guessing_wire", 30, 300, event("rdp", id__orig_h="{who}", id__resp_h=FILES, id__resp_p=3389, cookie="admin")),
    Case("ssh_guessing", 10, 60, guess_ssh),
    Case("windows_password_guessing", 20, 300, event("windows", EventID=4625, Channel="Security", TargetUserName="t-{who}", IpAddress="{who}", host="dc1"),
         entity=lambda who: "t-" + who),
    Case("windows_password_spray", 10, 600, event("windows", EventID=4625, Channel="Security", TargetUserName="p{n}", IpAddress="{who}", host="dc1")),
    Case("dns_null_tunnel", 20, 60, event("dns", id__orig_h="{who}", id__resp_h="10.20.0.53", id__resp_p=53, query="a{n}.t.example.net", qtype=10, qtype_name="NULL")),
    Case("dns_generated_names", 30, 600, event("dns", id__orig_h="{who}", id__resp_h="10.20.0.53", id__resp_p=53, query="kfj3mdka{n}.example",
                                               domain="kfj3mdka{n}.example", qtype_name="A", rcode_name="NXDOMAIN")),
    # bypass, copyright
    Case("vpn_tunnel", 10, 3600, transfer("203.0.113.51", 100000, service="wireguard", port=51820, proto="udp")),
    Case("bypass_sites", 3, 3600, event("ssl", id__orig_h="{who}", id__resp_h="203.0.113.9", id__resp_p=443, server_name="www.croxyproxy.com", version="TLSv13")),
    Case("outside_proxy", 1, 60, event("http", id__orig_h="{who}", id__resp_h="203.0.113.9", id__resp_p=3128, method="CONNECT", uri="video.example.org:443"),
         near=event("http", id__orig_h="{who}", id__resp_h="10.20.0.8", id__resp_p=3128, method="CONNECT", uri="video.example.org:443")),
    Case("torrent_sharing", 10, 3600, transfer("203.0.113.%d", 1000, 10000000, service="bittorrent", port=6881)),
    # transfers
    Case("xfr_04_night", 50, 6 * 3600, transfer("203.0.113.80", 100000000), hour=22, spread=0.4),
    Case("xfr_09_fan_out", 10, 3600, transfer("203.0.113.%d", 150000000), hour=12),
    Case("xfr_05_transfer_site", 10, 3600, to_site, hour=11),
    # impersonation
    Case("imp_01_many_addresses", 4, 60, claim, entity=mac_of),
    Case("imp_03_rogue_router", 1, 600, router, entity=lambda who: "", hours=(8, 16, 12), near=solicits),
    Case("imp_05_answers_differ", 3, 60, forged),
    Case("imp_06_name_poisoning", 6, 600, event("dns", id__orig_h="{who}", id__orig_p=5355, id__resp_h="10.20.16.7", id__resp_p=50000, query="printsrv{n}",
                                                answers=["{who}"])),
    # vandalism
    Case("vnd_01_mass_removal", 100, 60, removal),
    Case("vnd_02_ransom_endings", 30, 120, ransom, entity=lambda who: "k" + who.replace(".", "")),
    Case("vnd_09_dhcp_starvation", 100, 10, starve, hours=(5, 9, 14, 20), entity=lambda who: "", after=90),  # whether they settle is waited for
    Steady("vnd_08_storm_seen", 5, 5, storm, hour=18, entity=mac_of),
    Case("vnd_11_spam", 20, 300, conn(25, "203.0.113.%d", service='"service":"smtp",')),
    Case("vnd_11_guessing_outward", 30, 600, conn(22, "203.0.113.77", service='"service":"ssh",')),
    Steady("inside_flood", 3, 3, flood),
    Case("windows_log_cleared", 1, 60, cleared, entity=lambda who: "pc-" + who, near=archived),
    # privacy, malware, use
    Case("stolen_data_upload", 1, 600, stolen, near=mails),
    Case("directory_harvest", 10, 300, event("ldap_search", id__orig_h="{who}", id__resp_h=DC, filter="(objectClass=user)", result_count=100)),
    Case("crypto_mining", 1, 60, event("stratum", id__orig_h="{who}", id__resp_h="203.0.113.9", method="login"),
         near=event("http", id__orig_h="{who}", id__resp_h="203.0.113.9", id__resp_p=80, method="GET", host="pool.example.org", uri="/login", status_code=200)),
    Case("gambling", 5, 1800, gambling),
    Case("unsafe_pages", 10, 600, unsafe),
    Case("abuse_material", 1, 600, abuse),
]
