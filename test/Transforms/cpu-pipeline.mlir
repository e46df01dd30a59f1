// From program to kernels, for each example.

// RUN: fuser-opt %s --fuser-cpu-pipeline="inputs=7x5xf32,5xf32" | FileCheck %s
// RUN: fuser-opt %s --fuser-cpu-pipeline="inputs=7x5xf32,5xf32 main-loop=false" | FileCheck %s --check-prefix=MASKED
// RUN: fuser-opt %s --fuser-cpu-pipeline="inputs=7x5xf32:1x9,5xf32" | FileCheck %s
// RUN: fuser-opt %s --fuser-cpu-pipeline="inputs=7x5xf32,5xf32 fast=true" | FileCheck %s

// RUN: fuser-opt %examples/lstm_cell.mlir --fuser-cpu-pipeline="inputs=6x32xf32,32xf32,6x32xf32,32xf32,6x8xf32" \
// RUN:   | FileCheck %s
// RUN: fuser-opt %examples/digits.mlir --fuser-cpu-pipeline="inputs=10x64xui8,64xf32,64xf32,64xf32,64xf32" \
// RUN:   | FileCheck %s

// CHECK-NOT: unrealized_conversion_cast
// CHECK:     llvm.func @kernel_0(%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr
// CHECK-NOT: {{(func|scf|vector|arith|math|memref|linalg|fuser)\.}}{{[a-z]}}
// CHECK:     llvm.intr.masked.load
// CHECK:     llvm.return

// MASKED:     llvm.func @kernel_0
// MASKED-NOT: llvm.load {{.*}} -> vector
// MASKED:     llvm.intr.masked.load
// MASKED-NOT: llvm.load {{.*}} -> vector
// MASKED:     llvm.return
func.func @add_row(%x: tensor<?x?xf32>, %row: tensor<?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.add %x, %row
      : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.tanh %0 : tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}
