#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a network to draw handwritten digits again, by eager PyTorch and by
fuser: forward, backward and optimizer compiled.

    python examples/torch_train.py [--steps=N]

The network squeezes 64 pixels into 8 numbers and back (an autoencoder: Hinton
and Salakhutdinov, "Reducing the dimensionality of data with neural networks",
2006). Both losses are printed side by side; they must agree to 1e-3 of their
size at every step, since both sides round, and training amplifies that.
"""

import argparse
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DIGITS = pathlib.Path(__file__).parent / "data" / "digits.npy"


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [64, 256, 64, 8, 64, 256, 64]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.gelu(layer(x))
        return torch.sigmoid(self.layers[-1](x))


def train(images, steps, compiled):
    """The loss at each step, and the seconds that all took, the first apart."""
    torch.manual_seed(0)
    model = Autoencoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, foreach=True)

    def loss_of(batch):
        return F.mse_loss(model(batch), batch)

    step = optimizer.step
    if compiled:
        loss_of = torch.compile(loss_of, backend="fuser")
        step = torch.compile(step, backend="fuser")
    losses, times = [], []
    for batch in torch.arange(steps * 256).remainder(len(images) - 255).view(steps, 256):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = loss_of(images[batch])
        loss.backward()
        step()
        losses.append(loss.item())
        times.append(time.perf_counter() - start)
    return np.array(losses), times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    steps = parser.parse_args().steps
    images = torch.from_numpy(np.load(DIGITS)).float() / 16
    eager, eager_times = train(images, steps, compiled=False)
    fused, fused_times = train(images, steps, compiled=True)
    for i in sorted({0, 1, 10, steps // 4, steps // 2, steps - 1}):
        print(f"step {i}: eager {eager[i]:.7f}, fuser {fused[i]:.7f}")
    off = np.max(np.abs(fused - eager) / eager)
    print(f"greatest difference: {off:.1e} of the loss")
    median = lambda times: 1e3 * sorted(times)[len(times) // 2]
    print(f"a step: eager {median(eager_times):.2f} ms, fuser {median(fused_times):.2f} ms")
    print(f"first steps: eager {sum(eager_times[:2]):.2f} s, fuser {sum(fused_times[:2]):.2f} s")
    assert fused[-1] < 0.5 * fused[0], "it learns"
    assert off < 1e-3, "it learns as eager PyTorch does"


if __name__ == "__main__":
    main()
