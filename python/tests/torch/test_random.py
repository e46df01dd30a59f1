# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random ops. Seeds are fixed, so that a test always does the same; bounds are
five standard deviations of what is measured, which one seed of a million fails.
"""

import math

import pytest
import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

import fuser.torch
from fuser.torch import kernels

N = 1 << 20
FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def compile_(function, **options):
    dynamic = options.pop("dynamic", None)
    return torch.compile(function, backend="fuser", dynamic=dynamic, fullgraph=True, options=options)


def seeded(seed, function, *args):
    torch.manual_seed(seed)
    return function(*args)


def all_fused():
    stats = fuser.torch.last_graph_stats()
    return stats["fused_ops"] == stats["total_ops"] > 0 and stats["fallbacks"] == 0


def assert_mean(values, mean, deviation):
    values = values.double()
    assert abs(values.mean().item() - mean) < 5 * deviation / math.sqrt(values.numel())


def assert_moments(values, mean, variance, kurtosis):
    """Mean and variance; `kurtosis`, the fourth central moment over the square
    of the variance, is what the variance's error depends on."""
    values = values.double()
    assert_mean(values, mean, math.sqrt(variance))
    assert_mean((values - mean).square(), variance, variance * math.sqrt(kurtosis - 1))


def assert_independent(a, b):
    """That there is no correlation. Neither is there one of neighbours."""
    a, b = (x.flatten().double() for x in (a, b))
    a, b = a - a.mean(), b - b.mean()
    for x, y in ((a, b), (a[1:], b[:-1]), (a[1:], a[:-1])):
        assert abs((x @ y / (x.norm() * y.norm())).item()) < 5 / math.sqrt(a.numel() - 1)


# Distributions, each with the number of draws in one call of it, which must differ.

DISTRIBUTIONS = {
    "rand_like": (lambda x: torch.rand_like(x), 1 / 2, 1 / 12, 9 / 5),
    "uniform_": (lambda x: torch.empty_like(x).uniform_(-1, 3), 1, 4 / 3, 9 / 5),
    "randn_like": (lambda x: torch.randn_like(x), 0, 1, 3),
    "normal_": (lambda x: torch.empty_like(x).normal_(2, 0.5), 2, 1 / 4, 3),
    "normal": (lambda x: torch.normal(x * 0 + 2, 0.5), 2, 1 / 4, 3),
    "exponential_": (lambda x: torch.empty_like(x).exponential_(2), 1 / 2, 1 / 4, 9),
    "bernoulli": (lambda x: torch.bernoulli(x, 0.25), 1 / 4, 3 / 16, 7 / 3),
    "dropout": (lambda x: F.dropout(x, 0.25), 1, 1 / 3, 7 / 3),
    "randint_like": (lambda x: torch.randint_like(x, -2, 5), 1, 4, 7 / 4),
}


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distribution(name, dtype):
    draw, mean, variance, kurtosis = DISTRIBUTIONS[name]
    # Both of equal operands: they must not be taken for the same.
    run = compile_(lambda x: (draw(x), draw(x)))
    x = torch.ones(N // 256, 256, dtype=dtype)
    a, b = seeded(1, run, x)
    assert all_fused(), fuser.torch.explain()
    assert a.dtype == b.dtype == dtype and a.shape == x.shape
    if dtype == torch.bfloat16:  # whose steps move the moments
        assert abs(a.double().mean().item() - mean) < 0.02 * max(1, abs(mean))
    else:
        assert_moments(a, mean, variance, kurtosis)
    assert_independent(a, b)
    c, d = run(x)
    assert_independent(a, c)
    assert all(torch.equal(*pair) for pair in zip((a, b, c, d), (*seeded(1, run, x), *run(x))))
    expected = draw(x)
    assert a.stride() == expected.stride() and a.unique().numel() > 1


NEW = {
    "rand": (lambda *size, **kinds: torch.rand(*size, **kinds), 1 / 2, 1 / 12, 9 / 5),
    "randn": (lambda *size, **kinds: torch.randn(*size, **kinds), 0, 1, 3),
    "normal": (lambda *size, **kinds: torch.normal(2.0, 0.5, size, **kinds), 2, 1 / 4, 3),
    "randint": (lambda *size, **kinds: torch.randint(-2, 5, size, **kinds), 1, 4, 7 / 4),
}


@pytest.mark.parametrize("name", NEW)
def test_new_tensors(name):
    draw, mean, variance, kurtosis = NEW[name]
    run = compile_(lambda: (draw(N // 256, 256), draw(N // 256, 256), draw(3, dtype=torch.float64)))
    a, b, c = seeded(1, run)
    assert all_fused(), fuser.torch.explain()
    assert a.dtype == draw(1).dtype and c.dtype == torch.float64
    assert_moments(a, mean, variance, kurtosis)
    assert_independent(a, b)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_ranges_are_half_open(dtype):
    """Also where rounding leads to the excluded end."""

    def function(x):
        return torch.rand_like(x), torch.empty_like(x).uniform_(8, 9), torch.empty_like(x).exponential_()

    unit, between, exponential = seeded(2, compile_(function), torch.empty(N, dtype=dtype))
    assert unit.min() >= 0 and unit.max() < 1
    assert between.min() >= 8 and between.max() < 9
    assert exponential.min() > 0 and exponential.isfinite().all()
    if dtype in (torch.float16, torch.bfloat16):
        steps, counts = between.unique(return_counts=True)
        assert len(steps) == (128 if dtype == torch.float16 else 16)
        share = N / len(steps)
        assert ((counts - share).abs() < 5 * math.sqrt(share)).all()


def test_integers():
    def function(x):
        return (
            torch.randint(3, (N,)),
            torch.randint(-128, 128, (N,), dtype=torch.int8),
            torch.randint_like(x, 5),
            torch.randint(1 << 31, (1 << 31) + 1, (4,)),
        )

    a, b, c, d = seeded(3, compile_(function), torch.zeros(N, dtype=torch.uint8))
    assert all_fused(), fuser.torch.explain()
    for values, low, high in ((a, 0, 3), (b, -128, 128), (c, 0, 5)):
        counts = torch.bincount(values.long() - low, minlength=high - low)
        share = N / (high - low)
        assert len(counts) == high - low and ((counts - share).abs() < 5 * math.sqrt(share)).all()
    assert (a.dtype, b.dtype, c.dtype) == (torch.int64, torch.int8, torch.uint8)
    assert (d == 1 << 31).all()


def test_probabilities():
    for p in (0.0, 1.0, 1e-4, 0.9999):
        values = seeded(4, compile_(lambda x: torch.bernoulli(x, p)), torch.empty(N))
        assert_mean(values, p, math.sqrt(p * (1 - p)) + 1e-300)
        dropped = seeded(4, compile_(lambda x: F.dropout(x, p)), torch.ones(N)) == 0
        assert_mean(dropped, p, math.sqrt(p * (1 - p)) + 1e-300)


def test_numbers_follow_the_place_in_the_result():
    """Philox of the row-major index: whatever the strides, the threads, the
    kernels and what is computed beside."""
    x = torch.zeros(37, 53)
    plain = seeded(5, compile_(lambda x: torch.rand_like(x)), x)
    beside = seeded(5, compile_(lambda x: torch.rand_like(x) * 2 + x), x)
    turned = seeded(5, compile_(lambda x: torch.rand_like(x)), torch.zeros(53, 37).t())
    assert torch.equal(beside, plain * 2) and torch.equal(turned, plain)
    assert turned.stride() == (1, 37)
    longer = seeded(5, compile_(lambda x: torch.rand_like(x)), torch.zeros(80, 53))
    assert torch.equal(longer[:37], plain)
    torch.manual_seed(5)
    seed = torch.ops.fuser.seed()
    assert torch.equal(torch.ops.fuser.random(x, seed, 0, torch.float32), plain)
    assert torch.equal(torch.ops.fuser.random(x.t(), seed, 0, torch.float32).reshape(37, 53), plain)


def test_groups_that_fuser_refuses_draw_the_same(monkeypatch):
    class Refusing:
        def into(self, *args):
            raise fuser.Error("no")

    def function(x):
        return F.dropout(x + torch.rand_like(x), 0.5)

    x = torch.zeros(100)
    expected = seeded(5, compile_(function), x)
    monkeypatch.setattr(fuser.torch.aot, "program_of", lambda text, fast: Refusing())
    torch._dynamo.reset()
    Refusing.call = Refusing.into
    torch.testing.assert_close(seeded(5, compile_(function), x), expected)
    assert fuser.torch.last_graph_stats()["fallbacks"] == 1


# Gradients.


def noisy(x, weight):
    return F.dropout(F.gelu(x @ weight), 0.4) + F.dropout(x, 0.2)


@pytest.mark.parametrize("dynamic", [False, True])
def test_gradients_have_the_masks_of_their_results(dynamic):
    run = compile_(lambda x, y: (F.dropout(x * 3, 0.4), F.dropout(y, 0.2)), dynamic=dynamic)
    for shape in ((64, 128), (100, 70)):
        x, y = (torch.ones(shape, requires_grad=True) for _ in range(2))
        a, b = run(x, y)
        (a.sum() + b.sum()).backward()
        assert torch.equal(a, x.grad) and torch.equal(b, y.grad)
        assert_mean(a == 0, 0.4, 0.5)
        assert_mean(b == 0, 0.2, 0.4)
        assert_independent(a.detach(), b.detach())


def test_equal_ops_differ():
    """Also where AOTAutograd merges equal nodes, as it does for gradients."""

    def function(x):
        return torch.stack([F.dropout(x * 2, 0.5), F.dropout(x * 2, 0.5), torch.rand_like(x), torch.rand_like(x)])

    results = compile_(function)(torch.ones(1000, requires_grad=True)).detach()
    for i in range(4):
        for j in range(i):
            assert_independent(results[i], results[j])


def test_gradients_of_a_chain():
    """Those of the function that a mask makes of the network."""
    torch.manual_seed(6)
    x = torch.randn(16, 32, requires_grad=True)
    weight = torch.randn(32, 32, requires_grad=True)
    run = compile_(lambda x, w: F.dropout(F.gelu(x @ w), 0.4))
    y = run(x, weight)
    grads = torch.autograd.grad(y.square().sum(), (x, weight))
    expected = F.gelu(x @ weight) * (y != 0) / 0.6
    torch.testing.assert_close(y, expected)
    expected = torch.autograd.grad(expected.square().sum(), (x, weight))
    torch.testing.assert_close(grads, expected, rtol=1e-4, atol=1e-4)


def test_random_numbers_in_gradients():
    """Drawn where they are needed: neither are they the forward's, nor does it
    draw for them."""

    class Noise(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * torch.rand_like(x)

        @staticmethod
        def backward(ctx, grad):
            return grad * torch.rand_like(grad)

    run = compile_(lambda x: Noise.apply(x))
    x = torch.ones(1000, requires_grad=True)
    y = seeded(7, run, x)
    (grad,) = torch.autograd.grad(y.sum(), x)
    assert_independent(y.detach(), grad)
    z = seeded(7, run, x)
    assert torch.equal(y, z)


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpoints(reentrant):
    """What is computed again for gradients draws the same numbers: inside of
    graphs and around them."""
    torch.manual_seed(8)
    x, weight = (torch.randn(32, 32, requires_grad=True) for _ in range(2))

    def around(compiled):
        return lambda x, w: checkpoint(compiled, x, w, use_reentrant=reentrant)

    runs = [compile_(noisy), around(compile_(noisy))]
    if not reentrant:
        runs.append(compile_(around(noisy)))
    results = []
    for run in runs:
        y = seeded(9, run, x, weight)
        torch.rand(3)
        x.grad = weight.grad = None
        y.square().sum().backward()
        results.append((y, x.grad, weight.grad))
    for other in results[1:]:
        torch.testing.assert_close(results[0], other, rtol=1e-4, atol=1e-4)


# Seeds.


def test_generator_state_repeats():
    run = compile_(lambda x: F.dropout(x, 0.5))
    x = torch.ones(1000)
    torch.manual_seed(10)
    state = torch.get_rng_state()
    first = run(x)
    second = run(x)
    assert not torch.equal(first, second)
    torch.set_rng_state(state)
    with torch.random.fork_rng():
        assert torch.equal(run(x), first)
    assert torch.equal(run(x), first) and torch.equal(run(x), second)
    torch.manual_seed(11)  # as another process of a group has it
    assert not torch.equal(run(x), first)


def test_one_seed_a_call():
    """However many ops there are, one number is drawn."""
    run = compile_(lambda x: F.dropout(torch.rand_like(x) + torch.randn_like(x), 0.5))
    run(torch.ones(8))
    torch.manual_seed(12)
    torch.empty((), dtype=torch.int64).random_()
    expected = torch.get_rng_state()
    seeded(12, run, torch.ones(8))
    assert torch.equal(torch.get_rng_state(), expected)


def test_seeds_and_streams_need_no_kernels():
    def function(x, weight):
        for _ in range(4):
            x = F.dropout(x @ weight, 0.3)
        return x

    before = kernels.programs()
    run = compile_(function)
    for seed in range(3):
        seeded(seed, run, torch.ones(8, 8), torch.ones(8, 8))
    assert fuser.torch.last_graph_stats()["kernels"] == 1
    assert kernels.programs() == before + 1


def test_repeated_layers_differ():
    class Layer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Dropout(0.5)

        def forward(self, x):
            return self.inner(x * 1)

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleList(Layer() for _ in range(3))

        def forward(self, x):
            return [layer(x) for layer in self.layers]

    model = fuser.torch.compile_layers(Model())
    a, b, c = seeded(13, model, torch.ones(1000))
    assert_independent(a, b)
    assert_independent(b, c)
    assert all(torch.equal(*pair) for pair in zip((a, b, c), seeded(13, model, torch.ones(1000))))
    model.eval()
    assert torch.equal(model(torch.ones(1000))[0], torch.ones(1000))


def test_sizes_share_kernels():
    run = compile_(lambda x: F.dropout(x, 0.5) + torch.randn(x.shape), dynamic=True)
    run(torch.ones(3, 4))
    before = kernels.programs()
    for shape in ((5, 7), (2, 9), (64, 33)):
        assert run(torch.ones(shape)).shape == shape
    assert kernels.programs() == before
    assert all_fused(), fuser.torch.explain()


# What PyTorch draws.


def test_eager_numbers():
    module = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Dropout(0.5), torch.nn.GELU())
    x = torch.randn(4, 8)
    expected = seeded(14, module, x)
    torch.testing.assert_close(seeded(14, compile_(module, random="eager"), x), expected, rtol=1e-5, atol=1e-6)
    assert fuser.torch.last_graph_stats()["unsupported"].keys() >= {"aten::native_dropout"}
    assert not torch.equal(seeded(14, compile_(module), x), expected)


LEFT = {
    "multinomial": lambda x: torch.multinomial(x, 3),
    "randperm": lambda x: torch.randperm(8) + x[0].long(),
    "probabilities": lambda x: torch.bernoulli(x),
    "deviations": lambda x: torch.normal(1.0, x),
    "wide integers": lambda x: torch.randint_like(x, 1 << 40, dtype=torch.int64),
    "geometric_": lambda x: torch.empty_like(x).geometric_(0.5),
    "cauchy_": lambda x: torch.empty_like(x).cauchy_(),
    "log_normal_": lambda x: torch.empty_like(x).log_normal_(),
    "rrelu": lambda x: F.rrelu(-x, training=True),
    "other strides": lambda x: torch.rand_like(x.t(), memory_format=torch.contiguous_format),
}


@pytest.mark.parametrize("name", LEFT)
def test_left_to_pytorch(name):
    x = torch.full((4, 8), 0.5)
    expected = seeded(15, LEFT[name], x)
    assert torch.equal(seeded(15, compile_(LEFT[name]), x), expected)


def test_errors_are_eagers():
    for function, message in (
        (lambda x: torch.empty_like(x).uniform_(2, 1), "from"),
        (lambda x: torch.empty_like(x).normal_(0, -1), "std"),
        (lambda x: torch.bernoulli(x), "p_in|probabilit|Expected"),
    ):
        with pytest.raises(Exception, match=message):
            compile_(function)(torch.full((3,), 2.0))


def test_unknown_values():
    with pytest.raises(Exception, match='option random is "fused" or "eager", not "mine"|not \'mine\''):
        compile_(lambda x: x + 1, random="mine")(torch.ones(3))
