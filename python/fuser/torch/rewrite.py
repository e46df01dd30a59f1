# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rewrites of FX graphs: what comes before the partition, and the graph that
calls groups."""

from __future__ import annotations

import functools
import heapq
import math
import operator

import torch
from torch.fx import Graph, Node
from torch.utils._python_dispatch import _disable_current_modes

from .importer import is_on_cpu, name_of, value_of
from .partition import RULES as RULES_AND_MOVES
from .partition import is_constant, is_view
from .pointwise import RULES
from .program import dim_of, dims_of
from .random import draw_seed, seed_op

aten = torch.ops.aten


def mutates(node):
    schema = getattr(node.target, "_schema", None)
    return schema is not None and schema.is_mutable


# Ops on lists of tensors, as optimizers use them.


def explode_foreach(graph):
    """Replaces `_foreach_` ops by ops on each of the tensors."""
    for node in list(graph.nodes):
        name = name_of(node)
        if not name.startswith("aten::_foreach_") or mutates(node):
            continue
        users = list(node.users)
        if not all(u.target is operator.getitem for u in users):
            continue
        try:
            results = _explode(graph, node, name[len("aten::_foreach_") :])
        except _NoSuchOp:
            continue
        for user in users:
            user.replace_all_uses_with(results[user.args[1]])
            graph.erase_node(user)
        graph.erase_node(node)


class _NoSuchOp(Exception):
    pass


def _explode(graph, node, base):
    packet = getattr(aten, base, None)
    if packet is None:
        raise _NoSuchOp
    plans = [_call_at(packet, base, node, i) for i in range(len(value_of(node)))]
    results = []
    with graph.inserting_before(node):
        for i, (target, args, kwargs) in enumerate(plans):
            result = graph.call_function(target, args, kwargs)
            result.meta["val"] = value_of(node)[i]
            results.append(result)
    return results


def _call_at(packet, base, node, i):
    """What a `_foreach_` op does for tensor i: overload and arguments."""
    schema = node.target._schema
    names = [a.name for a in schema.arguments]
    given = {**dict(zip(names, node.args)), **node.kwargs}
    values = {n: v[i] if isinstance(v, (list, tuple)) else v for n, v in given.items()}
    if base in ("addcmul", "addcdiv"):
        scale = values.get("value", values.get("scalars", 1))
        if isinstance(value_of(scale), torch.Tensor):
            raise _NoSuchOp
        args = (values["self"], values["tensor1"], values["tensor2"])
        return packet.default, args, {"value": scale}
    alpha = {"alpha": values.pop("alpha")} if "alpha" in values else {}
    args = tuple(values[n] for n in names if n in values)
    overload = _overload(packet, base, args)
    if len(overload._schema.arguments) < len(args):
        raise _NoSuchOp
    return overload, args, alpha


_CLAMPS = {"maximum": "clamp_min", "minimum": "clamp_max"}


def _overload(packet, base, args):
    tensors = [isinstance(value_of(a), torch.Tensor) for a in args]
    if len(args) == 1:
        wanted = ["default"]
    elif base in _CLAMPS and not tensors[1]:
        packet, wanted = getattr(aten, _CLAMPS[base]), ["default"]
    elif base in ("pow", "lerp"):
        kinds = ["Tensor" if t else "Scalar" for t in tensors]
        wanted = ["_".join(kinds), kinds[0], kinds[-1]]
    else:
        # Numbers are operands of the overload for tensors, as in other graphs.
        wanted = ["Tensor", "default"]
    for name in wanted:
        if name in packet.overloads():
            return getattr(packet, name)
    raise _NoSuchOp


# Constants like other tensors.

_LIKE = {"aten::full_like": None, "aten::zeros_like": 0, "aten::ones_like": 1}


def detach_constants(graph):
    """Has constants of the shape of a tensor not read that tensor, where the
    shape is known: else what a group computes would be stored for its shape."""
    for node in list(graph.nodes):
        name = name_of(node)
        if name not in _LIKE or not is_on_cpu(value_of(node)):
            continue
        val = value_of(node)
        dims = dims_of(val)
        is_static = all(isinstance(d, int) for d in dims)
        if not is_static or not val.is_contiguous() or node.kwargs.get("pin_memory"):
            continue
        number = node.args[1] if _LIKE[name] is None else _LIKE[name]
        with graph.inserting_before(node):
            full = graph.call_function(aten.full.default, (list(dims), number), {"dtype": val.dtype})
        full.meta.update(node.meta)
        node.replace_all_uses_with(full)
        graph.erase_node(node)


# Means.


def split_means(graph):
    """Makes means of floats sums and divisions, as PyTorch's kernels do: the
    division then fuses with what comes after."""
    for node in list(graph.nodes):
        if name_of(node) != "aten::mean" or "dtype" in node.kwargs:
            continue
        x, dims, *keep = *node.args, *([[]] if len(node.args) == 1 else [])
        val = value_of(x)
        sizes = dims_of(val)
        dims = dims or range(len(sizes))
        is_wide = is_on_cpu(val) and val.dtype in (torch.float32, torch.float64)
        if not is_wide or not all(isinstance(d, int) for d in sizes):
            continue
        number = math.prod(sizes[d] for d in dims)
        with graph.inserting_before(node):
            total = graph.call_function(aten.sum.dim_IntList, (x, list(dims), *keep), node.kwargs)
            mean = graph.call_function(aten.div.Tensor, (total, number))
        total.meta.update(node.meta)
        mean.meta.update(node.meta)
        node.replace_all_uses_with(mean)
        graph.erase_node(node)


_ROOTS = {"aten::arange", "aten::eye", "aten::linspace"}
_MOST_BYTES = 1 << 20


# What is said twice.


def unite(graph):
    """Has equal ops on the same tensors be one, but for results, which share no
    memory, and what is random. Graphs of inference have many, as of masks."""
    results = set(next(n for n in graph.nodes if n.op == "output").all_input_nodes)
    kept = set(results)
    for node in reversed(graph.nodes):
        if node in kept and (is_view(node) or node.target is operator.getitem):
            kept.update(node.all_input_nodes)
    first = {}
    for node in list(graph.nodes):
        if node in kept or not (is_constant(node) or name_of(node) in _ROOTS or name_of(node) in RULES_AND_MOVES):
            continue
        key = repr((node.target, node.args, node.kwargs))
        other = first.setdefault(key, node)
        if other is not node:
            node.replace_all_uses_with(other)
            graph.erase_node(node)


# What no input has to do with.


def fold_constants(graph, module):
    """Works out, once, what depends on no input, as tables of rotary positions.
    The results become attributes of `module`."""
    values = {}
    for node in graph.nodes:
        if _is_foldable(node, values):
            values[node] = _evaluate(node, values)
    for node in list(values):
        if not is_constant(node):
            _fold(graph, module, node, values[node], [u for u in node.users if u not in values])
    for node in reversed(values):
        if not node.users:
            graph.erase_node(node)


def fold_spare_constants(graph, module, groups):
    """The same for tensors of equal elements that not only groups read, which
    make them where they need them."""
    fused = {n for group in groups for n in group.nodes}
    for node in list(graph.nodes):
        readers = [u for u in node.users if u not in fused]
        if is_constant(node) and readers and _is_foldable(node, ()):
            _fold(graph, module, node, _evaluate(node, {}), readers)
            if not node.users:
                graph.erase_node(node)


def _evaluate(node, values):
    args, kwargs = torch.fx.map_arg((node.args, node.kwargs), values.__getitem__)
    with _disable_current_modes(), torch.inference_mode(False), torch.no_grad():
        return node.target(*args, **kwargs)


def _fold(graph, module, node, value, readers):
    if not readers or any(map(_may_alias, readers)):
        return
    name = f"_fuser_{node.name}"
    setattr(module, name, value)
    with graph.inserting_before(node):
        folded = graph.get_attr(name)
    folded.meta.update(node.meta)
    node.replace_all_uses_with(folded, delete_user_cb=lambda u: u in readers)


def _is_foldable(node, values):
    if node.op != "call_function" or not is_on_cpu(value_of(node)):
        return False
    val = value_of(node)
    sizes = dims_of(val)
    if not all(isinstance(d, int) for d in sizes) or math.prod(sizes) * val.itemsize > _MOST_BYTES:
        return False
    operands = node.all_input_nodes
    if not operands:
        return name_of(node) in _ROOTS or is_constant(node)
    # What has equal elements is a number in programs.
    varied = all(a in values for a in operands) and not all(map(is_constant, operands))
    return varied and name_of(node) in RULES_AND_MOVES


def _may_alias(node):
    """Whether a result of `node` may be a tensor that it reads, or share its memory."""
    schema = getattr(node.target, "_schema", None)
    return schema is None or any(r.alias_info is not None for r in schema.returns)


# Linear layers, which PyTorch takes apart before backends see them.


_FLAT = ("aten::view", "aten::_unsafe_view")


def restore_linear(graph):
    """Makes one `linear` of flattening, `addmm` or `mm`, and its inverse again:
    the same bits, and four calls less."""
    for node in list(graph.nodes):
        if node.target not in (aten.addmm.default, aten.mm.default) or node.kwargs or len(node.args) > 3:
            continue
        *bias, rows, columns = node.args
        if name_of(columns) != "aten::permute" or list(columns.args[1]) != [1, 0]:
            continue
        if not bias or value_of(bias[0]).dim() == 1:
            _restore_linear(graph, node, bias[0] if bias else None, rows, columns.args[0])


def _restore_linear(graph, node, bias, rows, weight):
    x, results = rows, [node]
    if name_of(rows) in _FLAT:
        source, results = rows.args[0], list(node.users)
        wanted = (*dims_of(value_of(source))[:-1], dims_of(value_of(node))[1])
        if dims_of(value_of(source))[-1:] != dims_of(value_of(rows))[-1:]:
            return
        if not all(name_of(u) in _FLAT and dims_of(value_of(u)) == wanted for u in results):
            return
        x = source
    if not results or not value_of(x).is_contiguous():
        return
    with graph.inserting_before(results[0] if len(results) == 1 else node.next):
        linear = graph.call_function(aten.linear.default, (x, weight, bias))
    linear.meta.update(results[0].meta)
    for result in results:
        result.replace_all_uses_with(linear)
    for unused in (*results, node, rows, node.args[-1]):
        if not unused.users and unused in graph.nodes and unused.op == "call_function":
            graph.erase_node(unused)


@functools.cache
def _has_quick_columns():
    """Whether this is a processor on which columns were seen to be quicker."""
    return torch.cpu._is_avx512_bf16_supported() and not torch.cpu._is_amx_tile_supported()


def is_turned(node):
    """Whether a linear layer of few rows had better give its result column by
    column: as the product of the weight, which is read as it lies, with the
    transposed rows. Times in docs/results; the same bits."""
    if name_of(node) != "aten::linear" or node.args[2] is not None:
        return False
    val, sizes = value_of(node), dims_of(value_of(node.args[1]))
    if not is_on_cpu(val) or val.dtype != torch.bfloat16 or not all(isinstance(d, int) for d in (*dims_of(val), *sizes)):
        return False
    rows = math.prod(dims_of(val)[:-1])
    fits = rows in (16, 32, 48, 64) and math.prod(sizes) <= _MOST_TURNED
    return fits and value_of(node.args[1]).is_contiguous() and _has_quick_columns()


_MOST_TURNED = 1 << 21  # elements of a weight


def copy_for_kernels(graph):
    """Copies what PyTorch's kernels read of a result that is to lie column by
    column, beside groups. Gives the copies."""
    copies = []
    for linear in list(graph.nodes):
        if not is_turned(linear):
            continue
        views, readers = [linear], []
        for view in views:
            for user in view.users:
                (views if is_view(user) else readers).append(user)
        others = [u for u in readers if name_of(u) not in RULES_AND_MOVES]
        if len(others) == len(readers) or any(u.op == "output" for u in others):
            continue
        for view in views:
            if any(u in others for u in view.users):
                with graph.inserting_after(view):
                    copy = graph.call_function(aten.clone.default, (view,), _CONTIGUOUS)
                copy.meta["val"] = value_of(view).contiguous()
                view.replace_all_uses_with(copy, delete_user_cb=lambda u: u in others)
                copies.append(copy)
    return copies


_CONTIGUOUS = {"memory_format": torch.contiguous_format}


def drop_copies(graph, copies, groups):
    """Takes copies back that no group makes."""
    for copy in copies:
        if not any(copy in group.members for group in groups):
            copy.replace_all_uses_with(copy.args[0])
            graph.erase_node(copy)


# Ops of several results.


def unpack_splits(graph):
    """Replaces the parts of splits by slices, so that each view has one
    result. Symbolic sizes stay."""
    for node in list(graph.nodes):
        name = name_of(node)
        if name not in _SPLITS or not all(u.target is operator.getitem for u in node.users):
            continue
        rank = value_of(node.args[0]).dim()
        dim = node.kwargs.get("dim", node.args[_SPLITS[name]] if len(node.args) > _SPLITS[name] else 0) % rank
        parts = value_of(node)
        if name == "aten::unbind":
            sizes = [1] * len(parts)
        else:
            sizes = [dim_of(p.shape[dim]) for p in parts]
        if all(isinstance(s, int) for s in sizes):
            _unpack(graph, node, dim, sizes, name == "aten::unbind")


_SPLITS = {
    "aten::split": 2,
    "aten::split_with_sizes": 2,
    "aten::unsafe_split": 2,
    "aten::unbind": 1,
}


def _unpack(graph, node, dim, sizes, remove_dim):
    starts = [sum(sizes[:i]) for i in range(len(sizes))] if len(sizes) < 64 else _sums(sizes)
    for user in list(node.users):
        i = user.args[1]
        with graph.inserting_before(user):
            if remove_dim:
                part = graph.call_function(aten.select.int, (node.args[0], dim, i))
            else:
                part = graph.call_function(
                    aten.slice.Tensor, (node.args[0], dim, starts[i], starts[i] + sizes[i])
                )
        part.meta["val"] = value_of(user)
        user.replace_all_uses_with(part)
        graph.erase_node(user)
    graph.erase_node(node)


def _sums(sizes):
    total, sums = 0, []
    for size in sizes:
        sums.append(total)
        total += size
    return sums


# Results in place of arguments.


def place_results(graph, groups):
    """Has groups write what only a trailing `copy_` would move into an
    argument. Gives the readers that must come before each such group."""
    group_of = {n: g for g in groups for n in g.outputs}
    returned = set(next(n for n in graph.nodes if n.op == "output").all_input_nodes)
    earlier = {}
    for node in list(graph.nodes):
        if node.target is not aten.copy_.default or node.users or len(node.args) != 2:
            continue
        target, source = node.args
        group = group_of.get(source)
        if group is None or source in returned or not _replaces(target, source):
            continue
        at = group.outputs.index(source)
        readers = _readers(target, group, node)
        if at in group.in_place or readers is None or target in returned:
            continue
        if _spreads(target, group):
            continue
        if any(is_view(u) for u in source.users if u not in group.members):
            continue
        group.in_place[at] = (target, node)
        earlier.setdefault(group, []).extend(readers)
    return earlier


_NEW = {"aten::addmm", "aten::bmm", "aten::linear", "aten::mm"}


def reuse_inputs(groups):
    """Has groups write over what they alone read: it is in the caches."""
    own = {n for group in groups for i, n in enumerate(group.outputs) if i not in group.in_place}
    for group in groups:
        left = [n for n in group.inputs if n in own or (name_of(n) in _NEW and not is_turned(n))]
        left = [n for n in left if group.members.issuperset(n.users) and not _spreads(n, group)]
        for at, output in enumerate(group.outputs):
            for source in left:
                if at not in group.in_place and _are_alike(source, output):
                    group.in_place[at] = source, None
                    left.remove(source)
                    break


def _replaces(target, source):
    return target.op == "placeholder" and _are_alike(target, source)


def _are_alike(target, source):
    a, b = value_of(target), value_of(source)
    return (
        a.dtype == b.dtype
        and dims_of(a) == dims_of(b)
        and [dim_of(s) for s in a.stride()] == [dim_of(s) for s in b.stride()]
    )


def _spreads(target, group):
    """Whether the group repeats or moves an argument's elements, so that one is
    read where another is written. One element is no matter: the runtime copies
    it before it writes."""
    dims, reached = dims_of(value_of(target)), {target}
    if all(d == 1 for d in dims):
        return False
    for node in group.nodes:
        if not reached.isdisjoint(node.all_input_nodes):
            reached.add(node)
            if dims_of(value_of(node)) != dims or name_of(node) not in RULES:
                return True
    return False


def _readers(target, group, copy):
    """The nodes outside `group` that read `target`, also through views; None if
    one of them comes after the group or cannot be told."""
    readers, pending = [], [target]
    while pending:
        for user in pending.pop().users:
            if user is copy or user in group.members:
                continue
            if user.op != "call_function" or mutates(user):
                return None
            readers.append(user)
            if is_view(user) or user.target is operator.getitem:
                pending.append(user)
    if readers and _reaches(group, set(readers)):
        return None
    return readers


def _reaches(group, nodes):
    seen, pending = set(), [u for n in group.outputs for u in n.users]
    while pending:
        node = pending.pop()
        if node in nodes:
            return True
        if node not in seen:
            seen.add(node)
            pending.extend(node.users)
    return False


# The graph that calls groups.


def with_groups(graph, groups, earlier, callable_of):
    """A new graph, with a call of `callable_of(group)` for each group."""
    for group in groups if _order(graph, groups, earlier) is None else ():
        # Groups wait for each other's readers: those that wait write elsewhere.
        if earlier.pop(group, ()):
            group.in_place.clear()
    result, images = Graph(), {}
    for unit in _order(graph, groups, earlier):
        if isinstance(unit, Node):
            images[unit] = result.node_copy(unit, images.__getitem__)
            if unit.target is seed_op:
                images[unit].target = draw_seed  # what the op does, without its costs
            continue
        args = [images[n] for n in unit.inputs]
        args += [images[target] for target, _ in unit.in_place.values()]
        call = result.call_function(callable_of(unit), tuple(args))
        if len(unit.outputs) == 1:
            images[unit.outputs[0]] = call
        else:
            for i, node in enumerate(unit.outputs):
                images[node] = result.call_function(operator.getitem, (call, i))
        for node in unit.outputs:
            images[node].meta.update(node.meta)
    return result


def _order(graph, groups, earlier):
    """Nodes and groups, what is needed first, else as in the graph; None if they
    wait for each other."""
    dropped = {copy for g in groups for _, copy in g.in_place.values() if copy}
    unit_of = {n: g for g in groups for n in g.nodes}
    read = {n for g in groups for n in g.inputs}
    needs, users, first = {}, {}, {}
    for i, node in enumerate(graph.nodes):
        unit = unit_of.get(node, node)
        if node in dropped or (unit is node and _is_spare(node, unit_of, read)):
            continue
        first.setdefault(unit, i)
        if unit is node:
            needs[unit] = {unit_of.get(a, a) for a in node.all_input_nodes}
    for group in groups:
        before = [*group.inputs, *earlier.get(group, ())]
        before += [target for target, _ in group.in_place.values()]
        needs[group] = {unit_of.get(a, a) for a in before} - {group}
    for unit, before in needs.items():
        for other in before:
            users.setdefault(other, []).append(unit)
    missing = {unit: len(before) for unit, before in needs.items()}
    by_first = {first[u]: u for u in needs}
    heap = sorted(first[u] for u in needs if not missing[u])
    order = []
    while heap:
        unit = by_first[heapq.heappop(heap)]
        order.append(unit)
        for user in users.get(unit, ()):
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(heap, first[user])
    return order if len(order) == len(needs) else None


def _is_spare(node, unit_of, read):
    """Whether groups alone read a constant, and make it themselves."""
    return is_constant(node) and node not in read and all(u in unit_of for u in node.users)
