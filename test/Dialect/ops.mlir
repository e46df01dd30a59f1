// Every op in every form: what is printed parses, and prints the same again;
// as the custom form, the generic one and bytecode.

// RUN: fuser-opt %s | fuser-opt | FileCheck %s
// RUN: fuser-opt %s -mlir-print-op-generic | fuser-opt | FileCheck %s
// RUN: fuser-opt %s --emit-bytecode | fuser-opt | FileCheck %s

// RUN: fuser-opt %s -o %t.once
// RUN: fuser-opt %t.once -o %t.twice
// RUN: diff %t.once %t.twice

//===----------------------------------------------------------------------===//
// Pointwise ops
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @unary
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x?xf32>) -> tensor<4x?xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.neg %[[ARG0]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.abs %[[V0]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.sqrt %[[V1]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V3:.*]] = fuser.rsqrt %[[V2]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V4:.*]] = fuser.exp %[[V3]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V5:.*]] = fuser.expm1 %[[V4]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V6:.*]] = fuser.log %[[V5]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V7:.*]] = fuser.log1p %[[V6]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V8:.*]] = fuser.tanh %[[V7]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V9:.*]] = fuser.erf %[[V8]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V10:.*]] = fuser.erfc %[[V9]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V11:.*]] = fuser.sigmoid %[[V10]] : tensor<4x?xf32>
// CHECK-NEXT:    return %[[V11]] : tensor<4x?xf32>
func.func @unary(%x: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %0 = fuser.neg %x : tensor<4x?xf32>
  %1 = fuser.abs %0 : tensor<4x?xf32>
  %2 = fuser.sqrt %1 : tensor<4x?xf32>
  %3 = fuser.rsqrt %2 : tensor<4x?xf32>
  %4 = fuser.exp %3 : tensor<4x?xf32>
  %5 = fuser.expm1 %4 : tensor<4x?xf32>
  %6 = fuser.log %5 : tensor<4x?xf32>
  %7 = fuser.log1p %6 : tensor<4x?xf32>
  %8 = fuser.tanh %7 : tensor<4x?xf32>
  %9 = fuser.erf %8 : tensor<4x?xf32>
  %10 = fuser.erfc %9 : tensor<4x?xf32>
  %11 = fuser.sigmoid %10 : tensor<4x?xf32>
  return %11 : tensor<4x?xf32>
}

// CHECK-LABEL: func.func @unary_numbers
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<ui8>, %[[ARG1:[a-z0-9_]+]]: tensor<i32>, %[[ARG2:[a-z0-9_]+]]: tensor<3xi64>, %[[ARG3:[a-z0-9_]+]]: tensor<?xf64>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.neg %[[ARG0]] : tensor<ui8>
// CHECK-NEXT:    %[[V1:.*]] = fuser.abs %[[ARG1]] : tensor<i32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.neg %[[ARG2]] : tensor<3xi64>
// CHECK-NEXT:    %[[V3:.*]] = fuser.exp %[[ARG3]] : tensor<?xf64>
// CHECK-NEXT:    return
func.func @unary_numbers(%a: tensor<ui8>, %b: tensor<i32>, %c: tensor<3xi64>,
                         %d: tensor<?xf64>) {
  %0 = fuser.neg %a : tensor<ui8>
  %1 = fuser.abs %b : tensor<i32>
  %2 = fuser.neg %c : tensor<3xi64>
  %3 = fuser.exp %d : tensor<?xf64>
  return
}

// One type where all are equal, else those of operands and result.
// CHECK-LABEL: func.func @binary
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x8xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<8xf32>, %[[ARG2:[a-z0-9_]+]]: tensor<?x8xf32>, %[[ARG3:[a-z0-9_]+]]: tensor<f32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %[[V0:.*]] = fuser.add %[[ARG0]], %[[ARG0]] : tensor<4x8xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.sub %[[V0]], %[[ARG1]] : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.mul %[[ARG1]], %[[V1]] : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %[[V3:.*]] = fuser.div %[[V2]], %[[ARG3]] : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %[[V4:.*]] = fuser.minimum %[[V3]], %[[ARG2]] : (tensor<4x8xf32>, tensor<?x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %[[V5:.*]] = fuser.maximum %[[ARG2]], %[[ARG2]] : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x?xf32>
// CHECK-NEXT:    return %[[V4]] : tensor<4x8xf32>
func.func @binary(%x: tensor<4x8xf32>, %row: tensor<8xf32>, %d: tensor<?x8xf32>,
                  %number: tensor<f32>) -> tensor<4x8xf32> {
  %0 = fuser.add %x, %x : tensor<4x8xf32>
  %1 = fuser.sub %0, %row
      : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %2 = fuser.mul %row, %1
      : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = fuser.div %2, %number
      : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %4 = fuser.minimum %3, %d
      : (tensor<4x8xf32>, tensor<?x8xf32>) -> tensor<4x8xf32>
  %5 = fuser.maximum %d, %d
      : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x?xf32>
  return %4 : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @compare
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x8xf64>, %[[ARG1:[a-z0-9_]+]]: tensor<?x8xf64>, %[[ARG2:[a-z0-9_]+]]: tensor<4xi1>, %[[ARG3:[a-z0-9_]+]]: tensor<ui8>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.compare eq, %[[ARG0]], %[[ARG0]] : tensor<4x8xf64>
// CHECK-NEXT:    %[[V1:.*]] = fuser.compare ne, %[[ARG0]], %[[ARG1]] : (tensor<4x8xf64>, tensor<?x8xf64>) -> tensor<4x8xi1>
// CHECK-NEXT:    %[[V2:.*]] = fuser.compare lt, %[[ARG2]], %[[ARG2]] : tensor<4xi1>
// CHECK-NEXT:    %[[V3:.*]] = fuser.compare le, %[[ARG3]], %[[ARG3]] : tensor<ui8>
// CHECK-NEXT:    %[[V4:.*]] = fuser.compare gt, %[[ARG0]], %[[ARG0]] : tensor<4x8xf64>
// CHECK-NEXT:    %[[V5:.*]] = fuser.compare ge, %[[ARG1]], %[[ARG1]] : tensor<?x8xf64>
// CHECK-NEXT:    return
func.func @compare(%x: tensor<4x8xf64>, %y: tensor<?x8xf64>, %b: tensor<4xi1>,
                   %u: tensor<ui8>) {
  %0 = fuser.compare eq, %x, %x : tensor<4x8xf64>
  %1 = fuser.compare ne, %x, %y
      : (tensor<4x8xf64>, tensor<?x8xf64>) -> tensor<4x8xi1>
  %2 = fuser.compare lt, %b, %b : tensor<4xi1>
  %3 = fuser.compare le, %u, %u : tensor<ui8>
  %4 = fuser.compare gt, %x, %x : tensor<4x8xf64>
  %5 = fuser.compare ge, %y, %y : tensor<?x8xf64>
  return
}

// CHECK-LABEL: func.func @select
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4xi1>, %[[ARG1:[a-z0-9_]+]]: tensor<4xui8>, %[[ARG2:[a-z0-9_]+]]: tensor<ui8>, %[[ARG3:[a-z0-9_]+]]: tensor<i1>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.select %[[ARG0]], %[[ARG1]], %[[ARG1]] : tensor<4xui8>
// CHECK-NEXT:    %[[V1:.*]] = fuser.select %[[ARG0]], %[[ARG1]], %[[ARG2]] : (tensor<4xi1>, tensor<4xui8>, tensor<ui8>) -> tensor<4xui8>
// CHECK-NEXT:    %[[V2:.*]] = fuser.select %[[ARG3]], %[[ARG0]], %[[ARG0]] : (tensor<i1>, tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
// CHECK-NEXT:    %[[V3:.*]] = fuser.select %[[ARG0]], %[[ARG0]], %[[ARG0]] : tensor<4xi1>
// CHECK-NEXT:    return
func.func @select(%c: tensor<4xi1>, %x: tensor<4xui8>, %y: tensor<ui8>,
                  %b: tensor<i1>) {
  %0 = fuser.select %c, %x, %x : tensor<4xui8>
  %1 = fuser.select %c, %x, %y
      : (tensor<4xi1>, tensor<4xui8>, tensor<ui8>) -> tensor<4xui8>
  %2 = fuser.select %b, %c, %c
      : (tensor<i1>, tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %3 = fuser.select %c, %c, %c : tensor<4xi1>
  return
}

// CHECK-LABEL: func.func @clamp
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<2x?xi32>, %[[ARG1:[a-z0-9_]+]]: tensor<i32>, %[[ARG2:[a-z0-9_]+]]: tensor<?xi32>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.clamp %[[ARG0]], %[[ARG0]], %[[ARG0]] : tensor<2x?xi32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.clamp %[[ARG0]], %[[ARG1]], %[[ARG2]] : (tensor<2x?xi32>, tensor<i32>, tensor<?xi32>) -> tensor<2x?xi32>
// CHECK-NEXT:    return
func.func @clamp(%x: tensor<2x?xi32>, %low: tensor<i32>, %high: tensor<?xi32>) {
  %0 = fuser.clamp %x, %x, %x : tensor<2x?xi32>
  %1 = fuser.clamp %x, %low, %high
      : (tensor<2x?xi32>, tensor<i32>, tensor<?xi32>) -> tensor<2x?xi32>
  return
}

// From and to each element type.
// CHECK-LABEL: func.func @cast
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xi1>) -> tensor<?xi1>
// CHECK-NEXT:    %[[V0:.*]] = fuser.cast %[[ARG0]] : tensor<?xi1> to tensor<?xui8>
// CHECK-NEXT:    %[[V1:.*]] = fuser.cast %[[V0]] : tensor<?xui8> to tensor<?xi32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.cast %[[V1]] : tensor<?xi32> to tensor<?xi64>
// CHECK-NEXT:    %[[V3:.*]] = fuser.cast %[[V2]] : tensor<?xi64> to tensor<?xf32>
// CHECK-NEXT:    %[[V4:.*]] = fuser.cast %[[V3]] : tensor<?xf32> to tensor<?xf64>
// CHECK-NEXT:    %[[V5:.*]] = fuser.cast %[[V4]] : tensor<?xf64> to tensor<?xi1>
// CHECK-NEXT:    return %[[V5]] : tensor<?xi1>
func.func @cast(%x: tensor<?xi1>) -> tensor<?xi1> {
  %0 = fuser.cast %x : tensor<?xi1> to tensor<?xui8>
  %1 = fuser.cast %0 : tensor<?xui8> to tensor<?xi32>
  %2 = fuser.cast %1 : tensor<?xi32> to tensor<?xi64>
  %3 = fuser.cast %2 : tensor<?xi64> to tensor<?xf32>
  %4 = fuser.cast %3 : tensor<?xf32> to tensor<?xf64>
  %5 = fuser.cast %4 : tensor<?xf64> to tensor<?xi1>
  return %5 : tensor<?xi1>
}

// CHECK-LABEL: func.func @composites
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<i64>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.relu %[[ARG1]] : tensor<i64>
// CHECK-NEXT:    %[[V1:.*]] = fuser.silu %[[ARG0]] : tensor<4xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.gelu %[[ARG0]] : tensor<4xf32>
// CHECK-NEXT:    %[[V3:.*]] = fuser.gelu %[[ARG0]] : tensor<4xf32>
// CHECK-NEXT:    %[[V4:.*]] = fuser.gelu %[[ARG0]] approximate tanh : tensor<4xf32>
// CHECK-NEXT:    return
func.func @composites(%x: tensor<4xf32>, %i: tensor<i64>) {
  %0 = fuser.relu %i : tensor<i64>
  %1 = fuser.silu %x : tensor<4xf32>
  %2 = fuser.gelu %x : tensor<4xf32>
  %3 = fuser.gelu %x approximate none : tensor<4xf32>
  %4 = fuser.gelu %x approximate tanh : tensor<4xf32>
  return
}

// CHECK-LABEL: func.func @attributes
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4xf32>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.exp %[[ARG0]] {note = "kept"} : tensor<4xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.compare lt, %[[ARG0]], %[[ARG0]] {note = "kept"} : tensor<4xf32>
// CHECK-NEXT:    return
func.func @attributes(%x: tensor<4xf32>) {
  %0 = fuser.exp %x {note = "kept"} : tensor<4xf32>
  %1 = fuser.compare lt, %x, %x {note = "kept"} : tensor<4xf32>
  return
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @constants
// CHECK-NEXT:    %[[V0:.*]] = fuser.constant dense<true> : tensor<i1>
// CHECK-NEXT:    %[[V1:.*]] = fuser.constant dense<255> : tensor<ui8>
// CHECK-NEXT:    %[[V2:.*]] = fuser.constant dense<-7> : tensor<2x3xi32>
// CHECK-NEXT:    %[[V3:.*]] = fuser.constant dense<[1, 2]> : tensor<2xi64>
// CHECK-NEXT:    %[[V4:.*]] = fuser.constant dense<-0.000000e+00> : tensor<f32>
// CHECK-NEXT:    %[[V5:.*]] = fuser.constant dense<0x7FF0000000000000> : tensor<f64>
// CHECK-NEXT:    %[[V6:.*]] = fuser.constant dense<> : tensor<0x4xf32>
// CHECK-NEXT:    return
func.func @constants() {
  %0 = fuser.constant dense<true> : tensor<i1>
  %1 = fuser.constant dense<255> : tensor<ui8>
  %2 = fuser.constant dense<-7> : tensor<2x3xi32>
  %3 = fuser.constant dense<[1, 2]> : tensor<2xi64>
  %4 = fuser.constant dense<-0.0> : tensor<f32>
  %5 = fuser.constant dense<0x7FF0000000000000> : tensor<f64>
  %6 = fuser.constant dense<> : tensor<0x4xf32>
  return
}

// CHECK-LABEL: func.func @splat
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: f64, %[[ARG1:[a-z0-9_]+]]: i64, %[[ARG2:[a-z0-9_]+]]: i1)
// CHECK-NEXT:    %[[V0:.*]] = fuser.splat %[[ARG0]] : f64 -> tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.splat %[[ARG1]] : i64 -> tensor<2x3xui8>
// CHECK-NEXT:    %[[V2:.*]] = fuser.splat %[[ARG2]] : i1 -> tensor<0xi1>
// CHECK-NEXT:    return
func.func @splat(%a: f64, %b: i64, %c: i1) {
  %0 = fuser.splat %a : f64 -> tensor<f32>
  %1 = fuser.splat %b : i64 -> tensor<2x3xui8>
  %2 = fuser.splat %c : i1 -> tensor<0xi1>
  return
}

//===----------------------------------------------------------------------===//
// Index maps
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @broadcast_to
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<1x8xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<?xi1>, %[[ARG2:[a-z0-9_]+]]: tensor<f64>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.broadcast_to %[[ARG0]] sizes [4, -1] : tensor<1x8xf32> to tensor<4x8xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.broadcast_to %[[ARG1]] sizes [2, -1] : tensor<?xi1> to tensor<2x?xi1>
// CHECK-NEXT:    %[[V2:.*]] = fuser.broadcast_to %[[ARG2]] sizes [] : tensor<f64> to tensor<f64>
// CHECK-NEXT:    %[[V3:.*]] = fuser.broadcast_to %[[ARG2]] sizes [0] : tensor<f64> to tensor<0xf64>
// CHECK-NEXT:    return
func.func @broadcast_to(%x: tensor<1x8xf32>, %d: tensor<?xi1>, %n: tensor<f64>) {
  %0 = fuser.broadcast_to %x sizes [4, -1] : tensor<1x8xf32> to tensor<4x8xf32>
  %1 = fuser.broadcast_to %d sizes [2, -1] : tensor<?xi1> to tensor<2x?xi1>
  %2 = fuser.broadcast_to %n sizes [] : tensor<f64> to tensor<f64>
  %3 = fuser.broadcast_to %n sizes [0] : tensor<f64> to tensor<0xf64>
  return
}

// CHECK-LABEL: func.func @broadcast_like
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<4x?xf64>, %[[ARG2:[a-z0-9_]+]]: tensor<i1>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.broadcast_like %[[ARG0]], %[[ARG1]], %[[ARG2]] : tensor<?xf32>, tensor<4x?xf64>, tensor<i1> to tensor<4x?xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.broadcast_like %[[ARG0]], %[[ARG0]] : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:    return
func.func @broadcast_like(%x: tensor<?xf32>, %y: tensor<4x?xf64>,
                          %z: tensor<i1>) {
  %0 = fuser.broadcast_like %x, %y, %z
      : tensor<?xf32>, tensor<4x?xf64>, tensor<i1> to tensor<4x?xf32>
  %1 = fuser.broadcast_like %x, %x : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
  return
}

// CHECK-LABEL: func.func @transpose
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<2x?x4xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<f32>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.transpose %[[ARG0]] permutation [2, 0, 1] : tensor<2x?x4xf32> to tensor<4x2x?xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.transpose %[[ARG1]] permutation [] : tensor<f32> to tensor<f32>
// CHECK-NEXT:    return
func.func @transpose(%x: tensor<2x?x4xf32>, %n: tensor<f32>) {
  %0 = fuser.transpose %x permutation [2, 0, 1]
      : tensor<2x?x4xf32> to tensor<4x2x?xf32>
  %1 = fuser.transpose %n permutation [] : tensor<f32> to tensor<f32>
  return
}

// CHECK-LABEL: func.func @expand_dims
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<f32>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.expand_dims %[[ARG0]] dim 0 : tensor<?xf32> to tensor<1x?xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.expand_dims %[[ARG0]] dim -1 : tensor<?xf32> to tensor<?x1xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.expand_dims %[[ARG1]] dim 0 : tensor<f32> to tensor<1xf32>
// CHECK-NEXT:    return
func.func @expand_dims(%x: tensor<?xf32>, %n: tensor<f32>) {
  %0 = fuser.expand_dims %x dim 0 : tensor<?xf32> to tensor<1x?xf32>
  %1 = fuser.expand_dims %x dim -1 : tensor<?xf32> to tensor<?x1xf32>
  %2 = fuser.expand_dims %n dim 0 : tensor<f32> to tensor<1xf32>
  return
}

// CHECK-LABEL: func.func @slice
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x10xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<?xf32>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.slice %[[ARG0]] dim 1 start 2 end 8 step 2 : tensor<4x10xf32> to tensor<4x3xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.slice %[[ARG0]] dim -2 start -3 end 9223372036854775807 : tensor<4x10xf32> to tensor<3x10xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.slice %[[ARG0]] dim 0 start 3 end 3 : tensor<4x10xf32> to tensor<0x10xf32>
// CHECK-NEXT:    %[[V3:.*]] = fuser.slice %[[ARG1]] dim 0 start 1 end -1 : tensor<?xf32> to tensor<?xf32>
// CHECK-NEXT:    return
func.func @slice(%x: tensor<4x10xf32>, %d: tensor<?xf32>) {
  %0 = fuser.slice %x dim 1 start 2 end 8 step 2
      : tensor<4x10xf32> to tensor<4x3xf32>
  %1 = fuser.slice %x dim -2 start -3 end 9223372036854775807
      : tensor<4x10xf32> to tensor<3x10xf32>
  %2 = fuser.slice %x dim 0 start 3 end 3 : tensor<4x10xf32> to tensor<0x10xf32>
  %3 = fuser.slice %d dim 0 start 1 end -1 : tensor<?xf32> to tensor<?xf32>
  return
}

// Seven in three parts: three, three and one.
// CHECK-LABEL: func.func @chunk
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x7xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<?x2xf32>)
// CHECK-NEXT:    %[[V0:.*]]:3 = fuser.chunk %[[ARG0]] dim -1 : tensor<4x7xf32> to tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x1xf32>
// CHECK-NEXT:    %[[V1:.*]]:2 = fuser.chunk %[[ARG1]] dim 0 : tensor<?x2xf32> to tensor<?x2xf32>, tensor<?x2xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.chunk %[[ARG0]] dim 0 : tensor<4x7xf32> to tensor<4x7xf32>
// CHECK-NEXT:    return
func.func @chunk(%x: tensor<4x7xf32>, %d: tensor<?x2xf32>) {
  %0:3 = fuser.chunk %x dim -1
      : tensor<4x7xf32> to tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x1xf32>
  %1:2 = fuser.chunk %d dim 0
      : tensor<?x2xf32> to tensor<?x2xf32>, tensor<?x2xf32>
  %2 = fuser.chunk %x dim 0 : tensor<4x7xf32> to tensor<4x7xf32>
  return
}

// CHECK-LABEL: func.func @concat
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4x3xf32>, %[[ARG1:[a-z0-9_]+]]: tensor<4x?xf32>)
// CHECK-NEXT:    %[[V0:.*]] = fuser.concat %[[ARG0]], %[[ARG0]] dim 1 : tensor<4x3xf32>, tensor<4x3xf32> to tensor<4x6xf32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.concat %[[ARG0]], %[[ARG1]] dim -1 : tensor<4x3xf32>, tensor<4x?xf32> to tensor<4x?xf32>
// CHECK-NEXT:    %[[V2:.*]] = fuser.concat %[[ARG0]] dim 0 : tensor<4x3xf32> to tensor<4x3xf32>
// CHECK-NEXT:    return
func.func @concat(%x: tensor<4x3xf32>, %y: tensor<4x?xf32>) {
  %0 = fuser.concat %x, %x dim 1
      : tensor<4x3xf32>, tensor<4x3xf32> to tensor<4x6xf32>
  %1 = fuser.concat %x, %y dim -1
      : tensor<4x3xf32>, tensor<4x?xf32> to tensor<4x?xf32>
  %2 = fuser.concat %x dim 0 : tensor<4x3xf32> to tensor<4x3xf32>
  return
}

// CHECK-LABEL: func.func @squeeze
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<4x1x?xf32>)
// CHECK-NEXT:    fuser.squeeze %[[X]] dim 1 : tensor<4x1x?xf32> to tensor<4x?xf32>
// CHECK-NEXT:    fuser.squeeze %[[X]] dim -1 : tensor<4x1x?xf32> to tensor<4x1xf32>
func.func @squeeze(%x: tensor<4x1x?xf32>) {
  %0 = fuser.squeeze %x dim 1 : tensor<4x1x?xf32> to tensor<4x?xf32>
  %1 = fuser.squeeze %x dim -1 : tensor<4x1x?xf32> to tensor<4x1xf32>
  return
}

// CHECK-LABEL: func.func @reshape
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<?x8xf32>, %[[N:[a-z0-9_]+]]: tensor<f32>)
// CHECK-NEXT:    fuser.reshape %[[X]] sizes [4, -1] : tensor<?x8xf32> to tensor<4x?xf32>
// CHECK-NEXT:    fuser.reshape %[[X]] sizes [2, 4] : tensor<?x8xf32> to tensor<2x4xf32>
// CHECK-NEXT:    fuser.reshape %[[X]] sizes [0, 3] : tensor<?x8xf32> to tensor<0x3xf32>
// CHECK-NEXT:    fuser.reshape %[[N]] sizes [-1, 1] : tensor<f32> to tensor<1x1xf32>
// CHECK-NEXT:    fuser.reshape %[[N]] sizes [] : tensor<f32> to tensor<f32>
func.func @reshape(%x: tensor<?x8xf32>, %n: tensor<f32>) {
  %0 = fuser.reshape %x sizes [4, -1] : tensor<?x8xf32> to tensor<4x?xf32>
  %1 = fuser.reshape %x sizes [2, 4] : tensor<?x8xf32> to tensor<2x4xf32>
  %2 = fuser.reshape %x sizes [0, 3] : tensor<?x8xf32> to tensor<0x3xf32>
  %3 = fuser.reshape %n sizes [-1, 1] : tensor<f32> to tensor<1x1xf32>
  %4 = fuser.reshape %n sizes [] : tensor<f32> to tensor<f32>
  return
}

//===----------------------------------------------------------------------===//
// Indices and random numbers
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @iota
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<?x8xf32>)
// CHECK-NEXT:    fuser.iota like %[[X]] dim 1 : tensor<?x8xf32> to tensor<?x8xi64>
// CHECK-NEXT:    fuser.iota like %[[X]] : tensor<?x8xf32> to tensor<?x?xi64>
// CHECK-NEXT:    fuser.iota dim -1 : tensor<8xi64>
// CHECK-NEXT:    fuser.iota : tensor<i64>
func.func @iota(%x: tensor<?x8xf32>) {
  %0 = fuser.iota like %x dim 1 : tensor<?x8xf32> to tensor<?x8xi64>
  %1 = fuser.iota like %x : tensor<?x8xf32> to tensor<?x?xi64>
  %2 = fuser.iota dim -1 : tensor<8xi64>
  %3 = fuser.iota : tensor<i64>
  return
}

// CHECK-LABEL: func.func @random
// CHECK-SAME:      (%[[I:[a-z0-9_]+]]: tensor<?xi64>, %[[S:[a-z0-9_]+]]: tensor<i64>)
// CHECK-NEXT:    fuser.random %[[I]], %[[S]], %[[S]] : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xf32>
// CHECK-NEXT:    fuser.random %[[I]], %[[I]], %[[I]] : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xf64>
func.func @random(%i: tensor<?xi64>, %s: tensor<i64>) {
  %0 = fuser.random %i, %s, %s
      : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xf32>
  %1 = fuser.random %i, %i, %i
      : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xf64>
  return
}

// CHECK-LABEL: func.func @rand_like
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<?xi1>, %[[S:[a-z0-9_]+]]: i64)
// CHECK-NEXT:    fuser.rand_like %[[X]], %[[S]], %[[S]] : tensor<?xi1>, i64, i64 to tensor<?xf64>
func.func @rand_like(%x: tensor<?xi1>, %s: i64) {
  %0 = fuser.rand_like %x, %s, %s : tensor<?xi1>, i64, i64 to tensor<?xf64>
  return
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @group
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<4xf32>, %[[ARG1:[a-z0-9_]+]]: f64) -> (tensor<4xf32>, tensor<f32>)
// CHECK-NEXT:    %[[V0:.*]]:2 = fuser.group(%[[IN0:.*]] = %[[ARG0]] : tensor<4xf32>, %[[IN1:.*]] = %[[ARG1]] : f64) -> (tensor<4xf32>, tensor<f32>) {
// CHECK-NEXT:      %[[V1:.*]] = fuser.splat %[[IN1]] : f64 -> tensor<f32>
// CHECK-NEXT:      %[[V2:.*]] = fuser.exp %[[IN0]] : tensor<4xf32>
// CHECK-NEXT:      fuser.yield %[[V2]], %[[V1]] : tensor<4xf32>, tensor<f32>
// CHECK:         fuser.group() {
// CHECK-NEXT:      fuser.yield
// CHECK:         fuser.group() attributes {note = "kept"} {
// CHECK-NEXT:      fuser.yield
// CHECK:         return %[[V0]]#0, %[[V0]]#1 : tensor<4xf32>, tensor<f32>
func.func @group(%x: tensor<4xf32>, %s: f64) -> (tensor<4xf32>, tensor<f32>) {
  %0:2 = fuser.group(%a = %x : tensor<4xf32>, %b = %s : f64)
      -> (tensor<4xf32>, tensor<f32>) {
    %1 = fuser.splat %b : f64 -> tensor<f32>
    %2 = fuser.exp %a : tensor<4xf32>
    fuser.yield %2, %1 : tensor<4xf32>, tensor<f32>
  }
  fuser.group() {
  }
  fuser.group() attributes {note = "kept"} {
    fuser.yield
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<f32>
}

// CHECK-LABEL: func.func @nest
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: memref<?x?xf32>, %[[ARG1:[a-z0-9_]+]]: memref<?xi8>, %[[ARG2:[a-z0-9_]+]]: memref<?x?xf32>, %[[ARG3:[a-z0-9_]+]]: memref<f32>)
// CHECK-NEXT:    fuser.nest ins(%[[IN0:.*]] : tensor<f32> = %[[ARG0]] : memref<?x?xf32>, %[[IN1:.*]] : tensor<i1> = %[[ARG1]] : memref<?xi8>) outs(%[[ARG2]], %[[ARG2]] : memref<?x?xf32>, memref<?x?xf32>) {
// CHECK-NEXT:      %[[V0:.*]] = fuser.exp %[[IN0]] : tensor<f32>
// CHECK-NEXT:      fuser.yield %[[V0]], %[[IN0]] : tensor<f32>, tensor<f32>
// CHECK:         fuser.nest ins() outs(%[[ARG3]] : memref<f32>) attributes {note = "kept"} {
// CHECK-NEXT:      %[[V0]] = fuser.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT:      fuser.yield %[[V0]] : tensor<f32>
// CHECK:         return
func.func @nest(%x: memref<?x?xf32>, %row: memref<?xi8>, %y: memref<?x?xf32>,
                %z: memref<f32>) {
  fuser.nest ins(%a : tensor<f32> = %x : memref<?x?xf32>,
                 %b : tensor<i1> = %row : memref<?xi8>)
      outs(%y, %y : memref<?x?xf32>, memref<?x?xf32>) {
    %0 = fuser.exp %a : tensor<f32>
    fuser.yield %0, %a : tensor<f32>, tensor<f32>
  }
  fuser.nest ins() outs(%z : memref<f32>) attributes {note = "kept"} {
    %0 = fuser.constant dense<1.0> : tensor<f32>
    fuser.yield %0 : tensor<f32>
  }
  return
}

// Indices without memory.
// CHECK-LABEL: func.func @index_nest
// CHECK:         fuser.nest ins(%{{.*}} : tensor<i64> = %{{.*}} : memref<?xindex>) outs(%{{.*}} : memref<?xi64>)
func.func @index_nest(%i: memref<?xindex>, %y: memref<?xi64>) {
  fuser.nest ins(%a : tensor<i64> = %i : memref<?xindex>)
      outs(%y : memref<?xi64>) {
    fuser.yield %a : tensor<i64>
  }
  return
}
