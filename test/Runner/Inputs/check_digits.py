"""Compares the features of the digits with NumPy's own: check_digits.py DATA OUT"""
import math
import sys

import numpy as np

data, out = sys.argv[1:]
load = lambda name: np.load(f"{data}/{name}.npy").astype(np.float64)
pixels = load("digits")
affine = (pixels - load("digits_mean")) / load("digits_std")
affine = affine * load("digits_weight") + load("digits_bias")
gelu = affine / 2 * (1 + np.vectorize(math.erf)(affine / math.sqrt(2)))
a, b = gelu[:, :32], gelu[:, 32:]
expected = np.concatenate([a / (1 + np.exp(-a)) * b, pixels / 16], axis=1)
found = np.load(out)
assert found.dtype == np.float32 and found.shape == expected.shape
np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
