#!/usr/bin/env python3
"""Times calls of the Python package on 16 floats beside PyTorch, NumPy and numexpr.

Two ops, x * y + y. Least of many repetitions, in turns. Needs the package, PyTorch and numexpr.
"""

import timeit

import numexpr
import numpy as np
import torch

import fuser

PROGRAM = """
func.func @mul_add(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.mul %x, %y : tensor<?xf32>
  %1 = fuser.add %0, %y : tensor<?xf32>
  return %1 : tensor<?xf32>
}
"""
TIMED = [
    "f(x, y)",
    "f.call(x, y)",
    "f.into(x, y, z)",
    "f(x, y, out=z)",
    "torch.add(x, y)",
    "torch.add(torch.mul(x, y), y)",
    "f(a, b)",
    "f(a, b, out=c)",
    "g(a, b)",
    "a * b + b",
    "fuser.evaluate('a * b + b')",
    "numexpr.evaluate('a * b + b')",
]


def main():
    torch.set_num_threads(1)
    numexpr.set_num_threads(1)
    x, y, z = torch.rand(16), torch.rand(16), torch.empty(16)
    a, b, c = x.numpy(), y.numpy(), z.numpy()
    f = fuser.compile(PROGRAM)
    g = fuser.jit(lambda x, y: x * y + y)
    names = {**globals(), **locals()}
    times = dict.fromkeys(TIMED, float("inf"))
    for turn in range(8):
        for text in TIMED:
            count = 100 if turn == 0 else 10000
            seconds = timeit.timeit(text, globals=names, number=count)
            times[text] = min(times[text], seconds / count * 1e6)
        fuser.synchronize_compilations()
    print("| call | us |\n|---|---|")
    for text, time in times.items():
        print(f"| `{text}` | {time:.2f} |")


if __name__ == "__main__":
    main()
