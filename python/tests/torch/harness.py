# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares compiled functions with eager PyTorch."""

import copy

import torch
from torch.utils._pytree import tree_leaves, tree_map

import fuser.torch

# Both sides have errors of a few ULP, functions of functions more.
TOLERANCES = {
    torch.float64: dict(rtol=1e-12, atol=1e-12),
    torch.float32: dict(rtol=2e-6, atol=1e-6),
    torch.float16: dict(rtol=2e-3, atol=1e-4),
    torch.bfloat16: dict(rtol=1.6e-2, atol=1e-3),
}


def assert_same(actual, expected):
    """Equal dtypes, shapes and strides, and elements within the tolerance."""
    actual, expected = tree_leaves(actual), tree_leaves(expected)
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected):
        if not isinstance(e, torch.Tensor):
            assert a == e
            continue
        torch.testing.assert_close(a, e, equal_nan=True, **TOLERANCES.get(e.dtype, dict(rtol=0, atol=0)))
        if e.numel():
            assert _steps(a) == _steps(e)


def _steps(t):
    """The strides that mean something."""
    return [s for s, n in zip(t.stride(), t.shape) if n > 1]


def shares(tensors):
    """Which pairs of tensors share memory."""
    places = [t.untyped_storage().data_ptr() for t in tensors]
    return [a == b for i, a in enumerate(places) for b in places[i + 1 :]]


def clone(args):
    return tree_map(lambda t: clone_one(t) if isinstance(t, torch.Tensor) else t, args)


def clone_one(t):
    """A copy of the same strides, that asks for gradients if `t` does."""
    result = torch.empty_strided(t.shape, t.stride(), dtype=t.dtype)
    result.copy_(t.detach()) if not _overlaps(t) else None
    return (result if not _overlaps(t) else t.detach()).requires_grad_(t.requires_grad)


def _overlaps(t):
    return any(s == 0 and n > 1 for s, n in zip(t.stride(), t.shape))


def check(function, *args, fused=True, grad=False, **options):
    """Runs `function` eagerly and compiled, on equal arguments: results, what it
    changes, and which of both share memory must be the same. Gives the
    statistics."""
    compiled = torch.compile(function, backend="fuser", options={"min_ops": 1, **options})
    expected_args, actual_args = clone(args), clone(args)
    with torch.set_grad_enabled(grad):
        expected = function(*expected_args)
        actual = compiled(*actual_args)
        stats = fuser.torch.last_graph_stats()
        again_args = clone(args)
        again = compiled(*again_args)
    for results, given in ((actual, actual_args), (again, again_args)):
        assert_same(results, expected)
        assert_same(given, expected_args)
        pick = lambda tree: [t for t in tree_leaves(tree) if isinstance(t, torch.Tensor) and t.numel()]
        assert shares(pick((results, given))) == shares(pick((expected, expected_args)))
    if fused:
        assert stats["fused_ops"] > 0, fuser.torch.explain()
        assert stats["fallbacks"] == 0, fuser.torch.explain()
    return stats
