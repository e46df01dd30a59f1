#!/usr/bin/env python3
"""Checks what a shared library exports and needs against its header.

Usage: exports.py LIBRARY HEADER
"""

import pathlib
import re
import subprocess
import sys

NEEDED = re.compile(r"lib(absl_\w+|tbb|stdc\+\+|m|gcc_s|c|asan|ubsan|tsan)\.so"
                    r"|ld-linux")


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def main():
    library, header = sys.argv[1:]
    # Without the symbols that versions have.
    exported = {line.split()[-1].split("@")[0]
                for line in run("nm", "-D", "--defined-only", library).splitlines()
                if " A " not in line}
    declared = set(re.findall(r"\b(fuser_\w+)\(",
                              pathlib.Path(header).read_text()))
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]",
                        run("readelf", "--dynamic", library))
    findings = (
        [f"exported, but not declared: {name}" for name in exported - declared] +
        [f"declared, but not exported: {name}" for name in declared - exported] +
        [f"needed: {name}" for name in needed if not NEEDED.match(name)])
    print("\n".join(sorted(findings)))
    return 1 if findings or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
