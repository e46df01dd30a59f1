# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of tensors against eager PyTorch: dtypes, shapes, strides."""

import pytest
import torch
import torch.nn.functional as F
from harness import check

FLOATS = [torch.float32, torch.float64, torch.bfloat16, torch.float16]
INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]


def some(*shape, dtype=torch.float32):
    if dtype == torch.bool:
        return torch.rand(shape) > 0.5
    if not dtype.is_floating_point:
        return torch.randint(0 if dtype == torch.uint8 else -20, 20, shape, dtype=dtype)
    return torch.randn(shape).to(dtype)


OF_FLOATS = {
    "bias_gelu": lambda x, y: F.gelu(x + y),
    "gelu_tanh": lambda x, y: F.gelu(x * y, approximate="tanh"),
    "silu_mul": lambda x, y: F.silu(x) * y,
    "chain": lambda x, y: torch.tanh(x.exp().log1p().sin() / (y.abs() + 1)),
    "scalars": lambda x, y: (x * 0.1 + 0.3) / 3.1 - y * 1e-3 + (2 - x) * (1 / (x * x + 1)),
    "alpha": lambda x, y: torch.add(x, y, alpha=0.3) + torch.sub(x, y, alpha=0.7) + torch.rsub(x, y, alpha=0.2),
    "activations": lambda x, y: F.elu(x, 0.7) + F.leaky_relu(y, 0.2) + F.softplus(x, 2, 5) + F.mish(y),
    "hard": lambda x, y: F.hardtanh(x, -0.5, 0.6) + F.hardswish(y) + F.hardsigmoid(x),
    "more_elu": lambda x, y: F.selu(y) + F.celu(x, 1.3),
    "shrink": lambda x, y: F.hardshrink(x) + F.softshrink(y) + F.threshold(x, 0.1, 20.0) + F.relu6(y),
    "addc": lambda x, y: (torch.addcmul(x, x, y, value=0.3), torch.addcdiv(x, x, y.abs() + 1, value=0.4)),
    "lerp": lambda x, y: torch.lerp(x, y, 0.3) + torch.lerp(x, y, 0.7) + torch.lerp(x, y, y.sigmoid()),
    "pow": lambda x, y: x**2 + y**3 + x.abs() ** 0.5 + (y.abs() + 1) ** -1 + (x.abs() + 1) ** 1.7 + 2**y,
    "clamp": lambda x, y: x.clamp(-0.5, 0.5) + y.clamp(min=0.1) + x.clamp(max=0.2) + torch.clamp(x, y, y + 1),
    "where": lambda x, y: torch.where(x > y, x, 0.5) + torch.where(x == y, y, x).masked_fill(y < 0, float("-inf")),
    "compare": lambda x, y: (x > 0.1, x <= y, (x != y) & (y >= 0), torch.isnan(x / 0), torch.isfinite(y)),
    "nan": lambda x, y: torch.maximum(x / 0 * 0, y) + torch.fmin(x / 0 * 0, y).nan_to_num(1.0),
    "casts": lambda x, y: (x.double() + y, x.to(torch.bfloat16) * 2, (y * 10).int(), y.bool(), (x * 7).to(torch.int8)),
    "rounding": lambda x, y: (x * 3).round() + (y * 3).floor() + x.ceil() + y.trunc() + x.frac(),
    "division": lambda x, y: torch.div(x, y + 3, rounding_mode="floor") + torch.fmod(x, 0.7) + torch.remainder(y, 0.7),
    "glu": lambda x, y: F.glu(torch.cat([x, y], -1)) + x * 2,
    "chunk": lambda x, y: (lambda a, b: a * b)(*(torch.cat([x, y], -1) * 2).chunk(2, -1)),
    "stack": lambda x, y: torch.stack([x + 1, y * 2], 0).sigmoid(),
    "zero_d": lambda x, y: x * torch.tensor(0.1) + y - torch.tensor(0.1, dtype=torch.float64),
    "mixed": lambda x, y: x + y.float() * (x > 0),
    "square": lambda x, y: x.square() + y.rsqrt().nan_to_num() + y.neg() + x.sign(),
    "transposed": lambda x, y: (x.t() * 2 + y.t()).t() + 1,
    "outer": lambda x, y: (x[:, :, None] * y[:, None, :]).tanh(),
    "reshape": lambda x, y: (x * 2).reshape(-1) + y.flatten(),
    "full": lambda x, y: torch.full_like(x, 2.5) * y + torch.ones_like(x) + torch.zeros(6, 32),
    "expand": lambda x, y: (x[0].expand(6, 32) * 2).exp() + y,
    "only_expanded": lambda x, y: (x[:1] * 2).expand(6, 32) + y[:1].expand(6, 32) * 3,
    "slice_scatter": lambda x, y: torch.slice_scatter(x * 2, y[:, 1:3] + 1, 1, 1, 3),
    "select_scatter": lambda x, y: torch.select_scatter(x * 2, y[0] * 3, 0, 1),
    "roll": lambda x, y: (torch.roll(x + 1, 2, 1) * y, torch.roll(y, (-1, 40), (0, -1)), torch.roll(x, 5) - y),
    "repeat": lambda x, y: ((x * 2).repeat(2, 1, 3), (y + 1)[:, :1].repeat(1, 4), (y[0] * 3).repeat(2, 3)),
    "pad": lambda x, y: (F.pad(x * 2, (1, 2, 0, 3), value=0.5) + 1, F.pad(y, (-1, 2, -2, -3)), F.pad(x, (0, -40 + 8))),
    "replicate": lambda x, y: F.pad((x + y)[None], (2, 1, -1, 3), mode="replicate").tanh(),
    "diagonals": lambda x, y: (torch.diag_embed(x + 1, 1), torch.diagonal_copy(y), torch.block_diag(x, y * 2)),
    "shuffles": lambda x, y: (
        F.pixel_shuffle((x + 1).reshape(4, 6, 8), 2) * 2,
        F.pixel_unshuffle(y.exp().reshape(1, 12, 16), 4),
        F.channel_shuffle((x - y).reshape(1, 6, 4, 8), 3),
    ),
    "losses": lambda x, y: (
        F.mse_loss(x, y, reduction="none"),
        F.smooth_l1_loss(x, y, reduction="none", beta=0.5),
        F.huber_loss(x, y, reduction="none", delta=0.3),
        F.binary_cross_entropy_with_logits(x, y.sigmoid(), reduction="none"),
    ),
    "copysign": lambda x, y: (torch.copysign(x, -2.5), torch.copysign(y, 0.0), torch.copysign(x, (y > 0).int() - 1)),
    "quotients": lambda x, y: (torch.div(x * 9, y, rounding_mode="trunc"), torch.div(x * 9, y, rounding_mode="floor")),
    "ldexp": lambda x, y: torch.ldexp(x, (y * 3).int()),
    "decimals": lambda x, y: (torch.round(x * 9, decimals=1), torch.round(y * 99, decimals=-1)),
    "mvlgamma": lambda x, y: torch.mvlgamma(x.abs() + 2, 3),
}


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("name", OF_FLOATS)
def test_floats(name, dtype):
    # Multiples of PyTorch's vectors: its other loops round halves differently.
    check(OF_FLOATS[name], some(6, 32, dtype=dtype), some(6, 32, dtype=dtype))


LIMITS = [-float("inf"), -1.0, -0.0, 0.0, 0.25, 1.0, 2.0, float("inf"), float("nan")]
OF_LIMITS = {
    "logaddexp": lambda x, y: (torch.logaddexp(x, y), torch.logaddexp2(x, y)),
    "xlogy": lambda x, y: (torch.xlogy(x, y), torch.special.xlog1py(x, y), torch.xlogy(2, y), torch.xlogy(x, 0)),
    "entr": lambda x, y: (torch.special.entr(x), torch.sinc(y)),
    "logit": lambda x, y: (torch.logit(x), torch.logit(x, 0.1)),
    "hypot": lambda x, y: (torch.hypot(x, y), torch.hypot(x * 1e-30, y * 1e-30), torch.hypot(x * 1e30, y * 1e30)),
    "copysign": lambda x, y: (torch.copysign(x, -1.0), torch.copysign(y, -0.0), torch.copysign(x, 2)),
    "quotients": lambda x, y: (torch.div(x, y, rounding_mode="trunc"), torch.div(x, y, rounding_mode="floor"), x // y),
    "angle": lambda x, y: (torch.angle(x), torch.isposinf(x), torch.isneginf(y)),
    "triangles": lambda x, y: (torch.tril(x), torch.triu(y, 1), torch.triu(x[:3, :5], -2) * 2),
}


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("name", OF_LIMITS)
def test_limits(name, dtype):
    x = torch.tensor(LIMITS, dtype=dtype)
    x, y = torch.meshgrid(x, x, indexing="ij")
    check(OF_LIMITS[name], x.contiguous(), y.contiguous())


OF_INTEGERS = {
    "arithmetic": lambda x, y: (x + y * 3 - 7, -x, x.abs(), torch.sign(y)),
    "true_division": lambda x, y: x / (y.abs() + 1),
    "floor_division": lambda x, y: (x // 3, x % 5, torch.fmod(x, 3), torch.div(x, 4, rounding_mode="trunc")),
    "bits": lambda x, y: (x & y, x | 3, x ^ y, ~x, x << 2, x >> 1),
    "compare": lambda x, y: (x > y, x == 3, x < 2.5, torch.minimum(x, y), x.clamp(-3, 5)),
    "functions": lambda x, y: torch.exp(x * 0.1) + y.sqrt().nan_to_num(),
    "power": lambda x, y: x**3 + y**2,
    "casts": lambda x, y: (x.float() * 2, x.to(torch.int8) + 1, x.long() << 2, y.bool() & (x > 2)),
    "mixed": lambda x, y: (x * 2.5 + y, torch.where(x > 0, x, 1.5), x * True, torch.cat([x, y * 0.5])),
    "signs": lambda x, y: (torch.copysign(x, y), torch.signbit(x)),
    "moves": lambda x, y: (torch.roll(x, 1, 0) + y, (x + y).repeat(2, 2), F.pad(x * 2, (1, 1), value=7)),
    "logic": lambda x, y: (torch.logical_and(x, y), torch.logical_not(x), torch.logical_xor(x, y)),
}


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize("name", OF_INTEGERS)
def test_integers(name, dtype):
    check(OF_INTEGERS[name], some(3, 8, dtype=dtype), some(3, 8, dtype=dtype))


def test_truth():
    x, y = some(4, 5, dtype=torch.bool), some(4, 5, dtype=torch.bool)
    check(lambda x, y: (x & y | ~x, x ^ y, x + y, x * y, x == y, x.int() + y, torch.maximum(x, y)), x, y)
    check(lambda x, y: (x * 2.5, y + 1, torch.where(x, y, x)), x, y)


SHAPES = [
    ((), ()),
    ((1,), (5,)),
    ((0, 3), (0, 3)),
    ((4, 1), (1, 6)),
    ((2, 3, 4), (4,)),
    ((2, 1, 4), (3, 1)),
    ((1, 1, 1), ()),
    ((2, 3, 4, 5), (3, 1, 5)),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_broadcasts(shapes):
    x, y = some(*shapes[0]), some(*shapes[1])
    check(lambda x, y: ((x + y).tanh() * x, x * 2, y.exp() + 1), x, y)


STRIDED = {
    "transposed": lambda: some(4, 6).t(),
    "sliced": lambda: some(6, 8)[:, ::2],
    "offset": lambda: some(7, 5)[1:],
    "channels_last": lambda: some(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    "permuted": lambda: some(2, 3, 4).permute(2, 0, 1),
    "expanded": lambda: some(1, 5).expand(4, 5),
    "one_row": lambda: some(1, 5),
}


@pytest.mark.parametrize("name", STRIDED)
def test_strides(name):
    x = STRIDED[name]()
    check(lambda x: (x * 2 + 1, x.sigmoid() * x, (x > 0).to(torch.int32), torch.full_like(x, 2) + x), x)
    check(lambda x: (x * 2).contiguous() + 1, x)
    check(lambda x: x.t().exp() * 2 if x.dim() == 2 else x.flatten(1).exp() * 2, x)


def test_memory_format():
    x = some(2, 3, 4, 5)
    check(lambda x: (x * 2).to(memory_format=torch.channels_last), x)
    check(lambda x: (x + 1).clone(memory_format=torch.contiguous_format), x.to(memory_format=torch.channels_last))
    check(lambda x, y: x * y, x.to(memory_format=torch.channels_last), x)
    check(lambda x, y: x * y, x, x.to(memory_format=torch.channels_last))


def test_large_results():
    x, y = some(900, 1000), some(1000, 900).t()
    for allocator in ("fuser", "torch"):
        check(lambda x, y: ((x + 1).exp() * x, x * y + 1, y * 2 + y), x, y, allocator=allocator)
        torch._dynamo.reset()


def test_views_of_views():
    def function(x):
        y = (x * 2).reshape(2, 6, 4).permute(1, 0, 2)
        z = y[2:5].sigmoid() + 1
        return z.reshape(3, 8)[:, 1::2] * 3, z.unsqueeze(1).squeeze(1) - 1, y.select(0, 3).exp()

    check(function, some(12, 4))


def test_many_parts():
    check(lambda x: torch.cat([p * i for i, p in enumerate(x.split(3, 1))], 0) + 1, some(2, 12))
    check(lambda x: [p.exp() + 1 for p in x.unbind(0)], some(3, 4))
    check(lambda x: torch.cat([x[:, :0], x * 2, x[:, 1:2]], 1).tanh(), some(3, 4))


def test_quotients_of_halves():
    # A quotient is rounded before it is cut, but by numbers and tensors of one element.
    function = lambda x, y: [torch.div(x, y, rounding_mode=mode) for mode in ("trunc", "floor")]
    for dtype in (torch.bfloat16, torch.float16):
        x, y = some(64, 256, dtype=dtype) * 9, some(64, 256, dtype=dtype) * 9
        for divisor in (y, y[:, :1], torch.tensor(1.7, dtype=dtype), torch.tensor([[-0.37]], dtype=dtype), 2.7):
            compiled = torch.compile(lambda x, y: function(x, y), backend="fuser", options={"min_ops": 1})
            for actual, expected in zip(compiled(x, divisor), function(x, divisor)):
                assert torch.equal(actual.nan_to_num(), expected.nan_to_num())


def test_moves_of_symbolic_sizes():
    def function(x):
        y = x * 2 + 1
        return torch.roll(y, 1, 1), y.repeat(1, 2), F.pad(y, (0, 0, 2, 1), value=3.0), F.pad(y, (1, 2))

    compiled = torch.compile(function, backend="fuser", options={"min_ops": 1}, dynamic=True)
    for shape in ((4, 6), (5, 7), (1, 9)):
        x = some(*shape)
        for actual, expected in zip(compiled(x), function(x)):
            assert torch.equal(actual, expected)


def test_division_by_zero_is_pytorchs_error():
    compiled = torch.compile(lambda x, y: x // y + 1, backend="fuser", options={"min_ops": 1})
    x = torch.arange(4)
    assert compiled(x, x + 1).tolist() == [1, 1, 1, 1]
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        compiled(x, x)
