#!/usr/bin/env python3
"""value_vectors.py TOCSIN VECTORS DOC FOLDER - one rule for each vector; trees and classes of errors are compared.

DOC has a table of the chains of modifiers on which we differ, with how many vectors each row is about and why; the counts must
be exact, so that a difference that nobody listed fails, and so does one that is gone."""
import collections, json, re, subprocess, sys
from golden_ast import normal, join

CLASSES = {
    "value-kind": "SigmaTypeError", "network": "SigmaTypeError", "regex": "SigmaRegularExpressionError",
    "value-form": "SigmaValueError", "modifier-order": "SigmaValueError", "modifier-clash": "SigmaTypeError",
}


def scalar(value):
    return json.dumps(value) if not isinstance(value, str) else json.dumps(value, ensure_ascii=True)


def write(vectors, path):
    """One document each; returns the line at which each begins."""
    begins, line = [], 1
    with open(path, "w") as f:
        for i, v in enumerate(vectors):
            key = "|".join(["f"] + v["modifiers"])
            doc = f"title: t\nid: v{v['n']}\nlogsource: {{category: dns}}\ndetection:\n  s:\n    {key}: {scalar(v['value'])}\n  condition: s\n---\n"
            begins.append(line)
            line += doc.count("\n")
            f.write(doc)
    return begins


def want(result):
    kids = []
    for v in result["values"]:
        if v[0] == "ts":
            v = ["part", v[1], "eq", v[2]]
        if v[0] == "null":
            v = ["null"]
        kids.append(normal(["field", "f"] + v))
    tree = join("and" if result["all"] else "or", kids)
    return ("not", tree) if result["negated"] else tree


def main():
    tocsin, vectors, doc, folder = sys.argv[1:5]
    vectors = [dict(json.loads(l), n=i) for i, l in enumerate(open(vectors))]
    with open(folder + "/lists.yml", "w") as f:
        f.write("x: {type: string, values: ['%x%']}\n")
    with open(folder + "/tocsin.yml", "w") as f:
        f.write(f"rules: {{lists: [{folder}/lists.yml]}}\n")
    rules = folder + "/vectors.yml"
    begins = write(vectors, rules)
    run = subprocess.run([tocsin, "check", "--json", "-c", folder + "/tocsin.yml", rules], capture_output=True, text=True)
    errors = {}
    for line in run.stdout.splitlines():
        e = json.loads(line)
        if e["severity"] == "error":
            errors[[n for n, b in enumerate(begins) if b <= e["line"]][-1]] = e
    good = [v for v in vectors if v["n"] not in errors]
    write(good, rules)
    run = subprocess.run([tocsin, "rules", "--tree", "--json", "-c", folder + "/tocsin.yml", rules], capture_output=True, text=True)
    trees = {int(json.loads(l)["id"][1:]): normal(json.loads(l)["tree"]) for l in run.stdout.splitlines()}
    assert len(trees) == len(good), run.stderr[-500:]
    different = collections.Counter()
    for v in vectors:
        r, n = v["result"], v["n"]
        if n in errors:
            same = CLASSES.get(errors[n]["code"]) == r.get("error")
            got = errors[n]["code"]
        else:
            same = "error" not in r and trees[n] == want(r)
            got = trees[n]
        if not same:
            different["|".join(v["modifiers"]) or "(none)"] += 1
            if "--verbose" in sys.argv:
                print(v["modifiers"], json.dumps(v["value"]), "want", r.get("error") or want(r), "got", got)
    listed = {}
    part = open(doc).read().split("## Values under modifiers")[1].split("\n## ")[0]
    for chains, n in re.findall(r"^\| (.+?) \| (\d+) \|", part, re.M):
        for c in re.findall(r"`([^`]+)`", chains):
            listed[c.replace("\\|", "|")] = listed.get(c.replace("\\|", "|"), 0) + int(n)
    for chain in sorted(set(different) | set(listed)):
        if different[chain] != listed.get(chain, 0):
            print(f"{chain}: {different[chain]} different, {listed.get(chain, 0)} listed in {doc}")
    total = sum(different.values())
    print(f"value vectors: {len(vectors) - total} of {len(vectors)} equal, {total} different, all listed: {dict(different) == listed}")
    return dict(different) != listed


sys.exit(main())
