# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What views, joins and constants of PyTorch are in programs.

Rules go by the shapes of a node's operand and result, not by its arguments, so
that symbolic sizes need no care.
"""

from __future__ import annotations

import math

import torch

from .importer import Unsupported, is_admitted, value_of
from .program import dims_of

VIEWS = {}  # views of their first argument: cost nothing in PyTorch either
JOINS = {}  # ops that only move elements, but make new tensors
CONSTANTS = {}  # tensors of equal elements
_END = 2**63 - 1  # of every slice


def _into(table, *names):
    def add(function):
        for name in names:
            table[f"aten::{name}"] = function
        return function

    return add


def _whole(number):
    if not isinstance(number, int):
        raise Unsupported("a place known at run time only")
    return number


def _dims(x):
    return dims_of(value_of(x))


@_into(VIEWS, "view", "_unsafe_view", "reshape")
def _reshape(imp, node, x, sizes):
    if isinstance(sizes, torch.dtype):
        raise Unsupported("another element type for the same bits")
    old, new = _dims(x), _dims(node)
    value = imp.operand(x)
    if [d for d in old if d != 1] == [d for d in new if d != 1]:
        return _move_ones(imp, imp.ranked(value, len(old)), old, new)
    value = imp.full(value, old)
    symbolic = [d for d in new if not isinstance(d, int)]
    if len(symbolic) > 1 or 0 in new:
        raise Unsupported("a reshape to sizes known at run time only")
    sizes = [d if isinstance(d, int) else -1 for d in new]
    return imp.writer.view("reshape", value, f"sizes {sizes}", new)


def _move_ones(imp, value, old, new):
    """A reshape that only takes and gives dimensions of size 1."""
    at = 0
    for i, size in enumerate(old):
        dims = value.dims
        while size != 1 and at < len(new) and new[at] == 1:
            value = imp.writer.view("expand_dims", value, f"dim {at}", (*value.dims[:at], 1, *value.dims[at:]))
            at += 1
        if size == 1 and not (at < len(new) and new[at] == 1):
            dims = value.dims
            value = imp.writer.view("squeeze", value, f"dim {at}", (*dims[:at], *dims[at + 1 :]))
        else:
            at += 1
    while at < len(new):
        value = imp.writer.view("expand_dims", value, f"dim {at}", (*value.dims, 1))
        at += 1
    return value


@_into(VIEWS, "expand")
def _expand(imp, node, x, sizes, *, implicit=False):
    return imp.operand(x)


@_into(VIEWS, "alias", "detach", "lift_fresh")
def _alias(imp, node, x):
    return imp.operand(x)


def _transposed(imp, x, permutation):
    value = imp.ranked(imp.operand(x), len(permutation))
    dims = tuple(value.dims[p] for p in permutation)
    return imp.writer.view("transpose", value, f"permutation {permutation}", dims)


@_into(VIEWS, "permute")
def _permute(imp, node, x, order):
    rank = len(order)
    return _transposed(imp, x, [o % rank for o in order]) if rank else imp.operand(x)


@_into(VIEWS, "t")
def _t(imp, node, x):
    rank = value_of(x).dim()
    return _transposed(imp, x, list(range(rank))[::-1]) if rank > 1 else imp.operand(x)


@_into(VIEWS, "transpose")
def _transpose(imp, node, x, a, b):
    rank = value_of(x).dim()
    if not rank:
        return imp.operand(x)
    order = list(range(rank))
    order[a], order[b] = order[b], order[a]
    return _transposed(imp, x, order)


@_into(VIEWS, "unsqueeze")
def _unsqueeze(imp, node, x, dim):
    rank = value_of(x).dim()
    value = imp.ranked(imp.operand(x), rank)
    dim %= rank + 1
    return imp.writer.view("expand_dims", value, f"dim {dim}", (*value.dims[:dim], 1, *value.dims[dim:]))


@_into(VIEWS, "squeeze")
def _squeeze(imp, node, x, dims=None):
    old = _dims(x)
    rank = len(old)
    if dims is None:
        dims = range(rank)
    elif isinstance(dims, int):
        dims = [dims]
    chosen = {d % rank for d in dims} if rank else set()
    value = imp.ranked(imp.operand(x), rank)
    for dim in sorted(chosen, reverse=True):
        if old[dim] == 1:
            value = imp.writer.view("squeeze", value, f"dim {dim}", (*value.dims[:dim], *value.dims[dim + 1 :]))
    return value


def _of_size(dims, dim, size):
    return (*dims[:dim], size, *dims[dim + 1 :])


def _sliced(imp, value, dim, start, end, step, size):
    dims = _of_size(value.dims, dim, size)
    text = f"dim {dim} start {start} end {end}" + (f" step {step}" if step != 1 else "")
    return imp.writer.view("slice", value, text, dims)


@_into(VIEWS, "slice")
def _slice(imp, node, x, dim=0, start=None, end=None, step=1):
    old, new = _dims(x), _dims(node)
    dim %= len(old)
    value = imp.ranked(imp.operand(x), len(old))
    if old[dim] == new[dim]:
        return value
    if value.dims[dim] == 1 and new[dim] != 0:
        return value  # repeats itself, however many are taken
    value = imp.full(value, old)
    start = _whole(0 if start is None else start)
    end = _whole(_END if end is None else end)
    return _sliced(imp, value, dim, start, end, _whole(step), new[dim])


@_into(VIEWS, "select")
def _select(imp, node, x, dim, index):
    old = _dims(x)
    dim %= len(old)
    value = imp.ranked(imp.operand(x), len(old))
    if value.dims[dim] != 1:
        index = _whole(index)
        if index < 0:
            index += _whole(old[dim])
        value = _sliced(imp, value, dim, index, index + 1, 1, 1)
    return imp.writer.view("squeeze", value, f"dim {dim}", (*value.dims[:dim], *value.dims[dim + 1 :]))


for _name in "alias expand permute select slice squeeze t transpose unsqueeze view".split():
    JOINS[f"aten::{_name}_copy"] = VIEWS[f"aten::{_name}"]


@_into(JOINS, "narrow_copy")
def _narrow_copy(imp, node, x, dim, start, length):
    start = _whole(start)
    if start < 0:
        start += _whole(_dims(x)[dim])
    return _slice(imp, node, x, dim, start, start + _whole(length))


@_into(JOINS, "tril", "triu")
def _triangle(imp, node, x, diagonal=0):
    w = imp.writer
    value = imp.full(imp.operand(x), _dims(x))
    rank = len(value.dims)
    rows, columns = (w.iota_like(value, d) for d in (rank - 2, rank - 1))
    border = w.nary("add", rows, imp.number(diagonal, torch.int64))
    kept = w.compare("le" if "tril" in str(node.target) else "ge", columns, border)
    return w.nary("select", kept, value, imp.number(0, value.dtype))


@_into(JOINS, "cat")
def _cat(imp, node, parts, dim=0):
    # PyTorch leaves out empty tensors of one dimension, whatever the others are.
    kept = [p for p in parts if _dims(p) != (0,)] or list(parts[:1])
    rank, dtype = value_of(node).dim(), value_of(node).dtype
    values = [imp.full(imp.tensor(p, dtype), _dims(p)) for p in kept]
    if len(values) == 1:
        return values[0]
    return imp.writer.concat(values, dim % rank, _dims(node))


@_into(JOINS, "roll")
def _roll(imp, node, x, shifts, dims=()):
    sizes = _dims(x)
    value = imp.full(imp.operand(x), sizes)
    if not sizes or 0 in sizes:
        return value
    if not dims:
        count = math.prod(map(_whole, sizes))
        flat = imp.writer.view("reshape", value, "sizes [-1]", (count,))
        flat = _rolled(imp, flat, shifts[0], 0)
        return imp.writer.view("reshape", flat, f"sizes {list(sizes)}", sizes)
    for shift, dim in zip(shifts, dims):
        value = _rolled(imp, value, shift, dim % len(sizes))
    return value


def _rolled(imp, value, shift, dim):
    size = _whole(value.dims[dim])
    at = -int(math.fmod(_whole(shift), size))  # counts from the end if negative
    if not at:
        return value
    first = at % size
    last = _sliced(imp, value, dim, at, _END, 1, size - first)
    return imp.writer.concat([last, _sliced(imp, value, dim, 0, at, 1, first)], dim, value.dims)


@_into(JOINS, "repeat")
def _repeat(imp, node, x, counts):
    rank = len(counts)
    value = imp.ranked(imp.full(imp.operand(x), _dims(x)), rank)
    for dim, count in enumerate(counts):
        if count == 1:
            continue
        dims = _of_size(value.dims, dim, _dims(node)[dim])
        if value.dims[dim] == 1:
            value = imp.full(value, dims)
        elif 0 < _whole(count) <= _MOST_PARTS:
            value = imp.writer.concat([value] * count, dim, dims)
        else:
            raise Unsupported("a repetition of so many parts")
    return value


_MOST_PARTS = 16


def _padded(imp, node, x, widths, side):
    """`x` with `side(value, dim, index, size)` before and after it; negative
    widths cut. `index`: of the element at that side."""
    dims = _dims(x)
    value = imp.full(imp.operand(x), dims)
    for i in range(0, len(widths), 2):
        dim = len(dims) - 1 - i // 2
        before, after = map(_whole, widths[i : i + 2])
        if before < 0 or after < 0:
            size = _whole(value.dims[dim]) + min(before, 0) + min(after, 0)
            if size < 0:
                raise Unsupported("padding that cuts more than there is")
            value = _sliced(imp, value, dim, max(-before, 0), min(after, 0) or _END, 1, size)
        parts = [value]
        if before > 0:
            parts.insert(0, side(value, dim, 0, before))
        if after > 0:
            parts.append(side(value, dim, -1, after))
        if len(parts) > 1:
            value = imp.writer.concat(parts, dim, _of_size(value.dims, dim, _dims(node)[dim]))
    return value


@_into(JOINS, "constant_pad_nd")
def _constant_pad(imp, node, x, widths, number=0):
    def side(value, dim, index, size):
        return imp.full(imp.number(number, value.dtype), _of_size(value.dims, dim, size))

    return _padded(imp, node, x, widths, side)


@_into(JOINS, "replication_pad1d", "replication_pad2d", "replication_pad3d")
def _replication_pad(imp, node, x, widths):
    def side(value, dim, index, size):
        if value.dims[dim] == 0:
            raise Unsupported("an edge of what was cut")
        edge = _sliced(imp, value, dim, index, index + 1 or _END, 1, 1)
        return imp.full(edge, _of_size(value.dims, dim, size))

    return _padded(imp, node, x, widths, side)


@_into(JOINS, "slice_scatter")
def _slice_scatter(imp, node, x, source, dim=0, start=None, end=None, step=1):
    dims = _dims(x)
    dim %= len(dims)
    size = _whole(dims[dim])
    if step != 1:
        raise Unsupported("a scatter with steps")
    start = 0 if start is None else _whole(start)
    end = size if end is None else _whole(end)
    start, end, _ = slice(start, end).indices(size)
    return _scattered(imp, x, _ranked_full(imp, source, len(dims)), dim, start, max(start, end), size)


@_into(JOINS, "select_scatter")
def _select_scatter(imp, node, x, source, dim, index):
    dims = _dims(x)
    dim %= len(dims)
    size, index = _whole(dims[dim]), _whole(index)
    index %= size
    value = imp.full(imp.operand(source), _dims(source))
    value = imp.writer.view("expand_dims", value, f"dim {dim}", (*value.dims[:dim], 1, *value.dims[dim:]))
    return _scattered(imp, x, value, dim, index, index + 1, size)


def _ranked_full(imp, x, rank):
    return imp.full(imp.ranked(imp.operand(x), rank), _dims(x))


def _scattered(imp, x, source, dim, start, end, size):
    value = imp.full(imp.operand(x), _dims(x))
    source = imp.writer.cast(source, value.dtype)
    parts = [source] if end > start else []
    if start > 0:
        parts.insert(0, _sliced(imp, value, dim, 0, start, 1, start))
    if end < size:
        parts.append(_sliced(imp, value, dim, end, size, 1, size - end))
    return parts[0] if len(parts) == 1 else imp.writer.concat(parts, dim, value.dims)


def _constant(number_at):
    """A rule for tensors whose elements are argument `number_at`, or, if that
    is a string, this number."""

    def write(imp, node, *args, **kwargs):
        val = value_of(node)
        if not is_admitted(val) or kwargs.get("pin_memory"):
            raise Unsupported("another device or layout")
        number = float(number_at) if isinstance(number_at, str) else args[number_at]
        return imp.tensor(number, val.dtype)

    return write


for _name in ("zeros", "zeros_like", "new_zeros", "zero", "empty", "empty_like", "new_empty"):
    CONSTANTS[f"aten::{_name}"] = _constant("0")
for _name in ("ones", "ones_like", "new_ones"):
    CONSTANTS[f"aten::{_name}"] = _constant("1")
CONSTANTS["aten::scalar_tensor"] = _constant(0)
for _name in ("full", "full_like", "fill"):
    CONSTANTS[f"aten::{_name}"] = _constant(1)
CONSTANTS["aten::new_full"] = _constant(2)
