#!/usr/bin/env python3
"""findings.py TOCSIN FOLDER - what `tocsin check` says of rules with one trap or mistake each: code, place, severity, suggestion.

A case is a rule whose marked text (between « and ») is what the finding must point at."""
import json, subprocess, sys

HEAD = "title: t\nauthor: a\n"
DNS = HEAD + "logsource: {category: dns}\n"
ZEEK = HEAD + "logsource: {product: zeek, service: conn}\n"
WIN = HEAD + "logsource: {product: windows}\n"


def det(text, head=DNS):
    return head + "detection:\n  s: {" + text + "}\n  condition: s\n"


# severity, code, suggestion or None, rule
CASES = [
    # mistakes
    ("error", "unknown-modifier", "contains", det("query|«containz»: x")),
    ("error", "modifier-order", None, det("query|contains|«re»: x")),
    ("error", "modifier-order", None, det("query|neq|«re»: x")),
    ("error", "modifier-order", None, det("query|all|«cidr»: [10.0.0.0/8]")),
    ("error", "modifier-order", None, det("query|«i»: x")),
    ("error", "modifier-order", None, det("query|base64|«wide»: x")),
    ("error", "modifier-clash", None, det("«query|exists|contains»: true")),
    ("error", "modifier-clash", None, det("«query|re|cased»: x")),
    ("error", "modifier-clash", None, det("«query|startswith|endswith»: x")),
    ("error", "keyword-modifier", None, det("«'|cidr'»: 10.0.0.0/8")),
    ("error", "value-kind", None, det("query|contains: «null»")),
    ("error", "value-kind", None, det("query|windash: «5»")),
    ("error", "value-kind", None, det("query: «2026-03-02»")),
    ("error", "value-kind", None, det("rcode|gte: «'5'»")),
    ("error", "value-kind", None, det("query|exists: «'true'»")),
    ("error", "value-form", None, det("query|base64: «'x*'»")),
    ("error", "value-form", None, det("query|fieldref: «'a*'»")),
    ("error", "value-shape", None, det("query: «{a: 1}»")),
    ("error", "network", None, det("id.orig_h|cidr: «10.0.0.1/8»")),
    ("error", "regex", None, det("query|re: «'(?=x)'»")),
    ("error", "regex", None, det("query|re: «'C:\\Windows\\cmd'»")),
    ("error", "unknown-list", None, det("query|expand: «'%nobody%'»")),
    ("error", "unknown-identifier", "selection", DNS + "detection:\n  selection: {query: x}\n  condition: «selectoin»\n"),
    ("error", "unknown-identifier", None, DNS + "detection:\n  s: {query: x}\n  condition: s and not «filter»\n"),
    ("error", "condition-pattern", None, DNS + "detection:\n  s: {query: x}\n  condition: 's and 1 of «f_*»'\n"),
    ("error", "condition", None, DNS + "detection:\n  s: {query: x}\n  condition: s «AND» s\n"),
    ("error", "condition", None, DNS + "detection:\n  a: {query: x}\n  b: {query: y}\n  condition: «2» of them\n"),
    ("error", "condition", None, DNS + "detection:\n  s: {query: x}\n  condition: (s «s»)\n"),
    ("error", "aggregation", None, DNS + "detection:\n  s: {query: x}\n  condition: s «|» count() by query > 5\n"),
    ("error", "detection", None, DNS + "detection:\n  s: «{}»\n  condition: s\n"),
    ("error", "logsource", None, HEAD + "logsource: «{definition: x}»\ndetection: {s: {query: x}, condition: s}\n"),
    ("error", "duplicate-key", None, DNS + "detection:\n  s: {query: x}\n  «s»: {query: y}\n  condition: s\n"),
    ("error", "duplicate-id", None, DNS + "id: 5f0d3a1e-6f9b-4c8e-9a51-0d4f6a6b1c01\ndetection: {s: {query: x}, condition: s}\n---\n" + DNS + "id: «5f0d3a1e-6f9b-4c8e-9a51-0d4f6a6b1c01»\ndetection: {s: {query: x}, condition: s}\n"),
    ("error", "unknown-key", "clause", det("query: x") + "tocsin: {«claus»: [RUP-4.21/2023-04-11#P24]}\n"),
    ("error", "metadata", None, "«author»: a\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: s}\n"),
    ("error", "taxonomy", None, det("query: x") + "taxonomy: «ecs»\n"),
    ("error", "sigma-version", None, det("query: x") + "sigma-version: «3»\n"),
    ("error", "action", "repeat", "action: «repaet»\ntitle: t\n"),
    ("error", "unknown-rule", None, "title: f\nlogsource: {category: dns}\nfilter: {rules: [«nobody»], s: {query: x}, condition: not s}\n"),
    ("error", "filter-rules", None, "«title»: f\nlogsource: {category: dns}\nfilter: {s: {query: x}, condition: not s}\n"),
    ("error", "date", None, "title: f\nlogsource: {category: dns}\nfilter: {rules: any, s: {query: x}, condition: not s}\ntocsin: {exemption: {owner: a, reason: b, expires: «2027-02-29»}}\n"),
    ("error", "exemption", None, "title: f\nlogsource: {category: dns}\nfilter: {rules: any, s: {query: x}, condition: not s}\ntocsin: {exemption: «{owner: a, expires: 2027-06-30}»}\n"),
    # laws
    ("error", "law-person", None, det("query: x, «src_user»: erin") + "tocsin: {clause: [RUP-4.21/2023-04-11#P24]}\n"),
    ("error", "law-person", None, det("EventID: 4624, «TargetUserName|endswith»: smith", WIN) + "tocsin: {clause: [RUP-4.21/2023-04-11#P24]}\n"),
    ("error", "law-route", None, det("query: x") + "tocsin: {route: [«bp»], subject: {stance: unknown}}\n"),
    ("error", "law-person", None, DNS + "detection:\n  s: {query: x}\n  t: {«src_user»: erin}\n  condition: s\ntocsin: {clause: [RUP-4.21/2023-04-11#P24], raise: {high: t}}\n"),
    ("error", "raise", "critical", det("query: x") + "tocsin: {raise: {«critcal»: s}}\n"),
    ("error", "unknown-identifier", "s", DNS + "detection:\n  s: {query: x}\n  condition: s\ntocsin: {raise: {high: «ss»}}\n"),
    ("warning", "raise", None, det("query: x") + "level: critical\ntocsin: {raise: {«high»: s}}\n"),
    ("warning", "unused-identifier", None, DNS + "detection:\n  s: {query: x}\n  t: {query: y}\n  u: «{query: z}»\n  condition: s\ntocsin: {raise: {high: t}}\n"),
    ("warning", "unknown-field", "query", DNS + "detection:\n  s: {query: x}\n  t: {«qery»: y}\n  condition: s\ntocsin: {raise: {high: t}}\n"),
    ("error", "route", None, det("query: x") + "tocsin: {route: [ts, «'*'»]}\n"),
    # traps of Sigma's values
    ("warning", "literal-star", None, det("query: «'\\\\\\*\\IPC$'»")),
    ("note", "question-mark", None, det("query|contains: «'x?y='»")),
    ("note", "edge-space", None, det("query|contains: «' x'»")),
    ("warning", "dollar-start", None, det("query|startswith: «'$'»")),
    ("note", "backslash-start", None, det("query: «'\\sam'»")),
    ("note", "case-twice", None, det("query: [ns, «NS»]")),
    ("note", "escape-as-text", None, det("answers|endswith: «'\\\\x00'»")),
    ("note", "mixed-values", None, det("query: [forward, accept, «2»]")),
    ("note", "bool-as-text", None, det("rejected: «\"false\"»")),
    ("note", "zero-or-absent", None, det("Z: «0»")),
    ("warning", "only-negative", None, DNS + "detection:\n  s: {query: x}\n  condition: «not s»\n"),
    ("note", "long-list", None, det("«query»: [" + ", ".join("v%d" % i for i in range(1001)) + "]")),
    ("warning", "short-keyword", None, HEAD + "logsource: {product: linux}\ndetection:\n  s: [«'@'»]\n  condition: s\n"),
    ("warning", "event-id", None, det("EventID: «logon»", WIN)),
    ("note", "field-space", None, det("«Threat Name»: x", WIN)),
    ("note", "list-field", None, det("Data|contains|all: [a, «b»]", WIN)),
    ("note", "no-author", None, "«title»: t\nlogsource: {category: dns}\ndetection: {s: {query: x}, condition: s}\n"),
    # what is no mistake and seldom meant
    ("warning", "all-single", None, det("«query|contains|all»: x")),
    ("warning", "empty-list", None, det("query: «[]»")),
    ("warning", "null-in-list", None, det("query: [a, «null»]")),
    ("warning", "empty-contains", None, det("query|contains: «''»")),
    ("warning", "number-as-text", None, det("query|contains: «5»")),
    ("warning", "expand-nothing", None, det("query|expand: «x»")),
    ("warning", "short-base64", None, det("query|base64offset|contains: «ab»")),
    ("warning", "regex-affix", None, det("«query|re|contains»: x")),
    ("warning", "regex-dead", None, det("query|re: «'^a|b^c'»")),
    ("warning", "base-sixty", None, det("query: «12:30»")),
    ("warning", "octal", None, det("rcode: «010»")),
    ("warning", "unused-identifier", None, DNS + "detection:\n  s: {query: x}\n  t: «{query: y}»\n  condition: s\n"),
    ("warning", "identifier-name", None, DNS + "detection:\n  s: {query: x}\n  «s.t»: {query: y}\n  condition: 1 of s*\n"),
    ("warning", "filter-without-not", "not s", det("query: x") + "name: n\n---\ntitle: f\nlogsource: {category: dns}\nfilter: {rules: [n], s: {query: x}, condition: «s»}\n"),
    ("warning", "filter-logsource", None, det("query: x") + "name: n\n---\ntitle: f\nlogsource: {category: webserver}\nfilter: {rules: [«n»], s: {query: x}, condition: not s}\n"),
    ("warning", "expired", None, "title: f\nlogsource: {category: dns}\nfilter: {rules: any, s: {query: x}, condition: not s}\ntocsin: {exemption: {owner: a, reason: b, expires: «2020-01-01»}}\n"),
    ("warning", "near-key", "references", det("query: x") + "«refrences»: [a]\n"),
    ("warning", "metadata", "experimental", det("query: x") + "status: «experimantal»\n"),
    ("warning", "tag", None, det("query: x") + "tags: [«Attack T1078»]\n"),
    ("warning", "id-form", None, det("query: x") + "id: «my rule»\n"),
    ("warning", "timeframe", None, DNS + "detection:\n  s: {query: x}\n  timeframe: «5m»\n  condition: s\n"),
    # what no event can be
    ("warning", "unknown-logsource", None, HEAD + "logsource: «{category: crystal_ball}»\ndetection: {s: {query: x}, condition: s}\n"),
    ("warning", "unknown-field", "query", det("«qeury|contains»: x").replace("«qeury|contains»", "«qeury»|contains")),
    ("warning", "value-type", None, det("id.resp_h: «example.org»", ZEEK)),
    ("warning", "never-false", "null", det("src_local: «false»", ZEEK)),
    ("warning", "value-type", None, det("id.resp_p: «https»", ZEEK)),
    ("warning", "value-type", None, det("orig_bytes: «-1»", ZEEK)),
    ("warning", "value-type", None, det("id.resp_h|gt: «5»", ZEEK)),
    ("warning", "value-type", None, det("query|hour: «5»", HEAD + "logsource: {product: zeek, service: dns}\n")),
    ("warning", "value-type", None, det("rejected: «maybe»")),
]


def place(text):
    """The text without its marks; line, first column and the column behind what is marked."""
    at = text.index("«")
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    inner = text[at + 1:text.index("»")]
    return text.replace("«", "").replace("»", ""), line, column, column + len(inner), inner


def check(tocsin, paths):
    """Of one run over all files: its findings by file, and whether it refused."""
    run = subprocess.run([tocsin, "check", "--json", *paths], capture_output=True, text=True)
    found = {path: [] for path in paths}
    for line in run.stdout.splitlines():
        finding = json.loads(line)
        found[finding["file"]].append(finding)
    return found, run.returncode


def main():
    tocsin, folder = sys.argv[1:]
    paths, groups = [], {}
    for i, (severity, _, _, marked) in enumerate(CASES):
        paths.append(f"{folder}/case{i}.yml")
        open(paths[-1], "w").write(place(marked)[0])
        # several rules that name or filter one another would do so over the files of one run
        groups.setdefault((severity == "error", i if "\n---\n" in marked or "filter:" in marked else -1), []).append(paths[-1])
    found, wrong = {}, 0
    for (refused, _), group in groups.items():
        by_file, status = check(tocsin, group)
        found.update(by_file)
        if status != refused:
            wrong += 1
            print(f"{group}: exit {status}")
    for path, (severity, code, near, marked) in zip(paths, CASES):
        _, line, column, end, inner = place(marked)
        hits = [f for f in found[path] if f["code"] == code and f["line"] == line and f["col"] == column]
        # of a map or list only the place where it begins is known
        exact = [f for f in hits if f["endcol"] == end or inner[0] in "{["]
        good = exact and exact[0]["severity"] == severity and exact[0]["suggestion"] == near
        errors = [f for f in found[path] if f["severity"] == "error" and f["code"] != code]
        if not good or errors:
            wrong += 1
            print(f"{path}, {code} at {line}:{column}-{end} {near}:", json.dumps(found[path])[:700])
    codes = {c[1] for c in CASES}
    documented = open("docs/writing-rules.md").read()
    missing = sorted(c for c in codes if f"`{c}`" not in documented)
    if missing:
        print("docs/writing-rules.md does not name:", " ".join(missing))
    print(f"findings: {len(CASES)} cases of {len(codes)} codes, {wrong} wrong")
    return wrong > 0 or bool(missing)


sys.exit(main())
