#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the workloads on a GPU: fuser, eager PyTorch, torch.compile with Inductor.

    python torch_gpu.py --fuser build/bin/fuser-gpu-bench --programs benchmarks/workloads --json out.json

All on tensors of the same types and sizes, those of fuser-gpu-bench, and timed by events, in turns: fuser's program, then
eager and Inductor burst by burst in this process, then fuser's again; the least time counts. PyTorch allocates its
results, as its users do; fuser stores into given ones. Needs PyTorch with CUDA and NumPy, not the package `fuser`.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from workloads import WORKLOADS  # noqa: E402

DTYPES = {"i1": torch.bool, "ui8": torch.uint8, "i32": torch.int32, "f16": torch.float16, "bf16": torch.bfloat16,
          "f32": torch.float32, "f64": torch.float64}


class Torch:
    """The operations of the formulas."""

    exp, log, log1p, sqrt, tanh = torch.exp, torch.log, torch.log1p, torch.sqrt, torch.tanh
    erf, relu, sigmoid, where, silu, gelu = torch.erf, torch.relu, torch.sigmoid, torch.where, F.silu, F.gelu
    chunk, concat = staticmethod(torch.chunk), staticmethod(torch.cat)

    @staticmethod
    def tanh_gelu(x):
        return F.gelu(x, approximate="tanh")

    @staticmethod
    def transpose(x):
        return x.t()

    @staticmethod
    def cast(x, kind):
        return x.to(DTYPES[kind])


def make_input(text):
    """A random tensor of a type such as 4x8xf32; positive, as square roots and logarithms want it."""
    *sizes, kind = text.split("x")
    sizes = [int(size) for size in sizes if size]
    dtype = DTYPES[kind]
    if dtype == torch.bool:
        return torch.rand(sizes, device="cuda") < 0.5
    if not dtype.is_floating_point:
        low, high = (0, 256) if kind == "ui8" else (-2 ** 31, 2 ** 31)
        return torch.randint(low, high, sizes, device="cuda", dtype=torch.int64).to(dtype)
    return (torch.rand(sizes, device="cuda", dtype=torch.float32) + 0.25).to(dtype)


def burst(step, milliseconds):
    """The least time of a call in a burst of so long: the mean of ten."""
    least, end = float("inf"), time.perf_counter() + milliseconds / 1e3
    begin, finish = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    while True:
        torch.cuda.synchronize()
        begin.record()
        for _ in range(10):
            step()
        finish.record()
        torch.cuda.synchronize()
        least = min(least, begin.elapsed_time(finish) / 10)
        if time.perf_counter() > end:
            return least


def run_fuser(options, name):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "report.json")
        command = shlex.split(options.fuser) + [f"--programs={options.programs}", f"--only={name}", f"--json={path}",
                                                f"--seconds={options.ms / 1e3}"] + ["--quick"] * options.quick
        process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if not os.path.exists(path):
            raise RuntimeError(process.stdout.strip().splitlines()[-1])
        with open(path) as file:
            return json.load(file)


def measure(workload, types, options):
    inputs = [make_input(text) for text in types]
    formula = lambda *arguments: workload.formula(Torch, *arguments)  # noqa: E731
    row, steps = {"name": workload.file}, {"eager": lambda: formula(*inputs)}
    least = {"fuser": float("inf")}

    def take_fuser():
        report = run_fuser(options, workload.name)
        entry = report["workloads"][0]
        if "error" in entry:
            row["fuser_error"] = entry["error"]
            return
        least["fuser"] = min(least["fuser"], entry["min_ms"])
        row["fuser_copy_fraction"] = entry["copy_fraction"]

    take_fuser()
    torch._dynamo.reset()
    with torch.no_grad():
        try:
            steps["eager"]()
            before = time.perf_counter()
            compiled = torch.compile(formula)
            compiled(*inputs)
            torch.cuda.synchronize()
            row["inductor_first_ms"] = (time.perf_counter() - before) * 1e3
            steps["inductor"] = lambda: compiled(*inputs)
        except Exception as error:  # A rival that fails is a row of the table.
            row["inductor_error"] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        for _ in range(options.rounds):
            for rival, step in steps.items():
                least[rival] = min(least.get(rival, float("inf")), burst(step, options.ms / options.rounds))
    inputs.clear()
    torch.cuda.empty_cache()
    take_fuser()
    row.update({f"{rival}_ms": value for rival, value in least.items() if value != float("inf")})
    return row


def types_of(options):
    """The input types of fuser-gpu-bench, by the name of the program."""
    command = shlex.split(options.fuser) + ["--list"] + ["--quick"] * options.quick
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return {name: types for name, *types in map(str.split, lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuser", required=True, help="the command of fuser-gpu-bench")
    parser.add_argument("--programs", required=True, help="the folder of the programs")
    parser.add_argument("--only", default="P", help="regular expression of names (P)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of eager and Inductor (5)")
    parser.add_argument("--ms", type=float, default=500, help="milliseconds for each rival and workload (500)")
    parser.add_argument("--quick", action="store_true", help="small tensors")
    parser.add_argument("--json", help="write the numbers there")
    options = parser.parse_args()
    types = types_of(options)
    rows = []
    print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name(0)}; ms, by events\n")
    print(f"{'':26} {'fuser':>9} {'eager':>9} {'Inductor':>9} {'Inductor / fuser':>17}")
    for workload in WORKLOADS:
        if workload.file not in types or workload.launch or not re.search(options.only, workload.name):
            continue
        row = measure(workload, types[workload.file], options)
        rows.append(row)
        cells = [row.get(f"{rival}_ms") for rival in ("fuser", "eager", "inductor")]
        ratio = f"{cells[2] / cells[0]:.2f}" if cells[0] and cells[2] else "-"
        print(f"{workload.file:26} " + " ".join(f"{cell:9.4f}" if cell else f"{'-':>9}" for cell in cells) +
              f" {ratio:>17}", flush=True)
        for error in ("fuser_error", "inductor_error"):
            if error in row:
                print(f"  {error}: {row[error]}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"torch": torch.__version__, "device": torch.cuda.get_device_name(0), "workloads": rows}, file,
                      indent=1)
    return 1 if any("fuser_error" in row for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
