# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cuts an FX graph into groups of nodes, in linear time.

The depth of a node is the number of borders between fused and other nodes on
the longest way to it. Neighbours of one depth form a group, so no way leads out
of a group and back into it.
"""

from __future__ import annotations

from torch.fx import Node

from . import pointwise, shapes
from .importer import Importer, Unsupported, name_of, value_of
from .program import dims_of

RULES = {**pointwise.RULES, **shapes.VIEWS, **shapes.JOINS}
_MOVES = set(shapes.JOINS) | {"aten::clone", "aten::copy"}
_RESHAPES = {"aten::view", "aten::_unsafe_view", "aten::reshape"}


def is_view(node):
    return name_of(node) in shapes.VIEWS


def is_constant(node):
    return name_of(node) in shapes.CONSTANTS


def find_candidates(graph, placeholders):
    """The nodes that programs can say, each by itself, and for the others with
    an operator, why not."""
    candidates, refused = set(), {}
    for node in graph.nodes:
        if node.op != "call_function" or is_constant(node):
            continue
        importer = Importer(RULES, shapes.CONSTANTS)
        importer.shapes = placeholders
        try:
            importer.add(node)
            candidates.add(node)
        except Unsupported as refusal:
            refused[node] = str(refusal)
        except Exception as error:  # arguments of a kind that no rule foresaw
            refused[node] = f"{type(error).__name__}: {error}"
    return candidates, refused


class Group:
    """Nodes that become one program. Then what the importer made of them."""

    def __init__(self, nodes):
        self.nodes = nodes  # in the order of the graph
        self.members = set(nodes)
        self.text = None
        self.arguments = ()  # nodes and numbers
        self.inputs = ()  # the nodes of these
        self.outputs = ()
        self.in_place = {}  # number of an output -> (placeholder, copy_ node)

    def find_outputs(self):
        self.outputs = [
            n for n in self.nodes if any(u not in self.members for u in n.users)
        ]

    def import_nodes(self, placeholders):
        self.find_outputs()
        importer = Importer(RULES, shapes.CONSTANTS)
        self.text = importer.finish(self.nodes, self.outputs, placeholders)
        self.arguments = importer.inputs
        self.inputs = [x for x in importer.inputs if isinstance(x, Node)]


def find_groups(graph, candidates):
    """The groups of connected candidates of equal depth."""
    depths, parents = {}, {}

    def root(node):
        while parents[node] is not node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for node in graph.nodes:
        fused = node in candidates
        depth = 0
        for operand in node.all_input_nodes:
            if operand.all_input_nodes and not is_constant(operand):
                border = (operand in candidates) != fused
                depth = max(depth, depths[operand] + border)
        depths[node] = depth
        if not fused:
            continue
        parents[node] = node
        for operand in node.all_input_nodes:
            if operand in candidates and depths[operand] == depth:
                parents[root(operand)] = root(node)
    groups = {}
    for node in graph.nodes:
        if node in candidates:
            groups.setdefault(root(node), []).append(node)
    return _merge_with_readers(groups, root, depths)


def _merge_with_readers(groups, root, depths):
    """Moves what one later group alone reads, element by element, into that
    group: what is read across a border is stored.

    The depth of a node may be as great as its readers allow, so no way leads
    out of a group and back, still. From the last group to the first, that later
    groups stay where they are.
    """
    group_of = {n: first for first, nodes in groups.items() for n in nodes}
    for first in sorted(groups, key=lambda first: depths[first], reverse=True):
        nodes = groups[first]
        border = [(n, u) for n in nodes for u in n.users if group_of.get(u) is not first]
        readers = {group_of.get(u) for _, u in border}
        if len(readers) != 1 or None in readers:
            continue
        if any(dims_of(value_of(n)) != dims_of(value_of(u)) for n, u in border):
            continue  # a part that is repeated would be computed as often
        (reader,) = readers
        groups[reader] = groups.pop(first) + groups[reader]
        group_of.update(dict.fromkeys(nodes, reader))
    return list(groups.values())


def trim(graph, nodes, candidates):
    """The group of `nodes` without the views at its ends.

    No view is a result of a group, which would be a copy: those that only
    nodes outside read stay outside, those that both read are doubled. Reshapes
    of inputs stay outside too, as their sizes would be part of the text.
    """
    members = set(nodes)
    for node in reversed(nodes):
        if not is_view(node):
            continue
        inside = [u for u in node.users if u in members]
        if not inside:
            members.discard(node)
        elif len(inside) < len(node.users):
            with graph.inserting_after(node):
                double = graph.node_copy(node)
            node.replace_all_uses_with(double, delete_user_cb=lambda u: u not in members)
    for node in nodes:
        if node in members and name_of(node) in _RESHAPES and node.args[0] not in members:
            source = node.args[0]
            if not is_constant(source) and _without_ones(source) != _without_ones(node):
                members.discard(node)
    return Group([n for n in nodes if n in members])


def _without_ones(node):
    return [d for d in dims_of(value_of(node)) if d != 1]


def weight(group, alone):
    """About how much there is to gain: the ops, costly ones twice. Moves count
    beside others only, or if `alone`."""
    names = [name_of(n) for n in group.nodes]
    moves = sum(name in _MOVES for name in names)
    ops = sum(1 + (n in pointwise.COSTLY) for n in names if n in pointwise.RULES and n not in _MOVES)
    return ops + moves if ops or alone else 0


def partition(graph, min_ops):
    """The groups of a graph, imported, and why other nodes are in none."""
    placeholders = [n for n in graph.nodes if n.op == "placeholder"]
    candidates, refused = find_candidates(graph, placeholders)
    while True:
        try:
            groups = _imported(graph, candidates, placeholders, min_ops)
            return groups, refused
        except Unsupported as refusal:
            # What can be said by itself can't in its group: without it, then.
            candidates.discard(refusal.node)
            refused[refusal.node] = str(refusal)


def _imported(graph, candidates, placeholders, min_ops):
    groups = []
    for nodes in find_groups(graph, candidates):
        if not any(n in candidates and not is_view(n) for n in nodes):
            continue
        group = trim(graph, nodes, candidates)
        if weight(group, min_ops <= 1) >= min_ops:
            group.import_nodes(placeholders)
            groups.append(group)
    return groups
