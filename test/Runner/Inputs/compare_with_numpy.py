"""Compares every pointwise op, on every element type, with NumPy.

    compare_with_numpy.py SOURCES FOLDER

Reads from the sources which ops and element types there are, and the errors
that docs/Numerics.md states for functions. For each element type a program with
all of its ops and all casts is written into the folder and run there by
fuser-runner. Nothing of what is expected comes from fuser.

To add an op, add a line to OPS in numpy_ops.py. An op of Ops.def that is not
there is an error.
"""

import itertools
import os
import re
import subprocess
import sys

import numpy as np
from numpy_ops import (COMPARISONS, DOMAINS, FLOATS, OPS, STORED, as_elements,
                       cast)

# ---- samples -----------------------------------------------------------------


def special(t):
    """Where ops change their ways. Not of i1, of which there are only two."""
    if t not in FLOATS:
        limits = np.iinfo(STORED[t])
        values = {0, 1, 2, 3, limits.max, limits.max - 1, limits.max // 2 + 1,
                  limits.max // 3, limits.min, limits.min + 1}
        values |= {-v for v in values if limits.min <= -v <= limits.max}
        return np.array(sorted(values), STORED[t])
    precision, least, infinity = FLOATS[t]
    one = np.longdouble(1)
    ulp = np.ldexp(one, 1 - precision)
    normal = np.ldexp(one, least + precision - 1)
    values = [0.0, np.ldexp(one, least), normal - np.ldexp(one, least), normal,
              0.25, 0.5, 0.5 + ulp / 2, 1 + ulp, 1.5, 2, 2.5, 3, np.pi, 10,
              127.5, 128.5, 255.5, 32767.5, 32768.5, np.inf, np.nan]
    # Powers of two and the numbers below them.
    for exponent in (0, 8, 31, 32, precision, 63, 64, infinity):
        power = np.ldexp(one, exponent)
        values += [power, power - power * ulp / 2] if exponent <= infinity else []
    return as_elements(t, np.array([s * v for v in values for s in (1, -1)],
                                   np.longdouble).astype(np.float64))


def width_of(t):
    return {"i1": 1, "bf16": 16}.get(t, 8 * np.dtype(STORED[t]).itemsize)


def from_bits(t, bits):
    """The elements that have these bits."""
    if t == "i1":
        return bits.astype(bool)
    if t == "bf16":
        return (bits.astype(np.uint32) << 16).view(np.float32)
    return bits.astype(f"u{np.dtype(STORED[t]).itemsize}").view(STORED[t])


def random_elements(t, count, rng):
    """Of all bits, small ones, and (of floats) of all magnitudes."""
    wild = from_bits(t, rng.integers(0, 1 << width_of(t), count, np.uint64))
    if t in FLOATS:
        tame = rng.uniform(-1, 1, count) * 10.0 ** rng.integers(-3, 4, count)
    else:
        tame = rng.integers(0 if t == "ui8" else -20, 21, count)
    return np.where(rng.integers(0, 2, count) == 0, wild, as_elements(t, tame))


def samples(t, arity, rng):
    """Arrays of `arity` operands; all there are if they are few."""
    width = width_of(t)
    if width * arity <= 16:
        every = np.arange(1 << width * arity)
        return [from_bits(t, every >> width * i & (1 << width) - 1)
                for i in range(arity)]
    known = special(t)
    if arity == 3:
        # Few of them, of both signs, both zeros among them.
        known = np.concatenate([known[:2], known[2 :: len(known) // 10 | 1]])
    grid = np.array(list(itertools.product(known, repeat=arity)), STORED[t]).T
    count = {1: 20000, 2: 6000, 3: 2000}[arity]
    return [np.concatenate([grid[i], random_elements(t, count, rng)])
            for i in range(arity)]


# ---- programs ----------------------------------------------------------------


class Program:
    """One function of many ops on vectors, with its inputs and what it must
    give."""

    def __init__(self, name):
        self.name = name
        self.arrays, self.arguments = [], []
        self.lines, self.results, self.checks = [], [], []

    def argument(self, t, array):
        """The value that holds `array`."""
        for index, known in enumerate(self.arrays):
            if known.dtype == array.dtype and np.array_equal(
                    known.view(np.uint8), array.view(np.uint8)):
                return f"%x{index}"
        name = f"%x{len(self.arrays)}"
        self.arrays.append(array)
        stored = "f32" if t == "bf16" else t
        self.arguments.append(f"{name}{'_f32' * (t == 'bf16')}: tensor<?x{stored}>")
        if t == "bf16":
            self.lines.append(f"{name} = fuser.cast {name}_f32 : "
                              "tensor<?xf32> to tensor<?xbf16>")
        return name

    def add(self, title, text, operands, types, result_type, check):
        """Adds an op written as `text`, with {} for the operands' names."""
        names = [self.argument(t, x) for t, x in zip(types, operands)]
        result = f"%r{len(self.results)}"
        self.lines.append(f"{result} = {text.format(*names)}")
        stored = result_type
        if result_type == "bf16":
            self.lines.append(f"{result}_f32 = fuser.cast {result} : "
                              "tensor<?xbf16> to tensor<?xf32>")
            result, stored = result + "_f32", "f32"
        self.results.append((result, f"tensor<?x{stored}>"))
        self.checks.append((title, operands, check))

    def run(self, folder):
        """Runs it on kernels; returns how many results are wrong."""
        path = os.path.join(folder, self.name)
        os.makedirs(path)
        names, types = zip(*self.results)
        with open(f"{path}/program.mlir", "w") as file:
            file.write(f"func.func @f({', '.join(self.arguments)})\n"
                       f"    -> ({', '.join(types)}) {{\n  ")
            file.write("\n  ".join(self.lines))
            file.write(f"\n  return {', '.join(names)}\n"
                       f"    : {', '.join(types)}\n}}\n")
        command = ["fuser-runner", f"{path}/program.mlir", "--output-dir", path,
                   "--verify"]
        for index, array in enumerate(self.arrays):
            np.save(f"{path}/x{index}.npy", array)
            command += ["--input", f"{path}/x{index}.npy"]
        run = subprocess.run(command, text=True, stdout=subprocess.PIPE)
        if run.returncode != 0 or "fallbacks: none" not in run.stdout:
            sys.exit(f"{' '.join(command)}\n{run.stdout}")
        failures = 0
        for index, (title, operands, check) in enumerate(self.checks):
            found = np.load(f"{path}/result{index}.npy")
            failures += report(f"{title} on {self.name}", found, operands, check)
        return failures


# ---- comparison --------------------------------------------------------------


def wrong_bits(expected):
    def check(found):
        assert found.dtype == expected.dtype, (found.dtype, expected.dtype)
        same = found == expected
        if found.dtype.kind == "f":
            same &= np.signbit(found) == np.signbit(expected)
            same |= np.isnan(found) & np.isnan(expected)
        return ~same, expected
    return check


def wrong_ulps(t, exact, bound, absolute):
    """More than `bound` units of `t`, and more than `absolute`, from `exact`, which
    is wider."""
    precision, least, infinity = FLOATS[t]

    def check(found):
        number = found.astype(exact.dtype)
        limit = np.ldexp(exact.dtype.type(1), infinity)
        # An infinity is the number after the last.
        near, far = (np.clip(v, -limit, limit) for v in (number, exact))
        exponent = np.frexp(np.where(far == 0, 1, far))[1]
        exponent = np.where(far == 0, least, np.maximum(exponent - precision, least))
        exponent = np.where(np.abs(far) == limit, infinity - precision, exponent)
        error = np.ldexp(np.abs(near - far), -exponent)
        wrong = ~(error <= bound) | (np.signbit(near) != np.signbit(far))
        if absolute:
            wrong &= ~(np.abs(near - far) <= absolute)
        return np.where(np.isnan(exact), ~np.isnan(number), wrong), exact
    return check


def report(title, found, operands, check):
    """Prints the first results that are wrong; 1 if there are any."""
    wrong, expected = check(found)
    for i in np.flatnonzero(wrong)[:3]:
        values = ", ".join(repr(x[i]) for x in operands)
        print(f"{title}: ({values}) gives {found[i]!r}, "
              f"expected {expected[i]!r}; {wrong.sum()} of {len(wrong)} wrong")
    return int(wrong.any())


def bound_of(name, t, errors, op):
    """In ULP of `t`: what is stated, and what the reference adds."""
    f32, f64 = errors[name]
    if t == "f64":
        # The stated error is that of a sample.
        return f64 + 0.05 + op.error
    # The 16-bit types round what f32 gives.
    return f32 + 1e-3 if t == "f32" else 0.5 + 2.0 ** -10


# ---- the test ----------------------------------------------------------------


def read_rows(sources):
    """(name, arity, domain, result) of each row of Ops.def."""
    with open(f"{sources}/include/FuserMath/Ops.def") as file:
        rows = re.findall(r"^FUSER_POINTWISE\(([^)]*)", file.read(), re.MULTILINE)
    fields = [[field.strip() for field in row.split(",")] for row in rows]
    return [(name, int(arity), domain, result)
            for name, arity, domain, result in fields]


def read_types(sources):
    with open(f"{sources}/include/FuserMath/DType.h") as file:
        table = file.read().split("#define FUSER_FOR_EACH_DTYPE")[1]
    return re.findall(r"FUSER_DTYPE\((\w+),", table.split("\n\n")[0])


def read_errors(sources):
    """The errors of f32 and f64 from the table of greatest errors."""
    with open(f"{sources}/docs/Numerics.md") as file:
        table = file.read().split("## Greatest errors")[1].split("\n#")[0]
    return {name: (float(f32), float(f64)) for names, f32, f64 in
            re.findall(r"^\| ([^|]+) \| ([\d.]+) \| ([\d.]+) \|", table, re.MULTILINE)
            for name in re.findall(r"`(\w+)`", names)}


def generic(name, types, result):
    """The form that is the same for all ops."""
    slots = ", ".join(["{}"] * len(types))
    types = ", ".join(f"tensor<?x{t}>" for t in types)
    return f'"fuser.{name}"({slots}) : ({types}) -> tensor<?x{result}>'


def add_op(program, name, t, operands, result, errors):
    op = OPS[name]
    operands = op.prepare(*operands)
    types = [t] * len(operands)
    result_type = "i1" if result == "Bool" else t
    text = generic(name, types, result_type)
    if name in COMPARISONS:
        text = f"fuser.compare {name}, {{}}, {{}} : tensor<?x{t}>"
    if op.is_near and t in FLOATS:
        wide = np.longdouble if t == "f64" else np.float64
        exact = op.reference(*(x.astype(wide) for x in operands))
        check = wrong_ulps(t, exact, bound_of(name, t, errors, op),
                           op.absolute if t == "f64" else 0.0)
    else:
        values = op.reference(*(x.astype(np.float32) if t == "f16" else x
                                for x in operands))
        check = wrong_bits(as_elements(result_type, values))
    program.add(name, text, operands, types, result_type, check)


def make_program(t, types, rows, errors):
    rng = np.random.default_rng(1)
    operands = {arity: samples(t, arity, rng) for arity in (1, 2, 3)}
    program = Program(t)
    for name, arity, domain, result in rows:
        if DOMAINS[domain](t):
            add_op(program, name, t, operands[arity], result, errors)
    x, = operands[1]
    for to in types:
        program.add(f"cast to {to}", generic("cast", [t], to), [x], [t], to,
                    wrong_bits(cast(x, to)))
    x, y = operands[2]
    mask = np.arange(len(x)) % 3 == 0
    program.add("select", generic("select", ["i1", t, t], t), [mask, x, y],
                ["i1", t, t], t, wrong_bits(np.where(mask, x, y)))
    return program


def main(sources, folder):
    rows, types = read_rows(sources), read_types(sources)
    errors = read_errors(sources)
    missing = [f"no line for '{row[0]}' in OPS" for row in rows if row[0] not in OPS]
    missing += [f"no domain '{row[2]}' in DOMAINS" for row in rows
                if row[2] not in DOMAINS]
    missing += [f"no error stated for '{row[0]}'" for row in rows
                if row[0] in OPS and OPS[row[0]].is_near and row[0] not in errors]
    missing += [f"no type '{t}' in STORED" for t in types if t not in STORED]
    if missing:
        sys.exit("\n".join(missing))
    failures = results = 0
    for t in types:
        with np.errstate(all="ignore"):
            program = make_program(t, types, rows, errors)
            failures += program.run(folder)
        results += len(program.checks)
    print(f"{results - failures} of {results} as NumPy says")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
