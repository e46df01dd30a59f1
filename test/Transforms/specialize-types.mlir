// Without layouts: those that the types give.

// RUN: fuser-opt %s --fuser-specialize --split-input-file | FileCheck %s

// Truth values and bytes are stored as bytes.
func.func @storage(%x: tensor<4xi1>, %y: tensor<4xui8>) -> tensor<4xi1> {
  %0 = fuser.group(%a = %x : tensor<4xi1>, %b = %y : tensor<4xui8>)
      -> tensor<4xi1> {
    %1 = fuser.cast %b : tensor<4xui8> to tensor<4xi1>
    %2 = fuser.compare ne, %a, %1 : tensor<4xi1>
    fuser.yield %2 : tensor<4xi1>
  }
  return %0 : tensor<4xi1>
}
// CHECK-LABEL: module
// CHECK-NOT:     func.func @storage
// CHECK:         func.func @kernel_0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: memref<i8> {{.*}}, %{{.*}}: memref<i8> {{.*}}, %{{.*}}: memref<i8>
// CHECK:           fuser.nest ins(%[[B:.*]] : tensor<ui8> = %{{.*}} : memref<?xi8, strided<[1]>>, %[[A:.*]] : tensor<i1> = %{{.*}} : memref<?xi8, strided<[1]>>) outs(%{{.*}} : memref<?xi8, strided<[1]>>) {
// CHECK-NEXT:        %[[CAST:.*]] = fuser.cast %[[B]] : tensor<ui8> to tensor<i1>
// CHECK-NEXT:        %[[NE:.*]] = fuser.compare ne, %[[A]], %[[CAST]] : tensor<i1>
// CHECK-NEXT:        fuser.yield %[[NE]] : tensor<i1>

// -----

// Outputs of different sizes, both of rank 1: two loops.
func.func @two_loops(%x: tensor<4xf32>, %y: tensor<6xf32>)
    -> (tensor<4xf32>, tensor<6xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<4xf32>, %b = %y : tensor<6xf32>)
      -> (tensor<4xf32>, tensor<6xf32>) {
    %1 = fuser.exp %a : tensor<4xf32>
    %2 = fuser.log %b : tensor<6xf32>
    fuser.yield %1, %2 : tensor<4xf32>, tensor<6xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<6xf32>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0
// CHECK:           fuser.exp
// CHECK-NOT:       fuser.log
// CHECK:         func.func @kernel_1
// CHECK:           fuser.log
// CHECK-NOT:     func.func

// -----

// The parts of a concat have one number of rows: one loop, two nests.
func.func @two_nests(%x: tensor<4x6xf32>, %y: tensor<4x3xf32>)
    -> tensor<4x9xf32> {
  %0 = fuser.group(%a = %x : tensor<4x6xf32>, %b = %y : tensor<4x3xf32>)
      -> tensor<4x9xf32> {
    %1 = fuser.exp %a : tensor<4x6xf32>
    %2 = fuser.concat %1, %b dim 1
        : tensor<4x6xf32>, tensor<4x3xf32> to tensor<4x9xf32>
    fuser.yield %2 : tensor<4x9xf32>
  }
  return %0 : tensor<4x9xf32>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0
// CHECK:           fuser.nest
// CHECK-NEXT:        fuser.exp
// CHECK:           fuser.nest ins(%[[IN:.*]] : tensor<f32> =
// CHECK-NEXT:        fuser.yield %[[IN]]
// CHECK-NOT:     func.func

// -----

// A scalar is read like a tensor of rank 0 and converted in the kernel; a
// constant is part of it.
func.func @scalar(%x: tensor<4xf32>, %s: f64) -> tensor<4xf32> {
  %0 = fuser.group(%a = %x : tensor<4xf32>, %b = %s : f64) -> tensor<4xf32> {
    %1 = fuser.splat %b : f64 -> tensor<f32>
    %2 = fuser.mul %a, %1 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    %3 = fuser.constant dense<0.1> : tensor<f32>
    %4 = fuser.add %2, %3 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    fuser.yield %4 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
// CHECK-LABEL: module
// CHECK:         fuser.nest ins({{.*}}%[[S:.*]] : tensor<f64> = %{{.*}} : memref<f64, strided<[]>>)
// CHECK-DAG:       %[[CAST:.*]] = fuser.cast %[[S]] : tensor<f64> to tensor<f32>
// CHECK-DAG:       %[[CONSTANT:.*]] = fuser.constant dense<1.000000e-01> : tensor<f32>
// CHECK-DAG:       %[[PRODUCT:.*]] = fuser.mul %{{.*}}, %[[CAST]]
// CHECK-DAG:       %[[SUM:.*]] = fuser.add %[[PRODUCT]], %[[CONSTANT]]
// CHECK:           fuser.yield %[[SUM]]

// -----

// Rank 0 is a row of one element.
func.func @rank_0(%x: tensor<f32>) -> tensor<f32> {
  %0 = fuser.group(%a = %x : tensor<f32>) -> tensor<f32> {
    %1 = fuser.exp %a : tensor<f32>
    fuser.yield %1 : tensor<f32>
  }
  return %0 : tensor<f32>
}
// CHECK-LABEL: module
// CHECK:         fuser.nest ins({{.*}}) outs(%{{.*}} : memref<?xf32, strided<[1]>>)

// -----

// Each group has its own functions.
func.func @two_groups(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    %1 = fuser.exp %a : tensor<4xf32>
    fuser.yield %1 : tensor<4xf32>
  }
  %2 = fuser.group(%a = %0 : tensor<4xf32>) -> tensor<4xf32> {
    %3 = fuser.log %a : tensor<4xf32>
    fuser.yield %3 : tensor<4xf32>
  }
  return %2 : tensor<4xf32>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0
// CHECK:           fuser.exp
// CHECK:         func.func @group1_kernel_0
// CHECK:           fuser.log

// -----

func.func @no_group() {
  return
}
// CHECK-LABEL: module
// CHECK-NOT:     func.func

// -----

// The index is no memory: its pointer is the first element. The output lies in
// memory as the transposition does, so both are walked as one dimension.
func.func @iota(%x: tensor<4x6xf32>) -> tensor<6x4xi64> {
  %0 = fuser.group(%a = %x : tensor<4x6xf32>) -> tensor<6x4xi64> {
    %1 = fuser.iota like %a : tensor<4x6xf32> to tensor<4x6xi64>
    %2 = fuser.transpose %1 permutation [1, 0] : tensor<4x6xi64> to tensor<6x4xi64>
    fuser.yield %2 : tensor<6x4xi64>
  }
  return %0 : tensor<6x4xi64>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0(%{{.*}}: index, %{{.*}}: index, %[[I:[a-z0-9]+]]: memref<index> {llvm.noalias}, %[[Y:[a-z0-9]+]]: memref<i64> {llvm.noalias},
// CHECK:           %[[V:.*]] = memref.reinterpret_cast %[[I]] to offset: [0], {{.*}} : memref<index> to memref<?xindex, strided<[1]>>
// CHECK:           fuser.nest ins(%[[A:.*]] : tensor<i64> = %[[V]] :
// CHECK-NEXT:        fuser.yield %[[A]] : tensor<i64>

// -----

// Halves are stored as they are; what they are computed as is decided later.
func.func @halves(%x: tensor<4xf16>, %y: tensor<4xbf16>) -> tensor<4xbf16> {
  %0 = fuser.group(%a = %x : tensor<4xf16>, %b = %y : tensor<4xbf16>) -> tensor<4xbf16> {
    %1 = fuser.cast %a : tensor<4xf16> to tensor<4xbf16>
    %2 = fuser.add %1, %b : tensor<4xbf16>
    fuser.yield %2 : tensor<4xbf16>
  }
  return %0 : tensor<4xbf16>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: memref<i16> {llvm.noalias}, %{{.*}}: memref<i16> {llvm.noalias}, %{{.*}}: memref<i16> {llvm.noalias}, %{{.*}}: index)
// CHECK:           fuser.nest ins(%{{.*}} : tensor<f16> = %{{.*}} : memref<?xi16, strided<[1]>>, %{{.*}} : tensor<bf16> = %{{.*}} : memref<?xi16, strided<[1]>>) outs(%{{.*}} : memref<?xi16, strided<[1]>>)

// -----

// Where a division by zero is reported: one byte after all pointers.
func.func @raises(%x: tensor<4xi32>, %y: tensor<4xi32>) -> tensor<4xi32> {
  %0 = fuser.group(%a = %x : tensor<4xi32>, %b = %y : tensor<4xi32>) -> tensor<4xi32> {
    %1 = fuser.div_floor %a, %b : tensor<4xi32>
    fuser.yield %1 : tensor<4xi32>
  }
  return %0 : tensor<4xi32>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: memref<i32> {llvm.noalias}, %{{.*}}: memref<i32> {llvm.noalias}, %{{.*}}: memref<i32> {llvm.noalias}, %{{.*}}: memref<i8> {fuser.raised, llvm.noalias}, %{{.*}}: index)

// -----

// Every loop of such a group has it, of floats none.
func.func @two_loops_raise(%x: tensor<4xi32>, %y: tensor<6xf32>) -> (tensor<4xi32>, tensor<6xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<4xi32>, %b = %y : tensor<6xf32>) -> (tensor<4xi32>, tensor<6xf32>) {
    %1 = fuser.fmod %a, %a : tensor<4xi32>
    %2 = fuser.fmod %b, %b : tensor<6xf32>
    fuser.yield %1, %2 : tensor<4xi32>, tensor<6xf32>
  }
  return %0#0, %0#1 : tensor<4xi32>, tensor<6xf32>
}
// CHECK-LABEL: module
// CHECK:         func.func @kernel_0({{.*}}memref<i8> {fuser.raised, llvm.noalias}
// CHECK:         func.func @kernel_1({{.*}}memref<i8> {fuser.raised, llvm.noalias}

// -----

func.func @float_division(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    %1 = fuser.div_floor %a, %a : tensor<4xf32>
    fuser.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
// CHECK-LABEL: module
// CHECK-NOT:     fuser.raised
