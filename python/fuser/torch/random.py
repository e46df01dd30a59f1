# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random ops as functions of a seed, which groups can compute.

PyTorch's generator on the CPU is a sequence; programs have Philox, whose numbers
follow from a seed, a stream and the place in the result. So AOTAutograd takes
random ops apart into `fuser::random`, and each call of a graph draws one seed
from PyTorch's generator.
"""

from __future__ import annotations

import functools
import itertools
import math

import torch
from torch import Tensor

from .program import DTYPES

_aten = torch.ops.aten
_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def draw_seed() -> Tensor:
    return torch.empty((), dtype=torch.int64).random_()


@torch.library.custom_op("fuser::seed", mutates_args=(), tags=(torch.Tag.nondeterministic_seeded,))
def _seed() -> Tensor:
    return draw_seed()


@_seed.register_fake
def _():
    return torch.empty((), dtype=torch.int64)


@torch.library.custom_op("fuser::random", mutates_args=())
def _random(like: Tensor, seed: Tensor, stream: int, dtype: torch.dtype) -> Tensor:
    """Uniform numbers in [0, 1), of the shape of `like`: those of `fuser.random`
    for the row-major index in the result."""
    result = torch.empty_like(like, dtype=dtype)
    _program(like.dim(), dtype).into(torch.empty((), dtype=torch.bool).expand(like.shape), int(seed), stream, result)
    return result


@_random.register_fake
def _(like, seed, stream, dtype):
    return torch.empty_like(like, dtype=dtype)


@functools.cache
def _program(rank, dtype):
    from .kernels import program_of

    like, result = (f"tensor<{'?x' * rank}{DTYPES[t]}>" for t in (torch.bool, dtype))
    return program_of(
        f"func.func @group(%x: {like}, %seed: i64, %stream: i64) -> {result} {{\n"
        f"  %r = fuser.rand_like %x, %seed, %stream : {like}, i64, i64 to {result}\n"
        f"  return %r : {result}\n}}\n",
        fast=False,
    )


seed_op, random_op = torch.ops.fuser.seed.default, torch.ops.fuser.random.default


# Random ops by way of uniform numbers. What has no decomposition for its
# arguments stays PyTorch's.

DECOMPOSITIONS = {}
_streams = itertools.count()


def _decomposes(*overloads):
    def add(function):
        DECOMPOSITIONS.update(dict.fromkeys(overloads, function))
        return function

    return add


def _uniform(like, dtype):
    """Numbers in [0, 1) of a stream of their own, also for those who merge equal
    nodes."""
    return random_op(like, seed_op(), next(_streams), dtype)


def _wide(dtype):
    """What formulas compute in."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def _least(dtype):
    """The least of the uniform numbers but 0."""
    return 2.0**-53 if dtype == torch.float64 else 2.0**-24


def _normal(like, dtype):
    """Box and Muller, "A note on the generation of random normal deviates",
    1958. Eager PyTorch's, too: |x| is below 5.8, of f64 below 8.6."""
    wide = _wide(dtype)
    radius = torch.sqrt(-2 * torch.log(1 - _uniform(like, wide)))
    return radius * torch.cos(2 * math.pi * _uniform(like, wide))


def _is_plain(x, dtypes=_FLOATS):
    return x.device.type == "cpu" and x.layout == torch.strided and x.dtype in dtypes


def _is_number(*numbers):
    return all(isinstance(n, (int, float)) and math.isfinite(n) for n in numbers)


def _like(x, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):
    """Whether a result like `x` is a plain tensor, and its type."""
    kept = memory_format in (None, torch.preserve_format)
    device = x.device if device is None else torch.device(device)
    plain = device.type == "cpu" and not pin_memory and layout in (None, torch.strided)
    return plain and kept and _is_plain(x, DTYPES), x.dtype if dtype is None else dtype


def _new(size, dtype=None, layout=None, device=None, pin_memory=None):
    """A tensor whose shape a result has, and the result's type; None for what
    is no plain tensor."""
    if device is not None and torch.device(device).type != "cpu" or pin_memory or layout not in (None, torch.strided):
        return None, None
    return torch.zeros(size, dtype=torch.bool, device="cpu"), dtype or torch.get_default_dtype()


@_decomposes(_aten.native_dropout.default)
def _native_dropout(x, p, train=True):
    if train is False or not _is_plain(x) or not _is_number(p):
        return NotImplemented
    mask = _uniform(x, torch.float32) < 1 - p
    return x * mask * (0.0 if p == 1 else 1 / (1 - p)), mask


@_decomposes(_aten.bernoulli.p)
def _bernoulli(x, p=0.5, *, generator=None):
    if generator is not None or not _is_plain(x, DTYPES) or not _is_number(p) or not 0 <= p <= 1:
        return NotImplemented
    return (_uniform(x, torch.float32) < p).to(x.dtype)


@_decomposes(_aten.rand_like.default)
def _rand_like(x, **options):
    plain, dtype = _like(x, **options)
    return _uniform(x, dtype) if plain and dtype in _FLOATS else NotImplemented


@_decomposes(_aten.randn_like.default)
def _randn_like(x, **options):
    plain, dtype = _like(x, **options)
    return _normal(x, dtype).to(dtype) if plain and dtype in _FLOATS else NotImplemented


@_decomposes(_aten.rand.default)
def _rand(size, **options):
    like, dtype = _new(size, **options)
    return _uniform(like, dtype) if dtype in _FLOATS else NotImplemented


@_decomposes(_aten.randn.default)
def _randn(size, **options):
    like, dtype = _new(size, **options)
    return _normal(like, dtype).to(dtype) if dtype in _FLOATS else NotImplemented


@_decomposes(_aten.uniform.default)
def _uniform_between(x, low=0.0, high=1.0, *, generator=None):
    if generator is not None or not _is_plain(x) or not _is_number(low, high) or low > high:
        return NotImplemented
    if (low, high) == (0, 1):
        return _uniform(x, x.dtype)
    number = (_uniform(x, _wide(x.dtype)) * (high - low) + low).to(x.dtype)
    # What rounds to the excluded end has half a step's share. The other end has
    # the other half.
    return torch.where(number < high, number, low)


@_decomposes(_aten.normal_functional.default)
def _normal_like(x, mean=0.0, std=1.0, *, generator=None):
    if generator is not None or not _is_plain(x) or not _is_number(mean, std) or std < 0:
        return NotImplemented
    return (_normal(x, x.dtype) * std + mean).to(x.dtype)


@_decomposes(_aten.normal.Tensor_float)
def _normal_around(mean, std=1.0, *, generator=None):
    if generator is not None or not _is_plain(mean) or not _is_number(std) or std < 0:
        return NotImplemented
    return (_normal(mean, mean.dtype) * std + mean).to(mean.dtype)


@_decomposes(_aten.normal.float_float)
def _normal_of_size(mean, std, size, *, generator=None, **options):
    like, dtype = _new(size, **options)
    if generator is not None or dtype not in _FLOATS or not _is_number(mean, std) or std < 0:
        return NotImplemented
    return (_normal(like, dtype) * std + mean).to(dtype)


@_decomposes(_aten.exponential.default)
def _exponential(x, rate=1.0, *, generator=None):
    if generator is not None or not _is_plain(x) or not _is_number(rate) or rate <= 0:
        return NotImplemented
    wide = _wide(x.dtype)
    number = _uniform(x, wide).clamp_min(_least(wide))  # no logarithm is 0
    return (torch.log1p(-number) * (-1 / rate)).to(x.dtype)


def _integers(like, low, high, dtype):
    # Of 2^53 equal parts, each integer has as many as any other, or one more.
    if dtype not in DTYPES or not all(type(n) is int for n in (low, high)) or not 0 < high - low <= 2**32:
        return NotImplemented
    return ((_uniform(like, torch.float64) * (high - low)).to(torch.int64) + low).to(dtype)


@_decomposes(_aten.randint.low)
def _randint(low, high, size, *, dtype=torch.int64, **options):
    like, dtype = _new(size, dtype or torch.int64, **options)
    return _integers(like, low, high, dtype)


@_decomposes(_aten.randint.default)
def _randint_below(high, size, **options):
    return _randint(0, high, size, **options)


@_decomposes(_aten.randint_like.low_dtype)
def _randint_like(x, low, high, **options):
    plain, dtype = _like(x, **options)
    return _integers(x, low, high, dtype) if plain else NotImplemented


@_decomposes(_aten.randint_like.default)
def _randint_like_below(x, high, **options):
    return _randint_like(x, 0, high, **options)


# Graphs.


def share_seed(graph):
    """Has all random ops of a graph take their numbers from one seed, each from
    a stream of its own. What is computed again, for gradients, keeps its
    stream, and the seed is never drawn again."""
    from torch.utils.checkpoint import CheckpointPolicy

    seeds = [n for n in graph.nodes if n.target is seed_op]
    if not seeds:
        return
    first, *others = seeds
    first.meta["recompute"] = CheckpointPolicy.MUST_SAVE
    for seed in others:
        seed.replace_all_uses_with(first)
        graph.erase_node(seed)
    randoms = [n for n in graph.nodes if n.target is random_op]
    for stream, node in enumerate(randoms):
        node.update_arg(2, stream)
        _read_no_empty(graph, node)


def _read_no_empty(graph, node):
    """Has `torch.empty_like(x).uniform_()` and the like read x's shape."""
    like = node.args[0]
    kept = like.kwargs.get("memory_format") in (None, torch.preserve_format)
    if like.target is _aten.empty_like.default and kept:
        node.update_arg(0, like.args[0])
        if not like.users:
            graph.erase_node(like)
