#!/usr/bin/env python3
# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares compiled with eager PyTorch on PyTorch's own samples of its ops.

    python/tests/torch/opinfo.py [--samples=N] [--dtypes=A,B] [--grad] [--part=I/N] [--seconds=S] [NAME ...]

Takes the ops of the database that are pointwise, comparisons, casts, shapes and
joins, with every dtype of the CPU, and runs each sample compiled and eagerly.
Wrong is: another dtype, shape or stride, an element off by more than the
tolerance, or an error where eager has none.
"""

import argparse
import collections
import sys
import time
import warnings

import torch
from torch.testing._internal.common_methods_invocations import (
    BinaryUfuncInfo,
    ReductionOpInfo,
    SpectralFuncInfo,
    UnaryUfuncInfo,
    op_db,
)
from torch.utils._pytree import tree_leaves, tree_map

import fuser.torch

# What moves, joins, casts, creates or chooses elements; functions of elements
# that the database does not list as pointwise.
NAMED = set(
    """
H T T_ mT mH adjoint alias_copy as_strided as_strided_copy atleast_1d atleast_2d atleast_3d
bfloat16 block_diag bool broadcast_tensors broadcast_to byte cat char chunk clone
column_stack combinations contiguous copysign diag diag_embed diagonal
diagonal_copy diagonal_scatter double dsplit dstack expand expand_as expand_copy
fill flatten flip fliplr flipud float full_like half hsplit hstack index_select int
isclose isin lerp long masked_fill masked_select mH movedim narrow narrow_copy
new_full new_ones new_zeros ones_like permute permute_copy ravel repeat
repeat_interleave reshape reshape_as resize_as_ resolve_conj resolve_neg roll
rot90 select select_scatter short slice slice_scatter split split_list_args
split_with_sizes split_with_sizes_copy squeeze squeeze_copy stack swapaxes swapdims
t t_copy take_along_dim tile to transpose transpose_copy tril triu type_as
unbind unbind_copy unflatten unfold unfold_copy unsafe_chunk unsafe_split
unsqueeze unsqueeze_copy view view_as view_copy vsplit vstack where zero_
zeros_like clamp addcmul addcdiv constant_pad_nd logaddexp tensor_split
add sub mul div meshgrid scalar_tensor full zeros ones arange linspace
nn.functional.celu nn.functional.elu nn.functional.gelu nn.functional.glu
nn.functional.hardshrink nn.functional.hardsigmoid nn.functional.hardswish
nn.functional.hardtanh nn.functional.leaky_relu nn.functional.logsigmoid
nn.functional.mish nn.functional.mse_loss nn.functional.pad
nn.functional.pixel_shuffle nn.functional.pixel_unshuffle nn.functional.prelu
nn.functional.relu nn.functional.relu6 nn.functional.rrelu nn.functional.selu
nn.functional.silu nn.functional.smooth_l1_loss nn.functional.huber_loss
nn.functional.softplus nn.functional.softshrink nn.functional.softsign
nn.functional.tanhshrink nn.functional.threshold nn.functional.l1_loss
nn.functional.channel_shuffle nn.functional.softmin
nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits
nn.functional.soft_margin_loss
""".split()
)
SKIPPED = {"nn.functional.rrelu"}  # random

# Errors of a few ULP on both sides, on samples near zeros of the functions too.
TOLERANCES = {
    torch.float64: (1e-10, 1e-10),
    torch.float32: (2e-5, 1e-5),
    torch.float16: (2e-3, 1e-3),
    torch.bfloat16: (1.6e-2, 1e-2),
    torch.complex64: (1e-4, 1e-4),
    torch.complex128: (1e-8, 1e-8),
    torch.complex32: (1e-2, 1e-2),
}


def chosen_ops(names):
    for op in op_db:
        pointwise = isinstance(op, (UnaryUfuncInfo, BinaryUfuncInfo))
        if op.name in SKIPPED or isinstance(op, (ReductionOpInfo, SpectralFuncInfo)):
            continue
        if (op.name in names) if names else (pointwise or op.name in NAMED):
            yield op


def dtypes_of(op):
    return sorted(op.supported_dtypes("cpu"), key=str)


def fresh(tree):
    return tree_map(lambda t: t.detach().clone() if isinstance(t, torch.Tensor) else t, tree)


def difference(actual, expected):
    """What is wrong with `actual`, or None."""
    actual, expected = tree_leaves(actual), tree_leaves(expected)
    if len(actual) != len(expected):
        return "another number of results"
    for a, e in zip(actual, expected):
        if not isinstance(e, torch.Tensor):
            if a != e and a == a:
                return f"{a} is not {e}"
            continue
        if e.layout != torch.strided or e.is_quantized:
            continue
        steps = [[s for s, n in zip(t.stride(), t.shape) if n > 1] for t in (a, e)]
        if e.numel() and steps[0] != steps[1]:
            return f"strides {a.stride()}, not {e.stride()}, of {tuple(e.shape)}"
        rtol, atol = TOLERANCES.get(e.dtype, (0, 0))
        try:
            torch.testing.assert_close(a, e, rtol=rtol, atol=atol, equal_nan=True)
        except AssertionError as error:
            return str(error)
    return None


def outcome(function, args, kwargs, grad):
    """What `function` gives; with `grad`, the gradients of its arguments, too."""
    args, kwargs = fresh(args), fresh(kwargs)
    if not grad:
        with torch.no_grad():
            return function(args, kwargs)
    floats = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor) and t.is_floating_point()]
    for t in floats:
        t.requires_grad_()
    results = function(args, kwargs)
    ends = [r for r in tree_leaves(results) if isinstance(r, torch.Tensor) and r.requires_grad]
    torch.autograd.backward(ends, [torch.ones_like(r) for r in ends])
    return results, [t.grad for t in floats if t.grad is not None]


def works_eagerly(op, sample, grad):
    try:
        outcome(lambda args, kwargs: op.op(*args, **kwargs), (sample.input, *sample.args), sample.kwargs, grad)
    except Exception:
        return False
    return True


def run(op, samples, counts, reasons, grad):
    """Runs samples as one function; gives what is wrong, or None. `reasons`
    counts why nothing was fused."""
    calls = [((s.input, *s.args), s.kwargs) for s in samples]

    def function(calls, _):
        return [op.op(*args, **kwargs) for args, kwargs in calls]

    expected = outcome(function, calls, {}, grad)
    compiled = torch.compile(function, backend="fuser", options={"min_ops": 1})
    fuser.torch.aot._last = {}  # else what has no graph shows its predecessor's
    try:
        actual = outcome(compiled, calls, {}, grad)
    except Exception as error:
        return f"raises {type(error).__name__}: {str(error)[:300]}"
    stats = fuser.torch.last_graph_stats()
    counts["compiled"] += bool(stats)
    counts["fused"] += stats.get("fused_ops", 0) > 0
    if not stats.get("fused_ops"):
        reasons.update(fuser.torch.explain().splitlines() if stats else ["no graph was compiled"])
    counts["fallbacks"] += stats.get("fallbacks", 0)
    return difference(actual, expected)


def run_all(op, samples, counts, reasons, grad):
    """What is wrong with samples of one dtype. Tracing takes the time, so they
    are one function, and several only where that fails or has no graph."""
    trial, trial_reasons = collections.Counter(), collections.Counter()
    problem = run(op, samples, trial, trial_reasons, grad)
    if len(samples) == 1 or (problem is None and trial["compiled"]):
        counts.update(trial)
        reasons.update(trial_reasons)
        return [problem] if problem is not None else []
    problems = [run(op, [sample], counts, reasons, grad) for sample in samples]
    return [problem for problem in problems if problem is not None]


def sweep(ops, samples, seconds=None, report=print, dtypes=None, grad=False):
    """Runs up to `samples` samples of every dtype of every op, or those of
    `dtypes`. Gives counts, the list of what went wrong, and the ops of which no
    sample was fused, with the commonest reasons."""
    counts, wrong, unfused = collections.Counter(), [], {}
    start = time.perf_counter()
    for op in ops:
        if seconds is not None and time.perf_counter() - start > seconds:
            break
        fused_before, reasons = counts["fused"], collections.Counter()
        for dtype in dtypes_of(op):
            if dtypes is not None and dtype not in dtypes:
                continue
            torch._dynamo.reset()
            torch.manual_seed(0)
            try:
                inputs = list(op.sample_inputs("cpu", dtype))
            except Exception:
                continue
            # Spread over the samples, which go from simple to odd.
            chosen = inputs[:: max(1, len(inputs) // samples)][:samples]
            working = [sample for sample in chosen if works_eagerly(op, sample, grad)]
            counts["eager raises"] += len(chosen) - len(working)
            if not working:
                continue
            counts["ops with dtypes"] += 1
            counts["samples"] += len(working)
            for problem in run_all(op, working, counts, reasons, grad):
                wrong.append((op.formatted_name, dtype, problem))
                report(f"{op.formatted_name} {dtype}: {problem}")
        counts["ops"] += 1
        counts["ops with fused samples"] += counts["fused"] > fused_before
        if counts["fused"] == fused_before:
            unfused[op.formatted_name] = "; ".join(r for r, _ in reasons.most_common(2))
    return counts, wrong, unfused


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=4, help="of each op and dtype")
    parser.add_argument("--dtypes", help="float32,bfloat16, ...; every one, if none are named")
    parser.add_argument("--part", default="0/1", help="I/N: every Nth op, from the Ith on")
    parser.add_argument("--grad", action="store_true", help="compare gradients, too; what is fused is then said of them")
    parser.add_argument("--seconds", type=float, help="begin no op after so long")
    parser.add_argument("names", nargs="*", help="ops; all of the classes, if none are named")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch._dynamo.config.recompile_limit = 64
    i, n = map(int, options.part.split("/"))
    ops = list(chosen_ops(set(options.names)))[i::n]
    dtypes = options.dtypes and {getattr(torch, name) for name in options.dtypes.split(",")}
    report = lambda text: print(text, flush=True)
    counts, wrong, unfused = sweep(ops, options.samples, options.seconds, report, dtypes, options.grad)
    for name, reasons in unfused.items():
        print(f"not fused: {name}: {reasons}")
    print(dict(counts), "wrong:", len(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
