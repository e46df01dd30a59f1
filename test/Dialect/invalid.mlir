// One function for each constraint of the .td files, named as its tag; a
// constraint that can be broken in several ways has several.

// RUN: fuser-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// Pointwise
//===----------------------------------------------------------------------===//

func.func @pointwise_c1(%x: tensor<4xi32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16, f32 or f64, but got 'tensor<4xi32>'}}
  %0 = fuser.exp %x : tensor<4xi32>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<4xi1>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of numbers, but got 'tensor<4xi1>'}}
  %0 = fuser.add %x, %x : tensor<4xi1>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<4xui16>) {
  // expected-error @+1 {{must be ranked tensor of the dialect's types, but got 'tensor<4xui16>'}}
  %0 = fuser.compare lt, %x, %x : tensor<4xui16>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<4xf16>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of integers or i1, but got 'tensor<4xf16>'}}
  %0 = fuser.bitwise_and %x, %x : tensor<4xf16>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<4xi1>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of integers, but got 'tensor<4xi1>'}}
  %0 = fuser.shl %x, %x : tensor<4xi1>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<4xi64>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16, f32 or f64, but got 'tensor<4xi64>'}}
  %0 = fuser.is_nan %x : tensor<4xi64>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<*xf32>) {
  // expected-error @+1 {{invalid kind of type specified: expected builtin.tensor, but found 'tensor<*xf32>'}}
  %0 = fuser.exp %x : tensor<*xf32>
  return
}

// -----

func.func @pointwise_c1(%x: tensor<4xf8E4M3FN>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of numbers, but got 'tensor<4xf8E4M3FN>'}}
  %0 = "fuser.relu"(%x) : (tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN>
  return
}

// -----

func.func @pointwise_c2(%x: tensor<4xf32>, %y: tensor<4xf64>) {
  // expected-error @+1 {{requires the same element type for all operands and results}}
  %0 = fuser.add %x, %y : (tensor<4xf32>, tensor<4xf64>) -> tensor<4xf32>
  return
}

// -----

func.func @pointwise_c2(%x: tensor<4xf32>, %y: tensor<4xf64>) {
  // expected-error @+1 {{failed to verify that all of {x, y} have same element type}}
  %0 = fuser.compare lt, %x, %y : (tensor<4xf32>, tensor<4xf64>) -> tensor<4xi1>
  return
}

// -----

func.func @pointwise_c2(%c: tensor<4xi1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{failed to verify that all of {x, result} have same element type}}
  %0 = fuser.select %c, %x, %x
      : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf64>
  return
}

// -----

// Nothing says that there are four.
func.func @pointwise_c4(%x: tensor<?xf32>) {
  // expected-error @+1 {{has a result of shape [4] where its operands give [?]}}
  %0 = fuser.add %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @pointwise_c3(%x: tensor<4x3xf32>, %y: tensor<2x3xf32>) {
  // expected-error @+1 {{has operands of shapes [4, 3] and [2, 3], which do not broadcast: 2 meets 4}}
  %0 = fuser.add %x, %y
      : (tensor<4x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

// The first two broadcast, but not with the third.
func.func @pointwise_c3(%x: tensor<?xf32>, %y: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error @+1 {{has operands of shapes [?] and [2] and [3], which do not broadcast: 3 meets 2}}
  %0 = fuser.clamp %x, %y, %z
      : (tensor<?xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @pointwise_c4(%x: tensor<4xf32>) {
  // expected-error @+1 {{has a result of shape [5] where its operands give [4]}}
  %0 = fuser.add %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @pointwise_c4(%x: tensor<4xf32>) {
  // expected-error @+1 {{has a result of shape [1, 4] where its operands give [4]}}
  %0 = fuser.cast %x : tensor<4xf32> to tensor<1x4xf64>
  return
}

// -----

// A unary op's assembly has one type only.
func.func @pointwise_c4(%x: tensor<4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<?xf32>'}}
  %0 = "fuser.neg"(%x) : (tensor<4xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @pointwise_types(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a ranked tensor type, or the types of 2 operands and one result as (...) -> ...}}
  %0 = fuser.add %x, %x : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @pointwise_types(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a ranked tensor type, or the types of 3 operands and one result as (...) -> ...}}
  %0 = fuser.clamp %x, %x, %x : f32
  return
}

// -----

func.func @predicate(%x: tensor<4xf32>) {
  // expected-error @+2 {{expected ::fuser::ComparePredicate to be one of: eq, ne, lt, le, gt, ge}}
  // expected-error @+1 {{failed to parse Fuser_ComparePredicateAttr parameter 'value'}}
  %0 = fuser.compare less, %x, %x : tensor<4xf32>
  return
}

// -----

func.func @test_types(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a ranked tensor type, or the types of 1 operands and one result as (...) -> ...}}
  %0 = fuser.is_nan %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Composites
//===----------------------------------------------------------------------===//

func.func @addc_c1(%x: tensor<4xf16>, %value: tensor<f64>) {
  // expected-error @+1 {{has a factor of 'f64': expected 'f16' or f32}}
  %0 = fuser.addcmul %x, %x, %x, %value
      : (tensor<4xf16>, tensor<4xf16>, tensor<4xf16>, tensor<f64>)
      -> tensor<4xf16>
  return
}

// -----

// An f32 factor is for halves only.
func.func @addc_c1(%x: tensor<4xf64>, %value: tensor<f32>) {
  // expected-error @+1 {{has a factor of 'f32': expected 'f64'}}
  %0 = fuser.addcdiv %x, %x, %x, %value
      : (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<f32>)
      -> tensor<4xf64>
  return
}

// -----

func.func @addc_c1(%x: tensor<4xi32>, %value: tensor<f32>) {
  // expected-error @+1 {{has a factor of 'f32': expected 'i32'}}
  %0 = fuser.addcmul %x, %x, %x, %value
      : (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<f32>)
      -> tensor<4xi32>
  return
}

// -----

func.func @addc_types(%x: tensor<4xf32>, %a: tensor<4xf64>) {
  // expected-error @+1 {{failed to verify that all of {x, a, b, result} have same element type}}
  %0 = fuser.addcmul %x, %a, %x, %x
      : (tensor<4xf32>, tensor<4xf64>, tensor<4xf32>, tensor<4xf32>)
      -> tensor<4xf32>
  return
}

// -----

func.func @addc_types(%x: tensor<4xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{which do not broadcast}}
  %0 = fuser.addcdiv %x, %a, %x, %x
      : (tensor<4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<4xf32>)
      -> tensor<4xf32>
  return
}

// -----

func.func @addc_types(%x: tensor<4xi32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16, f32 or f64, but got 'tensor<4xi32>'}}
  %0 = fuser.addcdiv %x, %x, %x, %x : tensor<4xi32>
  return
}

// -----

// A threshold has no default.
func.func @threshold(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected 'threshold'}}
  %0 = fuser.threshold %x : tensor<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

func.func @splat_c1(%s: f64) {
  // expected-error @+1 {{result #0 must be statically shaped tensor of the dialect's types, but got 'tensor<?xf32>'}}
  %0 = fuser.splat %s : f64 -> tensor<?xf32>
  return
}

// -----

func.func @splat_scalar(%s: f32) {
  // expected-error @+1 {{operand #0 must be f64, i64 or i1 scalar, but got 'f32'}}
  %0 = fuser.splat %s : f32 -> tensor<f32>
  return
}

// -----

func.func @constant_vector() {
  // expected-error @+1 {{result #0 must be ranked tensor of the dialect's types, but got 'vector<4xf32>'}}
  %0 = fuser.constant dense<1.0> : vector<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Index maps
//===----------------------------------------------------------------------===//

func.func @shape_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{failed to verify that all of {input, result} have same element type}}
  %0 = fuser.transpose %x permutation [0] : tensor<4xf32> to tensor<4xf64>
  return
}

// -----

func.func @shape_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{has a part of type 'tensor<2xf64>': expected elements of type 'f32'}}
  %0:2 = fuser.chunk %x dim 0 : tensor<4xf32> to tensor<2xf32>, tensor<2xf64>
  return
}

// -----

func.func @shape_c1(%x: tensor<4xf32>, %y: tensor<4xf64>) {
  // expected-error @+1 {{has a part of type 'tensor<4xf64>': expected elements of type 'f32'; insert a fuser.cast}}
  %0 = fuser.concat %x, %y dim 0
      : tensor<4xf32>, tensor<4xf64> to tensor<8xf32>
  return
}

// -----

func.func @shape_c2(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has a result of shape [4, 8] where its operands give [8, 4]}}
  %0 = fuser.transpose %x permutation [1, 0]
      : tensor<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @shape_c2(%x: tensor<7xf32>) {
  // expected-error @+1 {{has a result of shape [4] where its operands give [3]}}
  %0:2 = fuser.chunk %x dim 0 : tensor<7xf32> to tensor<4xf32>, tensor<4xf32>
  return
}

// -----

func.func @shape_c2(%x: tensor<10xf32>) {
  // expected-error @+1 {{has a result of shape [4] where its operands give [3]}}
  %0 = fuser.slice %x dim 0 start 0 end 9 step 3
      : tensor<10xf32> to tensor<4xf32>
  return
}

// -----

func.func @shape_c2(%x: tensor<4xf32>) {
  // expected-error @+1 {{has a result of shape [9] where its operands give [8]}}
  %0 = fuser.concat %x, %x dim 0
      : tensor<4xf32>, tensor<4xf32> to tensor<9xf32>
  return
}

// -----

func.func @shape_c3(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has dim 2 where a tensor of rank 2 has -2 to 1}}
  %0 = fuser.slice %x dim 2 start 0 end 1 : tensor<4x8xf32> to tensor<4x1xf32>
  return
}

// -----

func.func @shape_c3(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has dim -3 where a tensor of rank 2 has -2 to 1}}
  %0 = fuser.chunk %x dim -3 : tensor<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @shape_c3(%x: tensor<f32>) {
  // expected-error @+1 {{has dim 0 where a tensor of rank 0 has no dimensions}}
  %0 = fuser.concat %x dim 0 : tensor<f32> to tensor<f32>
  return
}

// -----

func.func @broadcast_to_c1(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has 1 sizes for an input of rank 2}}
  %0 = fuser.broadcast_to %x sizes [8] : tensor<4x8xf32> to tensor<8xf32>
  return
}

// -----

func.func @broadcast_to_c1(%x: tensor<8xf32>) {
  // expected-error @+1 {{has size -1 for dimension 0: expected at least 0, or -1 to keep the size of a dimension of the input}}
  %0 = fuser.broadcast_to %x sizes [-1, 8] : tensor<8xf32> to tensor<?x8xf32>
  return
}

// -----

func.func @broadcast_to_c1(%x: tensor<8xf32>) {
  // expected-error @+1 {{has size -2 for dimension 0: expected at least 0}}
  %0 = fuser.broadcast_to %x sizes [-2] : tensor<8xf32> to tensor<8xf32>
  return
}

// -----

func.func @broadcast_to_c2(%x: tensor<3x8xf32>) {
  // expected-error @+1 {{can't expand shape [3, 8] to [4, -1]: extent 3 is neither 1 nor 4}}
  %0 = fuser.broadcast_to %x sizes [4, -1] : tensor<3x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @broadcast_like_c2(%x: tensor<3xf32>) {
  // expected-error @+1 {{has no other operands: expected at least one whose shape to expand to}}
  %0 = fuser.broadcast_like %x : tensor<3xf32> to tensor<3xf32>
  return
}

// -----

func.func @broadcast_like_c1(%x: tensor<3xf32>, %y: tensor<4xi1>) {
  // expected-error @+1 {{has operands of shapes [3] and [4], which do not broadcast: 4 meets 3}}
  %0 = fuser.broadcast_like %x, %y : tensor<3xf32>, tensor<4xi1> to tensor<4xf32>
  return
}

// -----

func.func @part_like_c1(%x: tensor<7xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has counts [3], dims [-1] and own []: expected counts that add up to the number of sizes, a dim for each, and a part of each but the first}}
  %0:3 = fuser.part_like %x of %a, %a dim -1 counts [3] dims [-1]
      : tensor<7xf32>, tensor<3xf32>, tensor<3xf32>
      to tensor<3xf32>, tensor<3xf32>, tensor<1xf32>
  return
}

// -----

func.func @part_like_c1(%x: tensor<3xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has counts [2, 1], dims [-1, -1] and own [1]: expected counts that add up}}
  %0:2 = fuser.part_like %x of %a, %a, %a dim -1 counts [2, 1] dims [-1, -1] own [1]
      : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
      to tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @part_like_c2(%x: tensor<6xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has 1 results: expected one for each of the 2 parts of the first concat}}
  %0 = fuser.part_like %x of %a, %a dim -1 counts [2] dims [-1]
      : tensor<6xf32>, tensor<3xf32>, tensor<3xf32> to tensor<3xf32>
  return
}

// -----

func.func @part_like_c3(%x: tensor<6xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has dim 0 and dims [-1]: expected negative ones, which count from the end}}
  %0:2 = fuser.part_like %x of %a, %a dim 0 counts [2] dims [-1]
      : tensor<6xf32>, tensor<3xf32>, tensor<3xf32>
      to tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @part_like_c3(%x: tensor<6xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has dim -2 of a part of shape [3]}}
  %0:2 = fuser.part_like %x of %a, %a dim -1 counts [2] dims [-2]
      : tensor<6xf32>, tensor<3xf32>, tensor<3xf32>
      to tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @part_like_c4(%x: tensor<6xf32>, %a: tensor<2x3xf32>, %b: tensor<4x3xf32>) {
  // expected-error @+1 {{has parts of shapes [2, 3] and [4, 3]: expected equal sizes but along dimension 1}}
  %0:2 = fuser.part_like %x of %a, %b dim -1 counts [2] dims [-1]
      : tensor<6xf32>, tensor<2x3xf32>, tensor<4x3xf32>
      to tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @part_like_c4(%x: tensor<6xf32>, %a: tensor<9223372036854775807xi1>) {
  // expected-error @+1 {{has parts of more than 2^63 - 1 elements along dimension 0}}
  %0:2 = fuser.part_like %x of %a, %a dim -1 counts [2] dims [-1]
      : tensor<6xf32>, tensor<9223372036854775807xi1>, tensor<9223372036854775807xi1>
      to tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @part_like_c5(%x: tensor<5xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has an input of shape [5], which does not broadcast with parts of 6 elements in all}}
  %0:2 = fuser.part_like %x of %a, %a dim -1 counts [2] dims [-1]
      : tensor<5xf32>, tensor<3xf32>, tensor<3xf32>
      to tensor<3xf32>, tensor<3xf32>
  return
}

// -----

// Parts do not repeat what has to fit.
func.func @part_like_c5(%x: tensor<1xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{has an input of shape [1], which does not broadcast with parts of 6 elements in all}}
  %0:2 = fuser.part_like %x of %a, %a dim -1 counts [2] dims [-1] exact
      : tensor<1xf32>, tensor<3xf32>, tensor<3xf32>
      to tensor<1xf32>, tensor<1xf32>
  return
}

// -----

func.func @transpose_c1(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has permutation [0, 0]: expected each dimension of an input of rank 2 once}}
  %0 = fuser.transpose %x permutation [0, 0]
      : tensor<4x8xf32> to tensor<4x4xf32>
  return
}

// -----

func.func @transpose_c1(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has permutation [0, -1]: expected each dimension}}
  %0 = fuser.transpose %x permutation [0, -1]
      : tensor<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @transpose_c1(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has permutation [0, 1, 2]: expected each dimension}}
  %0 = fuser.transpose %x permutation [0, 1, 2]
      : tensor<4x8xf32> to tensor<4x8xf32>
  return
}

// -----

func.func @expand_dims_c1(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{has dim 3 where a tensor of rank 3 has -3 to 2}}
  %0 = fuser.expand_dims %x dim 3 : tensor<4x8xf32> to tensor<4x8x1xf32>
  return
}

// -----

func.func @slice_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{has step 0: expected at least 1}}
  %0 = fuser.slice %x dim 0 start 0 end 4 step 0 : tensor<4xf32> to tensor<4xf32>
  return
}

// -----

func.func @slice_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{has step -1: expected at least 1}}
  %0 = fuser.slice %x dim 0 start 3 end 0 step -1
      : tensor<4xf32> to tensor<4xf32>
  return
}

// -----

func.func @chunk_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{has no results: expected at least one part}}
  "fuser.chunk"(%x) {dim = 0 : i64} : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @concat_c1() {
  // expected-error @+1 {{has no operands: expected at least one part}}
  %0 = "fuser.concat"() {dim = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @concat_c1(%x: tensor<4xf32>, %y: tensor<4x1xf32>) {
  // expected-error @+1 {{has parts of shapes [4] and [4, 1]: expected equal sizes but along dimension 0}}
  %0 = fuser.concat %x, %y dim 0
      : tensor<4xf32>, tensor<4x1xf32> to tensor<8xf32>
  return
}

// -----

func.func @concat_c2(%x: tensor<4x3xf32>, %y: tensor<5x3xf32>) {
  // expected-error @+1 {{has parts of shapes [4, 3] and [5, 3]: expected equal sizes but along dimension 1}}
  %0 = fuser.concat %x, %y dim -1
      : tensor<4x3xf32>, tensor<5x3xf32> to tensor<4x6xf32>
  return
}

// -----

// The second part says what the first leaves open.
func.func @concat_c2(%x: tensor<?x3xf32>, %y: tensor<4x3xf32>,
                     %z: tensor<5x3xf32>) {
  // expected-error @+1 {{has parts of shapes [?, 3] and [5, 3]: expected equal sizes but along dimension 1}}
  %0 = fuser.concat %x, %y, %z dim 1
      : tensor<?x3xf32>, tensor<4x3xf32>, tensor<5x3xf32> to tensor<4x9xf32>
  return
}

// -----

func.func @concat_overflow(%x: tensor<4611686018427387904xi1>) {
  // expected-error @+1 {{has parts of more than 2^63 - 1 elements along dimension 0}}
  %0 = fuser.concat %x, %x dim 0
      : tensor<4611686018427387904xi1>, tensor<4611686018427387904xi1>
        to tensor<?xi1>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

func.func @group_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{has block arguments whose types differ from its inputs'}}
  "fuser.group"(%x) ({
  ^bb0(%a: tensor<4xf64>):
    "fuser.yield"() : () -> ()
  }) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @group_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{has block arguments whose types differ from its inputs'}}
  "fuser.group"(%x) ({
    "fuser.yield"() : () -> ()
  }) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @group_c2(%x: tensor<4xf32>) {
  // expected-error @+1 {{yields types that differ from its results'}}
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<5xf32> {
    fuser.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @group_c2(%x: tensor<4xf32>) {
  // expected-error @+1 {{yields types that differ from its results'}}
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
  }
  return
}

// -----

func.func @group_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{holds arith.constant: expected fuser ops only, and no groups}}
  fuser.group(%a = %x : tensor<4xf32>) {
    %0 = arith.constant 1.0 : f32
    fuser.yield
  }
  return
}

// -----

func.func @group_c3() {
  // expected-error @+1 {{holds fuser.group: expected fuser ops only, and no groups}}
  fuser.group() {
    fuser.group() {
    }
  }
  return
}

// -----

func.func @group_terminator() {
  // expected-error @+2 {{expects regions to end with 'fuser.yield', found 'ub.unreachable'}}
  // expected-note @+1 {{in custom textual format, the absence of terminator implies 'fuser.yield'}}
  "fuser.group"() ({
    "ub.unreachable"() : () -> ()
  }) : () -> ()
  return
}

// -----

func.func @group_terminator() {
  "fuser.group"() ({
    // expected-error @+1 {{block with no terminator}}
    %0 = fuser.constant dense<1.0> : tensor<f32>
  }) : () -> ()
  return
}

// -----

func.func @group_terminator() {
  // expected-error @+1 {{expects a non-empty block}}
  "fuser.group"() ({
  ^bb0:
  }) : () -> ()
  return
}

// -----

func.func @group_region() {
  // expected-error @+1 {{region #0 ('body') failed to verify constraint: region with 1 blocks}}
  "fuser.group"() ({}) : () -> ()
  return
}

// -----

func.func @nest_c1() {
  // expected-error @+1 {{has no outputs: expected at least one}}
  fuser.nest ins() outs() {
  }
  return
}

// -----

func.func @nest_c1(%x: memref<?x?xf32>, %y: memref<?xf32>) {
  // expected-error @+1 {{has operands of different ranks: expected outputs of one rank and inputs of that rank or one less}}
  fuser.nest ins() outs(%x, %y : memref<?x?xf32>, memref<?xf32>) {
    %0 = fuser.constant dense<1.0> : tensor<f32>
    fuser.yield %0, %0 : tensor<f32>, tensor<f32>
  }
  return
}

// -----

func.func @nest_c1(%x: memref<?x?xf32>, %y: memref<f32>) {
  // expected-error @+1 {{has operands of different ranks}}
  fuser.nest ins(%a : tensor<f32> = %y : memref<f32>)
      outs(%x : memref<?x?xf32>) {
    fuser.yield %a : tensor<f32>
  }
  return
}

// -----

func.func @nest_c2(%x: memref<?xf32>) {
  // expected-error @+1 {{has a body that does not fit its operands: expected one rank-0 argument an input and one rank-0 yielded value an output, of their element types}}
  fuser.nest ins(%a : tensor<4xf32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
    %0 = fuser.constant dense<1.0> : tensor<f32>
    fuser.yield %0 : tensor<f32>
  }
  return
}

// -----

// Truth values are stored as bytes.
func.func @nest_c2(%x: memref<?xi1>) {
  // expected-error @+1 {{has a body that does not fit its operands}}
  fuser.nest ins(%a : tensor<i1> = %x : memref<?xi1>) outs(%x : memref<?xi1>) {
    fuser.yield %a : tensor<i1>
  }
  return
}

// -----

func.func @nest_c2(%x: memref<?xf32>) {
  // expected-error @+1 {{has a body that does not fit its operands}}
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
  }
  return
}

// -----

func.func @nest_c2(%x: memref<?xf32>) {
  // expected-error @+1 {{has a body that does not fit its operands}}
  "fuser.nest"(%x, %x) <{operandSegmentSizes = array<i32: 1, 1>}> ({
    %0 = fuser.constant dense<1.0> : tensor<f32>
    fuser.yield %0 : tensor<f32>
  }) : (memref<?xf32>, memref<?xf32>) -> ()
  return
}

// -----

func.func @squeeze_c1(%x: tensor<4x?xf32>) {
  // expected-error @+1 {{can't remove dimension 0 of shape [4, ?]: its size is 4, not 1}}
  %0 = fuser.squeeze %x dim -2 : tensor<4x?xf32> to tensor<?xf32>
  return
}

// -----

func.func @shape_c3(%x: tensor<1xf32>) {
  // expected-error @+1 {{has dim 1 where a tensor of rank 1 has -1 to 0}}
  %0 = fuser.squeeze %x dim 1 : tensor<1xf32> to tensor<f32>
  return
}

// -----

func.func @reshape_c1(%x: tensor<?xf32>) {
  // expected-error @+1 {{has sizes [-1, 2, -1]: expected at least 0, and at most one -1}}
  %0 = fuser.reshape %x sizes [-1, 2, -1] : tensor<?xf32> to tensor<?x2x?xf32>
  return
}

// -----

func.func @reshape_c1(%x: tensor<?xf32>) {
  // expected-error @+1 {{has sizes [-2]: expected at least 0, and at most one -1}}
  %0 = fuser.reshape %x sizes [-2] : tensor<?xf32> to tensor<?xf32>
  return
}

// -----

func.func @reshape_c1(%x: tensor<0xf32>) {
  // expected-error @+1 {{has sizes [0, -1], where -1 could be anything: expected its size}}
  %0 = fuser.reshape %x sizes [0, -1] : tensor<0xf32> to tensor<0x?xf32>
  return
}

// -----

func.func @reshape_c1(%x: tensor<?xf32>) {
  // expected-error @+1 {{has sizes [4294967296, 2147483648, -1], whose product exceeds 2^63 - 1}}
  %0 = fuser.reshape %x sizes [4294967296, 2147483648, -1]
      : tensor<?xf32> to tensor<4294967296x2147483648x?xf32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<3x5xf32>) {
  // expected-error @+1 {{can't give shape [3, 5] the sizes [4, 4]: 15 elements don't fit}}
  %0 = fuser.reshape %x sizes [4, 4] : tensor<3x5xf32> to tensor<4x4xf32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<3x5xf32>) {
  // expected-error @+1 {{can't give shape [3, 5] the sizes [4, -1]: 15 elements don't fit}}
  %0 = fuser.reshape %x sizes [4, -1] : tensor<3x5xf32> to tensor<4x?xf32>
  return
}

// -----

// Whatever the other extent is.
func.func @reshape_c2(%x: tensor<?x0xf32>) {
  // expected-error @+1 {{can't give shape [?, 0] the sizes [1]: 0 elements don't fit}}
  %0 = fuser.reshape %x sizes [1] : tensor<?x0xf32> to tensor<1xf32>
  return
}

// -----

func.func @iota_c1() {
  // expected-error @+1 {{has a result of shape [?]: expected static extents, or a tensor whose shape to take (like %x)}}
  %0 = fuser.iota dim 0 : tensor<?xi64>
  return
}

// -----

func.func @iota_c2(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{has dim 2 where a tensor of rank 2 has -2 to 1}}
  %0 = fuser.iota like %x dim 2 : tensor<?x4xf32> to tensor<?x4xi64>
  return
}

// -----

func.func @iota_c2() {
  // expected-error @+1 {{has dim 0 where a tensor of rank 0 has no dimensions}}
  %0 = fuser.iota dim 0 : tensor<i64>
  return
}

// -----

func.func @iota_c3(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{has a result of shape [4, 4] where its operands give [?, 4]}}
  %0 = fuser.iota like %x : tensor<?x4xf32> to tensor<4x4xi64>
  return
}

// -----

func.func @iota_type() {
  // expected-error @+1 {{result #0 must be ranked tensor of i64, but got 'tensor<4xi32>'}}
  %0 = fuser.iota : tensor<4xi32>
  return
}

// -----

func.func @rand_like_c1(%x: tensor<?xf32>, %s: i64) {
  // expected-error @+1 {{has a result of shape [4] where its operands give [?]}}
  %0 = fuser.rand_like %x, %s, %s : tensor<?xf32>, i64, i64 to tensor<4xf32>
  return
}

// -----

func.func @pointwise_c1(%i: tensor<4xi64>) {
  // expected-error @+1 {{result #0 must be ranked tensor of f16, bf16, f32 or f64, but got 'tensor<4xi64>'}}
  %0 = fuser.random %i, %i, %i : (tensor<4xi64>, tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  return
}

// -----

// Indices are no memory to store to.
func.func @nest_c2(%x: memref<?xindex>) {
  // expected-error @+1 {{has a body that does not fit its operands}}
  fuser.nest ins(%a : tensor<i64> = %x : memref<?xindex>)
      outs(%x : memref<?xindex>) {
    fuser.yield %a : tensor<i64>
  }
  return
}

// -----

func.func @yield_parent(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects parent op to be one of 'fuser.group, fuser.nest'}}
  fuser.yield %x : tensor<4xf32>
}
