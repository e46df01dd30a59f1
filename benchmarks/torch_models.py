#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times whole PyTorch programs: eager, torch.compile with Inductor, torch.compile with fuser.

    python torch_models.py --threads 1,2 --json out.json

For each number of threads a process of its own compiles every program with each backend, compares their results with
those of eager, and then lets the backends take turns. The least time of all turns counts. First calls, compilation
included, are a column of their own (of the first backend that meets a program also what PyTorch does once; so each
first call is measured in a process of its own with --first).
"""

import argparse
import json
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BACKENDS = ("eager", "inductor", "fuser")


class Swiglu(nn.Module):
    def forward(self, x):
        gate, up = x.chunk(2, -1)
        return F.silu(gate) * up


class LlamaLayer(nn.Module):
    """Attention and a gated MLP, each after an RMS norm, with rotary positions."""

    def __init__(self, width=512, heads=8, hidden=1408):
        super().__init__()
        self.heads = heads
        self.norms = nn.ParameterList(nn.Parameter(torch.ones(width)) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    @staticmethod
    def norm(x, weight):
        y = x.float()
        return weight * (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype)

    @staticmethod
    def rotate(x, cos, sin):
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat((-b, a), -1) * sin

    def forward(self, x):
        batch, length, width = x.shape
        size = width // self.heads
        q, k, v = self.qkv(self.norm(x, self.norms[0])).view(batch, length, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        angles = torch.outer(torch.arange(length), 10000 ** (-torch.arange(0, size, 2) / size))
        angles = torch.cat((angles, angles), -1)
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        mixed = F.scaled_dot_product_attention(self.rotate(q, cos, sin), self.rotate(k, cos, sin), v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        gate, up = self.gate_up(self.norm(x, self.norms[1])).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class LstmCell(nn.Module):
    """The pointwise part of a cell, after both matrix products."""

    def forward(self, gates, cell):
        i, f, g, o = gates.chunk(4, 1)
        new = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(new), new


class Gpt2Mlp(nn.Module):
    """The second half of a layer of GPT-2, with its dropout."""

    def __init__(self, width=768):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return x + F.dropout(self.down(F.gelu(self.up(self.norm(x)), approximate="tanh")), 0.1)


def inference(module, *inputs):
    def start(compile_):
        compiled = compile_(module)

        def step():
            with torch.no_grad():
                return compiled(*inputs)
        return step
    return start


def training(module, *inputs):
    """Forward and backward."""
    def start(compile_):
        compiled = compile_(module)
        leaves = [x.detach().clone().requires_grad_() for x in inputs]

        def step():
            for leaf in leaves:
                leaf.grad = None
            results = compiled(*leaves)
            results = results if isinstance(results, tuple) else (results,)
            torch.autograd.backward(results, [torch.ones_like(r) for r in results])
            return tuple(leaf.grad for leaf in leaves)
        return step
    return start


def random(start):
    """Of results that differ between backends, sums are compared."""
    start.is_random = True
    return start


def adamw(count, size):
    def start(compile_):
        generator = torch.Generator().manual_seed(0)
        parameters = [nn.Parameter(torch.randn(size, size, generator=generator)) for _ in range(count)]
        for parameter in parameters:
            parameter.grad = torch.randn(size, size, generator=generator)
        optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)

        def update():
            optimizer.step()
        compiled = compile_(update)

        def step():
            with torch.no_grad():
                compiled()
            return tuple(parameters)
        return step
    return start


def programs():
    torch.manual_seed(0)
    layer = LlamaLayer().bfloat16()
    return {
        "GELU 4096x4096 f32": inference(nn.GELU(), torch.randn(4096, 4096)),
        "GELU 4096x4096 bf16": inference(nn.GELU(), torch.randn(4096, 4096).bfloat16()),
        "GELU 64x256 f32": inference(nn.GELU(), torch.randn(64, 256)),
        "SwiGLU 2048x11264 f32": inference(Swiglu(), torch.randn(2048, 11264)),
        "LSTM cell 2048x512 forward": inference(LstmCell(), torch.randn(2048, 2048), torch.randn(2048, 512)),
        "LSTM cell 2048x512 forward, backward": training(LstmCell(), torch.randn(2048, 2048), torch.randn(2048, 512)),
        "Dropout 4096x4096 f32 forward": random(inference(nn.Dropout(0.1), torch.randn(4096, 4096))),
        "Dropout 4096x4096 f32 forward, backward": random(training(nn.Dropout(0.1), torch.randn(4096, 4096))),
        "GPT-2 MLP with dropout 8x128x768 f32, forward, backward": random(training(Gpt2Mlp(), torch.randn(8, 128, 768))),
        "AdamW 16 x 1024x1024": adamw(16, 1024),
        "AdamW 40 x 64x64": adamw(40, 64),
        "Llama layer 4x128x512 bf16": inference(layer, torch.randn(4, 128, 512).bfloat16()),
        "Llama layer 1x16x512 bf16": inference(layer, torch.randn(1, 16, 512).bfloat16()),
    }


def compiler(backend):
    if backend == "eager":
        return lambda f: f
    return lambda f: torch.compile(f, backend=backend)


def tensors(result):
    return result if isinstance(result, tuple) else (result,)


def agree(found, expected, is_random):
    for a, b in zip(tensors(found), tensors(expected)):
        if is_random:
            assert a.shape == b.shape
            torch.testing.assert_close(a.abs().mean(), b.abs().mean(), rtol=1e-2, atol=0)
            continue
        exact = b.dtype == torch.float32
        torch.testing.assert_close(a, b, rtol=1e-4 if exact else 5e-2, atol=1e-4 if exact else 5e-2)


def measure(name, start, rounds, seconds):
    """Milliseconds a step of each backend; for a backend that fails, why."""
    steps, result = {}, {}
    for backend in BACKENDS:
        torch._dynamo.reset()
        try:
            steps[backend] = start(compiler(backend))
            first = steps[backend]()
            first = tuple(x.detach().clone() for x in tensors(first))
            if backend == "eager":
                expected = first
            else:
                agree(first, expected, hasattr(start, "is_random"))
            for _ in range(4):
                steps[backend]()
        except Exception as error:  # A rival that fails is a row of the table.
            steps.pop(backend, None)
            result[backend] = f"failed: {type(error).__name__}: {str(error).splitlines()[0]}"
    if "fuser" in steps:
        import fuser
        fuser.synchronize_compilations()
        for _ in range(3):
            steps["fuser"]()
    least = dict.fromkeys(steps, float("inf"))
    for _ in range(rounds):
        for backend, step in steps.items():
            end = time.perf_counter() + seconds
            while True:
                before = time.perf_counter()
                step()
                after = time.perf_counter()
                least[backend] = min(least[backend], after - before)
                if after > end:
                    break
    result.update({backend: round(1e3 * value, 5) for backend, value in least.items()})
    return result


def first_call(name, backend):
    start = programs()[name]
    before = time.perf_counter()
    start(compiler(backend))()
    return time.perf_counter() - before


def work(options):
    torch.set_num_threads(options.worker)
    if options.first:
        print(json.dumps(first_call(options.only, options.first)))
        return
    table = {}
    for name, start in programs().items():
        if options.only in name:
            table[name] = measure(name, start, options.rounds, options.ms / 1e3)
            print(name, table[name], file=sys.stderr, flush=True)
    print(json.dumps(table))


def run_worker(threads, arguments):
    import os
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "FUSER_NUM_THREADS": str(threads)}
    process = subprocess.run([sys.executable, __file__, "--worker", str(threads), *arguments], env=environment,
                             stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(process.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", default="1,2", help="numbers of threads (1,2)")
    parser.add_argument("--only", default="", help="programs whose name has this")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each backend (5)")
    parser.add_argument("--ms", type=float, default=200, help="milliseconds of a turn (200)")
    parser.add_argument("--first", nargs="?", const="all", help="measure first calls instead, each in a new process")
    parser.add_argument("--json", help="write the numbers there")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options)

    results = {}
    for threads in map(int, options.threads.split(",")):
        if options.first:
            table = {name: {backend: run_worker(threads, ["--only", name, "--first", backend]) for backend in BACKENDS}
                     for name in programs() if options.only in name}
            title = "first call, s"
        else:
            table = run_worker(threads, ["--only", options.only, "--rounds", str(options.rounds), "--ms", str(options.ms)])
            title = "ms"
        results[threads] = table
        print(f"\n{threads} thread(s), PyTorch {torch.__version__}\n\n| {title} | " + " | ".join(BACKENDS) + " | Inductor / fuser |")
        print("|---|" + "---|" * (len(BACKENDS) + 1))
        for name, row in table.items():
            cells = [row.get(backend, "-") for backend in BACKENDS]
            numbers = all(isinstance(cell, float) for cell in cells[1:])
            ratio = f"{cells[1] / cells[2]:.2f}" if numbers else "-"
            print(f"| {name} | " + " | ".join(f"{c:.4g}" if isinstance(c, float) else str(c) for c in cells) + f" | {ratio} |")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
