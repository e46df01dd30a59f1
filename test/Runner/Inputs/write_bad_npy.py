"""Writes malformed .npy files: write_bad_npy.py FOLDER

With --run RUNNER PROGRAM it instead gives the program shortened and changed
files and fails if the runner ends with anything but success or an error.
"""
import io
import os
import subprocess
import sys

import numpy as np


def npy(text, data=b"", version=b"\x01\x00", length=None):
    text = text.encode()
    size = 2 if version[0] == 1 else 4
    length = len(text) if length is None else length
    return b"\x93NUMPY" + version + length.to_bytes(size, "little") + text + data


def saved(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def shaped(shape):
    return npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n")


good = saved(np.zeros((3, 4), "<f4"))
files = {
    "big_endian": saved(np.zeros((3, 4), ">f4")),
    "complex": saved(np.zeros((3, 4), "<c8")),
    "object": saved(np.array([[None]], dtype=object)),
    "structured": saved(np.zeros(3, [("a", "<f4"), ("b", "<i4")])),
    "truncated": good[:-1],
    "long": good + b"\0",
    "lying": shaped((1000000, 1000000)),
    "huge": shaped((9 * 10**18, 9 * 10**18)),
    "version": npy("{}", version=b"\x09\x00"),
    "header_length": npy("{}", version=b"\x02\x00", length=2**32 - 1),
    "dimensions": shaped("(" + "1," * 20000 + ")") + bytes(4),
}


def write_holes(path):
    """A well-formed file of twice the machine's memory, nearly all of it a hole."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE")
    header = shaped((memory // 2,))
    with open(path, "wb") as file:
        file.write(header)
        file.truncate(len(header) + memory // 2 * 4)


def run_all(path, runner, program):
    start = good.index(b"{")
    cases = [good[:size] for size in (0, 5, 6, 7, 8, 9, start, start + 20, 127)]
    for position in range(start, good.index(b"}") + 1):
        cases.append(good[:position] + b"'" + good[position + 1 :])
    for data in cases:
        with open(path, "wb") as file:
            file.write(data)
        done = subprocess.run(
            [runner, program, "--fallback", "--input", path], capture_output=True
        )
        assert done.returncode in (0, 1), (done, data)
        if done.returncode == 1:
            assert done.stderr.startswith(b"fuser-runner: error: "), done
            assert done.stderr.count(b"\n") == 1, done


if len(sys.argv) > 2 and sys.argv[2] == "--run":
    run_all(sys.argv[1] + "/case.npy", *sys.argv[3:])
else:
    write_holes(sys.argv[1] + "/holes.npy")
    for name, data in files.items():
        with open(f"{sys.argv[1]}/{name}.npy", "wb") as file:
            file.write(data)
