"""numexpr, which evaluates expressions by blocks."""
import math

import numexpr
import numpy as np
from rival import Rival, Unsupported, as_list
from workloads import NUMPY_TYPES

from long_chain import long_chain

NO_ERF = "numexpr has no erf"


class Text:
    """An expression that long_chain can compute with."""

    def __init__(self, text):
        self.text = text

    def _binary(self, op, other):
        return Text(f"({self.text}{op}{other.text if isinstance(other, Text) else repr(other)})")

    def __add__(self, other):
        return self._binary("+", other)

    def __mul__(self, other):
        return self._binary("*", other)

    def __truediv__(self, other):
        return self._binary("/", other)


def chain_text():
    return long_chain(lambda x: Text(f"sqrt({x.text})"), Text("x0"), Text("x1"), Text("x2")).text


# Each is a list of (expression, output, columns): the expression is over the inputs x0, x1, ..., parts of them named in
# PARTS, earlier outputs y0, y1, ... and the constants; it fills the output, or a range of its columns.
SIGMOID = "one/(one+exp(-({})))"
CHAIN = "(((x0*x1+x1)*half-x0)**2+x0)*quarter+x1"
HASH = ["x0^(x0<<c13)", "({0})^(({0})>>c17)", "({0})^(({0})<<c5)", "({0})*factor", "(({0})^(({0})>>c15))+addend"]


def nested(steps):
    text = steps[0]
    for step in steps[1:]:
        text = step.format(text)
    return text


def gate(name):
    return f"(x0{name}+x2{name}+x1{name}+x3{name})"


EXPRESSIONS = {
    "P02": ["half*x0*(one+tanh(k0*(x0+k1*x0*x0*x0)))"],
    "P03": [f"{SIGMOID.format(gate('o'))}*tanh(y1)",
            f"{SIGMOID.format(gate('f'))}*x4+{SIGMOID.format(gate('i'))}*tanh({gate('g')})"],
    "P04": [f"x0a*{SIGMOID.format('x0a')}*x0b"],
    "P06": ["where(x0<zero,zero,x0)*x3", SIGMOID.format("x1") + "*x3", "tanh(x2)*x3"],
    "P07": ["where(x0*x1+x2<zero,zero,x0*x1+x2)"],
    "P08": ["x0-lr*y1/(sqrt(y2)*root+eps)", "b1*x2+nb1*x1", "b2*x3+nb2*x1*x1"],
    "P10": ["where(x0,x1*eighth,minus)"],
    "P12": [None],
    "P13": [f"where({CHAIN}<zero,zero,{CHAIN})+tanh(x0)"],
    "P14": ["where(x0t+x1<zero,zero,x0t+x1)"],
    "P16": [nested(HASH)],
    "P17": ["where(x0<zero,zero,x0)*two", SIGMOID.format("x0a")],
    "P19": ["x0+log1p(exp(x1-x0))"],
    "P20": ["exp(x0)", "tanh(x1)", "x2*x3+one"],
    "D01": ["x0+x1"],
    "L01": ["where(x0+x1<zero,zero,x0+x1)"],
    "L02": ["where(x0+x1<zero,zero,x0+x1)"],
    "L03": ["x0s*half+one"],
    "L04": ["where(x0*x1<zero,zero,x0*x1)"],
    "L06": ["where(x0<zero,zero,x0)", "x1*two"],
    "L09": ["x0+x1"],
}
# Outputs that others need come first.
ORDER = {"P03": [1, 0], "P08": [1, 2, 0]}
# Those that fill columns of one output, side by side.
SIDE_BY_SIDE = {"P06", "L06"}
WHY_NOT = {"P01": NO_ERF, "P11": NO_ERF, "P05": "numexpr has no bf16", "P15": "numexpr has no bf16",
           "P09": "numexpr has no ui8", "P18": "numexpr has no f16", "L05": "not written for numexpr",
           "L07": "numexpr has no ui8", "L08": "numexpr has no bf16"}

CONSTANTS = {"zero": 0, "half": 0.5, "one": 1, "two": 2, "quarter": 0.25, "eighth": 0.125, "minus": -math.inf,
             "k0": math.sqrt(2 / math.pi), "k1": 0.044715, "lr": 0.00153533993, "b1": 0.9, "nb1": 0.1, "b2": 0.999,
             "nb2": 0.001, "eps": 1e-8, "root": 10.0225159}
INTEGERS = {"c5": 5, "c13": 13, "c15": 15, "c17": 17, "factor": 668265261, "addend": 12345}


def parts_of(name, arrays):
    """Views of the inputs under the names that expressions have for them."""
    parts = {f"x{index}": array for index, array in enumerate(arrays)}
    if name == "P03":
        for index in range(4):
            for letter, part in zip("ifgo", np.split(arrays[index], 4, axis=-1)):
                parts[f"x{index}{letter}"] = part
    elif name in ("P04", "P17"):
        parts["x0a"], parts["x0b"] = np.split(arrays[0], 2, 1)
    elif name == "P14":
        parts["x0t"] = arrays[0].T
    elif name == "L03":
        parts["x0s"] = arrays[0][:, :1024]
    return parts


class Numexpr(Rival):
    def __init__(self, threads):
        super().__init__(threads)
        numexpr.set_num_threads(threads)

    def version(self):
        return f"numexpr {numexpr.__version__}"

    def warm_up(self):
        numexpr.evaluate("x*3+1", local_dict={"x": np.ones(64, np.float32)})

    def load(self, workload, size, arrays):
        if workload.name in WHY_NOT:
            raise Unsupported(WHY_NOT[workload.name])
        self.name = workload.name
        self.shapes = [(shape, NUMPY_TYPES[kind]) for kind, shape in workload.outputs(size)]
        # Python's numbers would widen float32.
        self.values = parts_of(workload.name, arrays)
        self.values.update({name: np.float32(value) for name, value in CONSTANTS.items()})
        self.values.update({name: np.int32(value) for name, value in INTEGERS.items()})
        self.expressions = [chain_text()] if workload.name == "P12" else EXPRESSIONS[workload.name]

    def _evaluate(self, expression, values, out):
        return numexpr.evaluate(expression, local_dict=values, global_dict={}, out=out, order="C")

    def _run(self, outputs):
        if self.name in SIDE_BY_SIDE:
            whole = outputs[0] if outputs else np.empty(*self.shapes[0])
            width = whole.shape[1] // len(self.expressions)
            for index, expression in enumerate(self.expressions):
                self._evaluate(expression, self.values, whole[:, index * width:(index + 1) * width])
            return [whole]
        values, results = self.values, [None] * len(self.expressions)
        if len(results) > 1:
            values = dict(values)
        for index in ORDER.get(self.name, range(len(results))):
            results[index] = values[f"y{index}"] = self._evaluate(self.expressions[index], values,
                                                                  outputs[index] if outputs else None)
        return results

    def compile(self):
        return lambda: self._run(None)

    def compile_given(self):
        outputs = [np.zeros(*shape) for shape in self.shapes]
        return lambda: self._run(outputs)

    def to_numpy(self, outputs):
        return [np.ascontiguousarray(output) for output in as_list(outputs)]

    def release(self):
        self.values = self.expressions = None
