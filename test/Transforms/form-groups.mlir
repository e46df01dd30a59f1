// RUN: fuser-opt %s --fuser-form-groups -allow-unregistered-dialect | FileCheck %s

// Groups are not grouped again.
// RUN: fuser-opt %s --fuser-form-groups -allow-unregistered-dialect -o %t.once
// RUN: fuser-opt %t.once --fuser-form-groups -allow-unregistered-dialect | diff %t.once -

// CHECK-LABEL: func.func @chain
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf32>)
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[GROUP:.*]] = fuser.group(%[[A:.*]] = %[[X]] : tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT:   %[[EXP:.*]] = fuser.exp %[[A]]
  // CHECK-NEXT:   %[[SUM:.*]] = fuser.add %[[EXP]], %[[A]]
  // CHECK-NEXT:   fuser.yield %[[SUM]]
  // CHECK-NEXT: }
  // CHECK-NEXT: return %[[GROUP]]
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.add %0, %x : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// A value that is used within and after the group is a result, too.
// CHECK-LABEL: func.func @two_results
func.func @two_results(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[GROUP:.*]]:2 = fuser.group
  // CHECK-NEXT:   %[[EXP:.*]] = fuser.exp
  // CHECK-NEXT:   %[[LOG:.*]] = fuser.log %[[EXP]]
  // CHECK-NEXT:   fuser.yield %[[EXP]], %[[LOG]]
  // CHECK:      return %[[GROUP]]#0, %[[GROUP]]#1
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.log %0 : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// Views and concats are fused; constants go where they are used.
// CHECK-LABEL: func.func @views_and_constants
func.func @views_and_constants(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // CHECK-NEXT: fuser.group
  // CHECK-NEXT:   fuser.constant
  // CHECK-NEXT:   fuser.chunk
  // CHECK-NEXT:   fuser.mul
  // CHECK-NEXT:   fuser.concat
  // CHECK-NEXT:   fuser.yield
  // CHECK-NEXT: }
  // CHECK-NEXT: return
  %two = fuser.constant dense<2.0> : tensor<f32>
  %a, %b = fuser.chunk %x dim 1
      : tensor<4x6xf32> to tensor<4x3xf32>, tensor<4x3xf32>
  %0 = fuser.mul %a, %two : (tensor<4x3xf32>, tensor<f32>) -> tensor<4x3xf32>
  %1 = fuser.concat %0, %b dim 1
      : tensor<4x3xf32>, tensor<4x3xf32> to tensor<4x6xf32>
  return %1 : tensor<4x6xf32>
}

// A constant of different elements is an input.
// CHECK-LABEL: func.func @table
func.func @table(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: %[[TABLE:.*]] = fuser.constant dense<[1.000000e+00, 2.000000e+00]>
  // CHECK-NEXT: fuser.group({{.*}} = %{{.*}} : tensor<2xf32>, {{.*}} = %[[TABLE]] : tensor<2xf32>)
  %table = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = fuser.add %x, %table : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func.func @scalar
func.func @scalar(%x: tensor<2xf32>, %s: f64) -> tensor<2xf32> {
  // CHECK-NEXT: fuser.group(%[[S:.*]] = %{{.*}} : f64, %{{.*}} = %{{.*}} : tensor<2xf32>)
  // CHECK-NEXT:   fuser.splat %[[S]]
  %0 = fuser.splat %s : f64 -> tensor<f32>
  %1 = fuser.mul %x, %0 : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// No edge between them, but one input: it is read once.
// CHECK-LABEL: func.func @shared_input
// CHECK-SAME:      (%[[X:[a-z0-9]+]]: tensor<4xf32>
func.func @shared_input(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: fuser.group(%[[A:.*]] = %[[X]] : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  // CHECK-NEXT:   fuser.exp
  // CHECK-NEXT:   fuser.log
  // CHECK-NOT:  fuser.group
  // CHECK:      return
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.log %x : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// Neither an edge nor an input: one launch does for both.
// CHECK-LABEL: func.func @independent
func.func @independent(%x: tensor<4xf32>, %y: tensor<?x8xf16>)
    -> (tensor<4xf32>, tensor<?x8xf16>) {
  // CHECK-NEXT: %[[GROUP:.*]]:2 = fuser.group(
  // CHECK-SAME:     -> (tensor<4xf32>, tensor<?x8xf16>)
  // CHECK-NOT:  fuser.group
  // CHECK:      return %[[GROUP]]#0, %[[GROUP]]#1
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.tanh %y : tensor<?x8xf16>
  %2 = fuser.log %0 : tensor<4xf32>
  %3 = fuser.abs %1 : tensor<?x8xf16>
  return %2, %3 : tensor<4xf32>, tensor<?x8xf16>
}

// Two chains with an op of another dialect in each: first halves with first
// halves, since no group may wait for an op that waits for it.
// CHECK-LABEL: func.func @independent_convex
func.func @independent_convex(%x: tensor<4xf32>, %y: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[FIRST:.*]]:2 = fuser.group
  // CHECK-NEXT:   fuser.exp
  // CHECK-NEXT:   fuser.tanh
  // CHECK:      %[[A:.*]] = arith.negf %[[FIRST]]#0
  // CHECK-NEXT: %[[B:.*]] = arith.negf %[[FIRST]]#1
  // CHECK-NEXT: fuser.group({{.*}} = %[[A]] : {{.*}}, {{.*}} = %[[B]] : {{.*}})
  // CHECK-NEXT:   fuser.log
  // CHECK-NEXT:   fuser.abs
  // CHECK-NOT:  fuser.group
  // CHECK:      return
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = arith.negf %0 : tensor<4xf32>
  %2 = fuser.log %1 : tensor<4xf32>
  %3 = fuser.tanh %y : tensor<4xf32>
  %4 = arith.negf %3 : tensor<4xf32>
  %5 = fuser.abs %4 : tensor<4xf32>
  return %2, %5 : tensor<4xf32>, tensor<4xf32>
}

// exp and add may not be one group: the call is between them.
// CHECK-LABEL: func.func @convex
func.func @convex(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[FIRST:.*]] = fuser.group
  // CHECK-NEXT:   fuser.exp
  // CHECK:      %[[OTHER:.*]] = "other.op"(%[[FIRST]])
  // CHECK-NEXT: fuser.group({{.*}} = %[[FIRST]] : {{.*}}, {{.*}} = %[[OTHER]]
  // CHECK-NEXT:   fuser.add
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = "other.op"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = fuser.add %0, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// The detour is two calls long. Only what comes after it needs the log, so that
// is computed there and not stored.
// CHECK-LABEL: func.func @convex_detour
func.func @convex_detour(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[FIRST:.*]] = fuser.group
  // CHECK-NEXT:   %[[EXP:.*]] = fuser.exp
  // CHECK-NEXT:   fuser.yield %[[EXP]]
  // CHECK:      %[[CALL:.*]] = call @other(%[[FIRST]])
  // CHECK-NEXT: %[[AGAIN:.*]] = call @other(%[[CALL]])
  // CHECK-NEXT: fuser.group({{.*}} = %[[FIRST]] : {{.*}}, {{.*}} = %[[AGAIN]]
  // CHECK-NEXT:   fuser.log
  // CHECK-NEXT:   fuser.add
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = call @other(%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = call @other(%1) : (tensor<4xf32>) -> tensor<4xf32>
  %3 = fuser.log %0 : tensor<4xf32>
  %4 = fuser.add %2, %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}
func.func private @other(tensor<4xf32>) -> tensor<4xf32>

// Ops with side effects keep their order, and what reads a value of a region
// comes after it.
// CHECK-LABEL: func.func @side_effects
func.func @side_effects(%x: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  // CHECK:      "other.first"()
  // CHECK:      "other.second"()
  // CHECK:      "other.third"
  %0 = fuser.exp %x : tensor<4xf32>
  "other.first"() : () -> ()
  %1 = fuser.log %x : tensor<4xf32>
  "other.second"() : () -> ()
  scf.if %c {
    "other.third"(%1) : (tensor<4xf32>) -> ()
  }
  %2 = fuser.add %0, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// An op on a concat is one on its parts.
// CHECK-LABEL: func.func @through_concat
func.func @through_concat(%x: tensor<4xf32>) -> tensor<8xf32> {
  // CHECK:      fuser.group
  // CHECK-NEXT:   fuser.exp
  // CHECK-NEXT:   fuser.concat
  // CHECK-NEXT:   fuser.log
  // CHECK-NEXT:   fuser.yield
  // CHECK-NOT:  fuser.group
  // CHECK:      return
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.concat %0, %x dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
  %2 = fuser.log %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}

// What a view takes of the dimension of a concat is not one of its parts.
// CHECK-LABEL: func.func @after_concat
func.func @after_concat(%x: tensor<4xf32>) -> tensor<3xf32> {
  // CHECK:      fuser.group
  // CHECK-NEXT:   fuser.concat
  // CHECK-NEXT:   fuser.log
  // CHECK-NEXT:   fuser.yield
  // CHECK:      fuser.group
  // CHECK-NEXT:   fuser.slice
  %0 = fuser.concat %x, %x dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
  %1 = fuser.log %0 : tensor<8xf32>
  %2 = fuser.slice %1 dim 0 start 1 end 4 : tensor<8xf32> to tensor<3xf32>
  return %2 : tensor<3xf32>
}

// CHECK-LABEL: func.func @concat_of_concat
func.func @concat_of_concat(%x: tensor<4xf32>) -> tensor<12xf32> {
  // CHECK-COUNT-1: fuser.group
  // CHECK-NOT:     fuser.group
  // CHECK:         return
  %0 = fuser.concat %x, %x dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
  %1 = fuser.concat %0, %x dim 0 : tensor<8xf32>, tensor<4xf32> to tensor<12xf32>
  return %1 : tensor<12xf32>
}

// Joined along rows, columns and rows again: stored as it is, not computed with.
// CHECK-LABEL: func.func @mixed_concats
func.func @mixed_concats(%x: tensor<4x4xf32>) -> tensor<16x8xf32> {
  // CHECK:      fuser.group
  // CHECK-NEXT:   fuser.concat
  // CHECK-NEXT:   fuser.exp
  // CHECK-NEXT:   fuser.concat
  // CHECK-NEXT:   fuser.concat
  // CHECK-NEXT:   fuser.yield
  // CHECK:      fuser.group
  // CHECK-NEXT:   fuser.neg
  %0 = fuser.concat %x, %x dim 0 : tensor<4x4xf32>, tensor<4x4xf32> to tensor<8x4xf32>
  %1 = fuser.exp %0 : tensor<8x4xf32>
  %2 = fuser.concat %0, %1 dim 1 : tensor<8x4xf32>, tensor<8x4xf32> to tensor<8x8xf32>
  %3 = fuser.concat %2, %2 dim 0 : tensor<8x8xf32>, tensor<8x8xf32> to tensor<16x8xf32>
  %4 = fuser.neg %3 : tensor<16x8xf32>
  return %4 : tensor<16x8xf32>
}

// Composites are not fused: fuser-decompose comes first.
// CHECK-LABEL: func.func @composite
func.func @composite(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: fuser.relu
  // CHECK-NEXT: return
  %0 = fuser.relu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Each block for itself.
// CHECK-LABEL: func.func @blocks
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: fuser.group
  // CHECK-NEXT:   fuser.exp
  // CHECK:      cf.br ^bb1(
  // CHECK-NEXT: ^bb1(
  // CHECK-NEXT: fuser.group
  // CHECK-NEXT:   fuser.log
  %0 = fuser.exp %x : tensor<4xf32>
  cf.br ^next(%0 : tensor<4xf32>)
^next(%a: tensor<4xf32>):
  %1 = fuser.log %a : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func.func @nothing
func.func @nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: return
  return %x : tensor<4xf32>
}

// CHECK-LABEL: func.func @unused
func.func @unused(%x: tensor<4xf32>) {
  // CHECK-NEXT: fuser.group({{.*}}) {
  // CHECK-NEXT:   fuser.exp
  // CHECK-NEXT:   fuser.yield
  // CHECK-NEXT: }
  %0 = fuser.exp %x : tensor<4xf32>
  return
}

// A constant in the shape of another tensor: kernels know no sizes, so it is an
// input, too, whatever is known of the shape here.
// CHECK-LABEL: func.func @full_like
// CHECK-SAME:      (%[[X:[a-z0-9]+]]: tensor<4xf32>)
func.func @full_like(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[C:.*]] = fuser.constant
  // CHECK-NEXT: fuser.group(%[[A:.*]] = %[[C]] : tensor<f32>, %[[B:.*]] = %[[X]] : tensor<4xf32>)
  // CHECK-NEXT:   fuser.broadcast_like %[[A]], %[[B]]
  %c = fuser.constant dense<1.0> : tensor<f32>
  %0 = fuser.broadcast_like %c, %x : tensor<f32>, tensor<4xf32> to tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The sum is stored and then seen in another shape; the exponential is computed
// in that shape.
// CHECK-LABEL: func.func @reshapes
func.func @reshapes(%x: tensor<4x6xf32>, %b: tensor<6xf32>) -> (tensor<24xf32>, tensor<2x12xf32>) {
  // CHECK:      %[[SUM:.*]]:2 = fuser.group(
  // CHECK:        fuser.add
  // CHECK:        fuser.exp
  // CHECK-NEXT:   fuser.reshape
  // CHECK-NEXT:   fuser.yield
  // CHECK:      fuser.group(%{{.*}} = %[[SUM]]#{{[01]}} : tensor<4x6xf32>)
  // CHECK-NEXT:   fuser.reshape
  // CHECK-NEXT:   fuser.sqrt
  %0 = fuser.add %x, %b : (tensor<4x6xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  %1 = fuser.reshape %0 sizes [24] : tensor<4x6xf32> to tensor<24xf32>
  %2 = fuser.sqrt %1 : tensor<24xf32>
  %3 = fuser.exp %x : tensor<4x6xf32>
  %4 = fuser.reshape %3 sizes [2, 12] : tensor<4x6xf32> to tensor<2x12xf32>
  return %2, %4 : tensor<24xf32>, tensor<2x12xf32>
}
