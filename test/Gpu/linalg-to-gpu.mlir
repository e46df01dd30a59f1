// Kernels of many threads: rows by y, vectors of the innermost dimension by x.

// RUN: split-file %s %t
// RUN: fuser-opt %t/add.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=7x8xf32,8xf32" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=ROWS
// RUN: fuser-opt %t/add.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=7x9xf32,9xf32" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=UNALIGNED
// RUN: fuser-opt %t/add.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=7x8xf32:16x2,8xf32" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=STRIDED
// RUN: fuser-opt %t/add.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda in-place=true inputs=7x8xf32,8xf32" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=INPLACE
// RUN: fuser-opt %t/half.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=64xbf16" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=HALF
// RUN: fuser-opt %t/divide.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=64xi32,64xi32" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=RAISED
// RUN: fuser-opt %t/large.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=64xf32" --convert-fuser-to-linalg --fuser-linalg-to-gpu \
// RUN:   | FileCheck %s --check-prefix=LARGE
// RUN: fuser-opt %t/add.mlir --fuser-partition-pipeline --fuser-specialize="device=cuda inputs=7x8xf32,8xf32" --convert-fuser-to-linalg --fuser-linalg-to-gpu --fuser-emulate-gpu \
// RUN:   | FileCheck %s --check-prefix=EMULATED

// ROWS:       gpu.module @kernels
// ROWS:       gpu.func @kernel_0(%[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index,
// ROWS-SAME:    memref<f32> {llvm.noalias, llvm.readonly}, %{{.*}}: memref<f32> {llvm.noalias, llvm.readonly}, %{{.*}}: memref<f32> {llvm.noalias},
// ROWS-SAME:    kernel attributes {fuser.lanes = 4 : i32}
// ROWS:       gpu.thread_id x
// ROWS:       gpu.block_dim x
// ROWS:       gpu.block_id x
// ROWS:       gpu.grid_dim x
// ROWS:       gpu.thread_id y
// ROWS:       %[[FIRST:.*]] = arith.addi %[[BEGIN]],
// ROWS:       scf.for %{{.*}} = %[[FIRST]] to %[[END]] step
// ROWS:         scf.for
// ROWS:           vector.load {{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// ROWS:           vector.store {{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// ROWS:         scf.for
// ROWS-NOT:       vector
// ROWS:           memref.load
// ROWS:           arith.addf %{{.*}} : f32
// ROWS:           memref.store
// ROWS:       gpu.return

// UNALIGNED:     fuser.lanes = 1
// UNALIGNED-NOT: vector
// UNALIGNED:     gpu.return

// STRIDED:     fuser.lanes = 1
// STRIDED-NOT: vector
// STRIDED:     gpu.return

// INPLACE-NOT: noalias
// INPLACE-NOT: readonly
// INPLACE:     vector.load

// HALF:     fuser.lanes = 8
// HALF-NOT: gpu.thread_id y
// HALF:     vector.load {{.*}} {alignment = 16 : i64} : {{.*}}, vector<8xi16>

// RAISED:     memref<i8> {fuser.raised, llvm.noalias}
// RAISED:     vector.reduction <or>
// RAISED:     memref.store %{{.*}} : memref<i8>

// A large body on one element a thread.
// LARGE: fuser.lanes = {{1|2}}

// EMULATED-NOT: gpu.
// EMULATED:     func.func @kernel_0({{.*}}, %[[GX:[a-z0-9]+]]: index, %[[GY:[a-z0-9]+]]: index, %[[BX:[a-z0-9]+]]: index, %[[BY:[a-z0-9]+]]: index) {
// EMULATED:     scf.for %{{.*}} = %{{.*}} to %[[GY]]
// EMULATED:       scf.for %{{.*}} = %{{.*}} to %[[GX]]
// EMULATED:         scf.for %{{.*}} = %{{.*}} to %[[BY]]
// EMULATED:           scf.for %{{.*}} = %{{.*}} to %[[BX]]
// EMULATED:             vector.load
// EMULATED:     return

//--- add.mlir
func.func @add_row(%x: tensor<?x?xf32>, %row: tensor<?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.add %x, %row
      : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
//--- half.mlir
func.func @f(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  %0 = fuser.add %x, %x : tensor<?xbf16>
  return %0 : tensor<?xbf16>
}
//--- divide.mlir
func.func @f(%x: tensor<?xi32>, %y: tensor<?xi32>) -> tensor<?xi32> {
  %0 = fuser.div_floor %x, %y : tensor<?xi32>
  return %0 : tensor<?xi32>
}
//--- large.mlir
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.tanh %x : tensor<?xf32>
  %1 = fuser.erf %0 : tensor<?xf32>
  %2 = fuser.sin %1 : tensor<?xf32>
  %3 = fuser.tanh %2 : tensor<?xf32>
  %4 = fuser.erf %3 : tensor<?xf32>
  %5 = fuser.cos %4 : tensor<?xf32>
  return %5 : tensor<?xf32>
}
