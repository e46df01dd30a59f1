# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The Python functions that graphs call for groups.

Small results are allocated by PyTorch, which is quickest, and large ones by
fuser, whose memory is kept and lies on huge pages.
"""

from __future__ import annotations

import threading

import torch
from torch._C._dynamo.guards import _empty_strided_cpu
from torch.fx import Graph, GraphModule

import fuser

from .importer import value_of
from .program import dim_of, dims_of

LARGE_BYTES = 2 << 20

_programs = {}
_lock = threading.Lock()


def program_of(text, fast):
    """The compiled program, one for each text in the process."""
    key = (text, fast)
    with _lock:
        program = _programs.get(key)
        if program is None:
            program = _programs[key] = fuser.compile(text, name="group", fast=fast)
    return program


def programs():
    """How many programs there are in the process."""
    return len(_programs)


class Recovery:
    """Runs a group with PyTorch's own kernels, if fuser refused a call: division
    of integers by zero, which PyTorch then reports in its words, or results in
    place of arguments that other arguments share."""

    def __init__(self, group, stats):
        self.group = group
        self.stats = stats
        self.module = None

    def __call__(self, args, error):
        self.stats["fallbacks"] += 1
        self.stats["eager"].append(("a group, in a call", str(error)))
        if self.module is None:
            self.module = _module_of(self.group)
        group = self.group
        results = list(self.module(*args[: len(group.inputs)]))
        for at, target in zip(group.in_place, args[len(group.inputs) :]):
            target.copy_(results[at])
            results[at] = target
        return results[0] if len(results) == 1 else tuple(results)


def _module_of(group):
    graph, images = Graph(), {}
    for node in group.inputs:
        images[node] = graph.placeholder(node.name)
    # What the program makes itself, PyTorch has to make too.
    for node in group.nodes:
        for operand in node.all_input_nodes:
            if operand not in images:
                _copy_constant(graph, operand, images)
        images[node] = graph.node_copy(node, images.__getitem__)
    graph.output(tuple(images[n] for n in group.outputs))
    return GraphModule({}, graph)


def _copy_constant(graph, node, images):
    for operand in node.all_input_nodes:
        if operand not in images:
            val = value_of(operand)
            if isinstance(val, torch.Tensor):  # read for its shape alone
                images[operand] = graph.call_function(
                    torch.empty, ([dim_of(s) for s in val.shape],), {"dtype": val.dtype, "device": val.device}
                )
            else:
                raise RuntimeError(f"fuser: {operand} is no input of its group")
    images[node] = graph.node_copy(node, images.__getitem__)


class _Layout:
    """How a result lies in memory, as text of Python."""

    def __init__(self, tensor, sources):
        self.dims = dims_of(tensor)
        self.strides = [dim_of(s) for s in tensor.stride()]
        self.is_static = all(isinstance(d, int) for d in (*self.dims, *self.strides))
        self.sizes = [_size_text(d, sources) for d in self.dims]
        self.is_known = None not in self.sizes
        self.is_row_major = self.strides == _row_major(self.dims)
        hints = [s if isinstance(s, int) else _hint(s) for s in tensor.shape]
        self.bytes = tensor.dtype.itemsize
        for hint in hints:
            self.bytes *= hint
        strides = [s if isinstance(s, int) else _hint(s) for s in tensor.stride()]
        self.order = sorted(range(len(hints)), key=lambda i: (strides[i], hints[i], -i))
        self.dtype = tensor.dtype

    def text(self):
        """Sizes and strides as tuples."""
        if self.is_static:
            return repr(self.dims), repr(tuple(self.strides))
        strides, product = [None] * len(self.order), "1"
        for i in self.order:
            strides[i] = product
            product = self.sizes[i] if product == "1" else f"{product} * {self.sizes[i]}"
        return (f"({''.join(s + ', ' for s in part)})" for part in (self.sizes, strides))


def _row_major(dims):
    strides, product = [], 1
    for dim in reversed(dims):
        strides.append(product)
        if not isinstance(dim, int):
            return None
        product *= max(dim, 1)
    return strides[::-1]


def _hint(size):
    node = size.node
    return int(node.hint) if node.has_hint() else 8192


def _size_text(dim, sources):
    return str(dim) if isinstance(dim, int) else sources.get(dim)


def _empty_on(device):
    def empty(sizes, strides, dtype):
        return torch.empty_strided(sizes, strides, dtype=dtype, device=device)

    return empty


def make_callable(group, program, number, stats, allocator):
    """A function of the group's inputs, then of what it replaces, that gives its
    results: one, or a tuple."""
    layouts, sources = [], {}
    names = {node: f"a{i}" for i, node in enumerate(group.inputs)}
    arguments = [names.get(x, str(x)) for x in group.arguments]
    for node, name in names.items():
        val = value_of(node)
        if isinstance(val, torch.Tensor):
            for i, dim in enumerate(dims_of(val)):
                sources.setdefault(dim, f"{name}.shape[{i}]")
        elif isinstance(val, torch.SymInt):
            sources.setdefault(str(val.node.expr), name)
    layouts = [_Layout(value_of(n), sources) for n in group.outputs]
    replaced = {at: f"p{at}" for at in group.in_place}
    names = [*names.values()]
    parameters = ", ".join([*names, *replaced.values()])
    device = value_of(group.outputs[0]).device
    if device.type != "cpu":
        allocator = "torch"  # which keeps the memory of devices
    scope = {
        "__name__": "fuser.torch.groups",
        "into": program.into,
        "call": program.call,
        "empty": _empty_strided_cpu if device.type == "cpu" else _empty_on(device),
        "Error": fuser.Error,
        "recover": Recovery(group, stats),
        "float32": torch.float32,
    }
    body = _body(group, layouts, names, arguments, replaced, scope, allocator)
    function = f"fuser_group_{number}"
    text = f"def {function}({parameters}):\n" + "".join(f"    {line}\n" for line in body)
    exec(compile(text, f"<{function}>", "exec"), scope)
    result = scope[function]
    result.source = text
    return result


def _body(group, layouts, names, arguments, replaced, scope, allocator):
    given = "".join(n + ", " for n in [*names, *replaced.values()])
    recover = ["except Error as error:", f"    return recover(({given}), error)"]
    by_call = not replaced and allocator == "fuser" and any(x.bytes >= LARGE_BYTES for x in layouts)
    known = all(x.is_known for x in layouts)
    if not known:
        # Sizes that only the program works out; its results lie as eager's do.
        by_call = not replaced
        if not by_call:
            return [f"return recover(({given}), 'sizes that only the program works out')"]
    if by_call:
        return _call_body(layouts, arguments, recover, known, scope)
    return _into_body(layouts, arguments, replaced, recover, scope)


def _into_body(layouts, arguments, replaced, recover, scope):
    lines, outputs = [], []
    for i, layout in enumerate(layouts):
        if i in replaced:
            outputs.append(replaced[i])
            continue
        sizes, strides = layout.text()
        scope[f"t{i}"] = layout.dtype
        lines.append(f"r{i} = empty({sizes}, {strides}, t{i})")
        outputs.append(f"r{i}")
    results = ", ".join(outputs)
    lines += ["try:", f"    into({', '.join([*arguments, *outputs])})", *recover]
    return [*lines, f"return {results}"]


def _call_body(layouts, arguments, recover, known, scope):
    results = ", ".join(f"r{i}" for i in range(len(layouts)))
    lines = ["try:", f"    {results} = call({', '.join(arguments)})", *recover]
    wrong = []
    for i, layout in enumerate(layouts):
        if layout.is_static and not layout.is_row_major:
            wrong.append(f"r{i}.stride() != {tuple(layout.strides)!r}")
        elif layout.is_static or layout.order == list(range(len(layout.dims)))[::-1]:
            wrong.append(f"not r{i}.is_contiguous()")
        elif known:
            wrong.append("True")
    if wrong and known:
        # The rare result that lies otherwise than eager PyTorch's.
        lines.append(f"if {' or '.join(wrong)}:")
        lines += ["    " + x for x in _into_body(layouts, arguments, {}, recover, scope)]
    return [*lines, f"return {results}"]
