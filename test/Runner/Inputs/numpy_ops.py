"""What each pointwise op gives, in NumPy: element types, references, and OPS, the
table of ops. compare_with_numpy.py holds fuser to it."""

import ctypes
from fractions import Fraction

import numpy as np

# ---- element types -----------------------------------------------------------

# How NumPy holds the elements. It has no bf16: such elements are f32 numbers
# that bf16 can represent, and the programs cast them from and to f32.
STORED = {"i1": np.bool_, "ui8": np.uint8, "i8": np.int8, "i16": np.int16,
          "i32": np.int32, "i64": np.int64, "f16": np.float16,
          "bf16": np.float32, "f32": np.float32, "f64": np.float64}
# Bits of the significand, exponents of the least and of the first number that
# is too large.
FLOATS = {"f16": (11, -24, 16), "bf16": (8, -133, 128),
          "f32": (24, -149, 128), "f64": (53, -1074, 1024)}

# The element types of each domain of Ops.def.
DOMAINS = {"Float": lambda t: t in FLOATS,
           "Number": lambda t: t != "i1",
           "Integer": lambda t: t not in FLOATS and t != "i1",
           "Bits": lambda t: t not in FLOATS,
           "Any": lambda t: True}


def to_bf16(x):
    """f32 numbers rounded to nearest even, as f32."""
    bits = x.view(np.uint32)
    rounded = bits + (np.uint32(0x7FFF) + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), x, rounded.view(np.float32))


def as_elements(t, x):
    """What an op computed, as elements of `t`; to 16 bits by way of f32."""
    if t in ("f16", "bf16"):
        x = x.astype(np.float32)
    return to_bf16(x) if t == "bf16" else x.astype(STORED[t])


# ---- references --------------------------------------------------------------


def fma_f32(x, y, z):
    """In f64 the product is exact. The sum is rounded to odd: then rounding it
    again to f32 is as good as rounding once."""
    a, b = x.astype(np.float64) * y, z.astype(np.float64)
    total = a + b
    part = total - a
    error = (a - (total - part)) + (b - part)
    is_even = total.view(np.int64) & 1 == 0
    to_odd = np.nextafter(total, np.where(error > 0, np.inf, -np.inf))
    rounded = np.where((error != 0) & is_even, to_odd, total).astype(np.float32)
    return np.where(np.isfinite(total) & (total != 0), rounded, np.float32(np.nan))


def fma_f64(x, y, z):
    def one(a, b, c):
        if not np.isfinite([a, b, c]).all():
            return np.nan
        exact = Fraction(a) * Fraction(b) + Fraction(c)
        try:
            return float(exact) if exact != 0 else np.nan
        except OverflowError:
            return np.inf if exact > 0 else -np.inf
    return np.array([one(*v) for v in zip(x.tolist(), y.tolist(), z.tolist())])


def fma(x, y, z):
    """x * y + z, rounded once."""
    exact = (fma_f32 if x.dtype == np.float32 else fma_f64)(x, y, z)
    # Infinities, NaN and exact zeros are right without care.
    return np.where(np.isnan(exact), x * y + z, exact)


def lerp(x, y, w):
    return np.where(np.abs(w) < 0.5, fma(w, y - x, x), fma(w - 1, y - x, y))


def minimum(x, y):
    """NumPy's, but for -0 < +0."""
    low = np.minimum(x, y)
    if x.dtype.kind != "f":
        return low
    is_negative = np.signbit(x) | np.signbit(y)
    return np.where((low == 0) & is_negative, np.copysign(low, -1), low)


def maximum(x, y):
    return -minimum(-x, -y) if x.dtype.kind == "f" else np.maximum(x, y)


def div_trunc(x, y):
    if x.dtype.kind == "f":
        return np.trunc(x / y)
    rest = np.fmod(x, y)
    return np.floor_divide(x, y) + ((rest != 0) & ((x < 0) != (y < 0)))


def remainder(x, y):
    """The sign of the divisor, but for zeros: they have the dividend's."""
    rest = np.fmod(x, y)
    return np.where((rest != 0) & ((rest < 0) != (y < 0)), rest + y, rest)


def power(x, y):
    """Of integers modulo 2^n, and x^-n is 1 / x^n without its fraction."""
    if x.dtype.kind == "f":
        # Where nothing is rounded, no wide format is needed; powl of the GNU C
        # library gets the sign of (-inf)^(-2^63) wrong.
        narrow = np.power(x.astype(np.float64), y.astype(np.float64))
        return np.where(np.isfinite(x) & np.isfinite(y), np.power(x, y), narrow)
    inverse = np.where(x == -1, 1 - 2 * (y & 1), x == 1)
    return np.where(y < 0, inverse, np.power(x, np.maximum(y, 0)))


def c_library(name):
    """The C library's function of long doubles, rounded to f64."""
    function = getattr(ctypes.CDLL("libm.so.6"), name)
    function.restype, function.argtypes = ctypes.c_longdouble, [ctypes.c_longdouble]
    return lambda x: np.array([function(v) for v in x.tolist()], x.dtype)


# ---- operands ----------------------------------------------------------------


def nonzero_integers(x, y):
    return x, y if y.dtype.kind == "f" else y | (y == 0)


def shift_counts(x, y):
    """Most of them in the range, some near it, some anywhere."""
    index = np.arange(len(y))
    near = index % (8 * y.dtype.itemsize + 8) - (4 if y.dtype.kind == "i" else 0)
    return x, np.where(index % 8 == 0, y, near).astype(y.dtype)


def weights(x, y, w):
    """Most of them between -2 and 2, in steps that bf16 has."""
    index = np.arange(len(w))
    return x, y, np.where(index % 8 == 0, w, index % 129 / 32 - 2).astype(w.dtype)


# ---- the ops -----------------------------------------------------------------


class Op:
    """`reference` takes arrays of what is computed with (f32 for the 16-bit
    floats), after `prepare`, and is exact."""

    is_near = False

    def __init__(self, reference, prepare=lambda *x: x):
        self.reference, self.prepare = reference, prepare


class Near(Op):
    """On floats the error that Numerics.md states is allowed, and `reference`
    takes a wider format. `error`: its own, in ULP of f64. `absolute`: an error
    of f64 that is allowed in any case, as Numerics.md says."""

    is_near = True

    def __init__(self, reference, error=0.0, absolute=0.0):
        super().__init__(reference)
        self.error = error
        self.absolute = absolute


OPS = {
    "neg": Op(np.negative),
    "abs": Op(np.abs),
    "sign": Op(lambda x: (x > 0) * 1.0 - (x < 0)),  # 0 of NaN
    "ceil": Op(np.ceil),
    "floor": Op(np.floor),
    "round": Op(np.rint),
    "trunc": Op(np.trunc),
    "frac": Op(lambda x: x - np.trunc(x)),
    "sqrt": Op(np.sqrt),
    "rsqrt": Near(lambda x: 1 / np.sqrt(x)),
    "reciprocal": Op(lambda x: 1 / x),
    "exp": Near(np.exp),
    "exp2": Near(np.exp2),
    "expm1": Near(np.expm1),
    "log": Near(np.log),
    "log2": Near(np.log2),
    "log10": Near(np.log10),
    "log1p": Near(np.log1p),
    "sin": Near(np.sin),
    "cos": Near(np.cos),
    "tan": Near(np.tan),
    "asin": Near(np.arcsin),
    "acos": Near(np.arccos),
    "atan": Near(np.arctan),
    "sinh": Near(np.sinh),
    "cosh": Near(np.cosh),
    "tanh": Near(np.tanh),
    "asinh": Near(np.arcsinh),
    "acosh": Near(np.arccosh),
    "atanh": Near(np.arctanh),
    "erf": Near(c_library("erfl"), error=0.5),
    "erfc": Near(c_library("erfcl"), error=0.5),
    "lgamma": Near(c_library("lgammal"), error=0.5, absolute=2.0 ** -52),
    "sigmoid": Near(lambda x: 1 / (1 + np.exp(-x))),
    "is_nan": Op(np.isnan),
    "is_inf": Op(np.isinf),
    "is_finite": Op(np.isfinite),
    "bitwise_not": Op(np.invert),
    "bitwise_and": Op(np.bitwise_and),
    "bitwise_or": Op(np.bitwise_or),
    "bitwise_xor": Op(np.bitwise_xor),
    "add": Op(np.add),
    "sub": Op(np.subtract),
    "mul": Op(np.multiply),
    "div": Op(np.divide),
    "div_trunc": Op(div_trunc, nonzero_integers),
    "div_floor": Op(np.floor_divide, nonzero_integers),
    "remainder": Op(remainder, nonzero_integers),
    "fmod": Op(np.fmod, nonzero_integers),
    "pow": Near(power),
    "atan2": Near(np.arctan2),
    "minimum": Op(minimum),
    "maximum": Op(maximum),
    "shl": Op(np.left_shift, shift_counts),
    "shr": Op(np.right_shift, shift_counts),
    "eq": Op(np.equal),
    "ne": Op(np.not_equal),
    "lt": Op(np.less),
    "le": Op(np.less_equal),
    "gt": Op(np.greater),
    "ge": Op(np.greater_equal),
    "fma": Op(fma),
    "lerp": Op(lerp, weights),
    "clamp": Op(lambda x, low, high: minimum(maximum(x, low), high)),
}
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def cast(x, t):
    """The elements `x` as elements of `t`."""
    if t == "i1":
        return x != 0
    if t in FLOATS or x.dtype.kind != "f":
        return as_elements(t, x)
    limits = np.iinfo(STORED[t])
    whole = np.trunc(np.nan_to_num(x.astype(np.float64), nan=0))
    inside = np.where((whole < limits.min) | (whole >= limits.max), 0, whole)
    result = inside.astype(STORED[t])
    result = np.where(whole >= limits.max, limits.max, result)
    return np.where(whole < limits.min, limits.min, result).astype(STORED[t])
