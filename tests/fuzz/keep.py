#!/usr/bin/env python3
"""keep.py add TARGET FILE…      keeps inputs (a finding that was mended) in kept/TARGET.txt, named after the files
keep.py merged TARGET FOLDER   keeps of a merged corpus the smallest inputs, BYTES in all; what was added by hand stays
keep.py write TARGET FOLDER    a file for each, for the fuzzer to begin with

A line is `name hexadecimal`: text, so that a change shows as one. Names of merged inputs begin with `cover-`. Only inputs that a fuzzer
made of our own seeds are kept, nothing that was captured elsewhere."""
import pathlib
import sys

BYTES, LARGEST = 3000, 1200


def kept(path):
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def save(path, inputs):
    path.write_text("".join(f"{name} {digits}\n" for name, digits in inputs.items()))


def merged(inputs, folder):
    inputs = {name: digits for name, digits in inputs.items() if not name.startswith("cover-")}
    held, used = set(inputs.values()), 0
    for number, data in enumerate(sorted((f.read_bytes() for f in folder.iterdir()), key=lambda d: (len(d), d))):
        if data and len(data) <= LARGEST and used + len(data) <= BYTES and data.hex() not in held:
            inputs[f"cover-{number}"], used = data.hex(), used + len(data)
    return inputs


def main():
    what, target, *rest = sys.argv[1:]
    path = pathlib.Path(__file__).parent / "kept" / f"{target}.txt"
    inputs = kept(path)
    if what == "add":
        inputs.update((pathlib.Path(f).name.replace(" ", "_"), pathlib.Path(f).read_bytes().hex()) for f in rest)
        save(path, inputs)
    elif what == "merged":
        save(path, merged(inputs, pathlib.Path(rest[0])))
    elif what == "write":
        for name, digits in inputs.items():
            (pathlib.Path(rest[0]) / f"kept-{name}").write_bytes(bytes.fromhex(digits))
    else:
        sys.exit(__doc__)


main()
