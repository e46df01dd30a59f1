#!/usr/bin/env python3
"""Checks that the examples in the documentation show what the tools print.

An example is a fenced block with a comment on the line before it:

  <!-- run: fuser-opt --fuser-decompose examples/bias_gelu.mlir -->
      The block is what the command prints. It runs in the root of the
      repository, without a shell.
  <!-- run-loose: fuser-runner examples/scale_add.mlir --input x=random:4x8xf32 -->
      As run, but times and rates may differ.
  <!-- file: examples/scale_add.mlir -->
      The block is the file.

Filters may follow, each after " | ", and apply in the order written:

  lines A-B     only lines A to B, counted from 1
  from REGEX    from the first line that matches
  to REGEX      up to the first line that matches, that one included
  dedent        without the indentation that all lines share
  if-cpu NAME   only where kernels are compiled for this CPU, such as znver4
"""

import argparse
import difflib
import functools
import os
import pathlib
import re
import shlex
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARK = re.compile(r"<!-- (run|run-loose|file): (.*) -->")
FENCE = re.compile(r"(`{3,})\S*")
TIME = re.compile(r" +\d+(\.\d+)?(?= (ms|us|s|GB/s|%)(\W|$))")


class Broken(Exception):
    """An example that can't be checked; the text says why."""


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true",
                        help="rewrite blocks that differ instead of failing")
    parser.add_argument("--bin", metavar="DIR",
                        help="where the tools are (default: on the PATH)")
    parser.add_argument("files", nargs="*", type=pathlib.Path,
                        help="documents (default: *.md and docs/**/*.md)")
    return parser.parse_args()


def tool_environment(bin_folder):
    """The environment without settings of the user, tools first."""
    result = {name: value for name, value in os.environ.items()
              if not name.startswith("FUSER_")}
    if bin_folder:
        result["PATH"] = os.pathsep.join(
            [str(pathlib.Path(bin_folder).resolve()), result["PATH"]])
    return result


class Examples:
    """Gives the text that each mark asks for."""

    def __init__(self, environment):
        self.environment = environment

    @functools.lru_cache(maxsize=None)
    def output(self, command):
        try:
            process = subprocess.run(
                shlex.split(command), cwd=ROOT, env=self.environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                timeout=300)
        except FileNotFoundError as error:
            raise Broken(f"{error.filename} not found; name its folder "
                         "with --bin") from error
        except subprocess.TimeoutExpired as error:
            raise Broken("takes more than 300 s") from error
        if process.returncode != 0:
            raise Broken(f"exit code {process.returncode}\n{process.stderr}")
        return process.stdout

    def cpu(self):
        text = self.output("fuser-runner examples/scale_add.mlir "
                           "--input random:1x1xf32 --emit=llvm")
        found = re.search(r'"target-cpu"="([^"]*)"', text)
        return found[1] if found else "unknown"

    def expected(self, kind, text):
        """What the block should hold; None if this machine can't tell."""
        source, *filters = text.split(" | ")
        filters = [one.partition(" ")[::2] for one in filters]
        for name, argument in filters:
            if name == "if-cpu" and self.cpu() != argument:
                return None
        if kind == "file":
            lines = (ROOT / source).read_text().splitlines()
        else:
            lines = self.output(source).splitlines()
        for name, argument in filters:
            lines = apply_filter(name, argument, lines)
        lines = [line.rstrip() for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        while lines and not lines[0]:
            lines.pop(0)
        return lines


def apply_filter(name, argument, lines):
    if name == "lines":
        first, last = argument.split("-")
        return lines[int(first) - 1:int(last)]
    if name in ("from", "to"):
        for number, line in enumerate(lines):
            if re.search(argument, line):
                return lines[number:] if name == "from" else lines[:number + 1]
        raise Broken(f"no line matches '{argument}'")
    if name == "dedent":
        return textwrap.dedent("\n".join(lines)).splitlines()
    if name == "if-cpu":
        return lines
    raise Broken(f"unknown filter '{name}'; see --help")


def find_block(lines, mark):
    """The range of the lines in the fenced block after the mark."""
    start = mark + 1
    fence = FENCE.fullmatch(lines[start]) if start < len(lines) else None
    if not fence:
        raise Broken("no fenced block on the next line")
    for end in range(start + 1, len(lines)):
        if lines[end] == fence[1]:
            return start + 1, end
    raise Broken("the fenced block has no end")


def loosened(lines):
    return [TIME.sub(" N", line) for line in lines]


def check_document(path, examples, update):
    """Checks one file; returns the numbers of examples, skipped and wrong."""
    lines = path.read_text().splitlines()
    count = skipped = wrong = 0
    for number in range(len(lines) - 1, -1, -1):
        mark = MARK.fullmatch(lines[number])
        if not mark:
            continue
        count += 1
        where = f"{path.relative_to(ROOT)}:{number + 1}"
        try:
            begin, end = find_block(lines, number)
            expected = examples.expected(*mark.groups())
        except (Broken, OSError) as error:
            wrong += 1
            print(f"{where}: {error}\n  in: {mark[0]}")
            continue
        if expected is None:
            skipped += 1
            continue
        found = lines[begin:end]
        shown = loosened if mark[1] == "run-loose" else list
        if shown(found) == shown(expected):
            continue
        if update:
            lines[begin:end] = expected
            print(f"{where}: updated")
            continue
        wrong += 1
        print(f"{where}: differs; scripts/check-doc-examples.py --update "
              "rewrites it")
        print("\n".join(difflib.unified_diff(
            shown(found), shown(expected), "document", "tool", lineterm="")))
    if update:
        path.write_text("\n".join(lines) + "\n")
    return count, skipped, wrong


def main():
    arguments = parse_arguments()
    examples = Examples(tool_environment(arguments.bin))
    files = [path.resolve() for path in arguments.files] or sorted(
        [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    totals = [check_document(path, examples, arguments.update)
              for path in files]
    count, skipped, wrong = (sum(column) for column in zip(*totals))
    print(f"{count} examples in {len(files)} documents: {wrong} wrong, "
          f"{skipped} for another CPU")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
