# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole graphs: aliasing, mutation, training, optimizers, dynamic shapes."""

import copy

import pytest
import torch
import torch.nn.functional as F
from harness import assert_same, check

import fuser.torch
from fuser.torch.partition import find_groups


def compile_(function, **options):
    dynamic = options.pop("dynamic", None)
    return torch.compile(function, backend="fuser", dynamic=dynamic, options={"min_ops": 1, **options})


# Aliasing and mutation. `check` compares who shares memory with whom.


def _views(x):
    y = x * 2
    return y, y.view(-1), y.t()


def _rows(x):
    y = x * 2
    return y[0], y[1]


def _view_of_argument(x):
    return x.t(), x * 2, x


def _changed_copy(x):
    x = x.clone()
    v = x[0]
    x.mul_(3)
    return x, v


def _expanded(x):
    return (x * 2).expand(3, *x.shape)


def _used_twice(x):
    y = x * 2
    v = y.view(-1)
    return y, v, v + 1


def _changed_argument(x):
    x.mul_(2)
    return x.view(-1), x + 1


def _changed_part(x):
    x[:, ::2].mul_(2)
    x[1] += 1
    return x * 3


def _changed_and_read(x):
    y = x.t() * 2
    x.add_(1).sigmoid_()
    return y + x.t()


def _swapped(x):
    half = x[:1] * 2
    x[:1] = x[1:2] * 3
    x[1:2] = half
    return x.sum()


def _nothing_computed(x):
    return x, x.t(), x.clone()


ALIASES = [v for k, v in list(globals().items()) if k.startswith("_") and callable(v) and not k.startswith("__")]


@pytest.mark.parametrize("function", ALIASES, ids=lambda f: f.__name__)
def test_aliases(function):
    check(function, torch.randn(3, 4), fused=False)


def test_two_arguments_of_one_memory():
    base = torch.randn(4, 4)
    def function(a, b):
        a.mul_(2)
        b.add_(1)
        return a + 1

    x, y = base.clone(), base.clone()
    assert_same(compile_(function)(x, x.view(-1)), function(y, y.view(-1)))
    assert_same(x, y)


def test_cross_updates():
    """Each argument is computed from what the other was."""

    def function(a, b):
        c, d = a * 2 + b, b * 3 - a
        a.copy_(c.mm(c.t()).sigmoid() + b)
        b.copy_(d.mm(d.t()).tanh() + a)

    check(function, torch.randn(4, 4), torch.randn(4, 4))


def test_changes_are_seen_by_autograd():
    compiled = compile_(lambda x: x.mul_(2).add_(1))
    w = torch.randn(3, requires_grad=True)
    x = torch.randn(3)
    y = (w * x).sum()  # saves x
    with torch.no_grad():
        compiled(x)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_running_mean_in_place():
    def function(mean, x):
        mean.mul_(0.9).add_(x, alpha=0.1)

    stats = check(function, torch.randn(8), torch.randn(8))
    assert stats["fused_ops"] == 3


# Between kernels.


def test_tables_are_made_once():
    def function(x):
        angles = torch.outer(torch.arange(6), 10.0 ** -torch.arange(4))
        return x * angles.cos() + angles.sin()

    stats = check(function, torch.randn(6, 4))
    assert (stats["total_ops"], stats["fused_ops"]) == (2, 2), fuser.torch.explain()


def test_returned_tables_are_new():
    def function(x):
        table = torch.arange(4.0) * 2
        return table, (table + 1).view(2, 2), x * table, torch.zeros(4), x.sum() + torch.ones(())

    x = torch.randn(4)
    check(function, x)
    run = compile_(function)
    for result in run(x):
        result.zero_()
    assert_same(run(x), function(x))


def test_equal_results_share_nothing():
    def function(x):
        y, z = (x + 1) * 2, (x + 1) * 2
        return y, z, z.t(), (x + 1) * 2 - 3

    check(function, torch.randn(3, 4))


@pytest.mark.parametrize("dims", [(-1,), (0, 2), None])
def test_means_have_the_same_bits(dims):
    def function(x):
        return x.mean(dims, keepdim=True) * 1.5

    x = torch.randn(3, 5, 70)
    assert torch.equal(compile_(function)(x), function(x))
    assert fuser.torch.last_graph_stats()["fused_ops"] == 2


def test_wide_casts_are_made_where_they_are_read():
    def function(x, w):
        y = (x + w).float()
        return (x + w) * 2, y * torch.rsqrt(y.square().mean(-1, keepdim=True))

    check(function, torch.randn(4, 32).bfloat16(), torch.randn(32).bfloat16())
    assert "group 1: _to_copy" in fuser.torch.explain()


def heads(y):
    return y.view(*y.shape[:-1], 3, 4, 8).permute(2, 0, 3, 1, 4).unbind(0)


def rotated(y):
    q, k, v = heads(y)
    q, k = q * 2 + 1, torch.cat((-k[..., 4:], k[..., :4]), -1) + q
    return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2)


READERS = {
    "itself": lambda y: y,
    "pointwise": lambda y: y.sigmoid() * y,
    "both": lambda y: (y, y + 1),
    "chunks": lambda y: torch.mul(*y.chunk(2, -1)),
    "heads": lambda y: [h.exp() + 1 for h in heads(y)],
    "attention": rotated,
    "rows": lambda y: y[:, 1:3].relu() + y[:, 3:5],
    "steps": lambda y: y[..., 1::5].relu() * 2,
    "across": lambda y: y.view(-1)[50:500].view(45, 10).exp() + 1,
    "expanded": lambda y: y[:, :1].expand_as(y) + y.unsqueeze(0).abs(),
    "product": lambda y: y @ y.transpose(1, 2),
}


@pytest.mark.parametrize("shape", [(1, 16), (2, 16), (2, 5)], ids=str)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_linear(reader, bias, shape):
    """Layers that may give their result column by column, and views of it."""
    layer = torch.nn.Linear(64, 96, bias).bfloat16()
    check(lambda x: reader(layer(x)), torch.randn(*shape, 64).bfloat16(), fused=False)


def test_groups_write_over_what_they_alone_read():
    def function(x, w, v):
        y = F.linear(x, w)
        z = F.linear(y, v)
        return F.gelu(z) + y, F.gelu(y)

    check(function, torch.randn(3, 8), torch.randn(8, 8), torch.randn(8, 8))


# Training.


class Block(torch.nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.a, self.b = torch.nn.Linear(8, 16), torch.nn.Linear(16, 8)
        self.norm = torch.nn.LayerNorm(8)
        self.activation = activation

    def forward(self, x):
        return self.norm(x + self.b(self.activation(self.a(x))))


ACTIVATIONS = [F.gelu, F.silu, F.relu, F.elu, F.mish, F.softplus, F.hardswish, F.leaky_relu, F.logsigmoid]
ACTIVATIONS += [torch.tanh, torch.sigmoid]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda f: f.__name__)
def test_gradients(activation):
    eager = Block(activation)
    compiled = copy.deepcopy(eager)
    run = compile_(compiled)
    x = torch.randn(5, 8, requires_grad=True)
    y = x.detach().clone().requires_grad_()
    eager(x).square().sum().backward()
    run(y).square().sum().backward()
    torch.testing.assert_close(y.grad, x.grad, rtol=1e-5, atol=1e-5)
    for a, b in zip(compiled.parameters(), eager.parameters()):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-5, atol=1e-5)
    assert fuser.torch.last_graph_stats()["fused_ops"] > 0


def test_batch_norm_updates_its_statistics():
    def make():
        torch.manual_seed(1)
        return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU())

    a, b = make(), make()
    run = compile_(b)
    for _ in range(3):
        x = torch.randn(2, 3, 6, 6)
        torch.testing.assert_close(run(x), a(x), rtol=1e-5, atol=1e-5)
    assert_same([t for t in b.buffers()], [t for t in a.buffers()])


@pytest.mark.parametrize("optimizer", ["AdamW", "Adam", "SGD", "RMSprop"])
@pytest.mark.parametrize("foreach", [True, False])
def test_optimizers(optimizer, foreach):
    def make():
        torch.manual_seed(2)
        parameters = [torch.nn.Parameter(torch.randn(4, n)) for n in (3, 5, 5)]
        kinds = {"SGD": dict(momentum=0.9, weight_decay=0.1)}
        made = getattr(torch.optim, optimizer)(parameters, lr=1e-2, foreach=foreach, **kinds.get(optimizer, {}))
        return parameters, made

    (p, eager), (q, made) = make(), make()
    step = compile_(made.step)
    for i in range(4):
        torch.manual_seed(i)
        for a, b in zip(p, q):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        eager.step()
        step()
        torch.testing.assert_close(q, p, rtol=1e-5, atol=1e-6)
    stats = fuser.torch.last_graph_stats()
    assert stats["fused_ops"] > 0.8 * stats["total_ops"], fuser.torch.explain()


# Dynamic shapes.


def test_sizes_share_kernels():
    from fuser.torch import kernels

    run = compile_(lambda x, y: (x * y + 1).tanh(), dynamic=True)
    run(torch.randn(3, 4), torch.randn(4))
    before = kernels.programs()
    for rows, columns in ((5, 7), (2, 9), (64, 33)):
        x, y = torch.randn(rows, columns), torch.randn(columns)
        assert_same(run(x, y), (x * y + 1).tanh())
    assert kernels.programs() == before


def test_other_graphs_share_kernels():
    """A new size, without dynamic shapes, is a new graph, but an old kernel."""
    from fuser.torch import kernels

    run = compile_(lambda x: (x * 2 + 1).tanh() * x, dynamic=False)
    run(torch.randn(3, 4))
    before = kernels.programs()
    run(torch.randn(5, 6))
    assert kernels.programs() == before


DYNAMIC = {
    "sizes_as_values": lambda x: x * x.shape[0] + x.shape[1] / 3,
    "reshape": lambda x: (x * 2).view(-1).exp() + 1,
    "flatten_rows": lambda x: (x * 2).reshape(x.shape[0], 2, -1).transpose(0, 1).exp(),
    "cat": lambda x: torch.cat([x * 2, x + 1], 0),
    "expand": lambda x: (x[:1].exp() * 2).expand(x.shape) + 1,
    "only_expanded": lambda x: (x[:1] * 2).expand(x.shape).clone(),
    "halves": lambda x: x[: x.shape[0] // 2] * 2 + 1,
    "full": lambda x: torch.full_like(x, 2) * x + torch.ones(x.shape[1]),
    "transposed": lambda x: (x.t() * 2 + 1).sigmoid(),
    "mm": lambda x: F.gelu(x @ x.t() + 1) * 2,
}


@pytest.mark.parametrize("name", DYNAMIC)
def test_dynamic(name):
    run = compile_(DYNAMIC[name], dynamic=True)
    for rows, columns in ((3, 4), (6, 8), (1, 2), (5, 10)):
        x = torch.randn(rows, columns)
        assert_same(run(x), DYNAMIC[name](x))


def test_size_of_no_tensor():
    """An op of a size that no tensor has costs this op, not the graph."""
    function = lambda x, y: (torch.full((x.shape[0] + 1,), 2.0) * y + 1, x.exp() * 2)
    run = compile_(function, dynamic=True)
    for rows in (3, 5):
        x, y = torch.randn(rows, 4), torch.tensor(0.5)
        assert_same(run(x, y), function(x, y))
        assert fuser.torch.last_graph_stats()["fused_ops"] >= 2, fuser.torch.explain()


def test_automatic_dynamic():
    run = compile_(lambda x, s: (x * s + 1).exp())
    for n, s in ((3, 0.5), (4, 0.25), (5, 2.0), (0, 2.0), (1, 3.5)):
        x = torch.randn(n, 4)
        assert_same(run(x, s), (x * s + 1).exp())


# What is left to PyTorch.


def test_left_alone():
    check(lambda x: torch.view_as_real(torch.complex(x, x) * 2) + 1, torch.randn(4), fused=False)
    check(lambda x: x.to_sparse().to_dense() * 2 + 1, torch.eye(3), fused=False)
    check(lambda x: torch.softmax(x * 2, -1) + 1, torch.randn(3, 4))
    check(lambda x: torch.cumsum(x * 2, 0)[1:] + 1, torch.randn(3, 4))
    check(lambda x: (x.sum() * 2).item() + 1, torch.randn(3), fused=False)
    check(lambda x: torch.nonzero(x > 0) + 1, torch.randn(3), fused=False)


def test_negated_views():
    x = torch.randn(4, dtype=torch.complex64).conj().imag
    assert x.is_neg()
    check(lambda x: x * 2 + 1, x, fused=False)


def test_under_fake_tensors():
    from torch._subclasses import FakeTensorMode

    run = compile_(lambda x: x * 2 + 1)
    run(torch.randn(3))
    with FakeTensorMode():
        assert run(torch.empty(3)).shape == (3,)


def test_inference_mode():
    with torch.inference_mode():
        check(lambda x: (x * 2 + 1).exp(), torch.randn(3))


# The package.


def test_unknown_options():
    with pytest.raises(Exception, match="no option min_op; there are min_ops"):
        compile_(lambda x: x + 1, min_op=2)(torch.randn(3))
    with pytest.raises(Exception, match="allocator"):
        compile_(lambda x: x + 1, allocator="mine")(torch.randn(3))


def test_statistics():
    compile_(lambda x: torch.softmax((x * 2).exp() + 1, -1))(torch.randn(3, 4))
    stats = fuser.torch.last_graph_stats()
    assert set(stats) == {"total_ops", "fused_ops", "kernels", "compile_ms", "fallbacks", "unsupported"}
    assert (stats["total_ops"], stats["fused_ops"], stats["kernels"]) == (4, 3, 1)
    assert stats["unsupported"] == {"aten::_softmax": 1}
    assert "group 0: mul exp add" in fuser.torch.explain()


def test_lone_cheap_ops_stay():
    torch.compile(lambda x: torch.softmax(x * 2, -1) + 1, backend="fuser")(torch.randn(3, 4))
    assert fuser.torch.last_graph_stats()["fused_ops"] == 0


def test_layers():
    class Stack(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleList([Block(F.gelu) for _ in range(4)])

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    from torch._dynamo.utils import counters

    counters.clear()
    model = Stack()
    x = torch.randn(3, 8)
    with torch.no_grad():
        expected = model(x)
        assert fuser.torch.compile_layers(model) is model
        torch.testing.assert_close(model(x), expected, rtol=1e-5, atol=1e-5)
    assert counters["stats"]["unique_graphs"] == 1


def test_partition_is_linear():
    """A chain with an op that stays after every third."""
    import time

    def seconds(n):
        graph = torch.fx.Graph()
        x = graph.placeholder("x")
        y, fused = x, set()
        for i in range(n):
            y = graph.call_function(torch.neg, (y,))
            if i % 3:
                fused.add(y)
        graph.output(y)
        start = time.process_time()
        assert len(find_groups(graph, fused)) == n // 3
        return time.process_time() - start

    seconds(300)
    small, large = min(seconds(900) for _ in range(3)), min(seconds(9000) for _ in range(3))
    assert large < 40 * small


def test_fallback_is_counted():
    """fuser refuses the call, PyTorch raises; later calls go on."""
    compiled = compile_(lambda x, y: (x // y + 1) * 2)
    x = torch.tensor([4, 9])
    compiled(x, torch.tensor([2, 3]))
    with pytest.raises(RuntimeError):
        compiled(x, torch.tensor([2, 0]))
    assert fuser.torch.last_graph_stats()["fallbacks"] == 1
    assert "a group, in a call" in fuser.torch.explain()
    assert compiled(x, torch.tensor([2, 2])).tolist() == [6, 10]


def test_optimizer_writes_in_place():
    p = [torch.nn.Parameter(torch.randn(4, 5)) for _ in range(3)]
    optimizer = torch.optim.AdamW(p, foreach=True)
    step = compile_(optimizer.step)
    for _ in range(3):
        for a in p:
            a.grad = torch.randn_like(a)
        step()
    stats = fuser.torch.last_graph_stats()
    assert stats["fallbacks"] == 0
    assert stats["kernels"] == 1
    assert stats["fused_ops"] == stats["total_ops"], "the numbers of steps too, which all elements read"
    assert [s["step"].item() for s in optimizer.state.values()] == [3, 3, 3]


@pytest.mark.parametrize("shape", [(5, 8), (2, 5, 8), (2, 1, 3, 8)], ids=str)
def test_linear_is_one_call(shape):
    linear = torch.nn.Linear(8, 4)

    def function(x):
        return F.gelu(linear(x)) + 1

    stats = check(function, torch.randn(shape))
    assert stats["unsupported"] == {"aten::linear": 1}
    check(function, torch.randn(*shape[:-1], 16)[..., ::2])


def test_what_one_later_group_reads_is_part_of_it():
    """The derivative of a gelu waits for the product that it is multiplied by."""

    def function(x, y, weight):
        return (F.gelu(x) * x.sigmoid()) * (y @ weight)

    args = torch.randn(5, 8), torch.randn(5, 3), torch.randn(3, 8)
    stats = check(function, *args)
    assert (stats["kernels"], stats["fused_ops"]) == (1, 4), fuser.torch.explain()

    def repeated(x, y, weight):
        return F.gelu(x).exp() * (y @ weight)

    stats = check(repeated, args[0][:1], *args[1:])
    assert stats["kernels"] == 2, "the row is computed once"
