# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The backend: from a graph of AOTAutograd to a function."""

from __future__ import annotations

import collections
import functools
import logging
import operator
import time

import torch
from torch.fx import GraphModule

import fuser

from .decompositions import table
from .importer import NO_SUCH_OP, name_of
from .kernels import make_callable, program_of
from .options import options_of
from .partition import is_constant, is_view, partition
from .random import seed_op, share_seed
from .rewrite import (
    detach_constants,
    explode_foreach,
    mutates,
    place_results,
    restore_linear,
    unpack_splits,
    with_groups,
)

log = logging.getLogger("fuser.torch")

_aten = torch.ops.aten
_last = {}


def backend(gm, example_inputs, *, options=None, mode=None):
    """The backend of `torch.compile(..., backend="fuser")`.

    Graphs are cut into groups, groups become programs of fuser, and all else
    stays PyTorch's. What fuser can't do never fails a graph.
    """
    if mode not in (None, "default"):
        raise ValueError(f"fuser: no mode {mode!r}; use options")
    return _aot(options_of(options))(gm, example_inputs)


@functools.cache
def _aot(options):
    from torch._dynamo.backends.common import aot_autograd
    from torch._functorch.partitioners import min_cut_rematerialization_partition

    def compile_graph(gm, example_inputs):
        return compile_fx(gm, options)

    def compile_inference(gm, example_inputs):
        share_seed(gm.graph)
        gm.recompile()
        return compile_fx(gm, options)

    def cut(joint, *args, **kwargs):
        share_seed(joint.graph)
        return min_cut_rematerialization_partition(joint, *args, **kwargs)

    return aot_autograd(
        fw_compiler=compile_graph,
        bw_compiler=compile_graph,
        inference_compiler=compile_inference,
        decompositions=table(options.random),
        partition_fn=cut,
        keep_inference_input_mutations=True,
    )


def compile_fx(gm, options):
    """A function of one list of arguments, that runs a graph of ATen ops."""
    global _last
    start = time.perf_counter()
    stats = {
        "total_ops": sum(map(_is_op, gm.graph.nodes)),
        "fused_ops": 0,
        "kernels": 0,
        "compile_ms": 0.0,
        "fallbacks": 0,
        "unsupported": {},
        "groups": [],
        "eager": [],
    }
    eager = gm.forward
    run = eager
    try:
        graph = _fused_graph(gm, options, stats)
        if graph is not None:
            run = _boxed(gm, graph)
            run = _guarded(run, gm)
    except Exception as error:  # a fault here costs speed, not the program
        log.warning("a graph stays with PyTorch: %s", error, exc_info=True)
        stats.update(fused_ops=0, kernels=0, groups=[])
        stats["unsupported"] = {"graph": 1}
        stats["eager"] = [("graph", f"{type(error).__name__}: {error}")]
        run = eager
    stats["compile_ms"] = (time.perf_counter() - start) * 1e3
    _last = stats
    if run is eager:
        from torch._functorch.aot_autograd import make_boxed_func

        return make_boxed_func(eager)
    return run


def _is_op(node):
    return node.op == "call_function" and node.target not in (operator.getitem, seed_op) and name_of(node) != ""


def _mutates_early(graph):
    """Whether something but trailing copies changes tensors."""
    ended = False
    for node in graph.nodes:
        if node.op != "call_function":
            continue
        if node.target is _aten.copy_.default:
            ended = True
        elif mutates(node) or (ended and name_of(node)):
            return True
    return False


def _fused_graph(gm, options, stats):
    """The graph with groups, or None if there are none."""
    if _mutates_early(gm.graph):
        stats["eager"].append(("graph", "it changes tensors before its end"))
        return None
    graph = torch.fx.Graph()
    images = {}
    output = graph.graph_copy(gm.graph, images)
    graph.output(output)
    explode_foreach(graph)
    unpack_splits(graph)
    restore_linear(graph)
    detach_constants(graph)
    groups, refused = partition(graph, options.min_ops)
    functions = {}
    for group in list(groups):
        try:
            functions[group] = program_of(group.text, options.fast)
        except fuser.Error as error:
            groups.remove(group)
            stats["fallbacks"] += 1
            stats["eager"] += [(name_of(n), f"refused by fuser: {error}") for n in group.nodes]
    _describe(graph, groups, refused, stats)
    if not groups:
        return None
    earlier = place_results(graph, groups) if options.in_place else {}
    _count_placed(groups, stats)
    numbers = {group: i for i, group in enumerate(groups)}

    def callable_of(group):
        return make_callable(group, functions[group], numbers[group], stats, options.allocator)

    return with_groups(graph, groups, earlier, callable_of)


def _describe(graph, groups, refused, stats):
    fused = {n for g in groups for n in g.nodes}
    fused |= {n for n in graph.nodes if is_constant(n) and fused.issuperset(n.users)}
    stats["total_ops"] = sum(map(_is_op, graph.nodes))
    stats["fused_ops"] = len(fused)
    stats["kernels"] = len({g.text for g in groups})
    stats["groups"] = [[name_of(n) for n in g.nodes] for g in groups]
    unsupported = collections.Counter()
    for node in graph.nodes:
        if node in fused or not _is_op(node):
            continue
        reason = refused.get(node)
        if reason is not None:
            unsupported[name_of(node)] += 1
        elif is_view(node):
            reason = "a view, which costs nothing"
        else:
            reason = "too little beside it to fuse"
        stats["eager"].append((name_of(node), reason))
    stats["unsupported"] = dict(unsupported)


def _count_placed(groups, stats):
    """Copies into arguments that groups write themselves are fused, too."""
    placed = sum(len(g.in_place) for g in groups)
    stats["fused_ops"] += placed
    left = stats["unsupported"].pop("aten::copy_", 0) - placed
    if left > 0:
        stats["unsupported"]["aten::copy_"] = left
    for _ in range(placed):
        stats["eager"].remove(("aten::copy_", NO_SUCH_OP))


def _boxed(gm, graph):
    from torch.fx.graph import _BoxedCodeGen

    graph.set_codegen(_BoxedCodeGen())
    return GraphModule(gm, graph).forward


def _guarded(run, gm):
    """`run`, but PyTorch's ops where a mode watches them, as under fake
    tensors: kernels want memory."""
    depth = torch._C._len_torch_dispatch_stack

    def call(args):
        if depth() and _is_watched():
            values = list(args)
            args.clear()
            return gm.forward(*values)
        return run(args)

    call._boxed_call = True
    return call


def _is_watched():
    from torch.utils._python_dispatch import _get_current_dispatch_mode_stack

    # PyTorch's own look at what custom ops return, in first calls.
    harmless = "_AnalyzeCustomOpInputOutputMode"
    return any(type(m).__name__ != harmless for m in _get_current_dispatch_mode_stack())


def last_graph_stats():
    """What became of the graph that was compiled last, in this process.

    total_ops: its ops; fused_ops: those in groups; kernels: distinct programs
    of its groups; compile_ms: the time that this took, without that of kernels,
    which are made at first calls; fallbacks: groups that fuser refused, when
    compiling or in calls; unsupported: how many of which op programs lack.
    """
    keys = ("total_ops", "fused_ops", "kernels", "compile_ms", "fallbacks", "unsupported")
    return {key: _last[key] for key in keys} if _last else {}


def explain():
    """The groups of the graph that was compiled last, and why each of its other
    ops is in none, as text."""
    lines = []
    for i, names in enumerate(_last.get("groups", ())):
        lines.append(f"group {i}: {' '.join(n.split('::')[-1] for n in names)}")
    counts = collections.Counter(_last.get("eager", ()))
    for (name, reason), count in counts.items():
        lines.append(f"{name} ({count}): {reason}")
    return "\n".join(lines)


def compile_layers(model, *, options=None, dynamic=None):
    """Compiles the layers that a model repeats, each class once, and gives the
    model back. What is not repeated runs as before.

    Layers are the modules of a `ModuleList` or `Sequential` that have a class in
    common and parts of their own; a model without such is compiled whole.
    """
    containers = (torch.nn.ModuleList, torch.nn.Sequential)
    found = False
    for module in model.modules():
        if not isinstance(module, containers):
            continue
        children = [c for c in module if any(True for _ in c.children())]
        counts = collections.Counter(map(type, children))
        for child in children:
            if counts[type(child)] > 1 and not isinstance(child, containers):
                child.compile(backend=backend, options=options, dynamic=dynamic)
                found = True
    if not found:
        model.compile(backend=backend, options=options, dynamic=dynamic)
    return model
