#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A Dask array larger than the memory it may use, block by block through one fused kernel.

    pip install "dask[array]"
    python dask_blocks.py --gib 8 --memory-mib 1500

The array never exists as a whole: Dask makes a block, fuser computes on it, and a sum is what stays. Blocks come in two
sizes, the last one being shorter, and share one kernel. The result is compared with NumPy on some of the blocks.
"""

import argparse
import resource
import sys
import time

import dask
import dask.array as da
import numpy as np

import fuser


@fuser.jit
def activation(x):
    """GELU, by tanh, of a scaled and shifted block."""
    y = x * 0.5 + 0.25
    return y / (1 + np.exp(-1.5957691 * y * (1 + 0.044715 * y * y)))


def make_block(block_info=None, block_length=None):
    """Numbers that only depend on where the block is."""
    (start, stop), = block_info[None]["array-location"]
    random = np.random.default_rng(start // block_length)
    return random.standard_normal(stop - start, dtype=np.float32)


def duplicates():
    """Kernels that were compiled twice for one tier."""
    seen = [(c["key"], c["arg_spec"], c["tier"]) for c in fuser.stats()["compiles"]]
    return len(seen) - len(set(seen))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gib", type=float, default=8, help="size of the array (8)")
    parser.add_argument("--memory-mib", type=float, default=1500, help="fail if the process takes more (1500)")
    parser.add_argument("--block-mib", type=float, default=64, help="size of a block (64)")
    options = parser.parse_args()

    length = int(options.gib * 2**30) // 4 - 1000
    block = int(options.block_mib * 2**20) // 4
    chunks = da.core.normalize_chunks(block, (length,), dtype=np.float32)
    x = da.map_blocks(make_block, chunks=chunks, dtype=np.float32, block_length=block)
    sums = x.map_blocks(activation, dtype=np.float32).map_blocks(
        lambda y: y.sum(dtype=np.float64, keepdims=True), chunks=((1,) * len(chunks[0]),), dtype=np.float64)

    start = time.perf_counter()
    with dask.config.set(scheduler="threads", num_workers=2):
        result = sums.compute()
    seconds = time.perf_counter() - start

    for number in (0, len(chunks[0]) - 1):
        reference = make_block({None: {"array-location": [(number * block, number * block + chunks[0][number])]}}, block)
        reference = reference.astype(np.float64) * 0.5 + 0.25
        reference /= 1 + np.exp(-1.5957691 * reference * (1 + 0.044715 * reference**2))
        if abs(result[number] - reference.sum()) > 1e-6 * np.abs(reference).sum():
            sys.exit(f"error: block {number} sums to {result[number]}, expected {reference.sum()}")

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.gib:g} GiB in {len(result)} blocks: {seconds:.2f} s, {options.gib / seconds:.2f} GiB/s, "
          f"mean {result.sum() / length:.6f}")
    print(f"peak memory {peak:.0f} MiB, kernels compiled twice: {duplicates()}")
    if peak > options.memory_mib:
        sys.exit(f"error: expected at most {options.memory_mib:g} MiB")
    if duplicates():
        sys.exit("error: a kernel was compiled twice")


if __name__ == "__main__":
    main()
