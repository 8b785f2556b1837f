"""What the samples of rules/normalise are worth.

  samples.py RULES                how many samples a normaliser has, positive and of lines that must not match; fails below three
  samples.py RULES TOCSIN         a sample behind any of several headers gives the same fields

A positive sample names the normaliser's kind; one that expects `kind: syslog`, or a field to be unset and no kind, must not match.
Of a normaliser that is another one's form (`like:`, the same product in JSON, in XML, wrapped in a collector's record) the samples of
all its forms count together: what is tested is the product.
"""
import glob, json, os, re, subprocess, sys, tempfile
import yaml

LEAST = 3
# Below three on purpose; each with its reason.
FEWER = {
    "repeated": "three patterns, and every other file's samples of `last message repeated`",
    "tocsin-audit": "our own audit line, one pattern; the program's own tests write the others",
    # JSON of clouds and of small programs: every member is a field by its name, there is one shape; none is of priority 1 or 2 in syslog.md, 3.1
    "cloudflare": "one shape", "azure-ad": "one shape", "cloudtrail": "one shape", "github": "one shape", "github-wazuh": "one shape",
    "keycloak-json": "one shape", "keycloak-text": "one pattern", "okta": "one shape", "opencanary": "one shape", "docker-json": "one shape",
    # of no priority
    "truenas": "two samples for three patterns", "proxmox": "two samples for six patterns", "tine": "one pattern", "suhosin": "two patterns",
}
# What is not of the text but of the header, and may differ behind another one.
OF_HEADER = {"ts", "host", "app", "pid", "facility", "severity", "syslog_priority", "msgid", "sequence_id", "structured_data", "device_ts", "count",
             "message", "truncated", "src_local", "dst_local", "time"}


def documents(rules):
    for path in sorted(glob.glob(rules + "/*.yml")):
        for document in yaml.safe_load_all(open(path, encoding="utf-8")):
            yield os.path.basename(path), document


def is_positive(document, sample):
    """It matches; one that must not stays `syslog`, which what nobody knows is anyway."""
    return sample["fields"].get("kind") != "syslog" or document.get("form") == "found"


def count(rules):
    family, positive, negative = {}, {}, {}
    for _, d in documents(rules):
        root = family[d["name"]] = family.get(d.get("like"), d["name"])
        for s in d.get("samples") or []:
            into = positive if is_positive(d, s) else negative
            into.setdefault(d["name"], []).append(s)
    short, unmatched = [], []
    for name, root in family.items():
        mine = len(positive.get(name, ()))
        # wrapped forms and other spellings of one product: those in the same family whose name begins alike
        kin = [n for n in family if family[n] == root and (n.startswith(name.split("-")[0]) or name.startswith(n))]
        together = sum(len(positive.get(n, ())) for n in kin)
        if mine < 1 or (together if mine < LEAST else mine) < LEAST:
            if name not in FEWER:
                short.append("%s: %d positive samples (%d with its kin)" % (name, mine, together))
        if not any(negative.get(n) for n in kin):
            unmatched.append(name)
    return family, positive, negative, short, unmatched


# --- headers ----------------------------------------------------------------------------------------------------------

BSD = re.compile(r"^<(\d+)>(Mar  ?\d+ \d\d:\d\d:\d\d) (?!\d{4} )(\S*[^\s:]) (\S.*)$", re.S)
TAGGED = re.compile(r"^([A-Za-z][\w./()@+-]*)\[(\d+)\]: (.*)$", re.S)


def shapes(line):
    """The same message behind other headers; nothing where the sample's own header is part of what it tests."""
    m = BSD.match(line)
    if not m:
        return {}
    pri, stamp, host, rest = m.groups()
    day = int(stamp[4:6])
    iso = "2026-03-%02dT%s" % (day, stamp[7:])
    out = {
        "no priority": "%s %s %s" % (stamp, host, rest),
        "year behind the day": "<%s>Mar %02d 2026 %s %s %s" % (pri, day, stamp[7:], host, rest),
        "milliseconds": "<%s>%s.250 %s %s" % (pri, stamp, host, rest),
        "RFC 3339": "<%s>%s.250-05:00 %s %s" % (pri, iso, host, rest),
        "RFC 3339 in UTC, no priority": "%sZ %s %s" % (iso, host, rest),
        "a relay's header": "<13>Mar  2 09:00:00 relay7 <%s>%s %s %s" % (pri, stamp, host, rest),
        "spaces and a line end": "<%s>%s %s %s  \r\n" % (pri, stamp, host, rest),
        "#015": "<%s>%s %s %s#015" % (pri, stamp, host, rest),
        "NUL": "<%s>%s %s %s\0" % (pri, stamp, host, rest),
        "address for a host": "<%s>%s 192.0.2.250 %s" % (pri, stamp, rest),
    }
    t = TAGGED.match(rest)
    if t:
        app, pid, text = t.groups()
        out["RFC 5424"] = "<%s>1 %s.250Z %s %s %s - - %s" % (pri, iso, host, app, pid, text)
        out["RFC 5424 with a BOM and data"] = '<%s>1 %sZ %s %s %s - [meta sequenceId="7"] \ufeff%s' % (pri, iso, host, app, pid, text)
        out["no host"] = "<%s>%s %s" % (pri, stamp, rest)
    return out


def events(tocsin, lines):
    with tempfile.NamedTemporaryFile("wb", suffix=".log") as f:
        f.write(b"Mar  2 00:00:00 scorer scorer: begin\n")
        for line in lines:
            f.write(line.rstrip("\n").encode() + b"\n")
        f.flush()
        run = subprocess.run([tocsin, "replay", "--quiet", "--no-rules", "--events", "--received-at", "2026-03-30T00:00:00Z", f.name],
                             stdout=subprocess.PIPE, check=True)
    return [json.loads(row) for row in run.stdout.decode("utf-8", errors="replace").splitlines()][1:]


def told(event):
    return {k: v for k, v in event.items() if k not in OF_HEADER and not k.startswith(("src_", "dst_")) or k in ("src_ip", "dst_ip", "src_port", "dst_port")}


def vary(rules, tocsin):
    lines, of = [], []
    for file, d in documents(rules):
        for s in d.get("samples") or []:
            if not is_positive(d, s) or "\n" in s["line"] or "\0" in s["line"]:
                continue
            made = shapes(s["line"])
            if made:
                lines.append(s["line"])
                of.append((d["name"], s, None))
            for shape, line in made.items():
                lines.append(line)
                of.append((d["name"], s, shape))
    got = events(tocsin, lines)
    if len(got) != len(lines):
        sys.exit("%d lines, but %d events" % (len(lines), len(got)))
    base, wrong, tally = None, [], {}
    for (name, s, shape), event in zip(of, got):
        if shape is None:
            base = told(event)
            continue
        good = told(event) == base
        n = tally.setdefault(shape, [0, 0])
        n[0] += good
        n[1] += 1
        if not good:
            differ = {k: (base.get(k), told(event).get(k)) for k in set(base) | set(told(event)) if base.get(k) != told(event).get(k)}
            wrong.append("%s, %s: %s\n    %s" % (name, shape, differ, s["line"][:200]))
    return tally, wrong, len(lines)


def main():
    rules = sys.argv[1]
    family, positive, negative, short, unmatched = count(rules)
    print("%d normalisers, %d positive samples, %d of lines that must not match" % (
        len(family), sum(map(len, positive.values())), sum(map(len, negative.values()))))
    for row in short:
        print("  too few: " + row)
    for name in unmatched:
        print("  no line that must not match: " + name)
    failed = bool(short)
    if len(sys.argv) > 2:
        tally, wrong, n = vary(rules, sys.argv[2])
        for shape, (good, all_) in tally.items():
            print("  %-32s %4d of %4d the same" % (shape, good, all_))
        for row in wrong[:40]:
            print("  DIFFERS " + row)
        failed = failed or bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
