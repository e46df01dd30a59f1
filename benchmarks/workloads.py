"""The workloads: what goes in, what comes out, and the formula of each, once for all rivals in Python.

A formula is a function of a library and of the inputs. Libraries have the methods of `Reference`, which computes in
float64; peers/ has those of the rivals. fuser's programs are in workloads/, the C in C*Kernels.cpp.
"""
import math
from types import SimpleNamespace

import numpy as np

from long_chain import long_chain

# Sizes of the arrays. The tiny ones are for tests: odd, so that there are rests.
FULL = SimpleNamespace(rows=4096, columns=4096, elements=1 << 24, batch=2048, hidden=512, ffn=5632, part=1024,
                       options=1 << 22, chain=1 << 20, small=1024, few=16, images=64, height=224, width=224,
                       pixels=1 << 20, strided=16384, stride=2048, slice=1024, chunk=64, pairs=1 << 21)
TINY = SimpleNamespace(rows=5, columns=38, elements=1031, batch=3, hidden=17, ffn=21, part=19,
                       options=203, chain=201, small=77, few=16, images=2, height=5, width=7,
                       pixels=53, strided=3, stride=1031, slice=1024, chunk=7, pairs=67)


class Input:
    """A random array: `kind` is a dtype as fuser spells it, `draw(rng, shape)` gives its values."""

    def __init__(self, kind, shape, draw):
        self.kind, self.shape, self.draw = kind, tuple(shape), draw

    def make(self, rng):
        """The array as it is stored: bf16 as two bytes of type V2."""
        return store(self.draw(rng, self.shape), self.kind)


NUMPY_TYPES = {"i1": np.bool_, "ui8": np.uint8, "i32": np.int32, "f16": np.float16, "f32": np.float32,
               "f64": np.float64}


def store(values, kind):
    """Values as an array of that dtype."""
    if kind != "bf16":
        return np.asarray(values, NUMPY_TYPES[kind], order="C")
    bits = np.asarray(values, np.float32, order="C").view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16).view("V2")


def widen(array):
    """An array as it is stored, as one that NumPy computes with: floats as float64."""
    if array.dtype == np.dtype("V2"):
        array = (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def item_size(kind):
    return 2 if kind == "bf16" else np.dtype(NUMPY_TYPES[kind]).itemsize


def normal(kind, *shape, scale=1.0):
    def draw(rng, shape):
        values = rng.standard_normal(shape, dtype=np.float32)
        return values if scale == 1.0 else values * np.float32(scale)
    return Input(kind, shape, draw)


def uniform(kind, low, high, *shape):
    return Input(kind, shape, lambda rng, shape: low + (high - low) * rng.random(shape))


def integers(kind, low, high, *shape):
    return Input(kind, shape, lambda rng, shape: rng.integers(low, high, shape, dtype=NUMPY_TYPES[kind]))


def values(kind, array):
    array = np.asarray(array, dtype=np.float64)
    return Input(kind, array.shape, lambda rng, shape: array)


class Reference:
    """The operations of the formulas, in float64."""

    exp, log, log1p, sqrt, tanh = np.exp, np.log, np.log1p, np.sqrt, np.tanh
    where, transpose = np.where, np.transpose

    @staticmethod
    def erf(x):
        return np.frompyfunc(math.erf, 1, 1)(x).astype(np.float64)

    @staticmethod
    def relu(x):
        return np.maximum(x, 0)

    @staticmethod
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    @classmethod
    def silu(cls, x):
        return x * cls.sigmoid(x)

    @classmethod
    def gelu(cls, x):
        return 0.5 * x * (1 + cls.erf(x * math.sqrt(0.5)))

    @classmethod
    def tanh_gelu(cls, x):
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))

    @staticmethod
    def chunk(x, parts, dim):
        return np.split(x, parts, dim)

    @staticmethod
    def concat(parts, dim):
        return np.concatenate(parts, dim)

    @staticmethod
    def cast(x, kind):
        return x.astype(np.float64)


class Workload:
    """`inputs(size)` and `outputs(size)` are lists; an output is (dtype, shape)."""

    def __init__(self, name, title, file, inputs, outputs, formula, tolerance=None, launch=False, unread=None):
        self.name, self.title, self.file, self.formula = name, title, file, formula
        self.inputs, self.outputs, self.launch = inputs, outputs, launch
        self.tolerance = tolerance
        self.unread = unread or (lambda size: 0)  # bytes of the inputs that need not be read

    def bytes(self, size):
        """What has to move: inputs read once, outputs written once."""
        arrays = [(i.kind, i.shape) for i in self.inputs(size)] + self.outputs(size)
        return sum(item_size(kind) * math.prod(shape) for kind, shape in arrays) - self.unread(size)


# ---- formulas ----------------------------------------------------------------

def lstm_cell(lib, xg, hg, bi, bh, cx):
    i, f, g, o = lib.chunk(xg + bi + hg + bh, 4, 1)
    cy = lib.sigmoid(f) * cx + lib.sigmoid(i) * lib.tanh(g)
    return lib.sigmoid(o) * lib.tanh(cy), cy


def swiglu(lib, x):
    gate, value = lib.chunk(x, 2, 1)
    return lib.silu(gate) * value


def concat(lib, a, b, c, scale):
    return lib.concat([lib.relu(a), lib.sigmoid(b), lib.tanh(c)], 1) * scale


def adam(lib, p, g, m, v):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return p - 0.00153533993 * m / (lib.sqrt(v) * 10.0225159 + 1e-8), m, v


def black_scholes(lib, s, k, t):
    deviation = 0.2 * lib.sqrt(t)
    d1 = (lib.log(s / k) + 0.05 * t) / deviation
    d2 = d1 - deviation
    n1, n2 = (0.5 * (1 + lib.erf(d * 0.7071067811865476)) for d in (d1, d2))
    discounted = k * lib.exp(-0.03 * t)
    call = s * n1 - discounted * n2
    return call, call - s + discounted


def small_chain(lib, x, y):
    z = (x * y + y) * 0.5 - x
    z = (z * z + x) * 0.25 + y
    return lib.relu(z) + lib.tanh(x)


def integer_hash(lib, x):
    x = x ^ (x << 13)
    x = x ^ (x >> 17)
    x = x ^ (x << 5)
    x = x * 668265261
    return (x ^ (x >> 15)) + 12345


def many_chunks(lib, x):
    total = None
    for part in lib.chunk(x, 64, 1):
        total = part * part if total is None else total + part * part
    return total


# ---- the list ----------------------------------------------------------------

WORKLOADS = [
    Workload("P01", "bias + GELU (erf), f32", "P01-bias-gelu",
             lambda n: [normal("f32", n.rows, n.columns), normal("f32", n.columns)],
             lambda n: [("f32", (n.rows, n.columns))],
             lambda lib, x, bias: lib.gelu(x + bias)),
    Workload("P02", "GELU (tanh), f32", "P02-tanh-gelu",
             lambda n: [normal("f32", n.elements)],
             lambda n: [("f32", (n.elements,))],
             lambda lib, x: lib.tanh_gelu(x)),
    Workload("P03", "LSTM cell, f32", "P03-lstm-cell",
             lambda n: [normal("f32", n.batch, 4 * n.hidden), normal("f32", n.batch, 4 * n.hidden),
                        normal("f32", 4 * n.hidden), normal("f32", 4 * n.hidden), normal("f32", n.batch, n.hidden)],
             lambda n: [("f32", (n.batch, n.hidden))] * 2,
             lstm_cell),
    Workload("P04", "SwiGLU, f32", "P04-swiglu",
             lambda n: [normal("f32", n.batch, 2 * n.ffn)],
             lambda n: [("f32", (n.batch, n.ffn))],
             swiglu),
    Workload("P05", "GELU (tanh) of x + bias, scaled, + residual, bf16", "P05-residual-gelu",
             lambda n: [normal("bf16", n.rows, n.columns), normal("bf16", n.columns), normal("bf16", n.columns),
                        normal("bf16", n.rows, n.columns)],
             lambda n: [("bf16", (n.rows, n.columns))],
             lambda lib, x, bias, gamma, residual: lib.tanh_gelu(x + bias) * gamma + residual),
    Workload("P06", "concat of relu, sigmoid, tanh, scaled, f32", "P06-concat",
             lambda n: [normal("f32", n.rows, n.part)] * 3 + [values("f32", 1.5)],
             lambda n: [("f32", (n.rows, 3 * n.part))],
             concat),
    Workload("P07", "relu(column * row + c), f32", "P07-outer-broadcast",
             lambda n: [normal("f32", n.rows, 1), normal("f32", 1, n.columns), normal("f32", n.rows, n.columns)],
             lambda n: [("f32", (n.rows, n.columns))],
             lambda lib, a, b, c: lib.relu(a * b + c)),
    Workload("P08", "Adam step, f32", "P08-adam",
             lambda n: [normal("f32", n.elements), normal("f32", n.elements), normal("f32", n.elements, scale=0.1),
                        uniform("f32", 0, 1, n.elements)],
             lambda n: [("f32", (n.elements,))] * 3,
             adam),
    Workload("P09", "normalise images, ui8 to f32", "P09-normalise-image",
             lambda n: [integers("ui8", 0, 256, n.images, 3, n.height, n.width),
                        values("f32", np.reshape([0.485, 0.456, 0.406], (3, 1, 1))),
                        values("f32", np.reshape([0.229, 0.224, 0.225], (3, 1, 1)))],
             lambda n: [("f32", (n.images, 3, n.height, n.width))],
             lambda lib, x, mean, std: (lib.cast(x, "f32") / 255 - mean) / std),
    Workload("P10", "masked scale, f32", "P10-masked-scale",
             lambda n: [Input("i1", (n.rows, n.columns), lambda rng, shape: rng.random(shape, dtype=np.float32) < 0.5),
                        normal("f32", n.rows, n.columns)],
             lambda n: [("f32", (n.rows, n.columns))],
             lambda lib, mask, x: lib.where(mask, x * 0.125, -math.inf)),
    Workload("P11", "Black-Scholes, f64", "P11-black-scholes",
             lambda n: [uniform("f64", 10, 50, n.options), uniform("f64", 10, 50, n.options),
                        uniform("f64", 0.25, 2, n.options)],
             lambda n: [("f64", (n.options,))] * 2,
             black_scholes),
    Workload("P12", "chain of 312 ops, f64", "P12-long-chain",
             lambda n: [uniform("f64", 0, 1, n.chain)] * 3,
             lambda n: [("f64", (n.chain,))],
             lambda lib, s, t, p: long_chain(lib.sqrt, s, t, p)),
    Workload("P13", "10 ops on 1024 elements, f32", "P13-small-chain",
             lambda n: [normal("f32", n.small)] * 2,
             lambda n: [("f32", (n.small,))],
             small_chain, launch=True),
    Workload("P14", "relu(x transposed + y), f32", "P14-transposed-add",
             lambda n: [normal("f32", n.columns, n.rows), normal("f32", n.rows, n.columns)],
             lambda n: [("f32", (n.rows, n.columns))],
             lambda lib, x, y: lib.relu(lib.transpose(x) + y)),
    Workload("P15", "GELU (erf), bf16", "P15-gelu-bf16",
             lambda n: [normal("bf16", n.elements)],
             lambda n: [("bf16", (n.elements,))],
             lambda lib, x: lib.gelu(x), tolerance=(2e-2, 1e-2)),
    Workload("P16", "integer hash, i32", "P16-integer-hash",
             lambda n: [integers("i32", -2 ** 31, 2 ** 31, n.elements)],
             lambda n: [("i32", (n.elements,))],
             integer_hash),
    Workload("P17", "two outputs of two shapes, f32", "P17-two-shapes",
             lambda n: [normal("f32", n.rows, n.columns)],
             lambda n: [("f32", (n.rows, n.columns)), ("f32", (n.rows, n.columns // 2))],
             lambda lib, x: (lib.relu(x) * 2, lib.sigmoid(lib.chunk(x, 2, 1)[0]))),
    Workload("P18", "sigmoid(x) * x, f16", "P18-silu-f16",
             lambda n: [normal("f16", n.elements)],
             lambda n: [("f16", (n.elements,))],
             lambda lib, x: lib.sigmoid(x) * x),
    Workload("P19", "log(exp a + exp b), f32", "P19-log-add-exp",
             lambda n: [normal("f32", n.elements)] * 2,
             lambda n: [("f32", (n.elements,))],
             lambda lib, a, b: a + lib.log1p(lib.exp(b - a))),
    Workload("P20", "three independent outputs, f32", "P20-independent-outputs",
             lambda n: [normal("f32", n.elements)] * 4,
             lambda n: [("f32", (n.elements,))] * 3,
             lambda lib, a, b, c, d: (lib.exp(a), lib.tanh(b), c * d + 1)),
    Workload("D01", "add of 16 elements, f32", "D01-add-16",
             lambda n: [normal("f32", n.few)] * 2,
             lambda n: [("f32", (n.few,))],
             lambda lib, x, y: x + y, launch=True),
    Workload("L01", "bias + relu, 3 channels last, f32", "L01-channels-last",
             lambda n: [normal("f32", n.images, n.height, n.width, 3), normal("f32", 3)],
             lambda n: [("f32", (n.images, n.height, n.width, 3))],
             lambda lib, x, bias: lib.relu(x + bias)),
    Workload("L02", "bias + relu, rows of 19, f32", "L02-rows-of-19",
             lambda n: [normal("f32", n.pixels, 19), normal("f32", 19)],
             lambda n: [("f32", (n.pixels, 19))],
             lambda lib, x, bias: lib.relu(x + bias)),
    Workload("L03", "x / 2 + 1 on half of each row, f32", "L03-strided-rows",
             lambda n: [normal("f32", n.strided, n.stride)],
             lambda n: [("f32", (n.strided, n.slice))],
             lambda lib, x: x[:, :1024] * 0.5 + 1, unread=lambda n: 4 * n.strided * (n.stride - n.slice)),
    Workload("L04", "relu(x * column), f32", "L04-inner-broadcast",
             lambda n: [normal("f32", n.rows, n.columns), normal("f32", n.rows, 1)],
             lambda n: [("f32", (n.rows, n.columns))],
             lambda lib, x, scale: lib.relu(x * scale)),
    Workload("L05", "sum of squares of 64 chunks of rows, f32", "L05-many-chunks",
             lambda n: [normal("f32", n.rows, 64 * n.chunk)],
             lambda n: [("f32", (n.rows, n.chunk))],
             many_chunks),
    Workload("L06", "concat of 4 and 4 columns, f32", "L06-inner-concat",
             lambda n: [normal("f32", n.pairs, 4)] * 2,
             lambda n: [("f32", (n.pairs, 8))],
             lambda lib, a, b: lib.concat([lib.relu(a), b * 2], 1)),
    Workload("L07", "cast ui8 to f32", "L07-cast-u8-f32",
             lambda n: [integers("ui8", 0, 256, n.elements)],
             lambda n: [("f32", (n.elements,))],
             lambda lib, x: lib.cast(x, "f32")),
    Workload("L08", "cast f32 to bf16", "L08-cast-f32-bf16",
             lambda n: [normal("f32", n.elements)],
             lambda n: [("bf16", (n.elements,))],
             lambda lib, x: lib.cast(x, "bf16"), tolerance=(2.0 ** -8, 0)),
    Workload("L09", "add, f32", "L09-add",
             lambda n: [normal("f32", n.elements)] * 2,
             lambda n: [("f32", (n.elements,))],
             lambda lib, x, y: x + y),
]

# Relative and absolute: rivals may round once or after every op.
TOLERANCES = {"f32": (1e-5, 3e-6), "f64": (1e-11, 1e-11), "f16": (4e-3, 1e-3), "bf16": (3e-2, 6e-2), "i32": (0, 0)}


# ---- what is right -----------------------------------------------------------

def sample_positions(count):
    """Positions of a flat array: all of a small one, else both ends and many between."""
    if count <= 1 << 18:
        return np.arange(count)
    inside = np.random.default_rng(99).integers(0, count, 1 << 17)
    return np.unique(np.concatenate([np.arange(4096), inside, np.arange(count - 4096, count)]))


def expected_samples(workload, arrays):
    """The values at the sample positions of every output, in float64."""
    with np.errstate(all="ignore"):
        results = workload.formula(Reference, *map(widen, arrays))
    results = results if isinstance(results, tuple) else (results,)
    return [np.ravel(result)[sample_positions(result.size)] for result in results]


def compare(workload, size, expected, outputs):
    """What is wrong with the outputs (as they are stored), or "", and the greatest relative error above 1e-3."""
    declared = workload.outputs(size)
    if len(outputs) != len(declared):
        return f"{len(outputs)} outputs, expected {len(declared)}", None
    worst = 0.0
    for index, ((kind, shape), output, right) in enumerate(zip(declared, outputs, expected)):
        if tuple(output.shape) != tuple(shape):
            return f"output {index} is {output.shape}, expected {shape}", None
        found = widen(np.ravel(output)[sample_positions(output.size)])
        relative, absolute = workload.tolerance or TOLERANCES[kind]
        with np.errstate(all="ignore"):
            equal = (found == right) | ((found != found) & (right != right))
            error = np.where(equal, 0, np.abs(found.astype(np.float64) - right))
            size_of = np.where(np.isfinite(right), np.abs(right), 0)
            wrong = ~(error <= absolute + relative * size_of)
            worst = max(worst, float(np.max(error / np.maximum(size_of, 1e-3), initial=0)))
        if wrong.any():
            at = int(np.argmax(wrong))
            return (f"output {index}: {int(wrong.sum())} of {wrong.size} samples are wrong, "
                    f"such as {found[at]!r}, expected {right[at]!r}"), worst
    return "", worst
