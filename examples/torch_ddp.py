#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A model trained by two processes under DistributedDataParallel, each with fused kernels of its own.

    python torch_ddp.py

The processes share the gradients by gloo. Their loss, step by step, is compared with that of one process without
fuser that sees both halves of the batch.
"""

import argparse
import os
import sys
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing
from torch import nn

BATCH, FEATURES, CLASSES = 64, 32, 10


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(FEATURES, 128)
        self.gate = nn.Linear(FEATURES, 128)
        self.last = nn.Linear(128, CLASSES)

    def forward(self, x):
        return self.last(nn.functional.silu(self.first(x)) * torch.tanh(self.gate(x)) + 0.1 * self.first(x))


def batches(steps):
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        x = torch.randn(BATCH, FEATURES, generator=generator)
        yield x, (x[:, :CLASSES] * x[:, CLASSES:2 * CLASSES]).argmax(1)


def train(model, steps, part):
    """Trains on the rows `part` of each batch; returns the losses."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    losses = []
    for x, y in batches(steps):
        loss = nn.functional.cross_entropy(model(x[part]), y[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def work(rank, world, steps, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=world)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = torch.compile(nn.parallel.DistributedDataParallel(Model()), backend="fuser")
    share = BATCH // world
    losses = train(model, steps, slice(rank * share, (rank + 1) * share))

    import fuser
    fuser.synchronize_compilations()
    statistics = fuser.stats()
    made = [(c["key"], c["arg_spec"], c["tier"]) for c in statistics["compiles"]]
    torch.save({"losses": losses, "launches": statistics["launches"], "made": len(made), "twice": len(made) - len(set(made))},
               f"{folder}/rank{rank}")
    dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(work, (2, options.steps, folder), nprocs=2)
        ranks = [torch.load(os.path.join(folder, f"rank{rank}")) for rank in range(2)]

    torch.manual_seed(0)
    expected = train(Model(), options.steps, slice(None))
    found = [sum(losses) / 2 for losses in zip(*(rank["losses"] for rank in ranks))]
    difference = max(abs(a - b) for a, b in zip(found, expected))
    print("step  two processes, fused  one, eager")
    for step in range(0, options.steps, max(1, options.steps // 6)):
        print(f"{step:4}  {found[step]:20.6f}  {expected[step]:10.6f}")
    for number, rank in enumerate(ranks):
        print(f"process {number}: {rank['launches']} launches, {rank['made']} kernels compiled, {rank['twice']} of them twice")
    print(f"greatest difference of the losses: {difference:.2g}")
    if difference > 1e-4 or any(rank["twice"] or not rank["launches"] for rank in ranks):
        sys.exit("error: expected equal losses, launches, and no kernel compiled twice")


if __name__ == "__main__":
    main()
