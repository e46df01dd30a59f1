# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Rewrites of FX graphs: what comes before the partition, and the graph that
calls groups."""

from __future__ import annotations

import heapq
import operator

import torch
from torch.fx import Graph, Node

from .importer import is_admitted, name_of, value_of
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
        if name not in _LIKE or not is_admitted(value_of(node)):
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


def _replaces(target, source):
    if target.op != "placeholder":
        return False
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
            continue
        for i, node in enumerate(unit.outputs):
            images[node] = result.call_function(operator.getitem, (call, i))
    return result


def _order(graph, groups, earlier):
    """Nodes and groups, what is needed first, else as in the graph; None if they
    wait for each other."""
    dropped = {copy for g in groups for _, copy in g.in_place.values()}
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
