"""Prints a table of the kernels that the functions of a file become.

Usage: measure_graphs.py FILE.mlir, with fuser-opt on the path.
"""

import json
import re
import subprocess
import sys

VIEWS = ("constant", "broadcast", "part_like", "transpose", "reshape",
         "expand_dims", "squeeze", "slice", "chunk", "concat", "splat", "iota",
         "yield", "group")


def elements(type_text):
    sizes = re.match(r"tensor<((?:\d+x)*)", type_text).group(1)
    product = 1
    for size in filter(None, sizes.split("x")):
        product *= int(size)
    return product


def computed_elements(text):
    """By function: the elements of all results of pointwise ops."""
    counts, function = {}, None
    for line in text.splitlines():
        if start := re.search(r"func\.func @(\w+)", line):
            function = start.group(1)
            counts[function] = 0
        op = re.search(r"= fuser\.(\w+)", line)
        if op and not op.group(1).startswith(VIEWS):
            counts[function] += elements(re.findall(r"tensor<[^>]*>", line)[-1])
    return counts


result = subprocess.run(
    ["fuser-opt", "--allow-unregistered-dialect",
     "--fuser-explain=explain=json", sys.argv[1]],
    check=True, capture_output=True, text=True)
counts = computed_elements(result.stdout)
print("| graph | kernels | KiB | thousands |")
for function in json.loads(result.stderr):
    name, groups = function["function"], function["groups"]
    kibibytes = round(sum(group["bytes"] for group in groups) / 1024)
    print(f"| {name} | {len(groups)} | {kibibytes} | "
          f"{round(counts[name] / 1000)} |")
