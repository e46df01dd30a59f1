// Index maps go to the inputs, concats to the outputs; what is between computes.

// RUN: fuser-opt %s --fuser-partition | FileCheck %s

// CHECK-LABEL: func.func @chunk
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x6xf32>) -> tensor<4x3xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4x6xf32>) -> tensor<4x3xf32> {
// CHECK-NEXT:      %[[V1:.*]]:2 = fuser.chunk %[[IN0]] dim -1 : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.exp %[[V1]]#1 : tensor<4x3xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.exp %[[V1]]#0 : tensor<4x3xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.mul %[[V3]], %[[V2]] : tensor<4x3xf32>
// CHECK-NEXT:      fuser.yield %[[V4]] : tensor<4x3xf32>
// CHECK:         return %[[V0]] : tensor<4x3xf32>
func.func @chunk(%x: tensor<4x6xf32>) -> tensor<4x3xf32> {
  %0 = fuser.group(%a = %x : tensor<4x6xf32>) -> tensor<4x3xf32> {
    %1 = fuser.exp %a : tensor<4x6xf32>
    %2, %3 = fuser.chunk %1 dim -1
        : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
    %4 = fuser.mul %2, %3 : tensor<4x3xf32>
    fuser.yield %4 : tensor<4x3xf32>
  }
  return %0 : tensor<4x3xf32>
}

// Only the chunk of what may differ in shape needs an expansion: to a static
// shape by its sizes ...
// CHECK-LABEL: func.func @broadcast_static
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x6xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<6xf32>, %[[ARG2:[a-z0-9_]+]]: tensor<4x1xf32>) -> tensor<4x3xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4x6xf32>, %[[IN1:.*]] = %[[ARG1]] : tensor<6xf32>, %[[IN2:.*]] = %[[ARG2]] : tensor<4x1xf32>) -> tensor<4x3xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.broadcast_to %[[IN2]] sizes [4, 6] : tensor<4x1xf32> to tensor<4x6xf32>
// CHECK-NEXT:      %[[V2:.*]]:2 = fuser.chunk %[[V1]] dim 1 : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.broadcast_to %[[IN1]] sizes [4, 6] : tensor<6xf32> to tensor<4x6xf32>
// CHECK-NEXT:      %[[V4:.*]]:2 = fuser.chunk %[[V3]] dim 1 : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
// CHECK-NEXT:      %[[V5:.*]]:2 = fuser.chunk %[[IN0]] dim 1 : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
// CHECK-NEXT:      %[[V6:.*]] = fuser.add %[[V5]]#1, %[[V4]]#1 : tensor<4x3xf32>
// CHECK-NEXT:      %[[V7:.*]] = fuser.add %[[V6]], %[[V2]]#1 : tensor<4x3xf32>
// CHECK-NEXT:      fuser.yield %[[V7]] : tensor<4x3xf32>
// CHECK:         return %[[V0]] : tensor<4x3xf32>
func.func @broadcast_static(%x: tensor<4x6xf32>, %row: tensor<6xf32>, %column: tensor<4x1xf32>) -> tensor<4x3xf32> {
  %0 = fuser.group(%a = %x : tensor<4x6xf32>, %b = %row : tensor<6xf32>, %c = %column : tensor<4x1xf32>) -> tensor<4x3xf32> {
    %1 = fuser.add %a, %b : (tensor<4x6xf32>, tensor<6xf32>) -> tensor<4x6xf32>
    %2 = fuser.add %1, %c
        : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
    %3, %4 = fuser.chunk %2 dim 1
        : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
    fuser.yield %4 : tensor<4x3xf32>
  }
  return %0 : tensor<4x3xf32>
}

// ... to a dynamic one by what it follows from.
// CHECK-LABEL: func.func @broadcast_dynamic
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?x?xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<?xf32>) -> tensor<?x?xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<?x?xf32>, %[[IN1:.*]] = %[[ARG1]] : tensor<?xf32>) -> tensor<?x?xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.broadcast_like %[[IN1]], %[[IN0]] : tensor<?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
// CHECK-NEXT:      %[[V2:.*]]:2 = fuser.chunk %[[V1]] dim 1 : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.broadcast_like %[[IN0]], %[[IN1]] : tensor<?x?xf32>, tensor<?xf32> to tensor<?x?xf32>
// CHECK-NEXT:      %[[V4:.*]]:2 = fuser.chunk %[[V3]] dim 1 : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
// CHECK-NEXT:      %[[V5:.*]] = fuser.add %[[V4]]#1, %[[V2]]#1 : tensor<?x?xf32>
// CHECK-NEXT:      %[[V6:.*]] = fuser.add %[[V4]]#0, %[[V2]]#0 : tensor<?x?xf32>
// CHECK-NEXT:      %[[V7:.*]] = fuser.mul %[[V6]], %[[V5]] : tensor<?x?xf32>
// CHECK-NEXT:      fuser.yield %[[V7]] : tensor<?x?xf32>
// CHECK:         return %[[V0]] : tensor<?x?xf32>
func.func @broadcast_dynamic(%x: tensor<?x?xf32>, %row: tensor<?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.group(%a = %x : tensor<?x?xf32>, %b = %row : tensor<?xf32>) -> tensor<?x?xf32> {
    %1 = fuser.add %a, %b
        : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
    %2, %3 = fuser.chunk %1 dim 1
        : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
    %4 = fuser.mul %2, %3 : tensor<?x?xf32>
    fuser.yield %4 : tensor<?x?xf32>
  }
  return %0 : tensor<?x?xf32>
}

// The sum expands both; the expansion within it is a part of that.
// CHECK-LABEL: func.func @one_expansion
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<?xf32>, %[[ARG2:[a-z0-9_]+]]: tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<?xf32>, %[[IN1:.*]] = %[[ARG1]] : tensor<?xf32>, %[[IN2:.*]] = %[[ARG2]] : tensor<?xf32>) -> tensor<?xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.broadcast_like %[[IN2]], %[[IN0]], %[[IN1]] : tensor<?xf32>, tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.slice %[[V1]] dim 0 start 1 end 5 : tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.broadcast_like %[[IN1]], %[[IN0]], %[[IN2]] : tensor<?xf32>, tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.slice %[[V3]] dim 0 start 1 end 5 : tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V5:.*]] = fuser.broadcast_like %[[IN0]], %[[IN1]], %[[IN2]] : tensor<?xf32>, tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V6:.*]] = fuser.slice %[[V5]] dim 0 start 1 end 5 : tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V7:.*]] = fuser.mul %[[V6]], %[[V4]] : tensor<?xf32>
// CHECK-NEXT:      %[[V8:.*]] = fuser.add %[[V7]], %[[V2]] : tensor<?xf32>
// CHECK-NEXT:      fuser.yield %[[V8]] : tensor<?xf32>
// CHECK:         return %[[V0]] : tensor<?xf32>
func.func @one_expansion(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.group(%a = %x : tensor<?xf32>, %b = %y : tensor<?xf32>, %c = %z : tensor<?xf32>) -> tensor<?xf32> {
    %1 = fuser.mul %a, %b : tensor<?xf32>
    %2 = fuser.add %1, %c : tensor<?xf32>
    %3 = fuser.slice %2 dim 0 start 1 end 5 : tensor<?xf32> to tensor<?xf32>
    fuser.yield %3 : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @slice
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<10xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<10xf32>) -> tensor<3xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.slice %[[IN0]] dim 0 start 1 end 8 step 3 : tensor<10xf32> to tensor<3xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.exp %[[V1]] : tensor<3xf32>
// CHECK-NEXT:      fuser.yield %[[V2]] : tensor<3xf32>
// CHECK:         return %[[V0]] : tensor<3xf32>
func.func @slice(%x: tensor<10xf32>) -> tensor<3xf32> {
  %0 = fuser.group(%a = %x : tensor<10xf32>) -> tensor<3xf32> {
    %1 = fuser.exp %a : tensor<10xf32>
    %2 = fuser.slice %1 dim 0 start 1 end 8 step 3
        : tensor<10xf32> to tensor<3xf32>
    fuser.yield %2 : tensor<3xf32>
  }
  return %0 : tensor<3xf32>
}

// The first view is nearest to the input.
// CHECK-LABEL: func.func @view_of_a_view
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x6xf32>) -> tensor<1x3x4xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4x6xf32>) -> tensor<1x3x4xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.transpose %[[IN0]] permutation [1, 0] : tensor<4x6xf32> to tensor<6x4xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.slice %[[V1]] dim -2 start -3 end 100 : tensor<6x4xf32> to tensor<3x4xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.expand_dims %[[V2]] dim -3 : tensor<3x4xf32> to tensor<1x3x4xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.exp %[[V3]] : tensor<1x3x4xf32>
// CHECK-NEXT:      %[[V5:.*]] = fuser.neg %[[V4]] : tensor<1x3x4xf32>
// CHECK-NEXT:      fuser.yield %[[V5]] : tensor<1x3x4xf32>
// CHECK:         return %[[V0]] : tensor<1x3x4xf32>
func.func @view_of_a_view(%x: tensor<4x6xf32>) -> tensor<1x3x4xf32> {
  %0 = fuser.group(%a = %x : tensor<4x6xf32>) -> tensor<1x3x4xf32> {
    %1 = fuser.exp %a : tensor<4x6xf32>
    %2 = fuser.transpose %1 permutation [1, 0]
        : tensor<4x6xf32> to tensor<6x4xf32>
    %3 = fuser.neg %2 : tensor<6x4xf32>
    %4 = fuser.slice %3 dim -2 start -3 end 100
        : tensor<6x4xf32> to tensor<3x4xf32>
    %5 = fuser.expand_dims %4 dim -3 : tensor<3x4xf32> to tensor<1x3x4xf32>
    fuser.yield %5 : tensor<1x3x4xf32>
  }
  return %0 : tensor<1x3x4xf32>
}

// A number is one under any view; a constant of a shape keeps it.
// CHECK-LABEL: func.func @constants
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<6xf32>) -> (tensor<3xf32>, tensor<2xf32>)
// CHECK-NEXT:    %[[V0:.*]]:2 = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<6xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
// CHECK-NEXT:      %[[V1:.*]] = fuser.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.slice %[[IN0]] dim 0 start 0 end 3 : tensor<6xf32> to tensor<3xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.add %[[V2]], %[[V1]] : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.constant dense<2.000000e+00> : tensor<2xf32>
// CHECK-NEXT:      %[[V5:.*]] = fuser.exp %[[V4]] : tensor<2xf32>
// CHECK-NEXT:      fuser.yield %[[V3]], %[[V5]] : tensor<3xf32>, tensor<2xf32>
// CHECK:         return %[[V0]]#0, %[[V0]]#1 : tensor<3xf32>, tensor<2xf32>
func.func @constants(%x: tensor<6xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<6xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
    %one = fuser.constant dense<1.0> : tensor<f32>
    %two = fuser.constant dense<2.0> : tensor<6xf32>
    %1 = fuser.add %a, %one : (tensor<6xf32>, tensor<f32>) -> tensor<6xf32>
    %2 = fuser.slice %1 dim 0 start 0 end 3 : tensor<6xf32> to tensor<3xf32>
    %3 = fuser.exp %two : tensor<6xf32>
    %4 = fuser.slice %3 dim 0 start 0 end 2 : tensor<6xf32> to tensor<2xf32>
    fuser.yield %2, %4 : tensor<3xf32>, tensor<2xf32>
  }
  return %0#0, %0#1 : tensor<3xf32>, tensor<2xf32>
}

// A splat is an input in disguise.
// CHECK-LABEL: func.func @splat
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xf32>, %[[ARG1:[a-z0-9_]+]]: f64) -> tensor<?xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<?xf32>, %[[IN1:.*]] = %[[ARG1]] : f64) -> tensor<?xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.splat %[[IN1]] : f64 -> tensor<f32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.broadcast_like %[[V1]], %[[IN0]] : tensor<f32>, tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.slice %[[V2]] dim 0 start 0 end 3 : tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.slice %[[IN0]] dim 0 start 0 end 3 : tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[V5:.*]] = fuser.mul %[[V4]], %[[V3]] : tensor<?xf32>
// CHECK-NEXT:      fuser.yield %[[V5]] : tensor<?xf32>
// CHECK:         return %[[V0]] : tensor<?xf32>
func.func @splat(%x: tensor<?xf32>, %s: f64) -> tensor<?xf32> {
  %0 = fuser.group(%a = %x : tensor<?xf32>, %b = %s : f64) -> tensor<?xf32> {
    %1 = fuser.splat %b : f64 -> tensor<f32>
    %2 = fuser.mul %a, %1 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
    %3 = fuser.slice %2 dim 0 start 0 end 3 : tensor<?xf32> to tensor<?xf32>
    fuser.yield %3 : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @nested_concat
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4xf32>) -> (tensor<12xf32>, tensor<8xf32>)
// CHECK-NEXT:    %[[V0:.*]]:2 = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4xf32>) -> (tensor<12xf32>, tensor<8xf32>) {
// CHECK-NEXT:      %[[V1:.*]] = fuser.exp %[[IN0]] : tensor<4xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.concat %[[V1]], %[[IN0]] dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.neg %[[V1]] : tensor<4xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.concat %[[V2]], %[[V3]] dim -1 : tensor<8xf32>, tensor<4xf32> to tensor<12xf32>
// CHECK-NEXT:      %[[V5:.*]] = fuser.concat %[[V1]], %[[IN0]] dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
// CHECK-NEXT:      fuser.yield %[[V4]], %[[V5]] : tensor<12xf32>, tensor<8xf32>
// CHECK:         return %[[V0]]#0, %[[V0]]#1 : tensor<12xf32>, tensor<8xf32>
func.func @nested_concat(%x: tensor<4xf32>) -> (tensor<12xf32>, tensor<8xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<4xf32>) -> (tensor<12xf32>, tensor<8xf32>) {
    %1 = fuser.exp %a : tensor<4xf32>
    %2 = fuser.concat %1, %a dim 0
        : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
    %3 = fuser.neg %1 : tensor<4xf32>
    %4 = fuser.concat %2, %3 dim -1
        : tensor<8xf32>, tensor<4xf32> to tensor<12xf32>
    fuser.yield %4, %2 : tensor<12xf32>, tensor<8xf32>
  }
  return %0#0, %0#1 : tensor<12xf32>, tensor<8xf32>
}

// Computed twice: as it is and through the view.
// CHECK-LABEL: func.func @directly_and_through_a_view
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x4xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4x4xf32>) -> tensor<4x4xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.transpose %[[IN0]] permutation [1, 0] : tensor<4x4xf32> to tensor<4x4xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.exp %[[V1]] : tensor<4x4xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.exp %[[IN0]] : tensor<4x4xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.add %[[V3]], %[[V2]] : tensor<4x4xf32>
// CHECK-NEXT:      fuser.yield %[[V4]] : tensor<4x4xf32>
// CHECK:         return %[[V0]] : tensor<4x4xf32>
func.func @directly_and_through_a_view(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = fuser.group(%a = %x : tensor<4x4xf32>) -> tensor<4x4xf32> {
    %1 = fuser.exp %a : tensor<4x4xf32>
    %2 = fuser.transpose %1 permutation [1, 0]
        : tensor<4x4xf32> to tensor<4x4xf32>
    %3 = fuser.add %1, %2 : tensor<4x4xf32>
    fuser.yield %3 : tensor<4x4xf32>
  }
  return %0 : tensor<4x4xf32>
}

// Two equal chains are one.
// CHECK-LABEL: func.func @equal_chains
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x6xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>)
// CHECK-NEXT:    %[[V0:.*]]:2 = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4x6xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
// CHECK-NEXT:      %[[V1:.*]]:2 = fuser.chunk %[[IN0]] dim 1 : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.exp %[[V1]]#1 : tensor<4x3xf32>
// CHECK-NEXT:      %[[V3:.*]] = fuser.log %[[V2]] : tensor<4x3xf32>
// CHECK-NEXT:      %[[V4:.*]] = fuser.tanh %[[V2]] : tensor<4x3xf32>
// CHECK-NEXT:      fuser.yield %[[V3]], %[[V4]] : tensor<4x3xf32>, tensor<4x3xf32>
// CHECK:         return %[[V0]]#0, %[[V0]]#1 : tensor<4x3xf32>, tensor<4x3xf32>
func.func @equal_chains(%x: tensor<4x6xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<4x6xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
    %1 = fuser.exp %a : tensor<4x6xf32>
    %2, %3 = fuser.chunk %1 dim 1
        : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
    %4 = fuser.log %3 : tensor<4x3xf32>
    %5 = fuser.tanh %3 : tensor<4x3xf32>
    fuser.yield %4, %5 : tensor<4x3xf32>, tensor<4x3xf32>
  }
  return %0#0, %0#1 : tensor<4x3xf32>, tensor<4x3xf32>
}

// Others give their shape only, computed ones, too.
// CHECK-LABEL: func.func @broadcast_like
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<?xf64>) -> tensor<?xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<?xf32>, %[[IN1:.*]] = %[[ARG1]] : tensor<?xf64>) -> tensor<?xf32> {
// CHECK-NEXT:      %[[V1:.*]] = fuser.broadcast_like %[[IN0]], %[[IN1]] : tensor<?xf32>, tensor<?xf64> to tensor<?xf32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.exp %[[V1]] : tensor<?xf32>
// CHECK-NEXT:      fuser.yield %[[V2]] : tensor<?xf32>
// CHECK:         return %[[V0]] : tensor<?xf32>
func.func @broadcast_like(%x: tensor<?xf32>, %y: tensor<?xf64>) -> tensor<?xf32> {
  %0 = fuser.group(%a = %x : tensor<?xf32>, %b = %y : tensor<?xf64>) -> tensor<?xf32> {
    %1 = fuser.exp %a : tensor<?xf32>
    %2 = fuser.broadcast_like %1, %b
        : tensor<?xf32>, tensor<?xf64> to tensor<?xf32>
    fuser.yield %2 : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @views_of_inputs
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x6xf32>) -> (tensor<6x4xf32>, tensor<4x6xf32>)
// CHECK-NEXT:    %[[V0:.*]]:2 = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4x6xf32>) -> (tensor<6x4xf32>, tensor<4x6xf32>) {
// CHECK-NEXT:      %[[V1:.*]] = fuser.transpose %[[IN0]] permutation [1, 0] : tensor<4x6xf32> to tensor<6x4xf32>
// CHECK-NEXT:      fuser.yield %[[V1]], %[[IN0]] : tensor<6x4xf32>, tensor<4x6xf32>
// CHECK:         return %[[V0]]#0, %[[V0]]#1 : tensor<6x4xf32>, tensor<4x6xf32>
func.func @views_of_inputs(%x: tensor<4x6xf32>) -> (tensor<6x4xf32>, tensor<4x6xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<4x6xf32>) -> (tensor<6x4xf32>, tensor<4x6xf32>) {
    %1 = fuser.transpose %a permutation [1, 0]
        : tensor<4x6xf32> to tensor<6x4xf32>
    fuser.yield %1, %a : tensor<6x4xf32>, tensor<4x6xf32>
  }
  return %0#0, %0#1 : tensor<6x4xf32>, tensor<4x6xf32>
}

// CHECK-LABEL: func.func @nothing_used
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4xf32>)
// CHECK-NEXT:    fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4xf32>) {
// CHECK-NEXT:      fuser.yield
// CHECK:         return
func.func @nothing_used(%x: tensor<4xf32>) {
  fuser.group(%a = %x : tensor<4xf32>) {
    %0 = fuser.exp %a : tensor<4xf32>
    fuser.yield
  }
  return
}

// The index of an element is that of the element that a view shows.
// CHECK-LABEL: func.func @indices
// CHECK:         fuser.group(%[[X:.*]] = %{{.*}} : tensor<?x?xf32>, %[[S:.*]] = %{{.*}} : i64)
// CHECK-DAG:       %[[I:.*]] = fuser.iota like %[[X]] : tensor<?x?xf32> to tensor<?x?xi64>
// CHECK-DAG:       %[[T:.*]] = fuser.transpose %[[I]] permutation [1, 0] : tensor<?x?xi64> to tensor<?x?xi64>
// CHECK-DAG:       %[[N:.*]] = fuser.splat %[[S]] : i64 -> tensor<i64>
// CHECK:           %[[R:.*]] = fuser.random %[[T]], %{{.*}}, %{{.*}} : (tensor<?x?xi64>, tensor<?x?xi64>, tensor<?x?xi64>) -> tensor<?x?xf32>
// CHECK-NEXT:      fuser.yield %[[R]]
func.func @indices(%x: tensor<?x?xf32>, %s: i64) -> tensor<?x?xf32> {
  %0 = fuser.group(%a = %x : tensor<?x?xf32>, %b = %s : i64) -> tensor<?x?xf32> {
    %1 = fuser.iota like %a : tensor<?x?xf32> to tensor<?x?xi64>
    %2 = fuser.splat %b : i64 -> tensor<i64>
    %3 = fuser.random %1, %2, %2
        : (tensor<?x?xi64>, tensor<i64>, tensor<i64>) -> tensor<?x?xf32>
    %4 = fuser.transpose %3 permutation [1, 0] : tensor<?x?xf32> to tensor<?x?xf32>
    fuser.yield %4 : tensor<?x?xf32>
  }
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @reshape
// CHECK:           %[[Y:.*]] = fuser.broadcast_like %{{.*}}, %{{.*}} : tensor<?xf32>, tensor<?x4xf32> to tensor<?x4xf32>
// CHECK:           %[[V:.*]] = fuser.reshape %[[Y]] sizes [-1] : tensor<?x4xf32> to tensor<?xf32>
// CHECK:           %[[W:.*]] = fuser.reshape %{{.*}} sizes [-1] : tensor<?x4xf32> to tensor<?xf32>
// CHECK-NEXT:      %[[SUM:.*]] = fuser.add %[[W]], %[[V]] : tensor<?xf32>
// CHECK-NEXT:      %[[Q:.*]] = fuser.squeeze
// CHECK-NEXT:      fuser.yield %[[SUM]], %[[Q]]
func.func @reshape(%x: tensor<?x4xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<4xf32>) {
  %0:2 = fuser.group(%a = %x : tensor<?x4xf32>, %b = %y : tensor<?xf32>) -> (tensor<?xf32>, tensor<4xf32>) {
    %1 = fuser.add %a, %b : (tensor<?x4xf32>, tensor<?xf32>) -> tensor<?x4xf32>
    %2 = fuser.reshape %1 sizes [-1] : tensor<?x4xf32> to tensor<?xf32>
    %3 = fuser.squeeze %a dim 0 : tensor<?x4xf32> to tensor<4xf32>
    fuser.yield %2, %3 : tensor<?xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<?xf32>, tensor<4xf32>
}

// An op on a concat is one on its parts; what is beside is cut.
// CHECK-LABEL: func.func @through_concat
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<?xf32>, %[[B:.*]] = %{{.*}} : tensor<?xf32>, %[[Y:.*]] = %{{.*}} : tensor<?xf32>)
// CHECK-NEXT:      %[[CUT:.*]]:2 = fuser.part_like %[[Y]] of %[[A]], %[[B]] dim -1 counts [2] dims [-1] : tensor<?xf32>, tensor<?xf32>, tensor<?xf32> to tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT:      %[[EXP:.*]] = fuser.exp %[[A]]
// CHECK-NEXT:      %[[FIRST:.*]] = fuser.mul %[[EXP]], %[[CUT]]#0
// CHECK-NEXT:      %[[SECOND:.*]] = fuser.mul %[[B]], %[[CUT]]#1
// CHECK-NEXT:      %[[JOINED:.*]] = fuser.concat %[[FIRST]], %[[SECOND]] dim 0
// CHECK-NEXT:      fuser.yield %[[JOINED]]
func.func @through_concat(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.group(%a = %x : tensor<?xf32>, %b = %y : tensor<?xf32>, %c = %z : tensor<?xf32>) -> tensor<?xf32> {
    %1 = fuser.exp %a : tensor<?xf32>
    %2 = fuser.concat %1, %b dim 0
        : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
    %3 = fuser.mul %2, %c : tensor<?xf32>
    fuser.yield %3 : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// Parts that meet other parts are cut by each other; one concat that comes by
// two ways has the same parts.
// CHECK-LABEL: func.func @parts_meet
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<3xf32>, %[[B:.*]] = %{{.*}} : tensor<5xf32>)
// CHECK-DAG:       %[[A1:.*]]:2 = fuser.part_like %[[A]] of %[[B]], %[[A]], %[[A]], %[[B]] dim -1 counts [2, 2] dims [-1, -1] own [0] : tensor<3xf32>, tensor<5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<5xf32> to tensor<3xf32>, tensor<0xf32>
// CHECK-DAG:       %[[B1:.*]]:2 = fuser.part_like %[[B]] of %[[B]], %[[A]], %[[A]], %[[B]] dim -1 counts [2, 2] dims [-1, -1] own [1] : tensor<5xf32>, tensor<5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<5xf32> to tensor<2xf32>, tensor<3xf32>
// CHECK:           fuser.concat %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} dim 0 : tensor<3xf32>, tensor<0xf32>, tensor<2xf32>, tensor<3xf32> to tensor<8xf32>
// CHECK-NEXT:      fuser.yield
func.func @parts_meet(%x: tensor<3xf32>, %y: tensor<5xf32>) -> tensor<8xf32> {
  %0 = fuser.group(%a = %x : tensor<3xf32>, %b = %y : tensor<5xf32>) -> tensor<8xf32> {
    %1 = fuser.concat %a, %b dim 0
        : tensor<3xf32>, tensor<5xf32> to tensor<8xf32>
    %2 = fuser.concat %b, %a dim 0
        : tensor<5xf32>, tensor<3xf32> to tensor<8xf32>
    %3 = fuser.exp %1 : tensor<8xf32>
    %4 = fuser.mul %1, %3 : tensor<8xf32>
    %5 = fuser.sub %4, %2 : tensor<8xf32>
    fuser.yield %5 : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// The concat goes with its dimension.
// CHECK-LABEL: func.func @view_of_concat
// CHECK:           fuser.concat %{{.*}}, %{{.*}} dim 2 : tensor<4x1x?xf32>, tensor<4x1x?xf32> to tensor<4x1x?xf32>
// CHECK-NEXT:      fuser.yield
func.func @view_of_concat(%x: tensor<?x4xf32>) -> tensor<4x1x?xf32> {
  %0 = fuser.group(%a = %x : tensor<?x4xf32>) -> tensor<4x1x?xf32> {
    %1 = fuser.concat %a, %a dim -2
        : tensor<?x4xf32>, tensor<?x4xf32> to tensor<?x4xf32>
    %2 = fuser.exp %1 : tensor<?x4xf32>
    %3 = fuser.transpose %2 permutation [1, 0] : tensor<?x4xf32> to tensor<4x?xf32>
    %4 = fuser.expand_dims %3 dim 1 : tensor<4x?xf32> to tensor<4x1x?xf32>
    fuser.yield %4 : tensor<4x1x?xf32>
  }
  return %0 : tensor<4x1x?xf32>
}
