"""Fails if docs/Legacy.md names a test that does not exist.

check_legacy_rows.py SOURCES FOLDER_OF_PROGRAMS

A test is `Suite.Name` of a unit test program, `test/...` a file of the lit
suite, and `name` after the word benchmark a function of benchmarks/. A row must
have one of them or say "not done".
"""

import pathlib
import re
import subprocess
import sys


def unit_tests(programs):
    """Every Suite.Name, without the parameters of its instances."""
    names = set()
    found = sorted(programs.glob("Fuser*Tests"))
    if not found:
        sys.exit(f"no unit test programs in {programs}")
    for program in found:
        listed = subprocess.run([program, "--gtest_list_tests"], check=True,
                                capture_output=True, text=True).stdout
        suite = ""
        for line in listed.splitlines():
            name = line.split("#")[0].strip()
            if not line.startswith(" "):
                suite = name.rstrip(".").split("/")[-1]
            else:
                names.add(f"{suite}.{name.split('/')[0]}")
    return names


def problems(sources, tests):
    benchmarks = "".join(path.read_text()
                         for path in (sources / "benchmarks").glob("*.cpp"))
    rows = 0
    for line in (sources / "docs/Legacy.md").read_text().splitlines():
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        if not cells or cells[0].strip() in ("---", "the predecessor",
                                             "program"):
            continue
        rows += 1
        named = re.findall(r"`([^`]+)`", cells[-1])
        if not named and "not done" not in line:
            yield f"no test: {line}"
        for name in named:
            if name.startswith("test/"):
                exists = (sources / name).is_file()
            elif "." in name:
                exists = name in tests
            else:
                exists = (f"benchmark `{name}`" in cells[-1] and
                          re.search(rf"\b{name}\b", benchmarks))
            if not exists:
                yield f"there is no {name}"
    if rows < 40:
        yield f"only {rows} rows found"


found = list(problems(pathlib.Path(sys.argv[1]),
                      unit_tests(pathlib.Path(sys.argv[2]))))
print("\n".join(found))
sys.exit(bool(found))
