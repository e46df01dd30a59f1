// One remark for each edge that is not fused.

// RUN: fuser-opt %s --fuser-form-groups="remarks=true max-ops=3 max-operands=4" \
// RUN:   -allow-unregistered-dialect --verify-diagnostics -o /dev/null

func.func @not_fusible(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.exp %x : tensor<4xf32>
  // expected-remark @+1 {{not fused with fuser.exp: not-fusible}}
  %1 = "other.op"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  // expected-remark @+1 {{not fused with other.op: not-fusible}}
  %2 = fuser.log %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

func.func @concat_dim(%x: tensor<4xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
  %0 = fuser.concat %x, %x dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
  // expected-remark @+1 {{not fused with fuser.concat: concat-dim}}
  %1 = fuser.slice %0 dim -1 start 1 end 4 : tensor<8xf32> to tensor<3xf32>
  // expected-remark @+1 {{not fused with fuser.concat: concat-dim}}
  %2, %3, %4, %5 = fuser.chunk %0 dim 0 : tensor<8xf32> to tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  return %1, %2 : tensor<3xf32>, tensor<2xf32>
}

func.func @concat_dim_moved(%x: tensor<?x4xf32>) -> (tensor<4x7xf32>, tensor<4xf32>) {
  %0 = fuser.concat %x, %x dim 0 : tensor<?x4xf32>, tensor<?x4xf32> to tensor<?x4xf32>
  %1 = fuser.transpose %0 permutation [1, 0] : tensor<?x4xf32> to tensor<4x?xf32>
  // expected-remark @+1 {{not fused with fuser.transpose: concat-dim}}
  %2 = fuser.broadcast_to %1 sizes [-1, 7] : tensor<4x?xf32> to tensor<4x7xf32>
  // expected-remark @+1 {{not fused with fuser.transpose: concat-dim}}
  %3 = fuser.squeeze %1 dim 1 : tensor<4x?xf32> to tensor<4xf32>
  return %2, %3 : tensor<4x7xf32>, tensor<4xf32>
}

func.func @concat_extent(%x: tensor<?xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %0 = fuser.concat %x, %x dim 0 : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{not fused with fuser.concat: concat-extent}}
  %1 = fuser.add %0, %y : (tensor<?xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

func.func @concat_shape(%x: tensor<?xf32>) -> tensor<?xi64> {
  %0 = fuser.concat %x, %x dim 0 : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{not fused with fuser.concat: concat-shape}}
  %1 = fuser.iota like %0 : tensor<?xf32> to tensor<?xi64>
  return %1 : tensor<?xi64>
}

// Two ops on two parts are four.
func.func @limit_ops_of_concat(%x: tensor<4xf32>) -> tensor<8xf32> {
  %0 = fuser.concat %x, %x dim 0 : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
  %1 = fuser.log %0 : tensor<8xf32>
  // expected-remark @+1 {{not fused with fuser.log: limit-ops}}
  %2 = fuser.exp %1 : tensor<8xf32>
  return %2 : tensor<8xf32>
}

func.func @limit_ops(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.log %0 : tensor<4xf32>
  %2 = fuser.tanh %1 : tensor<4xf32>
  // expected-remark @+1 {{not fused with fuser.tanh: limit-ops: the group would have too many ops; raise max-ops (3)}}
  %3 = fuser.abs %2 : tensor<4xf32>
  %4 = fuser.neg %3 : tensor<4xf32>
  return %4 : tensor<4xf32>
}

func.func @limit_operands(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>,
                        %d: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.add %a, %b : tensor<4xf32>
  %1 = fuser.add %0, %c : tensor<4xf32>
  // expected-remark @+1 {{not fused with fuser.add: limit-operands}}
  %2 = fuser.add %1, %d : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// Three ops, three inputs, an output: none too many.
func.func @within_limits(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>)
    -> tensor<4xf32> {
  %0 = fuser.add %a, %b : tensor<4xf32>
  %1 = fuser.add %0, %c : tensor<4xf32>
  %2 = fuser.mul %1, %a : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// What exp gives is stored for the call and for neg: outputs count, too.
func.func @limit_outputs(%a: tensor<4xf32>, %b: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = fuser.add %a, %b : tensor<4xf32>
  %1 = fuser.exp %0 : tensor<4xf32>
  // expected-remark @+1 {{not fused with fuser.exp: limit-operands: the group would have too many inputs and outputs; raise max-operands (4)}}
  %2 = fuser.neg %1 : tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// What a later use closes is no output.
func.func @closed_outputs(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.exp %a : tensor<4xf32>
  %1 = fuser.log %0 : tensor<4xf32>
  %2 = fuser.add %0, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

func.func @composite(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.relu %a : tensor<4xf32>
  // expected-remark @+1 {{not fused with fuser.relu: composite: composites have to be replaced by their formulas first; run fuser-decompose before}}
  %1 = fuser.neg %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}

func.func @constant(%a: tensor<2xf32>) -> tensor<2xf32> {
  %0 = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // expected-remark @+1 {{not fused with fuser.constant: constant}}
  %1 = fuser.add %a, %0 : tensor<2xf32>
  return %1 : tensor<2xf32>
}

// The call is between exp and add, which so are on different levels.
func.func @later_level(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.exp %a : tensor<4xf32>
  // expected-remark @+1 {{not fused with fuser.exp: not-fusible}}
  %1 = "other.op"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  // expected-remark @+2 {{not fused with other.op: not-fusible}}
  // expected-remark @+1 {{not fused with fuser.exp: later-level}}
  %2 = fuser.add %0, %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// A reshape of what broadcasts is one of a group's result.
func.func @before_reshape(%x: tensor<4x6xf32>, %b: tensor<6xf32>) -> tensor<24xf32> {
  %0 = fuser.add %x, %b : (tensor<4x6xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  %1 = fuser.transpose %0 permutation [1, 0] : tensor<4x6xf32> to tensor<6x4xf32>
  // expected-remark @+1 {{not fused with fuser.transpose: before-reshape}}
  %2 = fuser.reshape %1 sizes [24] : tensor<6x4xf32> to tensor<24xf32>
  %3 = fuser.exp %2 : tensor<24xf32>
  return %3 : tensor<24xf32>
}

// Of what has one shape it is a view of the inputs.
func.func @reshape_of_one_shape(%x: tensor<4x6xf32>, %y: tensor<4x6xf32>) -> tensor<24xf32> {
  %0 = fuser.add %x, %y : tensor<4x6xf32>
  %1 = fuser.reshape %0 sizes [24] : tensor<4x6xf32> to tensor<24xf32>
  return %1 : tensor<24xf32>
}

// What a slice leaves out must fail all the same.
func.func @may_fail(%x: tensor<4xi32>, %y: tensor<4xi32>) -> tensor<1xi32> {
  %0 = fuser.div_trunc %x, %y : tensor<4xi32>
  %1 = fuser.neg %0 : tensor<4xi32>
  // expected-remark @+1 {{not fused with fuser.neg: may-fail}}
  %2 = fuser.slice %1 dim 0 start 0 end 1 : tensor<4xi32> to tensor<1xi32>
  return %2 : tensor<1xi32>
}
