#!/usr/bin/env python3
"""each.py tidy|analyzer BUILD [MINUTES]: a checker over every source as the build compiles it, as many at once as there are cores. What came out clean is noted in
BUILD/static under the digest of the preprocessed source, so that a run goes on where one before it ended, and looks again only at what has changed since. With
MINUTES it ends then, and says how far it is. Status 1: findings, 2: not through."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

# gcc's analyser loses track of who owns what is kept in a table (leaks) and of what an arena zeroed (uninitialized values): these two are off;
# ASan and valgrind's memcheck watch over them.
ANALYZER = ["-fanalyzer", "-Wno-analyzer-malloc-leak", "-Wno-analyzer-file-leak", "-Wno-analyzer-use-of-uninitialized-value"]
tool, build = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
until = time.monotonic() + 60 * float(sys.argv[3]) if len(sys.argv) > 3 else float("inf")


def sources():
    for c in json.loads((build / "compile_commands.json").read_text()):
        if re.search(r"/(engine|decoders)/", c["file"]) and "/tests/" not in c["file"]:
            words = shlex.split(c["command"])
            while os.path.basename(words[0]) == "ccache":
                words.pop(0)
            at = words.index("-o")
            yield c["file"], c["directory"], [w for w in words[:at] + words[at + 2:] if w != "-Werror"]


def command(file, words):
    return ["clang-tidy", "-p", str(build), "--quiet", file] if tool == "tidy" else [*words, *ANALYZER, "-o", "/dev/null"]


def check(job):
    """Findings of one source, as lines; nothing where it is clean, or time is up (None)."""
    file, folder, words = job
    if time.monotonic() > until:
        return None
    text = subprocess.run([w for w in words if w != "-c"] + ["-E", "-P"], cwd=folder, capture_output=True).stdout
    rules = pathlib.Path(".clang-tidy").read_bytes() if tool == "tidy" else " ".join(ANALYZER).encode()
    note = build / "static" / (tool + "-" + hashlib.sha256(rules + text).hexdigest())
    if note.exists():
        return []
    said = subprocess.run(command(file, words), cwd=folder, capture_output=True, text=True, errors="replace")
    found = [line for line in (said.stdout + said.stderr).splitlines() if re.search(r"(warning|error):", line)]
    if not found and said.returncode == 0:
        note.touch()
    return found or ([] if said.returncode == 0 else ["%s: error: status %d: %s" % (file, said.returncode, said.stderr[-300:])])


def main():
    (build / "static").mkdir(exist_ok=True)
    jobs = sorted(sources(), key=lambda job: os.path.getsize(job[0]))  # the small ones first: most of them are through where time ends
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        results = list(pool.map(check, jobs))
    found = sorted({line for r in results if r for line in r})
    print("\n".join(found + ["%s: %d of %d sources, %d findings" % (tool, sum(r is not None for r in results), len(jobs), len(found))]))
    sys.exit(1 if found else 2 if None in results else 0)


main()
