// Only stride classes and the number of dimensions are fixed; sizes and the
// other strides are arguments.

// RUN: split-file %s %t

// Equal layouts are one dimension, whatever its order.
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32,4x8xf32" \
// RUN:   | FileCheck %s --check-prefix=CONTIGUOUS
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32:1x4,4x8xf32:1x4" \
// RUN:   | FileCheck %s --check-prefix=CONTIGUOUS
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=2x3xf32,2x3xf32" \
// RUN:   | FileCheck %s --check-prefix=CONTIGUOUS
//
// CONTIGUOUS:       func.func @kernel_0(%{{.*}}: index, %{{.*}}: index,
// CONTIGUOUS-SAME:      %[[X:[a-z0-9]+]]: memref<f32> {llvm.noalias}, %[[Y:[a-z0-9]+]]: memref<f32> {llvm.noalias}, %[[Z:[a-z0-9]+]]: memref<f32> {llvm.noalias},
// CONTIGUOUS-SAME:      %[[SIZE:[a-z0-9]+]]: index)
// CONTIGUOUS-NEXT:    %[[A:.*]] = memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[SIZE]]], strides: [1]
// CONTIGUOUS-NEXT:    %[[B:.*]] = memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [%[[SIZE]]], strides: [1]
// CONTIGUOUS-NEXT:    %[[C:.*]] = memref.reinterpret_cast %[[Z]] to offset: [0], sizes: [%[[SIZE]]], strides: [1]
// CONTIGUOUS-NEXT:    fuser.nest ins(%[[I:.*]] : tensor<f32> = %[[A]] : {{.*}}, %[[J:.*]] : tensor<f32> = %[[B]] : {{.*}}) outs(%[[C]] : {{.*}}) {
// CONTIGUOUS-NEXT:      %[[SUM:.*]] = fuser.add %[[I]], %[[J]] : tensor<f32>
// CONTIGUOUS-NEXT:      fuser.yield %[[SUM]] : tensor<f32>
// CONTIGUOUS-NEXT:    }
// CONTIGUOUS-NEXT:    return
// CONTIGUOUS-NOT:   func.func

// Outputs that replace inputs share memory with them.
// RUN: fuser-opt %t/map.mlir \
// RUN:     --fuser-specialize="inputs=4x8xf32,4x8xf32 in-place=true" \
// RUN:   | FileCheck %s --check-prefix=IN-PLACE
//
// IN-PLACE:         func.func @kernel_0(%{{.*}}: index, %{{.*}}: index,
// IN-PLACE-SAME:      %{{.*}}: memref<f32>, %{{.*}}: memref<f32>, %{{.*}}: memref<f32>, %{{.*}}: index)

// One column-major input: two dimensions, its innermost stride an argument, the
// stride before that 1.
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32,4x8xf32:1x4" \
// RUN:   | FileCheck %s --check-prefix=PERMUTED
//
// PERMUTED:      memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[OUTER:.*]], %[[INNER:.*]]], strides: [%{{.*}}, 1]
// PERMUTED-NEXT: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[OUTER]], %[[INNER]]], strides: [1, %{{[a-z0-9]+}}]
// PERMUTED-NEXT: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[OUTER]], %[[INNER]]], strides: [%{{.*}}, 1]

// An innermost stride of 0 is a dimension less.
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32,4x1xf32" \
// RUN:   | FileCheck %s --check-prefix=BROADCAST
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32,4x8xf32:7x0" \
// RUN:   | FileCheck %s --check-prefix=BROADCAST
//
// BROADCAST:      memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[OUTER:.*]], %[[INNER:.*]]], strides: [%{{.*}}, 1]
// BROADCAST-NEXT: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[OUTER]]], strides: [%{{[a-z0-9]+}}]
// BROADCAST-NEXT: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[OUTER]], %[[INNER]]], strides: [%{{.*}}, 1]

// An outer stride of 0 is a stride like any other.
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32,1x8xf32" \
// RUN:   | FileCheck %s --check-prefix=ROW
//
// ROW-COUNT-3: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%{{.*}}, %{{.*}}], strides: [%{{.*}}, 1]

// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=4x8xf32:16x2,4x8xf32" \
// RUN:   | FileCheck %s --check-prefix=STRIDED
//
// STRIDED:      memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[SIZE:.*]]], strides: [%{{[a-z0-9]+}}]
// STRIDED-NEXT: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%[[SIZE]]], strides: [1]

// Nothing to compute, nothing to call.
// RUN: fuser-opt %t/map.mlir --fuser-specialize="inputs=0x8xf32,0x8xf32" \
// RUN:   | FileCheck %s --check-prefix=EMPTY
//
// EMPTY:     module
// EMPTY-NOT: func.func

//--- map.mlir
func.func @map(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.group(%a = %x : tensor<?x?xf32>, %b = %y : tensor<?x?xf32>)
      -> tensor<?x?xf32> {
    %1 = fuser.add %a, %b : tensor<?x?xf32>
    fuser.yield %1 : tensor<?x?xf32>
  }
  return %0 : tensor<?x?xf32>
}
