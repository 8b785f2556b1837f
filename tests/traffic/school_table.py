"""school_table - the cases of school_cases.yml: what somebody does, as data, played into a school week.

A case is a rule's name and: `do`, steps that are done `threshold` times (1) within `window` seconds or one each `every`; `setup` before the
first, `then` behind the last; `entity`, whom the alert names ({who}); `from`, where {who} is (student, staff, server, outside); `hour`, `day`
(before the week: negative), `jitter` of the begin in hours; `wait`, how long after the last step the rule itself waits (it decides later than
on arrival). A rule with a threshold is played at 0.8, 1.2 and 3 times of it and once as slowly as its window allows; one without at once, as
`evasive` and as `near`, which must stay silent. `evasive` and `near` are maps laid over the first step of `do`, or cases (`do`, `then` …).

Steps: event (of the wire), conn, dns, lease, user (events with what is usual filled in), win (a line of NXLog), forti, google, log (a line).
Texts hold {who} {mac} {id} {v} {n} {k} {host} {out} {outn} {letters} {bsd} {iso} {epoch}; "{+1000}" is the number 1000 + n.
"""
import copy
import json
import math
import os
import re
import time

import yaml

WINDOW_OF_ONE = 60
HOLE = re.compile(r"\{(\w+)\}")


def entropy(text):
    return -sum(text.count(c) / len(text) * math.log2(text.count(c) / len(text)) for c in set(text)) if text else 0.0


class TableCase:
    def __init__(self, rule, spec):
        self.rule, self.spec = rule, spec
        self.threshold, self.window = spec.get("threshold", 1), spec.get("window", WINDOW_OF_ONE)
        self.after = spec.get("wait", 0)
        self.place = spec.get("from", "student")
        self.arrival = "wait" not in spec

    def variants(self):
        if self.threshold > 1:
            return ("0.8", "1.2", "3", "evasive")
        return ("1.2", "evasive", "near") if "near" in self.spec else ("1.2", "evasive")

    def begin(self, week, number, variant):
        """The day and hour; the variants of a rule whose alerts name nobody are hours apart."""
        spec = self.of(variant)
        hours = spec.get("hour", 9)
        hour = hours[self.variants().index(variant)] if isinstance(hours, list) else hours
        day = spec.get("day", number % week.days)
        return day, hour + week.rand.random() * spec.get("jitter", 0.2 if isinstance(hours, list) else 2)

    def of(self, variant):
        """The case as this variant has it."""
        over = self.spec.get("near" if variant == "near" else "evasive") if variant in ("near", "evasive") else None
        if not over:
            return self.spec
        spec = copy.deepcopy(self.spec)
        if any(k in over for k in ("do", "then", "setup", "hour", "day")):
            spec.update(over)
        else:
            step = spec["do"][0] if isinstance(spec["do"], list) else spec["do"]
            for k, v in over.items():
                where = step["win"] if "win" in step else step["forti"] if "forti" in step else step["google"] if "google" in step else step
                where[k] = v
        return spec

    def count(self, variant):
        if variant == "0.8":
            return min(max(1, int(self.threshold * 0.8)), self.threshold - 1)
        return self.threshold if self.threshold == 1 else math.ceil(self.threshold * (3 if variant == "3" else 1.2))

    def play(self, week, t, who, variant):
        spec, n = self.of(variant), self.count(variant)
        play = Play(week, who, week.serial(), self.variants().index(variant))
        self.named = play.fill(spec.get("entity", "{who}"), t)
        for row in spec.get("people", []):
            week.people.append(play.fill(row, t))
        for row in spec.get("devices", []):
            week.devices.append(play.fill(row, t))
        play.steps(spec.get("setup", []), t)
        slow = variant == "evasive" and self.threshold > 1
        length = self.window * (0.95 if slow else spec.get("spread", 0.7))
        self.decided, at = None, t
        for i in range(n):
            play.n, week.latest = i, t
            step = spec["every"] if "every" in spec else length / n
            at = t + step * i + (week.rand.random() * spec.get("unsteady", 0.4) * step if slow else 0)
            end = play.steps(spec["do"], at)
            if i == self.threshold - 1:
                self.decided = week.latest
        if "then" in spec:
            end = play.steps(spec["then"], end)
            self.decided = week.latest
        self.others = play.named
        return max(end, week.latest)

    def entity(self, _who):
        return self.named


class Play:
    """One variant of one case: its names, addresses and numbers."""

    def __init__(self, week, who, number, v):
        self.week, self.who, self.number, self.v, self.n = week, who, number, v, 0
        self.hosts, self.named = {}, []

    def hole(self, name, at):
        a = [int(x) for x in self.who.split(".")] if "." in self.who else [0, 0, 0, 0]
        if name == "host":
            if self.n not in self.hosts:
                self.hosts[self.n] = self.week.peer()
                self.named.append(self.hosts[self.n])
            return self.hosts[self.n]
        values = {"who": self.who, "mac": "02:66:%02x:%02x:%02x:%02x" % tuple(a), "id": "%d" % self.number, "v": "%d" % self.v, "n": "%d" % self.n,
                  "k": "%d" % (self.n + 1), "out": "198.18.%d.%d" % (self.number // 250, 1 + self.number % 250),
                  "outn": "198.19.%d.%d" % (self.number % 250, 1 + self.n % 250), "macn": "02:77:00:%02x:%02x:%02x" % (self.number >> 8, self.number & 255, self.n & 255),
                  "bsd": time.strftime("%b %e %H:%M:%S", time.gmtime(at)), "iso": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
                  "day": time.strftime("%Y-%m-%d", time.gmtime(at)), "clock": time.strftime("%H:%M:%S", time.gmtime(at)), "epoch": "%d" % at}
        if name == "letters":
            return "".join(self.week.rand.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(50))
        return values.get(name, "{" + name + "}")

    def fill(self, value, at):
        if isinstance(value, str):
            if re.fullmatch(r"\{\+\d+\}", value):
                return int(value[2:-1]) + self.n
            return HOLE.sub(lambda m: self.hole(m.group(1), at), value)
        if isinstance(value, list):
            return [self.fill(x, at) for x in value]
        if isinstance(value, dict):
            return {k: self.fill(x, at) for k, x in value.items()}
        return value

    def steps(self, steps, t):
        """Each at its offset; returns when the last one was done."""
        end = t
        for step in steps if isinstance(steps, list) else [steps]:
            step = dict(step)
            begin, times, within = t + step.pop("at", 0), step.pop("times", 1), step.pop("within", 60)
            n = self.n
            for i in range(times):
                if times > 1:
                    self.n = n * times + i
                at = begin + within * i / times
                end = max(end, at)
                self.step(self.fill(step, at), at)
            self.n = n
        return end

    def step(self, step, at):
        w = self.week
        kind = next(iter(step))
        what = step.pop(kind)
        if kind == "log":
            w.lines.append((at, what))
        elif kind == "win":
            w.windows(at, what)
        elif kind == "forti":
            w.fortigate(at, what)
        elif kind == "google":
            w.google(at, what)
        elif kind == "event":
            w.put_fields(at, what, step, step.pop("told", 0.0))
        else:
            getattr(self, "step_" + kind)(what, step, at)
        w.latest = max(w.latest, at)

    def step_conn(self, dst, more, at):
        """conn: address:port"""
        host, port = dst.rsplit(":", 1)
        f = {"id.orig_h": self.who, "id.orig_p": 40000 + self.n % 20000, "id.resp_h": host, "id.resp_p": int(port), "proto": "tcp", "duration": 0.5, "orig_bytes": 900,
             "resp_bytes": 900, "conn_state": "SF", "history": "ShADadFf", "orig_pkts": 6, "resp_pkts": 6}
        if more.get("conn_state") in ("S0", "REJ"):
            f.update(duration=0.0, orig_bytes=0, resp_bytes=0, history="S" if more["conn_state"] == "S0" else "Sr", orig_pkts=1, resp_pkts=int(more["conn_state"] != "S0"))
        f.update(more)
        self.week.put_fields(at, "conn", f, f["duration"])

    def step_dns(self, name, more, at):
        parts = name.split(".")
        f = {"id.orig_h": self.who, "id.orig_p": 30000 + self.n % 30000, "id.resp_h": "10.20.0.53", "id.resp_p": 53, "proto": "udp", "query": name, "qtype": 1,
             "qtype_name": "A", "rcode": 0, "rcode_name": "NOERROR"}
        if len(parts) > 1:
            sub = ".".join(parts[:-2])
            f.update({"domain": ".".join(parts[-2:]), "sub_len": len(sub), "sub_entropy": round(entropy(sub.replace(".", "")), 3)})
        f.update(more)
        self.week.put_fields(at, "dns", f)

    def step_transfer(self, dst, more, at):
        """A report of a flow that goes on: what passed since the last one."""
        f = {"id.orig_h": self.who, "id.orig_p": 50002, "id.resp_h": dst, "id.resp_p": 443, "proto": "tcp", "service": "ssl", "duration": 10.0, "orig_bytes": 2000, "resp_bytes": 2000}
        f.update(more)
        f.update({"total_orig_bytes": f["orig_bytes"], "total_resp_bytes": f["resp_bytes"]})
        self.week.put_fields(at, "transfer", f)

    def step_lease(self, ip, more, at):
        """lease: address, of {mac}, for a month"""
        f = {"op": 2, "msg_type": "ACK", "mac": self.hole("mac", at), "yiaddr": ip, "server_addr": "10.20.0.2", "lease_time": 2592000.0}
        f.update(more)
        self.week.put_fields(at, "dhcp_message", f)

    def step_user(self, name, more, at):
        """user: who logs on at {who}, as the domain controller sees it"""
        f = {"id.orig_h": self.who, "id.resp_h": "10.20.0.10", "request_type": "AS", "client": name + "/SCHOOL", "service": "krbtgt/SCHOOL", "success": True, "preauth": 2,
             "cipher": "aes256-cts-hmac-sha1-96", "reply_cipher": "aes256-cts-hmac-sha1-96"}
        f.update(more)
        self.week.put_fields(at, "kerberos", f)


def load(path=os.path.join(os.path.dirname(__file__), "school_cases.yml")):
    with open(path, encoding="utf-8") as f:
        return [TableCase(rule, spec) for rule, spec in yaml.load(f, getattr(yaml, "CSafeLoader", yaml.SafeLoader)).items()]
