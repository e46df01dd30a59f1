"""A program that adds so many tensors, or its arguments. The tensors are cut, so that each has strides of its own.

Usage: many_inputs.py NUMBER [--arguments]
"""

import sys

number = int(sys.argv[1])
if "--arguments" in sys.argv:
    print(" ".join("--input random:4x8x8xf32" for _ in range(number)))
    sys.exit()
arguments = ", ".join(f"%x{i}: tensor<4x8x8xf32>" for i in range(number))
print(f"func.func @sum({arguments}) -> tensor<4x4x4xf32> {{")
for i in range(number):
    print(f"  %a{i} = fuser.slice %x{i} dim 1 start 0 end 4 step 1 : tensor<4x8x8xf32> to tensor<4x4x8xf32>")
    print(f"  %b{i} = fuser.slice %a{i} dim 2 start 0 end 4 step 1 : tensor<4x4x8xf32> to tensor<4x4x4xf32>")
print("  %s1 = fuser.add %b0, %b1 : tensor<4x4x4xf32>")
for i in range(2, number):
    print(f"  %s{i} = fuser.add %s{i - 1}, %b{i} : tensor<4x4x4xf32>")
print(f"  return %s{number - 1} : tensor<4x4x4xf32>\n}}")
