// What is needed for its shape only is not computed, and constants have none
// without need.

// RUN: fuser-opt %s --fuser-form-groups -allow-unregistered-dialect | FileCheck %s

// CHECK-LABEL: func.func @one_source
// CHECK-SAME:      (%[[X:.*]]: tensor<?xf32>)
func.func @one_source(%x: tensor<?xf32>) -> tensor<?xi64> {
  // CHECK-NEXT: fuser.group(%[[A:.*]] = %[[X]] : tensor<?xf32>)
  // CHECK-NEXT:   fuser.iota like %[[A]]
  // CHECK-NEXT:   fuser.yield
  %0 = fuser.exp %x : tensor<?xf32>
  %1 = fuser.compare gt, %0, %x : tensor<?xf32>
  %2 = fuser.iota like %1 : tensor<?xi1> to tensor<?xi64>
  return %2 : tensor<?xi64>
}

// CHECK-LABEL: func.func @two_sources
// CHECK-SAME:      (%[[X:[a-z0-9]+]]: tensor<?x1xf32>, %[[Y:[a-z0-9]+]]: tensor<?xf32>)
func.func @two_sources(%x: tensor<?x1xf32>, %y: tensor<?xf32>) -> tensor<?x?xi64> {
  // CHECK-NEXT: fuser.group(%[[A:.*]] = %[[X]] : tensor<?x1xf32>, %[[B:.*]] = %[[Y]] : tensor<?xf32>)
  // CHECK-NEXT:   %[[LIKE:.*]] = fuser.broadcast_like %[[A]], %[[B]] : {{.*}} to tensor<?x?xf32>
  // CHECK-NEXT:   fuser.iota like %[[LIKE]] dim 1 : tensor<?x?xf32>
  // CHECK-NEXT:   fuser.yield
  %0 = fuser.add %x, %y : (tensor<?x1xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.iota like %0 dim 1 : tensor<?x?xf32> to tensor<?x?xi64>
  return %1 : tensor<?x?xi64>
}

// The shape goes to another group than the value, which is no output for it.
// CHECK-LABEL: func.func @other_group
// CHECK-SAME:      (%[[X:[a-z0-9]+]]: tensor<?xf32>, %[[Y:[a-z0-9]+]]: tensor<?xf32>)
func.func @other_group(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NEXT: %[[FIRST:.*]] = fuser.group(%{{.*}} = %[[X]] : tensor<?xf32>) -> tensor<?xf32> {
  // CHECK:      %[[CALL:.*]] = "other.op"(%[[FIRST]])
  // CHECK-NEXT: fuser.group(%[[A:.*]] = %[[CALL]] : tensor<?xf32>, %[[B:.*]] = %[[X]] : tensor<?xf32>)
  // CHECK-NEXT:   fuser.broadcast_like %[[A]], %[[B]]
  %0 = fuser.exp %x : tensor<?xf32>
  %1 = fuser.neg %0 : tensor<?xf32>
  %2 = "other.op"(%1) : (tensor<?xf32>) -> tensor<?xf32>
  %3 = fuser.broadcast_like %2, %0 : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
  return %3 : tensor<?xf32>
}

// A constant would have to be expanded at run time, so it is not the first.
// CHECK-LABEL: func.func @constant
// CHECK-SAME:      (%[[X:.*]]: tensor<?x1xf32>)
func.func @constant(%x: tensor<?x1xf32>) -> tensor<?x3xi64> {
  // CHECK-NEXT: fuser.group(%[[A:.*]] = %[[X]] : tensor<?x1xf32>)
  // CHECK-NEXT:   %[[C:.*]] = fuser.constant dense<1.000000e+00> : tensor<3xf32>
  // CHECK-NEXT:   %[[LIKE:.*]] = fuser.broadcast_like %[[A]], %[[C]]
  // CHECK-NEXT:   fuser.iota like %[[LIKE]]
  %c = fuser.constant dense<1.0> : tensor<3xf32>
  %0 = fuser.mul %c, %x : (tensor<3xf32>, tensor<?x1xf32>) -> tensor<?x3xf32>
  %1 = fuser.iota like %0 : tensor<?x3xf32> to tensor<?x3xi64>
  return %1 : tensor<?x3xi64>
}

// Equal elements are one, unless the shape says what no other operand says.
// CHECK-LABEL: func.func @elements
func.func @elements(%x: tensor<?x3xf32>, %y: tensor<3xf32>) -> (tensor<?x3xf32>, tensor<1x3xf32>, tensor<2x3xf32>) {
  // CHECK-DAG:  %[[ONE:.*]] = fuser.constant dense<1.000000e+00> : tensor<f32>
  // CHECK-DAG:  %[[ROW:.*]] = fuser.constant dense<1.000000e+00> : tensor<1x3xf32>
  // CHECK-DAG:  %[[TABLE:.*]] = fuser.constant dense<2.000000e+00> : tensor<2x3xf32>
  // CHECK-NOT:  fuser.constant
  // CHECK:      fuser.add %{{.*}}, %[[ONE]] : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  // CHECK-NEXT: fuser.add %{{.*}}, %[[ROW]] : (tensor<3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  // CHECK-NEXT: fuser.mul %{{.*}}, %[[TABLE]] : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %row = fuser.constant dense<1.0> : tensor<1x3xf32>
  %table = fuser.constant dense<2.0> : tensor<2x3xf32>
  %0 = fuser.add %x, %row : (tensor<?x3xf32>, tensor<1x3xf32>) -> tensor<?x3xf32>
  %1 = fuser.add %y, %row : (tensor<3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %2 = fuser.mul %x, %table : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<?x3xf32>, tensor<1x3xf32>, tensor<2x3xf32>
}

// A view has a shape of its own, and what has other uses is computed for them.
// CHECK-LABEL: func.func @kept
func.func @kept(%x: tensor<?xf32>) -> (tensor<?xi64>, tensor<?xf32>) {
  // CHECK:        %[[EXP:.*]] = fuser.exp
  // CHECK-NEXT:   %[[SLICE:.*]] = fuser.slice %[[EXP]]
  // CHECK-NEXT:   fuser.iota like %[[SLICE]]
  %0 = fuser.exp %x : tensor<?xf32>
  %1 = fuser.slice %0 dim 0 start 1 end 3 : tensor<?xf32> to tensor<?xf32>
  %2 = fuser.iota like %1 : tensor<?xf32> to tensor<?xi64>
  return %2, %0 : tensor<?xi64>, tensor<?xf32>
}
