#!/usr/bin/env python3
"""Makes the .npy files of this folder from scikit-learn's copy of the digits.

Usage: make_digits.py digits.csv.gz [FOLDER]

`digits.csv.gz` is the file of that name in scikit-learn's source or package
(sklearn/datasets/data/): 1797 lines of 64 pixels (0 to 16) and a label.
FOLDER is where the files go; by default, where this script lies.
"""
import gzip
import pathlib
import sys

import numpy as np


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else __file__)
    if not folder.is_dir():
        folder = folder.parent
    with gzip.open(sys.argv[1], "rt") as lines:
        table = np.loadtxt(lines, delimiter=",")
    images = table[:, :64].astype(np.uint8)

    # Statistics in float64, stored as float32. Some corner pixels are 0 in
    # every image; dividing by 1 instead of 0 leaves them at 0.
    mean = images.mean(axis=0, dtype=np.float64)
    std = images.std(axis=0, dtype=np.float64)
    std[std == 0] = 1

    # Small values for the affine step, exact in float32 and the same on every
    # machine: nothing is learned here.
    column = np.arange(64)
    weight = 0.5 + (column * 37 % 64) / 64
    bias = (column * 23 % 64) / 128 - 0.25

    np.save(folder / "digits.npy", images)
    np.save(folder / "digits_mean.npy", mean.astype(np.float32))
    np.save(folder / "digits_std.npy", std.astype(np.float32))
    np.save(folder / "digits_weight.npy", weight.astype(np.float32))
    np.save(folder / "digits_bias.npy", bias.astype(np.float32))


if __name__ == "__main__":
    main()
