#!/usr/bin/env python3
"""match_events.py all|wire|base WORK SHARED: what bench/match.sh needs.

Writes WORK/rules (paths, one a line) and WORK/tocsin.yml with the lists that rules expand; `all` prints 131,000 Windows events as
lines of JSON. They are the events of the regression tests with other programs, folders and words, of the same length: names
of programs come from those that run on every machine (so that what rules wait for is met), three of four words are letters at
random and the fourth stays, numbers and hashes change; one event in twenty keeps all its words. `base` prints them as they are.
"""
import glob, json, os, random, re, sys

which, work, shared = sys.argv[1:]
live = ["rules", "rules-compliance", "rules-dfir", "rules-emerging-threats", "rules-placeholder", "rules-threat-hunting"]

# tiers A and B: the wire, and syslog without Windows
wire_products = {"zeek", "cisco", "huawei", "juniper", "fortigate", "fortios", "paloalto", "apache", "nginx", "opencanary", "jvm", "spring",
                 "sql", "python", "velocity", "django", "nodejs", "ruby_on_rails"}
wire_categories = {"dns", "proxy", "webserver", "firewall", "netflow", "application", "antivirus", "database"}


def logsource(path):
    dims, inside = {}, False
    for line in open(path, encoding="utf-8"):
        if re.match(r"logsource:", line):
            inside = True
        elif inside and re.match(r"\S", line):
            break
        elif inside and (m := re.match(r"\s+(category|product|service):\s*([^\s#]+)", line)):
            dims[m[1]] = m[2].strip("'\"")
    return dims


def is_wire(path):
    d = logsource(path)
    product, category = d.get("product"), d.get("category")
    if product == "linux":
        return category is None
    if product in wire_products:
        return True
    return category in wire_categories and product is None


lists = set()
with open(work + "/rules", "w") as out:
    paths = sorted(p for d in live for p in glob.glob(f"{work}/sigma/{d}/**/*.yml", recursive=True))
    chosen = [p for p in paths if which != "wire" or is_wire(p)]
    for p in chosen:
        text = open(p, encoding="utf-8").read()
        if "|expand" in text:
            lists.update(re.findall(r"%([A-Za-z_-]+)%", text))
    folder = work + "/chosen"
    os.mkdir(folder)
    for i, p in enumerate(chosen):
        os.symlink(p, f"{folder}/{i:05}.yml")
    out.write(folder + "\n")
print(len(chosen), "rules", file=sys.stderr)
os.mkdir(work + "/lists")
with open(work + "/lists/lists.yml", "w") as out:
    for name in sorted(lists):
        out.write(f"{name}: {{type: string, values: [nobody-{name.lower()}]}}\n")
with open(work + "/tocsin.yml", "w") as out:
    out.write(f"rules: {{lists: [{work}/lists]}}\n")
if which == "wire":
    sys.exit()

random.seed(7)
programs = ["svchost.exe", "cmd.exe", "powershell.exe", "explorer.exe", "chrome.exe", "msedge.exe", "rundll32.exe", "services.exe", "conhost.exe",
            "taskhostw.exe", "wmiprvse.exe", "msiexec.exe", "winword.exe", "excel.exe", "outlook.exe", "teams.exe", "onedrive.exe", "reg.exe",
            "net.exe", "schtasks.exe", "notepad.exe", "git.exe", "python.exe", "java.exe", "searchindexer.exe", "dllhost.exe", "sc.exe"]
kept = {"windows", "system", "system32", "program", "files", "users", "appdata", "local", "temp", "software", "microsoft", "currentversion",
        "services", "exe", "dll", "control", "currentcontrolset", "hklm", "hku", "machine", "sha256", "md5", "imphash", "sha1"}
fixed = {"Channel", "EventID", "Provider_Name", "EventType", "Level", "Keywords", "Task", "Opcode", "Version", "IntegrityLevel", "LogonType"}


def other_word(m):
    word = m[0]
    if word.lower() in kept or random.random() < 0.25:
        return word
    letters = "".join(random.choice("aeiourstlnmcdpbghkfwvyz") for _ in word)
    return letters.capitalize() if word[0].isupper() else letters


def other_text(text):
    text = re.sub(r"[A-Za-z0-9_-]+\.exe", lambda m: random.choice(programs), text, flags=re.I)
    text = re.sub(r"(?<![A-Fa-f0-9])[A-Fa-f0-9]{16,}", lambda m: "".join(random.choice("0123456789ABCDEF") for _ in m[0]), text)
    return re.sub(r"(?<!\.)\b[A-Za-z]{3,}\b", other_word, text)


def other_event(event, same):
    out = {}
    for key, value in event.items():
        if key in fixed:
            out[key] = value
        elif key in ("EventRecordID", "ProcessId", "ParentProcessId", "SourcePort", "DestinationPort") and isinstance(value, int):
            out[key] = random.randrange(1, 60000)
        elif isinstance(value, str) and not same and not re.match(r"\d{4}-\d\d-\d\d", value):
            out[key] = other_text(value)
        else:
            out[key] = value
    return out


base = [e for line in open(shared + "/regression-json/regression-cases.ndjson") for e in json.loads(line)["events"]]
base = [e for e in base if len(json.dumps(e)) < 16000]
if which == "base":
    print("\n".join(json.dumps(e, ensure_ascii=False) for e in base))
    sys.exit()
for i in range(131000):
    print(json.dumps(other_event(base[i % len(base)], i % 20 == 0), ensure_ascii=False))
