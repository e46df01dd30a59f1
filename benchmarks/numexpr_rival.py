#!/usr/bin/env python3
"""The expressions of InterpreterBenchmark.cpp with numexpr: microseconds a call.

numexpr_rival.py [--types=f32,f64] [--threads=1,2] [--sizes=16,1024,...]
                 [--expressions=affine,...] [--seconds=0.2]
Outputs are given, and the expression is compiled once. The least time of any call is printed, one line a case, named as the benchmark is.
"""

import argparse
import re
import time

import numexpr
import numpy
from numexpr import expressions

# Their numbers by name, as numexpr takes every number with a point for an f64.
NUMBERS = {"m": 4.1, "n": 2.5, "h": 0.5, "k": 0.79788456, "q": 0.044715}
EXPRESSIONS = {
    "affine": "2*a + 3*b",
    "compare": "a*b - m*a > n*b",
    "where": "where(a < 0, b, a)*c",
    "logaddexp": "a + log1p(exp(b - a))",
    "gelu": "h*a*(1 + tanh(k*(a + q*a*a*a)))",
    "sincos": "sin(a)**2 + cos(b)**2",
    "ten": "(((a*b + 2)*c - a)*h + b - c)*a*b + 1",
}
TYPES = {"f32": numpy.float32, "f64": numpy.float64}


def compiled(name, type_name):
    """The expression, and the letters that it takes."""
    kind = {"f32": "float", "f64": "double"}[type_name]
    letters = [letter for letter in "abc" if letter in re.findall(r"\w+", EXPRESSIONS[name])]
    names = {letter: expressions.VariableNode(letter, kind) for letter in letters}
    for letter, number in NUMBERS.items():
        names[letter] = expressions.ConstantNode(TYPES[type_name](number))
    expression = eval(EXPRESSIONS[name], dict(expressions.functions), names)
    signature = [(letter, {"f32": float, "f64": numpy.double}[type_name]) for letter in letters]
    return numexpr.NumExpr(expression, signature), letters


def values(dtype, size, seed):
    return (((numpy.arange(size) * 37 + seed * 11) % 401 - 200) / 100).astype(dtype)


def main():
    parser = argparse.ArgumentParser()
    for name, default in (
        ("types", "f32,f64"),
        ("threads", "1,2"),
        ("sizes", "16,1024,16384,262144,16777216"),
        ("expressions", ",".join(EXPRESSIONS)),
    ):
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--seconds", type=float, default=0.2)
    args = parser.parse_args()
    for name in args.expressions.split(","):
        for type_name in args.types.split(","):
            for threads in map(int, args.threads.split(",")):
                numexpr.set_num_threads(threads)
                for size in map(int, args.sizes.split(",")):
                    function, letters = compiled(name, type_name)
                    arrays = [values(TYPES[type_name], size, i) for i in range(len(letters))]
                    out = function(*arrays)
                    assert name == "compare" or out.dtype == TYPES[type_name]
                    least, end = 1e9, time.perf_counter() + args.seconds
                    while time.perf_counter() < end:
                        start = time.perf_counter()
                        function(*arrays, out=out, ex_uses_vml=False)
                        least = min(least, time.perf_counter() - start)
                    print(f"{name}/{type_name}/{threads}/{size} {least * 1e6:.2f}",
                          flush=True)


main()
