"""Real lines with answers (../shared/corpora), one product at a time through `tocsin replay`: what share of the lines is of a
known source, and what share of the values that others expect is among the values of the event.

  corpora.py TOCSIN CORPORA [product …]     a table; with names of products also every line that falls short
  corpora.py TOCSIN CORPORA --least K V      a table; fails below K % of lines known, V % of values (mean of products)
"""
import glob, ipaddress, json, os, re, subprocess, sys, tempfile

# Names whose values are the harness's, or the whole text again: nothing that a normaliser takes out.
PASSED_OVER = re.compile(r"^(message|logsource|timestamp.*|program|source|log|full_message|datasource.*|ts|facility.*|"
                         r"priority|time|date|year|month|day|.*_raw|target_user_raw|msg|body)$", re.I)


def spelled(value):
    """One spelling: addresses and hardware addresses canonical, numbers without zeros in front, lower case."""
    text = str(value).strip().strip('"').lower()
    try:
        address = ipaddress.ip_address(text)
        return str(getattr(address, "ipv4_mapped", None) or address)
    except ValueError:
        pass
    mac = re.sub(r"[:.-]", "", text)
    if re.fullmatch(r"[0-9a-f]{12}", mac) and len(text) in (12, 14, 17):
        return mac
    if re.fullmatch(r"\d{1,18}", text):
        return str(int(text))
    return text


def values_of(event):
    """Every value that the event holds, but not the message itself."""
    out = set()
    for name, value in event.items():
        if name in ("message", "event", "ts"):
            continue
        for one in value if isinstance(value, list) else [value]:
            out.add(spelled(one))
    return out


class Line:
    def __init__(self, text, expected=(), known=True):
        self.text, self.expected, self.known = text, list(expected), known


# --- the corpora ------------------------------------------------------------------------------------------------------

def go_text(text):
    try:
        return json.loads('"%s"' % text)
    except ValueError:
        return text.replace('\\"', '"').replace("\\\\", "\\")


ASSERT = re.compile(r'^results\["(s\d\d)-[a-z]+"\]\["[^"]+"\]\[(\d+)\]\.Evt\.(Parsed|Meta|Unmarshaled)'
                    r'(?:\["[^"]*"\])*\["([^"]+)"\] == "(.*)"$')


def crowdsec(folder):
    """parser.assert names lines by number; a number that carries a message is looked up by it."""
    texts = []
    for path in sorted(glob.glob(folder + "/*.log")):
        texts += [t for t in open(path, encoding="utf-8", errors="surrogateescape").read().split("\n") if t.strip()]
    groups = {}
    path = folder + "/parser.assert"
    for row in open(path, encoding="utf-8", errors="replace") if os.path.exists(path) else ():
        m = ASSERT.match(row.strip())
        if m and m.group(1) != "s00" and m.group(3) != "Meta":
            groups.setdefault(int(m.group(2)), {})[m.group(4)] = go_text(m.group(5))
    lines = [Line(t) for t in texts]
    for number, fields in groups.items():
        said = fields.get("message", "")
        at = [i for i, t in enumerate(texts) if said and said in t]
        at = number if number in at or not at else at[0]
        if at < len(lines):
            lines[at].expected += [v for k, v in fields.items() if v and not PASSED_OVER.match(k)]
    return lines


def by_ini(path):
    rows = open(path, encoding="utf-8", errors="surrogateescape")
    return [Line(m.group(1)) for m in (re.match(r"log \d+ (?:pass|fail)\s*=\s*(.*\S)", r) for r in rows) if m]


def ossec_results(root):
    for folder in sorted(glob.glob(root + "/ossec/logtesting/*"), key=lambda f: int(os.path.basename(f))):
        res = open(folder + "/res", errors="surrogateescape").read()
        text = open(folder + "/log", errors="surrogateescape").read().strip("\n")
        decoded = res.partition("Phase 2")[2].partition("Phase 3")[0]
        fields = re.findall(r"^\s+(srcip|dstip|srcport|dstport|srcuser|dstuser|proto|action|id|url|status): '(.*)'$",
                            decoded, re.M)
        if "\n" not in text:
            yield Line(text, [v for _, v in fields], known="No decoder matched" not in decoded)


def fail2ban(path):
    expected = None
    for row in open(path, encoding="utf-8", errors="surrogateescape"):
        m = re.match(r"#\s*failJSON:\s*(\{.*\})", row)
        if m:
            try:
                expected = json.loads(m.group(1))
            except ValueError:
                expected = None
        elif row.strip() and not row.startswith("#"):
            if expected and expected.get("match"):
                yield Line(row.rstrip("\n"), [v for k, v in expected.items() if k in ("host", "user") and v])
            expected = None


def flat(value):
    if isinstance(value, dict):
        return [w for k, v in value.items() if not PASSED_OVER.match(k) for w in flat(v)]
    return [w for v in value for w in flat(v)] if isinstance(value, list) else [value] if value not in ("", None) else []


def light(path):
    for row in open(path):
        case = json.loads(row)
        if isinstance(case[1], dict) and isinstance(case[0], str):
            inner = [v for k, v in case[1].items() if k.startswith("_") or k in ("HOST", "PROGRAM")]
            yield Line(case[0], flat(inner))
        elif len(case) == 3 and "panos" in path:
            yield Line(case[0], re.findall(r"<([^>]*)>", case[2])[1:])


def products(root):
    for folder in sorted(glob.glob(root + "/crowdsec-hub/.tests/*")):
        yield "crowdsec/" + os.path.basename(folder), crowdsec(folder)
    for path in sorted(glob.glob(root + "/wazuh/*/*.ini")):
        name = os.path.basename(path)[:-4]
        if not name.startswith("test_") and name not in ("overwrite", "syslog", "api", "user", "ossec"):
            yield "wazuh/" + name, by_ini(path)
    yield "ossec/logtesting", list(ossec_results(root))
    for path in sorted(glob.glob(root + "/syslog-ng/light-*.jsonl")):
        lines = list(light(path))
        if lines:
            yield "syslog-ng/" + os.path.basename(path)[6:-6].partition("-")[0], lines
    for path in sorted(glob.glob(root + "/fail2ban/fail2ban/tests/files/logs/*")):
        if os.path.isfile(path):
            yield "fail2ban/" + os.path.basename(path), list(fail2ban(path))


# --- running ----------------------------------------------------------------------------------------------------------

def replay(tocsin, lines):
    """The event of each line: the first line only says that the file is one of log lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8", errors="surrogateescape") as f:
        f.write("Jan  1 00:00:00 scorer scorer: begin\n")
        for line in lines:
            f.write(line.text.replace("\n", " ") + "\n")
        f.flush()
        run = subprocess.run([tocsin, "replay", "--quiet", "--no-rules", "--events", f.name], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    if run.returncode != 0:
        sys.exit("replay ended with %d: %s" % (run.returncode, run.stderr.decode(errors="replace")[-500:]))
    return [json.loads(row) for row in run.stdout.decode("utf-8", errors="replace").splitlines()][1:]


def score(tocsin, lines, tell):
    events = replay(tocsin, lines)
    if len(events) != len(lines):
        sys.exit("%d lines, but %d events" % (len(lines), len(events)))
    known = wanted = got = 0
    for line, event in zip(lines, events):
        have = values_of(event)
        missing = [v for v in line.expected if spelled(v) not in have]
        known += event["event"] != "syslog"
        wanted += len(line.expected)
        got += len(line.expected) - len(missing)
        if tell and (missing or event["event"] == "syslog"):
            print("%s\t%s\n\tmissing %s\n\tgot %s" % (event["event"], line.text, missing, json.dumps(
                {k: v for k, v in event.items() if k not in ("message", "ts", "event")})))
    return known, wanted, got


def share(part, whole):
    return "%6.1f %%" % (100 * part / whole) if whole else "      - "


def main():
    tocsin, root, only, least = sys.argv[1], sys.argv[2], sys.argv[3:], None
    if only[:1] == ["--least"]:
        least, only = (float(only[1]), float(only[2])), []
    rows, total = [], [0, 0, 0, 0]
    for name, lines in products(root):
        if not lines or (only and not any(o in name for o in only)):
            continue
        known, wanted, got = score(tocsin, lines, bool(only))
        rows.append((known, len(lines), wanted, got))
        total = [a + b for a, b in zip(total, (known, len(lines), wanted, got))]
        print("%-44s %5d lines, known %s   %5d values, taken %s" % (name, len(lines), share(known, len(lines)), wanted,
                                                                   share(got, wanted)))
    print("%-44s %5d lines, known %s   %5d values, taken %s" % ("all", total[1], share(total[0], total[1]), total[2],
                                                               share(total[3], total[2])))
    means = [g / w for _, _, w, g in rows if w]
    if means:
        print("mean of products: values taken %s" % share(sum(means), len(means)).strip())
    if least and (100 * total[0] < least[0] * total[1] or 100 * sum(means) < least[1] * len(means)):
        sys.exit("fewer than the %g %% of lines or the %g %% of values that were reached before" % least)


if __name__ == "__main__":
    main()
