// RUN: fuser-opt %s --fuser-infer-shapes | FileCheck %s
// RUN: fuser-opt %s --fuser-infer-shapes --fuser-infer-shapes | FileCheck %s

// CHECK-LABEL: func.func @chain
// CHECK-SAME:      (%[[X:.*]]: tensor<4x8xf32>) -> tensor<8x4xf32>
func.func @chain(%x: tensor<4x8xf32>) -> tensor<?x?xf32> {
  // CHECK: %[[T:.*]] = fuser.transpose %[[X]] permutation [1, 0] : tensor<4x8xf32> to tensor<8x4xf32>
  %0 = fuser.transpose %x permutation [1, 0]
      : tensor<4x8xf32> to tensor<?x?xf32>
  // CHECK: %[[E:.*]] = fuser.exp %[[T]] : tensor<8x4xf32>
  %1 = fuser.exp %0 : tensor<?x?xf32>
  // CHECK: fuser.gelu %[[E]] : tensor<8x4xf32>
  %2 = fuser.gelu %1 : tensor<?x?xf32>
  return %2 : tensor<?x?xf32>
}

// Every op that has a shape function.
// CHECK-LABEL: func.func @each_op
func.func @each_op(%x: tensor<6x10xf32>, %row: tensor<10xf32>, %d: tensor<?xf32>) {
  // CHECK: fuser.add {{.*}} -> tensor<6x10xf32>
  %0 = fuser.add %x, %row
      : (tensor<6x10xf32>, tensor<10xf32>) -> tensor<?x?xf32>
  // CHECK: fuser.compare lt, {{.*}} -> tensor<6x10xi1>
  %1 = fuser.compare lt, %0, %row
      : (tensor<?x?xf32>, tensor<10xf32>) -> tensor<?x?xi1>
  // CHECK: fuser.cast {{.*}} to tensor<6x10xi32>
  %2 = fuser.cast %1 : tensor<?x?xi1> to tensor<?x?xi32>
  // CHECK: fuser.broadcast_to {{.*}} to tensor<2x6x10xi32>
  %3 = fuser.broadcast_to %2 sizes [2, -1, -1]
      : tensor<?x?xi32> to tensor<?x?x?xi32>
  // CHECK: fuser.broadcast_like {{.*}} to tensor<6x10xf32>
  %4 = fuser.broadcast_like %d, %x
      : tensor<?xf32>, tensor<6x10xf32> to tensor<?x?xf32>
  // CHECK: fuser.expand_dims {{.*}} to tensor<10x1xf32>
  %5 = fuser.expand_dims %row dim -1 : tensor<10xf32> to tensor<?x?xf32>
  // CHECK: fuser.slice {{.*}} to tensor<6x2xf32>
  %6 = fuser.slice %x dim 1 start -4 end 9 step 2
      : tensor<6x10xf32> to tensor<?x2xf32>
  // CHECK: fuser.chunk {{.*}} to tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x2xf32>
  %7:3 = fuser.chunk %x dim -1
      : tensor<6x10xf32> to tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
  // CHECK: fuser.concat {{.*}} to tensor<6x14xf32>
  %8 = fuser.concat %7#0, %x dim 1
      : tensor<?x?xf32>, tensor<6x10xf32> to tensor<?x?xf32>
  return
}

// A dynamic extent is open: it may be 1.
// CHECK-LABEL: func.func @dynamic
func.func @dynamic(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<1xf32>) {
  // CHECK: fuser.add {{.*}} : tensor<?xf32>
  %0 = fuser.add %x, %y : tensor<?xf32>
  // CHECK: fuser.add {{.*}} : (tensor<?xf32>, tensor<1xf32>) -> tensor<?xf32>
  %1 = fuser.add %x, %z : (tensor<?xf32>, tensor<1xf32>) -> tensor<?xf32>
  // CHECK: fuser.slice {{.*}} to tensor<?xf32>
  %2 = fuser.slice %x dim 0 start 0 end 1 : tensor<?xf32> to tensor<?xf32>
  return
}

// CHECK-LABEL: func.func @group
func.func @group(%x: tensor<4x8xf32>) -> tensor<?x?xf32> {
  // CHECK: %[[E:.*]] = fuser.exp %{{.*}} : tensor<4x8xf32>
  // CHECK: fuser.group(%[[IN:.*]] = %[[E]] : tensor<4x8xf32>) -> tensor<8x4xf32>
  // CHECK:   fuser.transpose %[[IN]] {{.*}} to tensor<8x4xf32>
  // CHECK:   fuser.yield %{{.*}} : tensor<8x4xf32>
  %0 = fuser.slice %x dim 0 start 0 end 4 : tensor<4x8xf32> to tensor<?x?xf32>
  %1 = fuser.exp %0 : tensor<?x?xf32>
  %2 = fuser.group(%a = %1 : tensor<?x?xf32>) -> tensor<?x?xf32> {
    %3 = fuser.transpose %a permutation [1, 0]
        : tensor<?x?xf32> to tensor<?x?xf32>
    fuser.yield %3 : tensor<?x?xf32>
  }
  return %2 : tensor<?x?xf32>
}

// CHECK-LABEL: func.func private @declaration(tensor<?xf32>) -> tensor<?xf32>
func.func private @declaration(tensor<?xf32>) -> tensor<?xf32>

// CHECK-LABEL: func.func @empty
func.func @empty() {
  return
}

// CHECK-LABEL: func.func @reshapes
func.func @reshapes(%x: tensor<4x1x6xf32>, %y: tensor<?x0xf32>) {
  // CHECK: fuser.squeeze {{.*}} to tensor<4x6xf32>
  %0 = fuser.squeeze %x dim 1 : tensor<4x1x6xf32> to tensor<?x?xf32>
  // CHECK: fuser.reshape {{.*}} to tensor<3x8xf32>
  %1 = fuser.reshape %0 sizes [3, -1] : tensor<?x?xf32> to tensor<3x?xf32>
  // CHECK: fuser.reshape {{.*}} to tensor<5x0xf32>
  %2 = fuser.reshape %y sizes [5, -1] : tensor<?x0xf32> to tensor<5x?xf32>
  // CHECK: fuser.iota like {{.*}} dim 1 : tensor<3x8xf32> to tensor<3x8xi64>
  %3 = fuser.iota like %1 dim 1 : tensor<3x?xf32> to tensor<?x?xi64>
  return
}
