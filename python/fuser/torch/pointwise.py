# Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What pointwise ops of PyTorch are in programs.

Each rule writes what eager PyTorch computes on the CPU: the promotion of its
operands, and which numbers are rounded to a half before they are used. A rule
gets the importer, the node and the node's arguments, and gives a value.
"""

from __future__ import annotations

import math

import torch

from .importer import Kind, Unsupported, value_of
from .program import HALVES, dims_of

RULES = {}
# Ops that cost more than a few instructions an element: alone, they are worth
# a kernel.
COSTLY = set()


def rule(*names):
    def add(function):
        for name in names:
            RULES[f"aten::{name}"] = function
        return function

    return add


def is_tensor(x):
    return isinstance(value_of(x), torch.Tensor)


def is_loose(x, dtype):
    """Whether a second operand is a number that kernels of halves, which would
    round a first one, leave as it is."""
    if not is_tensor(x):
        return True
    val = value_of(x)
    return val.dim() == 0 and val.dtype != dtype


def float_only(dtype):
    if not dtype.is_floating_point:
        raise Unsupported("integers in an op of floats")


# Of one operand.


def _unary(op, kind, integers):
    def write(imp, node, x):
        dtype = imp.promoted([x], kind)
        value = imp.tensor(x, dtype)
        if dtype.is_floating_point or (integers == "op" and dtype != torch.bool):
            return imp.writer.unary(op, value)
        if integers == "same":
            return value
        raise Unsupported("no such op of integers")

    return write


for _name in ("neg", "abs", "sign"):
    RULES[f"aten::{_name}"] = _unary(_name, Kind.NO_OPMATH, "op")
RULES["aten::sgn"] = RULES["aten::sign"]
RULES["aten::relu"] = _unary("relu", Kind.NO_OPMATH, "op")
for _name in ("ceil", "floor", "trunc"):
    RULES[f"aten::{_name}"] = _unary(_name, Kind.NO_OPMATH, "same")
RULES["aten::frac"] = _unary("frac", Kind.NO_OPMATH, "none")
for _name in (
    "sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos"
    " atan sinh cosh tanh asinh acosh atanh erf erfc lgamma sigmoid"
).split():
    RULES[f"aten::{_name}"] = _unary(_name, Kind.INT_TO_FLOAT, "none")
    COSTLY.add(f"aten::{_name}")
COSTLY -= {"aten::sqrt", "aten::rsqrt", "aten::reciprocal"}
for _alias, _name in (("special_erf", "erf"), ("special_expm1", "expm1"), ("special_exp2", "exp2")):
    RULES[f"aten::{_alias}"] = RULES[f"aten::{_name}"]
for _name in ("silu", "mish", "hardsigmoid", "hardswish"):
    RULES[f"aten::{_name}"] = _unary(_name, Kind.NO_OPMATH, "none")
COSTLY |= {"aten::silu", "aten::mish", "aten::gelu", "aten::elu", "aten::softplus"}


@rule("round")
def _round(imp, node, x, *, decimals=0):
    if not decimals:
        return _unary("round", Kind.NO_OPMATH, "same")(imp, node, x)
    dtype = imp.promoted([x])
    float_only(dtype)
    w = imp.writer
    inner = torch.float32 if dtype in HALVES else dtype
    scale = imp.number(10.0 ** abs(decimals), inner)
    there, back = ("mul", "div") if decimals > 0 else ("div", "mul")
    value = w.nary(there, w.cast(imp.tensor(x, dtype), inner), scale)
    return w.cast(w.nary(back, w.unary("round", value), scale), dtype)


@rule("bitwise_not")
def _bitwise_not(imp, node, x):
    return imp.writer.unary("bitwise_not", imp.tensor(x))


def truth(imp, x):
    return imp.tensor(x, torch.bool)


@rule("logical_not")
def _logical_not(imp, node, x):
    return imp.writer.unary("bitwise_not", truth(imp, x))


def _test(op, integers):
    def write(imp, node, x):
        value = imp.tensor(x)
        if value.dtype.is_floating_point:
            return imp.writer.test(op, value)
        return imp.writer.compare("eq" if integers else "ne", value, value)

    return write


RULES["aten::isnan"] = _test("is_nan", False)
RULES["aten::isinf"] = _test("is_inf", False)
RULES["aten::isfinite"] = _test("is_finite", True)


# Of two operands.

_OF_TRUTH = {
    "add": "bitwise_or",
    "mul": "bitwise_and",
    "minimum": "bitwise_and",
    "maximum": "bitwise_or",
}


def binary(imp, op, x, y, kind=Kind.NO_OPMATH, wide_numbers=False):
    """`op` on operands of their common type. With `wide_numbers`, numbers
    beside halves stay f32, and so does the computation until its result."""
    dtype = imp.promoted([x, y], kind)
    if dtype == torch.bool:
        if op not in _OF_TRUTH:
            raise Unsupported("no such op of truth values")
        op = _OF_TRUTH[op]
    wide = wide_numbers and dtype in HALVES and is_loose(y, dtype)
    inner = torch.float32 if wide else dtype
    first = imp.writer.cast(imp.tensor(x, dtype), inner)
    return imp.writer.cast(imp.writer.nary(op, first, imp.tensor(y, inner)), dtype)


@rule("add")
def _add(imp, node, x, y, *, alpha=1):
    if isinstance(alpha, (int, float)) and alpha == 1:
        return binary(imp, "add", x, y)
    return _scaled_sum(imp, x, y, alpha)


@rule("sub")
def _sub(imp, node, x, y, *, alpha=1):
    if isinstance(alpha, (int, float)) and alpha == 1:
        return binary(imp, "sub", x, y)
    return _scaled_sum(imp, x, y, alpha, negative=True)


def _scaled_sum(imp, x, y, alpha, negative=False):
    """x + alpha * y: of floats with one rounding."""
    w = imp.writer
    dtype = imp.promoted([x, y])
    inner = torch.float32 if dtype in HALVES else dtype
    a = w.cast(imp.tensor(x, dtype), inner)
    b = w.cast(imp.tensor(y, dtype), inner)
    scale = w.cast(imp.number(alpha, dtype), inner)  # rounded to halves
    if dtype == torch.bool:
        raise Unsupported("alpha beside truth values")
    if not dtype.is_floating_point:
        return w.nary("sub" if negative else "add", a, w.nary("mul", b, scale))
    if negative:
        scale = w.unary("neg", scale)
    return w.cast(w.nary("fma", b, scale, a), dtype)


@rule("mul")
def _mul(imp, node, x, y):
    return binary(imp, "mul", x, y, wide_numbers=True)


@rule("div", "true_divide")
def _div(imp, node, x, y, *, rounding_mode=None):
    if rounding_mode is None:
        return binary(imp, "div", x, y, Kind.INT_TO_FLOAT, wide_numbers=True)
    dtype = imp.promoted([x, y])
    is_one = is_loose(y, dtype) or all(d == 1 for d in dims_of(value_of(y)))
    if dtype in HALVES and not is_one:
        a, b = imp.tensor(x, dtype), imp.tensor(y, dtype)
        return _QUOTIENTS_OF_HALVES[rounding_mode](imp.writer, a, b)
    return binary(imp, f"div_{rounding_mode}", x, y, wide_numbers=True)


@rule("floor_divide")
def _floor_divide(imp, node, x, y):
    return _div(imp, node, x, y, rounding_mode="floor")


def _trunc_of_halves(w, a, b):
    return w.unary("trunc", w.nary("div", a, b))


def _floor_of_halves(w, a, b):
    """As eager PyTorch takes it apart, where each step rounds to a half."""
    zero, one, half = (w.constant(number, a.dtype) for number in (0, 1, 0.5))
    quotient, rest = w.nary("div", a, b), w.nary("fmod", a, b)
    whole = w.nary("div", w.nary("sub", a, rest), b)
    signs = w.nary("bitwise_xor", w.compare("lt", b, zero), w.compare("lt", rest, zero))
    is_below = w.nary("bitwise_and", w.compare("ne", rest, zero), signs)
    whole = w.nary("select", is_below, w.nary("sub", whole, one), whole)
    floor = w.unary("floor", whole)
    is_above = w.compare("gt", w.nary("sub", whole, floor), half)
    floor = w.nary("select", is_above, w.nary("add", floor, one), floor)
    floor = w.nary("select", w.compare("eq", whole, zero), w.nary("mul", quotient, zero), floor)
    return w.nary("select", w.compare("eq", b, zero), quotient, floor)


_QUOTIENTS_OF_HALVES = {"trunc": _trunc_of_halves, "floor": _floor_of_halves}


for _name in ("minimum", "maximum", "bitwise_and", "bitwise_or", "bitwise_xor", "remainder", "fmod"):

    def _write(imp, node, x, y, _op=_name):
        dtype = imp.promoted([x, y])
        if dtype == torch.bool and _op.startswith("bitwise"):
            return imp.writer.nary(_op, imp.tensor(x, dtype), imp.tensor(y, dtype))
        return binary(imp, _op, x, y)

    RULES[f"aten::{_name}"] = _write


@rule("atan2")
def _atan2(imp, node, x, y):
    return binary(imp, "atan2", x, y, Kind.INT_TO_FLOAT)


COSTLY |= {"aten::atan2", "aten::pow", "aten::remainder", "aten::fmod"}


@rule("fmin", "fmax")
def _fmin_fmax(imp, node, x, y):
    """The other operand where one is NaN."""
    w = imp.writer
    op = "minimum" if "fmin" in str(node.target) else "maximum"
    dtype = imp.promoted([x, y])
    if not dtype.is_floating_point:
        return binary(imp, op, x, y)
    a, b = imp.tensor(x, dtype), imp.tensor(y, dtype)
    least = w.nary("select", w.test("is_nan", b), a, w.nary(op, a, b))
    return w.nary("select", w.test("is_nan", a), b, least)


@rule("bitwise_left_shift", "__lshift__")
def _shl(imp, node, x, y):
    return binary(imp, "shl", x, y)


@rule("bitwise_right_shift", "__rshift__")
def _shr(imp, node, x, y):
    return binary(imp, "shr", x, y)


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):

    def _write(imp, node, x, y, _predicate=_name):
        dtype = imp.promoted([x, y])
        return imp.writer.compare(_predicate, imp.tensor(x, dtype), imp.tensor(y, dtype))

    RULES[f"aten::{_name}"] = _write
for _name in ("and", "or", "xor"):

    def _write(imp, node, x, y, _op=f"bitwise_{_name}"):
        return imp.writer.nary(_op, truth(imp, x), truth(imp, y))

    RULES[f"aten::logical_{_name}"] = _write

_SIMPLE_POWERS = {
    2: lambda w, x: w.nary("mul", x, x),
    3: lambda w, x: w.nary("mul", w.nary("mul", x, x), x),
    0.5: lambda w, x: w.unary("sqrt", x),
    -0.5: lambda w, x: w.unary("rsqrt", x),
    -1: lambda w, x: w.unary("reciprocal", x),
    -2: lambda w, x: w.unary("reciprocal", w.nary("mul", x, x)),
    1: lambda w, x: x,
}


@rule("pow")
def _pow(imp, node, x, y):
    w = imp.writer
    dtype = imp.promoted([x, y], Kind.BOOL_TO_LONG)
    if not dtype.is_floating_point:
        if is_tensor(y) or not isinstance(y, int) or y < 0:
            raise Unsupported("powers that may be refused")
        return w.nary("pow", imp.tensor(x, dtype), imp.tensor(y, dtype))
    # Of f16, powers are those of f32; of bf16, each product is rounded.
    inner = torch.float32 if dtype == torch.float16 else dtype
    base = w.cast(imp.tensor(x, dtype), inner)
    if isinstance(y, (int, float)) and y in _SIMPLE_POWERS:
        return w.cast(_SIMPLE_POWERS[y](w, base), dtype)
    exponent = w.cast(imp.tensor(y, dtype), inner)
    return w.cast(w.nary("pow", base, exponent), dtype)


@rule("ldexp")
def _ldexp(imp, node, x, y):
    w = imp.writer
    dtype = value_of(node).dtype
    inner = torch.float32 if dtype in HALVES else dtype
    power = w.unary("exp2", imp.tensor(y, inner))
    return w.cast(w.nary("mul", w.cast(imp.tensor(x, dtype), inner), power), dtype)


@rule("copysign")
def _copysign(imp, node, x, y):
    w = imp.writer
    dtype = imp.promoted([x, y], Kind.INT_TO_FLOAT)
    value = w.unary("abs", imp.tensor(x, dtype))
    if isinstance(y, (int, float)):
        return value if math.copysign(1, y) > 0 else w.unary("neg", value)
    return w.nary("select", _is_negative(imp, y), w.unary("neg", value), value)


@rule("signbit")
def _signbit(imp, node, x):
    return _is_negative(imp, x)


def _is_negative(imp, x):
    value = imp.tensor(x)
    if value.dtype.is_floating_point:
        raise Unsupported("the signs of NaNs")
    return imp.writer.compare("lt", value, imp.number(0, value.dtype))


# Of three and more.


@rule("where")
def _where(imp, node, condition, x, y):
    dtype = imp.promoted([x, y])
    return imp.writer.nary("select", truth(imp, condition), imp.tensor(x, dtype), imp.tensor(y, dtype))


@rule("clamp", "clamp_min", "clamp_max")
def _clamp(imp, node, x, low=None, high=None, **named):
    if "clamp_max" in str(node.target):
        low, high = None, low
    low, high = named.get("min", low), named.get("max", high)
    bounds = [b for b in (low, high) if b is not None]
    dtype = imp.promoted([x, *bounds])
    if dtype == torch.bool:
        raise Unsupported("bounds of truth values")
    value = imp.tensor(x, dtype)
    if low is not None and high is not None:
        return imp.writer.nary("clamp", value, imp.tensor(low, dtype), imp.tensor(high, dtype))
    if low is not None:
        return imp.writer.nary("maximum", value, imp.tensor(low, dtype))
    return imp.writer.nary("minimum", value, imp.tensor(high, dtype))


@rule("lerp")
def _lerp(imp, node, x, y, weight):
    dtype = imp.promoted([x, y])
    float_only(dtype)
    inner = torch.float32 if dtype in HALVES else dtype
    w = imp.writer
    operands = [w.cast(imp.tensor(v, dtype), inner) for v in (x, y)]
    weight = imp.tensor(weight, inner)
    return w.cast(w.nary("lerp", *operands, weight), dtype)


@rule("addcmul", "addcdiv")
def _addc(imp, node, x, a, b, *, value=1):
    op = "addcmul" if "addcmul" in str(node.target) else "addcdiv"
    dtype = imp.promoted([x, a, b])
    if op == "addcdiv":
        float_only(dtype)
    if dtype == torch.bool:
        raise Unsupported("sums of truth values")
    scale = imp.number(value, torch.float32 if dtype in HALVES else dtype)
    return imp.writer.addc(op, *(imp.tensor(v, dtype) for v in (x, a, b)), scale)


def _fma(imp, node, a, b, c):
    dtype = imp.promoted([a, b, c])
    float_only(dtype)
    return imp.writer.nary("fma", *(imp.tensor(v, dtype) for v in (a, b, c)))


RULES["prims::fma"] = _fma


# Formulas of eager PyTorch, whose halves are rounded at their end.


def _formula(*names):
    """Rules that compute as `function(writer, number, *operands)` does, in f32
    for halves. `number` makes constants of that type."""

    def add(function):
        def write(imp, node, *operands):
            dtype = imp.promoted(operands, Kind.INT_TO_FLOAT)
            float_only(dtype)
            inner = torch.float32 if dtype in HALVES else dtype
            w = imp.writer
            values = [w.cast(imp.tensor(x, dtype), inner) for x in operands]
            return w.cast(function(w, lambda x: w.constant(x, inner), *values), dtype)

        for name in names:
            RULES[f"aten::{name}"] = write
            COSTLY.add(f"aten::{name}")
        return function

    return add


def _log_sum(w, number, x, y, exp, scale):
    greatest = w.nary("maximum", x, y)
    gap = w.unary("neg", w.unary("abs", w.nary("sub", x, y)))
    rest = w.unary("log1p", w.unary(exp, gap))
    if scale is not None:
        rest = w.nary("mul", rest, number(scale))
    # Of equal infinities there is no difference.
    same = w.nary("bitwise_and", w.test("is_inf", x), w.compare("eq", x, y))
    return w.nary("select", same, x, w.nary("add", greatest, rest))


@_formula("logaddexp")
def _logaddexp(w, number, x, y):
    return _log_sum(w, number, x, y, "exp", None)


@_formula("logaddexp2")
def _logaddexp2(w, number, x, y):
    return _log_sum(w, number, x, y, "exp2", 1 / math.log(2))


def _times_log(log):
    """x times a logarithm of y, 0 where x is 0 unless y is NaN."""

    def formula(w, number, x, y):
        zero = number(0)
        product = w.nary("mul", x, w.unary(log, y))
        product = w.nary("select", w.compare("eq", x, zero), zero, product)
        return w.nary("select", w.test("is_nan", y), y, product)

    return formula


_formula("xlogy", "special_xlogy")(_times_log("log"))
_formula("special_xlog1py")(_times_log("log1p"))


@_formula("special_entr")
def _entr(w, number, x):
    zero = number(0)
    value = w.nary("mul", w.unary("neg", x), w.unary("log", x))
    rest = w.nary("select", w.compare("eq", x, zero), zero, number(-math.inf))
    value = w.nary("select", w.compare("gt", x, zero), value, rest)
    return w.nary("select", w.test("is_nan", x), x, value)


@_formula("sinc", "special_sinc")
def _sinc(w, number, x):
    angle = w.nary("mul", x, number(math.pi))
    value = w.nary("div", w.unary("sin", angle), angle)
    return w.nary("select", w.compare("eq", x, number(0)), number(1), value)


@_formula("hypot")
def _hypot(w, number, x, y):
    x, y = w.unary("abs", x), w.unary("abs", y)
    greatest = w.nary("maximum", x, y)
    ratio = w.nary("div", w.nary("minimum", x, y), greatest)
    value = w.nary("mul", greatest, w.unary("sqrt", w.nary("fma", ratio, ratio, number(1))))
    value = w.nary("select", w.compare("eq", greatest, number(0)), greatest, value)
    # Infinite beside NaN, too.
    is_infinite = w.nary("bitwise_or", w.test("is_inf", x), w.test("is_inf", y))
    return w.nary("select", is_infinite, number(math.inf), value)


@_formula("angle")
def _angle(w, number, x):
    value = w.nary("select", w.compare("lt", x, number(0)), number(math.pi), number(0))
    return w.nary("select", w.test("is_nan", x), x, value)


@rule("logit", "special_logit")
def _logit(imp, node, x, eps=None):
    w = imp.writer
    dtype = imp.promoted([x], Kind.INT_TO_FLOAT)
    inner = torch.float32 if dtype in HALVES else dtype
    value = w.cast(imp.tensor(x, dtype), inner)
    one = w.constant(1, inner)
    if eps is not None:
        low = imp.number(eps, inner)
        value = w.nary("clamp", value, low, w.nary("sub", one, low))
    odds = w.nary("div", value, w.nary("sub", one, value))
    return w.cast(w.unary("log", odds), dtype)


@rule("mvlgamma")
def _mvlgamma(imp, node, x, p):
    w = imp.writer
    dtype = imp.promoted([x], Kind.INT_TO_FLOAT)
    value, total = imp.tensor(x, dtype), None
    inner = torch.float32 if dtype in HALVES else dtype
    for i in range(p):
        shifted = value if i == 0 else w.nary("sub", value, imp.number(i / 2, dtype))
        term = w.cast(w.unary("lgamma", shifted), inner)
        total = term if total is None else w.nary("add", total, term)
    constant = imp.number(p * (p - 1) / 4 * math.log(math.pi), dtype)
    return w.nary("add", w.cast(total, dtype), constant)


for _name, _number in (("isposinf", math.inf), ("isneginf", -math.inf)):

    def _write(imp, node, x, _number=_number):
        value = imp.tensor(x)
        if not value.dtype.is_floating_point:
            return imp.writer.compare("ne", value, value)
        return imp.writer.compare("eq", value, imp.number(_number, value.dtype))

    RULES[f"aten::{_name}"] = _write


# Composites. Their attributes are numbers of the text.


def _attribute(name, number):
    if not isinstance(number, (int, float)) or not math.isfinite(number):
        raise Unsupported("an attribute that is no finite number")
    return f" {name} {float(number):.17e}"


def _float_operand(imp, x):
    value = imp.tensor(x)
    float_only(value.dtype)
    return value


@rule("gelu")
def _gelu(imp, node, x, *, approximate="none"):
    return imp.writer.unary("gelu", _float_operand(imp, x), f" approximate {approximate}")


@rule("leaky_relu")
def _leaky_relu(imp, node, x, negative_slope=0.01):
    return imp.writer.unary("leaky_relu", _float_operand(imp, x), _attribute("slope", negative_slope))


@rule("elu")
def _elu(imp, node, x, alpha=1, scale=1, input_scale=1):
    text = _attribute("alpha", alpha) + _attribute("scale", scale) + _attribute("input_scale", input_scale)
    return imp.writer.unary("elu", _float_operand(imp, x), text)


@rule("softplus")
def _softplus(imp, node, x, beta=1, threshold=20):
    text = _attribute("beta", beta) + _attribute("threshold", threshold)
    return imp.writer.unary("softplus", _float_operand(imp, x), text)


@rule("hardtanh")
def _hardtanh(imp, node, x, low=-1, high=1):
    text = _attribute("min", low) + _attribute("max", high)
    return imp.writer.unary("hardtanh", _float_operand(imp, x), text)


@rule("threshold")
def _threshold(imp, node, x, threshold, value):
    text = _attribute("threshold", threshold) + _attribute("value", value)
    return imp.writer.unary("threshold", _float_operand(imp, x), text)


# Casts and copies.


def convert(imp, x, dtype):
    """A cast as PyTorch does it on this machine: to narrow integers by way of
    i64, so that what is out of range wraps."""
    value = imp.tensor(x)
    narrow = dtype in (torch.uint8, torch.int8, torch.int16)
    if narrow and value.dtype.is_floating_point:
        value = imp.writer.cast(value, torch.int64)
    return imp.writer.cast(value, dtype)


@rule("_to_copy")
def _to_copy(imp, node, x, *, layout=None, pin_memory=None, **ignored):
    if pin_memory or layout not in (None, torch.strided):
        raise Unsupported("another layout")
    return convert(imp, x, value_of(node).dtype)


RULES["prims::convert_element_type"] = lambda imp, node, x, dtype: convert(imp, x, dtype)


@rule("clone")
def _clone(imp, node, x, *, memory_format=None):
    return imp.tensor(x)


@rule("copy")
def _copy(imp, node, x, source, non_blocking=False):
    return convert(imp, source, value_of(node).dtype)


# Random numbers. Their streams are arguments: ops that differ in them alone have
# one kernel.


def _random(imp, node, like, seed, stream, dtype):
    dims = dims_of(value_of(node))
    shape = imp.of_shape(dims) if imp.is_constant(like) else None
    index = imp.writer.iota_like(shape or imp.full(imp.operand(like), dims))
    return imp.writer.random(index, imp.operand(seed), imp.given(stream), dtype)


RULES["fuser::random"] = _random
COSTLY.add("fuser::random")
