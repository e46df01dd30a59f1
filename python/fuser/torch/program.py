# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the text of a program, op by op.

Types in the text have no sizes, only ranks, so that groups which differ in
sizes alone have one text and one kernel. What is known of sizes is kept beside
the text, in `Value.dims`: an int, or the text of a symbolic expression.
"""

from __future__ import annotations

import struct

import torch

DTYPES = {
    torch.bool: "i1",
    torch.uint8: "ui8",
    torch.int8: "i8",
    torch.int16: "i16",
    torch.int32: "i32",
    torch.int64: "i64",
    torch.float16: "f16",
    torch.bfloat16: "bf16",
    torch.float32: "f32",
    torch.float64: "f64",
}
HALVES = (torch.float16, torch.bfloat16)
_BITS = {
    torch.uint8: 8,
    torch.int8: 8,
    torch.int16: 16,
    torch.int32: 32,
    torch.int64: 64,
}


class Unsupported(Exception):
    """The program cannot say this; the node stays with PyTorch."""


class Value:
    """A tensor of the program, or with `dims` None a scalar argument."""

    __slots__ = ("name", "dtype", "dims")

    def __init__(self, name, dtype, dims):
        self.name = name
        self.dtype = dtype
        self.dims = dims

    @property
    def type(self):
        return tensor_type(self.dtype, len(self.dims))


def tensor_type(dtype, rank):
    return f"tensor<{'?x' * rank}{DTYPES[dtype]}>"


def dim_of(size):
    """A size as an int, or the text of its expression. Adds no guard."""
    if isinstance(size, int):
        return size
    expr = size.node.expr
    return int(expr) if expr.is_Integer else str(expr)


def dims_of(tensor):
    return tuple(map(dim_of, tensor.shape))


def broadcast(shapes):
    """The shape that shapes known to fit broadcast to."""
    rank = max(map(len, shapes), default=0)
    result = []
    for i in range(-rank, 0):
        dim = 1
        for shape in shapes:
            if -i <= len(shape) and shape[i] != 1:
                if dim == 1 or isinstance(shape[i], int):
                    dim = shape[i]
        result.append(dim)
    return tuple(result)


def literal(number, dtype):
    """A number as PyTorch converts it to `dtype`, bit for bit, for `dense<>`."""
    if dtype == torch.bool:
        return "true" if number else "false"
    if dtype in _BITS:
        if isinstance(number, float):
            number = int(number)
        bits = _BITS[dtype]
        number &= (1 << bits) - 1
        if dtype != torch.uint8 and number >> (bits - 1):
            number -= 1 << bits
        return str(number)
    if dtype == torch.float64:
        return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"
    return _float_literal(float(number), dtype)


def _float_literal(number, dtype):
    try:
        single = struct.pack("<f", number)
    except OverflowError:
        single = struct.pack("<f", float("inf") if number > 0 else float("-inf"))
    bits = struct.unpack("<I", single)[0]
    if dtype == torch.float32:
        return f"0x{bits:08X}"
    if dtype == torch.bfloat16:
        if number != number:
            return "0x7FC0"
        return f"0x{(bits + 0x7FFF + ((bits >> 16) & 1)) >> 16:04X}"
    rounded = struct.unpack("<f", single)[0]
    try:
        half = struct.unpack("<H", struct.pack("<e", rounded))[0]
    except OverflowError:
        half = 0x7C00 if rounded > 0 else 0xFC00
    return f"0x{half:04X}"


class Writer:
    """The text of one function that is being written."""

    def __init__(self):
        self.arguments = []  # text
        self.lines = []
        self.constants = {}
        self.splats = {}

    def argument(self, dtype, dims):
        value = Value(f"%a{len(self.arguments)}", dtype, dims)
        self.arguments.append(f"{value.name}: {value.type}")
        return value

    def scalar(self, kind):
        """A number given at each call; `kind` is int, float or bool."""
        mlir = {int: "i64", float: "f64", bool: "i1"}[kind]
        value = Value(f"%a{len(self.arguments)}", kind, None)
        self.arguments.append(f"{value.name}: {mlir}")
        return value

    def _emit(self, text, dtype, dims):
        value = Value(f"%{len(self.lines)}", dtype, dims)
        self.lines.append(f"  {value.name} = {text}")
        return value

    def constant(self, number, dtype):
        text = literal(number, dtype)
        value = self.constants.get((text, dtype))
        if value is None:
            value = self._emit(
                f"fuser.constant dense<{text}> : {tensor_type(dtype, 0)}", dtype, ()
            )
            self.constants[text, dtype] = value
        return value

    def splat(self, scalar, dtype):
        value = self.splats.get((scalar.name, dtype))
        if value is None:
            mlir = {int: "i64", float: "f64", bool: "i1"}[scalar.dtype]
            value = self._emit(
                f"fuser.splat {scalar.name} : {mlir} -> {tensor_type(dtype, 0)}",
                dtype,
                (),
            )
            self.splats[scalar.name, dtype] = value
        return value

    def cast(self, x, dtype):
        if x.dtype == dtype:
            return x
        text = f"fuser.cast {x.name} : {x.type} to {tensor_type(dtype, len(x.dims))}"
        return self._emit(text, dtype, x.dims)

    def unary(self, op, x, attributes=""):
        return self._emit(f"fuser.{op} {x.name}{attributes} : {x.type}", x.dtype, x.dims)

    def test(self, op, x):
        result = tensor_type(torch.bool, len(x.dims))
        text = f"fuser.{op} {x.name} : ({x.type}) -> {result}"
        return self._emit(text, torch.bool, x.dims)

    def nary(self, op, *operands, dtype=None):
        """A pointwise op of several operands, which broadcast."""
        dims = broadcast([x.dims for x in operands])
        dtype = operands[-1].dtype if dtype is None else dtype
        names = ", ".join(x.name for x in operands)
        types = ", ".join(x.type for x in operands)
        text = f"fuser.{op} {names} : ({types}) -> {tensor_type(dtype, len(dims))}"
        return self._emit(text, dtype, dims)

    def compare(self, predicate, x, y):
        return self.nary(f"compare {predicate},", x, y, dtype=torch.bool)

    def addc(self, op, x, a, b, value):
        return self.nary(op, x, a, b, value, dtype=x.dtype)

    def view(self, op, x, attributes, dims):
        result = tensor_type(x.dtype, len(dims))
        text = f"fuser.{op} {x.name} {attributes} : {x.type} to {result}"
        return self._emit(text, x.dtype, tuple(dims))

    def concat(self, parts, dim, dims):
        names = ", ".join(x.name for x in parts)
        types = ", ".join(x.type for x in parts)
        result = tensor_type(parts[0].dtype, len(dims))
        text = f"fuser.concat {names} dim {dim} : {types} to {result}"
        return self._emit(text, parts[0].dtype, dims)

    def broadcast_like(self, x, like, dims):
        result = tensor_type(x.dtype, len(dims))
        text = (
            f"fuser.broadcast_like {x.name}, {like.name} : {x.type}, {like.type}"
            f" to {result}"
        )
        return self._emit(text, x.dtype, dims)

    def iota_like(self, like, dim=None):
        """The number of each element's place in dimension `dim` of `like`, or in
        all of it, by rows."""
        result = tensor_type(torch.int64, len(like.dims))
        dim = "" if dim is None else f" dim {dim}"
        return self._emit(f"fuser.iota like {like.name}{dim} : {like.type} to {result}", torch.int64, like.dims)

    def random(self, index, seed, offset, dtype):
        return self.nary("random", index, seed, offset, dtype=dtype)

    def finish(self, results):
        names = ", ".join(x.name for x in results)
        types = ", ".join(x.type for x in results)
        return (
            f"func.func @group({', '.join(self.arguments)}) -> ({types}) {{\n"
            + "\n".join(self.lines)
            + ("\n" if self.lines else "")
            + f"  return {names} : {types}\n}}\n"
        )
