#!/usr/bin/env python3
"""Prints unittests/Runtime/EagerStrides.inc: what eager PyTorch makes of layouts.

usage: eager_strides.py > EagerStrides.inc        (needs PyTorch)
       eager_strides.py COUNT SEED                (that many random cases alone)

Not run by any build or test: the table is checked in, and its first line names
the version that gave it. Each row is a program in postfix notation, sizes:strides
of its operands a, b and c, and the strides of the result.
"""

import itertools
import random
import sys

import torch

UNARY = {"neg": torch.neg, "f64": lambda x: x.to(torch.float64), "clone": torch.clone}
BINARY = {"add": torch.add, "mul": torch.mul, "gt": torch.gt}


def run(program, operands):
    stack = []
    for word in program.split():
        if len(word) == 1 and word in "abc":
            stack.append(operands["abc".index(word)])
        elif word == "2":
            stack.append(torch.tensor(2.0))
        elif word in UNARY:
            stack.append(UNARY[word](stack.pop()))
        elif word in BINARY:
            right = stack.pop()
            stack.append(BINARY[word](stack.pop(), right))
        elif word == "where":
            right = stack.pop()
            left = stack.pop()
            stack.append(torch.where(stack.pop(), left, right))
        elif word.startswith("cat"):
            right = stack.pop()
            stack.append(torch.cat([stack.pop(), right], int(word[3:])))
        elif word.startswith("perm"):
            stack.append(stack.pop().permute([int(d) for d in word[4:]]))
        else:
            raise ValueError(word)
    (result,) = stack
    return result


MEMORY = torch.zeros(1 << 20)


def joined(numbers):
    return "x".join(str(n) for n in numbers)


def row(program, *layouts):
    """`layouts`: pairs of sizes and strides."""
    operands = [torch.as_strided(MEMORY, sizes, strides) for sizes, strides in layouts]
    result = run(program, operands)
    inputs = " ".join(joined(s) + ":" + joined(t) for s, t in layouts)
    return '{"%s", "%s", "%s"},' % (program, inputs, joined(result.stride()))


def dense(sizes, order):
    """Strides of `sizes`, the dimensions from the slowest to the fastest."""
    strides, stride = [0] * len(sizes), 1
    for dim in reversed(order):
        strides[dim] = stride
        stride *= sizes[dim]
    return tuple(sizes), tuple(strides)


def row_major(*sizes):
    return dense(sizes, range(len(sizes)))


def channels_last(*sizes):
    return dense(sizes, (0, *range(2, len(sizes)), 1))


def chosen_cases():
    one, two, three = "a neg", "a b add", "a b add c mul"
    # Permuted.
    for rank in (2, 3):
        for order in itertools.permutations(range(rank)):
            yield one, dense((2, 3, 4)[:rank], order)
    for order in ((0, 2, 3, 1), (3, 1, 0, 2), (1, 0, 3, 2)):
        x = dense((2, 3, 4, 5), order)
        yield one, x
        yield two, x, x
        yield "a 2 mul", x
        yield two, x, row_major(2, 3, 4, 5)
        yield two, row_major(2, 3, 4, 5), x
        yield three, row_major(3, 1, 1), x, row_major(2, 3, 4, 5)
    for order in ((4, 2, 0, 1, 3), (0, 2, 3, 4, 1)):
        yield two, dense((2, 3, 2, 3, 2), order), row_major(2, 3, 2, 3, 2)
    # Channels last.
    nhwc = channels_last(2, 3, 4, 5)
    for small in (((), ()), row_major(3, 1, 1), row_major(5), channels_last(1, 3, 1, 1)):
        yield two, nhwc, small
        yield two, small, nhwc
    for sizes in ((2, 3, 1, 1), (2, 1, 4, 5), (1, 3, 4, 5), (1, 1, 4, 5), (1, 3, 1, 5), (1, 1, 1, 1)):
        x = channels_last(*sizes)
        yield one, x
        yield "a f64", x
        yield "a 2 add", x
        yield two, x, row_major(*sizes)
        yield two, x, row_major(sizes[1], 1, 1)
    yield one, channels_last(2, 3, 2, 3, 2)
    yield two, channels_last(2, 3, 2, 3, 2), row_major(3, 1, 1, 1)
    # Dimensions of size 1 with any strides.
    for strides in ((3, 99, 1), (3, 3, 1), (3, 1, 1), (3, 0, 1), (1, 7, 2)):
        for program in (one, "a f64", "a clone", "a 2 mul", "a neg neg"):
            yield program, ((2, 1, 3), strides)
    yield two, ((2, 1, 3), (3, 99, 1)), ((2, 1, 3), (3, 99, 1))
    yield two, ((2, 1, 3), (1, 99, 2)), ((2, 1, 3), (1, 99, 2))
    yield one, ((1, 1), (5, 7))
    yield one, ((1,), (5,))
    # Expanded, sliced with gaps, overlapping.
    yield one, ((3, 4), (0, 1))
    yield one, ((3, 4), (1, 0))
    yield one, ((3, 4, 5), (0, 1, 4))
    yield one, ((3, 4, 5), (1, 0, 3))
    yield two, ((3, 4, 5), (1, 0, 3)), row_major(3, 4, 5)
    yield two, ((3, 4, 5), (0, 0, 1)), dense((3, 4, 5), (2, 1, 0))
    yield two, ((3, 4), (0, 0)), dense((3, 4), (1, 0))
    yield one, ((3, 4), (10, 2))
    yield one, ((3, 4), (2, 10))
    yield one, ((3, 4, 5), (2, 100, 10))
    yield "a f64", ((3, 4, 5), (2, 100, 10))
    yield "a clone", ((3, 4, 5), (2, 100, 10))
    yield "a clone", ((3, 4, 5), (0, 1, 4))
    yield two, ((3, 4, 5), (2, 100, 10)), row_major(3, 4, 5)
    yield one, ((3, 4), (1, 1))
    yield one, ((4, 3), (1, 1))
    yield two, ((4, 3), (2, 2)), dense((4, 3), (0, 1))
    # Broadcasts: the first operand that tells two dimensions apart decides.
    yield two, row_major(3, 1), row_major(1, 4)
    yield two, ((1, 3, 1), (1, 1, 1)), dense((2, 3, 4), (2, 0, 1))
    yield two, ((2, 1, 4), (1, 1, 2)), dense((2, 3, 4), (0, 1, 2))
    yield two, ((2, 1, 4), (1, 1, 2)), dense((2, 3, 4), (1, 0, 2))
    yield two, dense((3, 4), (1, 0)), row_major(2, 3, 4)
    yield two, row_major(2, 3, 4), dense((3, 4), (1, 0))
    yield two, ((), ()), ((), ())
    yield two, ((), ()), dense((3, 4), (1, 0))
    yield two, dense((3, 4), (1, 0)), ((1, 1), (1, 1))
    # Chains: an intermediate has the strides that its own operands gave it.
    cm, rm = dense((2, 3, 4), (2, 1, 0)), row_major(2, 3, 4)
    for x, y, z in ((cm, rm, rm), (rm, cm, cm), (cm, cm, rm), (rm, rm, cm)):
        yield three, x, y, z
        yield "c a b add mul", x, y, z
        yield "a b gt b c where", x, y, z
        yield "a b gt f64 c add", x, y, z
    yield "a b add c gt a 2 where", row_major(4), dense((3, 1), (0, 1)), dense((2, 3, 4), (1, 2, 0))
    yield "a b add neg c add", row_major(3, 1, 1), channels_last(2, 3, 4, 5), row_major(2, 3, 4, 5)
    # Views of what is computed.
    yield "a b add perm201", rm, rm
    yield "a b add perm201", cm, rm
    yield "a b add perm0231", nhwc, nhwc
    yield "a b add neg perm1302", nhwc, row_major(2, 3, 4, 5)
    # Concatenations.
    cl, other = channels_last(2, 3, 4, 5), channels_last(2, 6, 4, 5)
    for program in ("a b cat1", "a neg b cat1", "a neg b 2 mul cat1"):
        yield program, cl, other
        yield program, cl, row_major(2, 6, 4, 5)
        yield program, row_major(2, 3, 4, 5), other
    yield "a b cat-1", dense((2, 3), (1, 0)), dense((2, 4), (1, 0))
    yield "a b cat2", channels_last(2, 3, 2, 3, 2), channels_last(2, 3, 3, 3, 2)
    yield "a b cat1", channels_last(2, 1, 4, 5), channels_last(2, 1, 4, 5)
    yield "a b cat0", channels_last(2, 3, 1, 1), channels_last(1, 3, 1, 1)
    yield "a b cat0", ((2, 1, 1, 1), (1, 1, 1, 1)), ((3, 1, 1, 1), (5, 5, 5, 5))
    yield "a b cat0", ((2, 3, 2, 2), (24, 1, 12, 3)), ((2, 3, 2, 2), (0, 1, 6, 3))
    yield "a b cat1 c cat0", cl, cl, channels_last(1, 6, 4, 5)


PROGRAMS = (
    (1, ("a neg", "a f64", "a 2 mul", "2 a add", "a neg f64", "a a add")),
    (2, ("a b add", "a b gt a b where", "a b add 2 mul", "b a mul f64", "a neg b add", "a b add neg a mul")),
    (3, ("a b add c mul", "a b c add mul", "a b gt c a where", "c a add b a mul add", "a b gt f64 c neg add")),
)


def random_layout(rng, shape):
    """An operand that broadcasts to `shape`."""
    sizes = [1 if rng.random() < 0.15 else n for n in shape]
    if rng.random() < 0.2:
        sizes = sizes[rng.randint(0, len(sizes)) :]
    rank = len(sizes)
    kind = rng.random()
    if kind < 0.3:
        order = list(range(rank))
    elif kind < 0.5 and rank >= 4:
        order = [0, *range(2, rank), 1]
    else:
        order = rng.sample(range(rank), rank)
    strides = list(dense(sizes, order)[1])
    if rng.random() < 0.2:
        strides = [s * 2 for s in strides]
    for dim in range(rank):
        if sizes[dim] == 1 and rng.random() < 0.3:
            strides[dim] = rng.choice((0, 1, 7, 99))
        elif rng.random() < 0.06:
            strides[dim] = rng.choice((0, 1, 3))
    return tuple(sizes), tuple(strides)


def random_cases(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        shape = [rng.choice((1, 2, 3, 4)) for _ in range(rng.choice((1, 2, 3, 3, 4, 4, 4, 5)))]
        arity, programs = rng.choice(PROGRAMS)
        if arity == 2 and rng.random() < 0.25:
            dim = rng.randrange(len(shape))
            layouts = []
            for _ in range(2):
                part = list(shape)
                part[dim] = rng.choice((1, 2, 3))
                while True:
                    layout = random_layout(rng, part)
                    if layout[0] == tuple(part):
                        break
                layouts.append(layout)
            yield (rng.choice(("a b cat%d", "a neg b cat%d", "a f64 b f64 cat%d")) % dim, *layouts)
            continue
        yield (rng.choice(programs), *(random_layout(rng, shape) for _ in range(arity)))


def main():
    if len(sys.argv) == 3:
        cases = random_cases(int(sys.argv[1]), int(sys.argv[2]))
    else:
        print("// Strides that eager PyTorch %s gives; see eager_strides.py." % torch.__version__)
        print("// clang-format off")
        cases = itertools.chain(chosen_cases(), random_cases(60, 1))
    for case in cases:
        print(row(*case))


main()
