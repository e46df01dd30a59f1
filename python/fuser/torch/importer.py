# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From nodes of an FX graph to the text of a program.

A value may be smaller in the program than in the graph: an expanded tensor, a
number that fills a tensor, and what is computed of such alone, keep the sizes
of what they repeat. They are brought to their full shape (`Importer.full`) only
where it matters: for results, reshapes and concats.
"""

from __future__ import annotations

import functools

import torch
from torch._prims_common import ELEMENTWISE_TYPE_PROMOTION_KIND as Kind
from torch._prims_common import elementwise_dtypes
from torch.fx import Node

import fuser

from .program import DTYPES, Unsupported, Value, Writer, dims_of

_SCALARS = {torch.SymInt: int, torch.SymFloat: float, torch.SymBool: bool}
_promoted = {}
NO_SUCH_OP = "no such op in programs"


def value_of(node):
    """What a node gives, as a fake tensor, a symbolic number or a number."""
    return node.meta.get("val") if isinstance(node, Node) else node


def name_of(node):
    """The name of a node's op, as "aten::add"; "" if it is no operator."""
    schema = getattr(node.target, "_schema", None)
    return schema.name if schema is not None else ""


@functools.cache
def _devices():
    """The types of device that groups run on."""
    return ("cpu", "cuda") if torch.version.cuda and fuser.can_fuse_on_gpu() else ("cpu",)


def is_admitted(tensor):
    """Whether programs can take and give such a tensor."""
    return (
        isinstance(tensor, torch.Tensor)
        and tensor.dtype in DTYPES
        and tensor.device.type in _devices()
        and tensor.layout == torch.strided
        and not tensor.is_neg()
        and not tensor.is_quantized
        and all(
            isinstance(s, int) or not _is_unbacked(s) for s in tensor.shape
        )
    )


def is_on_cpu(tensor):
    """Whether programs can take such a tensor, and the host its elements."""
    return is_admitted(tensor) and tensor.device.type == "cpu"


def _is_unbacked(size):
    return any(
        str(s).startswith(("u", "zuf")) for s in size.node.expr.free_symbols
    )


class Importer:
    """Writes the program of one group."""

    def __init__(self, rules, constants):
        self.writer = Writer()
        self.rules = rules
        self.constants = constants  # rules of nodes that are made where needed
        self.values = {}  # Node -> Value
        self.inputs = []  # nodes and numbers, in the order of the arguments
        self.device = None  # of the tensors so far

    # Operands.

    def operand(self, x):
        """The value of a node; a scalar for a symbolic number."""
        value = self.values.get(x)
        if value is None:
            value = self._constant_or_argument(x)
            self.values[x] = value
        return value

    def _constant_or_argument(self, node):
        rule = self.constants.get(name_of(node))
        if rule is not None:
            try:
                return rule(self, node, *node.args, **node.kwargs)
            except Unsupported:
                pass
        val = value_of(node)
        kind = _SCALARS.get(type(val))
        if kind is not None:
            value = self.writer.scalar(kind)
        elif is_admitted(val):
            self.stay_on(val.device)
            value = self.writer.argument(val.dtype, dims_of(val))
        else:
            raise Unsupported("an operand of a kind that programs lack")
        self.inputs.append(node)
        return value

    def stay_on(self, device):
        """Refuses what is on another device than the rest."""
        self.device = self.device or device
        if device != self.device:
            raise Unsupported("tensors on several devices")

    def number(self, x, dtype):
        """A Python or symbolic number as a rank-0 tensor."""
        if isinstance(x, Node):
            return self.writer.splat(self.operand(x), dtype)
        if isinstance(x, complex):
            raise Unsupported("complex numbers")
        return self.writer.constant(x, dtype)

    def tensor(self, x, dtype=None):
        """An operand, tensor or number, as a tensor of `dtype`."""
        if not isinstance(x, Node) or not isinstance(value_of(x), torch.Tensor):
            return self.number(x, dtype)
        value = self.operand(x)
        return value if dtype is None else self.writer.cast(value, dtype)

    def promoted(self, operands, kind=Kind.NO_OPMATH):
        """The element type that PyTorch brings these operands to."""
        key = (kind, *map(_promotion_key, operands))
        dtype = _promoted.get(key)
        if dtype is None:
            samples = [_promotion_sample(x) for x in operands]
            dtype = elementwise_dtypes(*samples, type_promotion_kind=kind)[1]
            _promoted[key] = dtype
        if dtype not in DTYPES:
            raise Unsupported(f"elements of {dtype}")
        return dtype

    def given(self, number):
        """An integer that calls give, so that it is no part of the text."""
        self.inputs.append(number)
        return self.writer.splat(self.writer.scalar(int), torch.int64)

    # Shapes.

    def ranked(self, x, rank):
        """`x` with leading dimensions of size 1, so that it has `rank`."""
        while len(x.dims) < rank:
            x = self.writer.view("expand_dims", x, "dim 0", (1, *x.dims))
        return x

    def full(self, x, dims):
        """`x`, repeated to `dims`."""
        if x.dims == dims:
            return x
        missing = len(dims) - len(x.dims)
        own = (None,) * missing + x.dims
        sizes = [-1 if a == b else b for a, b in zip(own, dims)]
        if all(isinstance(s, int) for s in sizes):
            return self.writer.view("broadcast_to", x, f"sizes {sizes}", dims)
        other = self.of_shape(dims)
        if other is None:
            raise Unsupported("a broadcast to sizes known at run time only")
        return self.writer.broadcast_like(x, other, dims)

    def of_shape(self, dims):
        """Some value of these sizes, or None."""
        for value in self.values.values():
            if value.dims == dims:
                return value
        for node in self.shapes:
            val = value_of(node)
            if is_admitted(val) and dims_of(val) == dims and self.device in (None, val.device):
                return self.operand(node)
        return None

    def is_constant(self, node):
        return name_of(node) in self.constants

    # Nodes.

    def add(self, node):
        """Imports a node; Unsupported if that can't be done."""
        val = value_of(node)
        rule = self.rules.get(name_of(node))
        if rule is None:
            raise Unsupported(NO_SUCH_OP)
        if not is_admitted(val):
            raise Unsupported("a result of a kind that programs lack")
        self.stay_on(val.device)
        value = rule(self, node, *node.args, **node.kwargs)
        self.values[node] = self.writer.cast(value, val.dtype)

    shapes = ()

    def finish(self, nodes, outputs, shapes=()):
        """The program of `nodes`. `shapes`: nodes outside, whose shapes may
        serve. Unsupported, with the node in `node`, if there is none."""
        self.shapes = shapes
        for node in nodes:
            try:
                self.add(node)
            except Unsupported as refusal:
                refusal.node = node
                raise
        results = []
        for node in outputs:
            try:
                results.append(
                    self.full(self.values[node], dims_of(value_of(node)))
                )
            except Unsupported as refusal:
                refusal.node = node
                raise
        return self.writer.finish(results)


def _promotion_key(x):
    val = value_of(x)
    if isinstance(val, torch.Tensor):
        return val.dtype, val.dim() == 0
    return type(_number_like(val))


def _promotion_sample(x):
    val = value_of(x)
    return val if isinstance(val, torch.Tensor) else _number_like(val)


def _number_like(number):
    kind = _SCALARS.get(type(number))
    return number if kind is None else kind(1)

