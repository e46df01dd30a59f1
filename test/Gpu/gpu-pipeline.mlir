// From program to kernels of many threads in the NVVM dialect.

// RUN: fuser-opt %s --fuser-gpu-pipeline="inputs=7x8xf32,8xf32" | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: fuser-opt %s --fuser-gpu-pipeline="inputs=7x8xf32,8xf32 arch=sm_90 ptx=8.0 block-size=128" | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: fuser-opt %s --fuser-gpu-pipeline="inputs=7x8xf32:1x9,8xf32 fast=true" | FileCheck %s --check-prefixes=CHECK,SM80

// RUN: fuser-opt %examples/lstm_cell.mlir --fuser-gpu-pipeline="inputs=6x32xf32,32xf32,6x32xf32,32xf32,6x8xf32" \
// RUN:   | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: fuser-opt %examples/digits.mlir --fuser-gpu-pipeline="inputs=10x64xui8,64xf32,64xf32,64xf32,64xf32" \
// RUN:   | FileCheck %s --check-prefixes=CHECK,SM80

// CHECK-NOT:  unrealized_conversion_cast
// SM80:       gpu.module @kernels [#nvvm.target<chip = "sm_80", features = "+ptx70">]
// SM90:       gpu.module @kernels [#nvvm.target<chip = "sm_90", features = "+ptx80">]
// No function of libdevice.
// CHECK-NOT:  __nv_
// CHECK:      llvm.func @kernel_0(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr
// CHECK-SAME: nvvm.kernel
// SM80-SAME:  nvvm.maxntid = array<i32: 256>
// SM90-SAME:  nvvm.maxntid = array<i32: 128>
// CHECK-NOT:  {{ (func|scf|vector|arith|math|memref|linalg|fuser|gpu)\.[a-z]}}
// CHECK:      nvvm.read.ptx.sreg.tid.x
// CHECK:      llvm.return
func.func @add_row(%x: tensor<?x?xf32>, %row: tensor<?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.add %x, %row
      : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.tanh %0 : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
