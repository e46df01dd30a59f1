#!/usr/bin/env python3
"""Prints workloads/P12-long-chain.mlir: about 300 dependent ops on f64.

An equation of state of sea water has this form: polynomials in three variables, a quotient, and then square roots. The
coefficients are coefficient(0), coefficient(1), ... in the order of their use; LongChain in CKernels.cpp and
workloads.py have the same.
"""


def coefficient(index):
    """In [0.1, 1), the same in every language: one division of integers."""
    return (1000 + index * 7919 % 9000) / 10000


def long_chain(sqrt, s, t, p):
    """The chain on anything that has + * / and a sqrt."""
    used = iter(range(1000))

    def constant():
        return coefficient(next(used))

    def polynomial(x, degree, term):
        result = term()
        for _ in range(degree):
            result = x * result + term()
        return result

    def in_t():
        return polynomial(t, 4, constant)

    root = sqrt(s)
    above = polynomial(root, 5, lambda: polynomial(p, 2, in_t))
    below = polynomial(root, 3, lambda: polynomial(p, 1, in_t))
    z = above / below
    for _ in range(9):
        z = sqrt(z * constant() + constant()) / (t * constant() + 1.0)
    return z


class _Value:
    """What writes down the ops that are applied to it."""

    lines, constants = [], {}

    def __init__(self, name):
        self.name = name

    @staticmethod
    def _emit(op, operands, types):
        result = _Value(f"%{len(_Value.lines)}")
        _Value.lines.append(f"  {result.name} = fuser.{op} {', '.join(operands)} : {types}")
        return result

    def _binary(self, op, other):
        if isinstance(other, _Value):
            return self._emit(op, [self.name, other.name], "tensor<?xf64>")
        name = _Value.constants.setdefault(other, f"%c{len(_Value.constants)}")
        return self._emit(op, [self.name, name], "(tensor<?xf64>, tensor<f64>) -> tensor<?xf64>")

    def __add__(self, other):
        return self._binary("add", other)

    def __mul__(self, other):
        return self._binary("mul", other)

    def __truediv__(self, other):
        return self._binary("div", other)

    def sqrt(self):
        return self._emit("sqrt", [self.name], "tensor<?xf64>")


def main():
    result = long_chain(_Value.sqrt, *map(_Value, ["%s", "%t", "%p"]))
    print(f"// {len(_Value.lines)} dependent ops; printed by ../long_chain.py.")
    print("func.func @long_chain(%s: tensor<?xf64>, %t: tensor<?xf64>, %p: tensor<?xf64>)\n    -> tensor<?xf64> {")
    for value, name in _Value.constants.items():
        print(f"  {name} = fuser.constant dense<{value!r}> : tensor<f64>")
    print("\n".join(_Value.lines))
    print(f"  return {result.name} : tensor<?xf64>\n}}")


if __name__ == "__main__":
    main()
