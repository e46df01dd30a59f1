# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A part of the sweep of opinfo.py that takes half a minute: one sample of a
few dtypes of ops of every class."""

import warnings

import opinfo
import torch

NAMES = """
add sub mul div true_divide floor_divide remainder fmod pow exp log1p tanh erf
sigmoid rsqrt abs neg sign sgn round ceil isnan isfinite logical_not bitwise_and
bitwise_left_shift eq lt maximum minimum fmax where clamp lerp addcmul addcdiv
masked_fill nan_to_num nn.functional.gelu nn.functional.silu nn.functional.elu
nn.functional.softplus nn.functional.hardtanh nn.functional.glu cat stack to
float int bool clone contiguous transpose permute reshape expand squeeze
unsqueeze slice select chunk split unbind slice_scatter select_scatter full_like
logaddexp xlogy sinc isposinf triu permute_copy narrow_copy roll tile ldexp hypot
nn.functional.pad nn.functional.pixel_shuffle nn.functional.huber_loss
diag_embed unfold_copy round
""".split()
DTYPES = {torch.float32, torch.bfloat16, torch.int32}


@torch._dynamo.config.patch(recompile_limit=64)
def test_sample():
    ops = list(opinfo.chosen_ops(set(NAMES)))
    assert {op.name for op in ops} == set(NAMES) & {op.name for op in opinfo.op_db}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counts, wrong, _ = opinfo.sweep(ops, samples=1, dtypes=DTYPES)
    assert not wrong
    assert counts["ops"] == len(ops)
    assert counts["ops with fused samples"] > 0.5 * len(ops)
    assert counts["fallbacks"] == 0
