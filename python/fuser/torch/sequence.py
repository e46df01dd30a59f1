# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The Python function that runs a graph: each op called in the shortest way.

What lies between kernels costs as much as small kernels do. So views of what
lies in memory as expected become one view of it, at the calls that read them,
linear layers write into a result that is allocated here, column by column where
that is quicker, and ops that have a function of Python of their own are called
by it.
"""

from __future__ import annotations

import math
import operator
from typing import NamedTuple

import torch
from torch._C._dynamo.guards import _empty_strided_cpu, _reinterpret_tensor
from torch.fx import Node

from .importer import is_on_cpu, name_of, value_of
from .partition import is_view
from .rewrite import is_turned

# By these, a call takes 1 to 2 us less than by the overload.
_BOUND = {
    f"aten::{name}": getattr(torch._C._VariableFunctions, name)
    for name in (
        "_log_softmax _scaled_dot_product_flash_attention_for_cpu _softmax add addmm baddbmm bmm cat clone"
        " convolution div embedding mm mul native_layer_norm sub sum"
    ).split()
}
_BOUND["aten::linear"] = torch._C._nn.linear

# PyTorch's kernels whose results lie as those of fake tensors.
_CERTAIN = {
    "aten::_scaled_dot_product_flash_attention_for_cpu",
    "aten::addmm",
    "aten::bmm",
    "aten::mm",
    "aten::native_layer_norm",
}


class _Place(NamedTuple):
    """Where a tensor's elements lie: seen from the variable `base`."""

    base: str
    sizes: tuple
    strides: tuple
    offset: int


def _layout(node):
    """Sizes, strides and offset of a node's tensor, if they are known and
    nothing else is to be told of it; else None."""
    val = value_of(node)
    if not is_on_cpu(val):
        return None
    layout = tuple(val.shape), tuple(val.stride()), val.storage_offset()
    return layout if all(isinstance(n, int) for n in (*layout[0], *layout[1], layout[2])) else None


def _transposed(place):
    return place._replace(sizes=place.sizes[::-1], strides=place.strides[::-1])


def _turned(place, rows, columns):
    """Where the elements of `place` lie if their matrix lies column by column;
    None if no strides can say that."""
    strides, last = [], place.offset % columns
    for size, stride in zip(place.sizes, place.strides):
        is_row = stride % columns == 0
        strides.append(stride // columns if is_row else stride * rows)
        last += 0 if is_row else (size - 1) * stride
    if last >= columns:
        return None
    return place._replace(strides=tuple(strides), offset=place.offset % columns * rows + place.offset // columns)


def _is_certain(node):
    """Whether a tensor that is no view lies as the graph's compiler saw it.
    Arguments do, by guards; gradients and what was saved for them might not."""
    if node.op == "placeholder":
        return node.name.startswith(("arg", "primals"))
    if node.target is operator.getitem:
        node = node.args[0]
    return node.op == "get_attr" or hasattr(node.target, "source") or name_of(node) in _CERTAIN


def function_of(graph, module):
    """A function of one list of arguments, which it empties. `module` has the
    graph's attributes."""
    writer = _Writer(module)
    for node in graph.nodes:
        getattr(writer, f"add_{node.op}")(node)
    return writer.finish()


class _Writer:
    def __init__(self, module):
        self.module = module
        self.scope = {"__name__": "fuser.torch.graphs", "empty": _empty_strided_cpu, "view": _reinterpret_tensor}
        self.names = {}  # Node -> variable
        self.constants = {}  # id of an object -> its name in `scope`
        self.places = {}  # Node -> _Place
        self.turned = {}  # variable -> rows and columns of what lies in it column by column
        self.parameters = []
        self.lines = []
        self.last = {}  # variable -> number of the last line that reads it

    # Text.

    def constant(self, value, prefix="c"):
        """The name of an object, one for each."""
        name = self.constants.get(id(value))
        if name is None:
            name = self.constants[id(value)] = f"{prefix}{len(self.constants)}"
            self.scope[name] = value
        return name

    def variable(self):
        name = f"x{len(self.last)}"
        self.last[name] = len(self.lines)
        return name

    def name(self, node):
        """A variable for a node."""
        name = self.names[node] = self.variable()
        layout = _layout(node)
        if layout and _is_certain(node):
            self.places[node] = _Place(name, layout[0], layout[1], 0)
        return name

    def read(self, name):
        """`name`, which is needed until the next line."""
        if name in self.last:
            self.last[name] = len(self.lines)
        return name

    def view(self, place):
        if place.base in self.turned:
            place = _turned(place, *self.turned[place.base])
        return f"view({self.read(place.base)}, {place.sizes}, {place.strides}, {place.offset})"

    def text(self, value):
        if isinstance(value, Node):
            name = self.names.get(value)
            return self.read(name) if name is not None else self.view(self.places[value])
        if isinstance(value, (list, tuple)):
            items = "".join(self.text(v) + ", " for v in value)
            return f"[{items}]" if isinstance(value, list) else f"({items})"
        if value is None or type(value) in (bool, int, str):
            return repr(value)
        if isinstance(value, slice):
            return f"slice({self.text(value.start)}, {self.text(value.stop)}, {self.text(value.step)})"
        return self.constant(value)

    def call(self, function, args, kwargs):
        parts = [self.text(a) for a in args] + [f"{k}={self.text(v)}" for k, v in kwargs.items()]
        return f"{self.constant(function, 'f')}({', '.join(parts)})"

    # Nodes.

    def add_placeholder(self, node):
        self.parameters.append(self.name(node))

    def add_get_attr(self, node):
        self.names[node] = self.constant(operator.attrgetter(node.target)(self.module))

    def add_call_function(self, node):
        if node in self.names or self.add_view(node) or self.add_linear(node):
            return
        target = node.target
        if target is operator.getitem:
            text = f"{self.text(node.args[0])}[{self.text(node.args[1])}]"
        else:
            self.add_repeated(node.args)
            bound = _BOUND.get(name_of(node)) or getattr(target, "_op", target)
            text = self.call(bound, node.args, node.kwargs)
        parts = [node]
        if hasattr(target, "source") and node.users and all(u.target is operator.getitem for u in node.users):
            parts = sorted(node.users, key=lambda u: u.args[1])
        names = ", ".join(map(self.name, parts))
        self.lines.append(f"{names} = {text}")

    def add_repeated(self, args):
        """Makes views that are several of `args` once."""
        for i, value in enumerate(args):
            if isinstance(value, Node) and value not in self.names and value in args[:i]:
                text = self.text(value)
                self.names[value] = self.variable()
                self.lines.append(f"{self.names[value]} = {text}")

    def add_view(self, node):
        """Notes where a view lies, whose elements nobody moves."""
        if not is_view(node) or any(u.op == "output" for u in node.users):
            return False
        source = node.args[0]
        place, old, new = self.places.get(source), _layout(source), _layout(node)
        if not (place and old and new) or value_of(node).dtype != value_of(source).dtype:
            return False
        self.places[node] = _Place(place.base, new[0], new[1], place.offset + new[2] - old[2])
        return True

    def add_linear(self, node):
        if name_of(node) != "aten::linear" or node.kwargs:
            return False
        x, weight, bias = node.args
        layout = _layout(node)
        a, b = self.places.get(x), self.places.get(weight)
        if not (a and b and layout) or not value_of(x).is_contiguous() or not value_of(node).is_contiguous():
            return False
        rows, inner, outer = math.prod(a.sizes[:-1]), a.sizes[-1], b.sizes[0]
        a = a._replace(sizes=(rows, inner), strides=(inner, 1))
        name = self.variable()
        self.places[node] = _Place(name, *layout[:2], 0)
        if is_turned(node) and self.may_turn(node, rows, outer):
            self.turned[name] = rows, outer
            a, b, rows, outer = b, _transposed(a), outer, rows
        else:
            b = _transposed(b)
        self.lines.append(f"{name} = empty({(rows, outer)}, {(outer, 1)}, {self.constant(value_of(node).dtype)})")
        function = torch._C._VariableFunctions.addmm if bias is not None else torch._C._VariableFunctions.mm
        operands = [self.text(bias)] if bias is not None else []
        operands += [self.view(a), self.view(b), f"out={self.read(name)}"]
        self.lines.append(f"{self.constant(function, 'f')}({', '.join(operands)})")
        return True

    def may_turn(self, node, rows, columns):
        """Whether groups alone read a result, whose views have strides also
        if it lies column by column."""
        pending = [node]
        while pending:
            for user in pending.pop().users:
                if hasattr(user.target, "source"):
                    continue
                layout = _layout(user)
                if not is_view(user) or not layout or not _turned(_Place("", *layout), rows, columns):
                    return False
                pending.append(user)
        return True

    def add_output(self, node):
        self.lines.append(f"return {self.text(node.args[0])}")

    def finish(self):
        ends = {}
        for name, line in self.last.items():
            if line < len(self.lines) - 1:
                ends.setdefault(line, []).append(name)
        body = [f"[{', '.join(self.parameters)}] = args", "args.clear()"]
        for i, line in enumerate(self.lines):
            body.append(line)
            if i in ends:
                body.append(" = ".join([*ends[i], "None"]))
        text = "def fuser_graph(args):\n" + "".join(f"    {line}\n" for line in body)
        exec(compile(text, "<fuser_graph>", "exec"), self.scope)
        self.scope["fuser_graph"].source = text
        return self.scope["fuser_graph"]
