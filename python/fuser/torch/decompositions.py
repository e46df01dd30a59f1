# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which ops are taken apart before graphs are cut.

Built up from nothing: what is not named here and is no composite of PyTorch
itself stays whole, as softmax, norms, products of matrices, convolution and
attention, for which PyTorch has good kernels. So do the composites that programs
have, since their formulas are eager's and the decompositions' are not.
"""

from __future__ import annotations

import functools

import torch

from .random import DECOMPOSITIONS

_NAMES = """
celu celu_ selu selu_ hardswish_backward hardsigmoid_backward hardtanh_backward
leaky_relu_backward elu_backward silu_backward mish_backward gelu_backward
softplus_backward threshold_backward sigmoid_backward tanh_backward
log_sigmoid_forward log_sigmoid_backward logit_backward hardshrink
softshrink softshrink_backward prelu _prelu_kernel _prelu_kernel_backward
glu glu_backward rsub heaviside nan_to_num deg2rad rad2deg
mse_loss smooth_l1_loss huber_loss binary_cross_entropy
mse_loss_backward smooth_l1_loss_backward huber_loss_backward
binary_cross_entropy_backward binary_cross_entropy_with_logits
as_strided_copy diagonal_copy split_with_sizes_copy unbind_copy unfold_copy
block_diag diag_embed pixel_shuffle pixel_unshuffle channel_shuffle
masked_fill masked_fill_ stack t transpose native_dropout_backward
addcmul_ addcdiv_ lerp_
""".split()


@functools.cache
def table(random):
    """The decompositions, by overload; `random`: the option."""
    from torch._decomp import get_decompositions

    aten = torch.ops.aten
    names = [getattr(aten, name) for name in _NAMES if hasattr(aten, name)]
    decompositions = get_decompositions(names)
    if random == "fused":
        decompositions.update(DECOMPOSITIONS)
    return decompositions
