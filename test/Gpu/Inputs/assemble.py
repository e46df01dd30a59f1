"""Assembles the PTX of some programs for three architectures and says how many registers the kernels take.

Usage: assemble.py EXAMPLES FILE.ptx, with fuser-runner and ptxas on the PATH.
"""

import re
import subprocess
import sys

EXAMPLES, PTX = sys.argv[1:]

LSTM = ["6x32xf32", "32xf32", "6x32xf32", "32xf32", "6x8xf32"]


def one(body, *types):
    """A program whose value %r is computed from %a, %b ... of these element types."""
    names = "abc"[: len(types)]
    arguments = ", ".join(f"%{name}: tensor<?x{type}>" for name, type in zip(names, types))
    return f"func.func @f({arguments}) -> tensor<?x{types[-1]}> {{\n{body}\n  return %r : tensor<?x{types[-1]}>\n}}\n"


PROGRAMS = [
    ("bias_gelu", "bias_gelu.mlir", ["64x256xf32", "256xf32"]),
    ("lstm_cell", "lstm_cell.mlir", LSTM),
    ("digits", "digits.mlir", ["10x64xui8", "64xf32", "64xf32", "64xf32", "64xf32"]),
    ("transposed", """func.func @f(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %t = fuser.transpose %b permutation [1, 0] : tensor<?x?xf32> to tensor<?x?xf32>
  %r = fuser.add %a, %t : tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
""", ["64x64xf32", "64x64xf32"]),
    ("gelu_bf16", one("  %r = fuser.gelu %a : tensor<?xbf16>", "bf16"), ["4096xbf16"]),
    ("sigmoid_f16", one("  %s = fuser.sigmoid %a : tensor<?xf16>\n  %r = fuser.mul %s, %a : tensor<?xf16>", "f16"), ["4096xf16"]),
    ("sin_f64", one("  %r = fuser.sin %a : tensor<?xf64>", "f64"), ["4096xf64"]),
    ("div_i64", one("  %r = fuser.div_floor %a, %b : tensor<?xi64>", "i64", "i64"), ["4096xi64", "ones:4096xi64"]),
    ("unaligned", one("  %r = fuser.exp %a : tensor<?xf32>", "f32"), ["4095xf32"]),
    ("random", """func.func @f(%a: tensor<?xf32>, %seed: i64, %offset: i64) -> tensor<?xf32> {
  %r = fuser.rand_like %a, %seed, %offset : tensor<?xf32>, i64, i64 to tensor<?xf32>
  return %r : tensor<?xf32>
}
""", ["4096xf32", "1", "2"]),
]

count = 0
for arch in ("sm_80", "sm_90", "sm_100"):
    for name, program, inputs in PROGRAMS:
        command = ["fuser-runner", "-", "--emit=ptx", f"--gpu-arch={arch}"]
        for text in inputs:
            command += ["--input", text if ":" in text or text.isdigit() else f"random:{text}"]
        source = open(f"{EXAMPLES}/{program}").read() if program.endswith(".mlir") else program
        made = subprocess.run(command, input=source, capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"{name}: {made.stderr}")
        with open(PTX, "w") as file:
            file.write(made.stdout)
        info = subprocess.run(["ptxas", "-v", f"-arch={arch}", PTX, "-o", PTX + ".cubin"], capture_output=True, text=True)
        if info.returncode:
            sys.exit(f"{name} for {arch}: {info.stderr}")
        registers = re.findall(r"Used (\d+) registers", info.stderr)
        spilled = sum(int(bytes) for bytes in re.findall(r"(\d+) bytes (?:stack frame|spill stores|spill loads)", info.stderr))
        print(f"{arch} {name} {max(map(int, registers))} registers, {spilled} bytes spilled")
        count += 1
print(f"assembled {count} kernels")
