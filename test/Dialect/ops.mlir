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
// CHECK-NEXT:    %[[V2:.*]] = fuser.sign %[[V1]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V3:.*]] = fuser.ceil %[[V2]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V4:.*]] = fuser.floor %[[V3]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V5:.*]] = fuser.round %[[V4]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V6:.*]] = fuser.trunc %[[V5]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V7:.*]] = fuser.frac %[[V6]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V8:.*]] = fuser.sqrt %[[V7]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V9:.*]] = fuser.rsqrt %[[V8]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V10:.*]] = fuser.reciprocal %[[V9]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V11:.*]] = fuser.exp %[[V10]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V12:.*]] = fuser.exp2 %[[V11]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V13:.*]] = fuser.expm1 %[[V12]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V14:.*]] = fuser.log %[[V13]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V15:.*]] = fuser.log2 %[[V14]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V16:.*]] = fuser.log10 %[[V15]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V17:.*]] = fuser.log1p %[[V16]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V18:.*]] = fuser.sin %[[V17]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V19:.*]] = fuser.cos %[[V18]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V20:.*]] = fuser.tan %[[V19]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V21:.*]] = fuser.asin %[[V20]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V22:.*]] = fuser.acos %[[V21]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V23:.*]] = fuser.atan %[[V22]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V24:.*]] = fuser.sinh %[[V23]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V25:.*]] = fuser.cosh %[[V24]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V26:.*]] = fuser.tanh %[[V25]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V27:.*]] = fuser.asinh %[[V26]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V28:.*]] = fuser.acosh %[[V27]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V29:.*]] = fuser.atanh %[[V28]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V30:.*]] = fuser.erf %[[V29]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V31:.*]] = fuser.erfc %[[V30]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V32:.*]] = fuser.lgamma %[[V31]] : tensor<4x?xf32>
// CHECK-NEXT:    %[[V33:.*]] = fuser.sigmoid %[[V32]] : tensor<4x?xf32>
// CHECK-NEXT:    return %[[V33]] : tensor<4x?xf32>
func.func @unary(%x: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %0 = fuser.neg %x : tensor<4x?xf32>
  %1 = fuser.abs %0 : tensor<4x?xf32>
  %2 = fuser.sign %1 : tensor<4x?xf32>
  %3 = fuser.ceil %2 : tensor<4x?xf32>
  %4 = fuser.floor %3 : tensor<4x?xf32>
  %5 = fuser.round %4 : tensor<4x?xf32>
  %6 = fuser.trunc %5 : tensor<4x?xf32>
  %7 = fuser.frac %6 : tensor<4x?xf32>
  %8 = fuser.sqrt %7 : tensor<4x?xf32>
  %9 = fuser.rsqrt %8 : tensor<4x?xf32>
  %10 = fuser.reciprocal %9 : tensor<4x?xf32>
  %11 = fuser.exp %10 : tensor<4x?xf32>
  %12 = fuser.exp2 %11 : tensor<4x?xf32>
  %13 = fuser.expm1 %12 : tensor<4x?xf32>
  %14 = fuser.log %13 : tensor<4x?xf32>
  %15 = fuser.log2 %14 : tensor<4x?xf32>
  %16 = fuser.log10 %15 : tensor<4x?xf32>
  %17 = fuser.log1p %16 : tensor<4x?xf32>
  %18 = fuser.sin %17 : tensor<4x?xf32>
  %19 = fuser.cos %18 : tensor<4x?xf32>
  %20 = fuser.tan %19 : tensor<4x?xf32>
  %21 = fuser.asin %20 : tensor<4x?xf32>
  %22 = fuser.acos %21 : tensor<4x?xf32>
  %23 = fuser.atan %22 : tensor<4x?xf32>
  %24 = fuser.sinh %23 : tensor<4x?xf32>
  %25 = fuser.cosh %24 : tensor<4x?xf32>
  %26 = fuser.tanh %25 : tensor<4x?xf32>
  %27 = fuser.asinh %26 : tensor<4x?xf32>
  %28 = fuser.acosh %27 : tensor<4x?xf32>
  %29 = fuser.atanh %28 : tensor<4x?xf32>
  %30 = fuser.erf %29 : tensor<4x?xf32>
  %31 = fuser.erfc %30 : tensor<4x?xf32>
  %32 = fuser.lgamma %31 : tensor<4x?xf32>
  %33 = fuser.sigmoid %32 : tensor<4x?xf32>
  return %33 : tensor<4x?xf32>
}

// CHECK-LABEL: func.func @unary_integers
// CHECK-SAME:      (%[[A:[a-z0-9_]+]]: tensor<ui8>, %[[B:[a-z0-9_]+]]: tensor<?xi8>, %[[C:[a-z0-9_]+]]: tensor<3xi16>, %[[D:[a-z0-9_]+]]: tensor<i1>)
// CHECK-NEXT:    fuser.neg %[[A]] : tensor<ui8>
// CHECK-NEXT:    fuser.abs %[[B]] : tensor<?xi8>
// CHECK-NEXT:    fuser.sign %[[C]] : tensor<3xi16>
// CHECK-NEXT:    fuser.bitwise_not %[[B]] : tensor<?xi8>
// CHECK-NEXT:    fuser.bitwise_not %[[D]] : tensor<i1>
// CHECK-NEXT:    return
func.func @unary_integers(%a: tensor<ui8>, %b: tensor<?xi8>, %c: tensor<3xi16>,
                          %d: tensor<i1>) {
  %0 = fuser.neg %a : tensor<ui8>
  %1 = fuser.abs %b : tensor<?xi8>
  %2 = fuser.sign %c : tensor<3xi16>
  %3 = fuser.bitwise_not %b : tensor<?xi8>
  %4 = fuser.bitwise_not %d : tensor<i1>
  return
}

// The type of the operand where the result's follows from it.
// CHECK-LABEL: func.func @tests
// CHECK-SAME:      (%[[A:[a-z0-9_]+]]: tensor<4x?xf16>, %[[B:[a-z0-9_]+]]: tensor<bf16>)
// CHECK-NEXT:    fuser.is_nan %[[A]] : tensor<4x?xf16>
// CHECK-NEXT:    fuser.is_inf %[[B]] : tensor<bf16>
// CHECK-NEXT:    fuser.is_finite %[[A]] : (tensor<4x?xf16>) -> tensor<?x?xi1>
// CHECK-NEXT:    return
func.func @tests(%a: tensor<4x?xf16>, %b: tensor<bf16>) {
  %0 = fuser.is_nan %a : tensor<4x?xf16>
  %1 = fuser.is_inf %b : (tensor<bf16>) -> tensor<i1>
  %2 = fuser.is_finite %a : (tensor<4x?xf16>) -> tensor<?x?xi1>
  return
}

// An op of numbers and one of any type, on every element type.
// CHECK-LABEL: func.func @types
// CHECK-NEXT:    fuser.select %{{.*}} : tensor<2xi1>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xui8>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xi8>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xi16>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xi32>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xi64>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xf16>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xbf16>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xf32>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<2xf64>
// CHECK-NEXT:    return
func.func @types(%a: tensor<2xi1>, %b: tensor<2xui8>, %c: tensor<2xi8>,
                 %d: tensor<2xi16>, %e: tensor<2xi32>, %f: tensor<2xi64>,
                 %g: tensor<2xf16>, %h: tensor<2xbf16>, %i: tensor<2xf32>,
                 %j: tensor<2xf64>) {
  %0 = fuser.select %a, %a, %a : tensor<2xi1>
  %1 = fuser.add %b, %b : tensor<2xui8>
  %2 = fuser.add %c, %c : tensor<2xi8>
  %3 = fuser.add %d, %d : tensor<2xi16>
  %4 = fuser.add %e, %e : tensor<2xi32>
  %5 = fuser.add %f, %f : tensor<2xi64>
  %6 = fuser.add %g, %g : tensor<2xf16>
  %7 = fuser.add %h, %h : tensor<2xbf16>
  %8 = fuser.add %i, %i : tensor<2xf32>
  %9 = fuser.add %j, %j : tensor<2xf64>
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

// CHECK-LABEL: func.func @division
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<?xf64>, %[[I:[a-z0-9_]+]]: tensor<?xi8>, %[[N:[a-z0-9_]+]]: tensor<i8>)
// CHECK-NEXT:    fuser.div_trunc %[[I]], %[[N]] : (tensor<?xi8>, tensor<i8>) -> tensor<?xi8>
// CHECK-NEXT:    fuser.div_floor %[[X]], %[[X]] : tensor<?xf64>
// CHECK-NEXT:    fuser.remainder %[[I]], %[[I]] : tensor<?xi8>
// CHECK-NEXT:    fuser.fmod %[[X]], %[[X]] : tensor<?xf64>
// CHECK-NEXT:    fuser.pow %[[I]], %[[N]] : (tensor<?xi8>, tensor<i8>) -> tensor<?xi8>
// CHECK-NEXT:    fuser.atan2 %[[X]], %[[X]] : tensor<?xf64>
// CHECK-NEXT:    return
func.func @division(%x: tensor<?xf64>, %i: tensor<?xi8>, %n: tensor<i8>) {
  %0 = fuser.div_trunc %i, %n : (tensor<?xi8>, tensor<i8>) -> tensor<?xi8>
  %1 = fuser.div_floor %x, %x : tensor<?xf64>
  %2 = fuser.remainder %i, %i : tensor<?xi8>
  %3 = fuser.fmod %x, %x : tensor<?xf64>
  %4 = fuser.pow %i, %n : (tensor<?xi8>, tensor<i8>) -> tensor<?xi8>
  %5 = fuser.atan2 %x, %x : tensor<?xf64>
  return
}

// CHECK-LABEL: func.func @bits
// CHECK-SAME:      (%[[B:[a-z0-9_]+]]: tensor<4xi1>, %[[U:[a-z0-9_]+]]: tensor<4xui8>, %[[I:[a-z0-9_]+]]: tensor<i16>)
// CHECK-NEXT:    fuser.bitwise_and %[[B]], %[[B]] : tensor<4xi1>
// CHECK-NEXT:    fuser.bitwise_or %[[U]], %[[U]] : tensor<4xui8>
// CHECK-NEXT:    fuser.bitwise_xor %[[I]], %[[I]] : tensor<i16>
// CHECK-NEXT:    fuser.shl %[[U]], %[[U]] : tensor<4xui8>
// CHECK-NEXT:    fuser.shr %[[I]], %[[I]] : tensor<i16>
// CHECK-NEXT:    return
func.func @bits(%b: tensor<4xi1>, %u: tensor<4xui8>, %i: tensor<i16>) {
  %0 = fuser.bitwise_and %b, %b : tensor<4xi1>
  %1 = fuser.bitwise_or %u, %u : tensor<4xui8>
  %2 = fuser.bitwise_xor %i, %i : tensor<i16>
  %3 = fuser.shl %u, %u : tensor<4xui8>
  %4 = fuser.shr %i, %i : tensor<i16>
  return
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

// CHECK-LABEL: func.func @ternary
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<2x?xbf16>, %[[N:[a-z0-9_]+]]: tensor<bf16>)
// CHECK-NEXT:    fuser.fma %[[X]], %[[X]], %[[X]] : tensor<2x?xbf16>
// CHECK-NEXT:    fuser.fma %[[N]], %[[N]], %[[X]] : (tensor<bf16>, tensor<bf16>, tensor<2x?xbf16>) -> tensor<2x?xbf16>
// CHECK-NEXT:    fuser.lerp %[[X]], %[[X]], %[[N]] : (tensor<2x?xbf16>, tensor<2x?xbf16>, tensor<bf16>) -> tensor<2x?xbf16>
// CHECK-NEXT:    fuser.lerp %[[N]], %[[N]], %[[N]] : tensor<bf16>
// CHECK-NEXT:    return
func.func @ternary(%x: tensor<2x?xbf16>, %n: tensor<bf16>) {
  %0 = fuser.fma %x, %x, %x : tensor<2x?xbf16>
  %1 = fuser.fma %n, %n, %x
      : (tensor<bf16>, tensor<bf16>, tensor<2x?xbf16>) -> tensor<2x?xbf16>
  %2 = fuser.lerp %x, %x, %n
      : (tensor<2x?xbf16>, tensor<2x?xbf16>, tensor<bf16>) -> tensor<2x?xbf16>
  %3 = fuser.lerp %n, %n, %n : tensor<bf16>
  return
}

// From and to each element type.
// CHECK-LABEL: func.func @cast
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: tensor<?xi1>) -> tensor<?xi1>
// CHECK-NEXT:    %[[V0:.*]] = fuser.cast %[[ARG0]] : tensor<?xi1> to tensor<?xui8>
// CHECK-NEXT:    %[[V1:.*]] = fuser.cast %[[V0]] : tensor<?xui8> to tensor<?xi8>
// CHECK-NEXT:    %[[V2:.*]] = fuser.cast %[[V1]] : tensor<?xi8> to tensor<?xi16>
// CHECK-NEXT:    %[[V3:.*]] = fuser.cast %[[V2]] : tensor<?xi16> to tensor<?xi32>
// CHECK-NEXT:    %[[V4:.*]] = fuser.cast %[[V3]] : tensor<?xi32> to tensor<?xi64>
// CHECK-NEXT:    %[[V5:.*]] = fuser.cast %[[V4]] : tensor<?xi64> to tensor<?xf16>
// CHECK-NEXT:    %[[V6:.*]] = fuser.cast %[[V5]] : tensor<?xf16> to tensor<?xbf16>
// CHECK-NEXT:    %[[V7:.*]] = fuser.cast %[[V6]] : tensor<?xbf16> to tensor<?xf32>
// CHECK-NEXT:    %[[V8:.*]] = fuser.cast %[[V7]] : tensor<?xf32> to tensor<?xf64>
// CHECK-NEXT:    %[[V9:.*]] = fuser.cast %[[V8]] : tensor<?xf64> to tensor<?xi1>
// CHECK-NEXT:    return %[[V9]] : tensor<?xi1>
func.func @cast(%x: tensor<?xi1>) -> tensor<?xi1> {
  %0 = fuser.cast %x : tensor<?xi1> to tensor<?xui8>
  %1 = fuser.cast %0 : tensor<?xui8> to tensor<?xi8>
  %2 = fuser.cast %1 : tensor<?xi8> to tensor<?xi16>
  %3 = fuser.cast %2 : tensor<?xi16> to tensor<?xi32>
  %4 = fuser.cast %3 : tensor<?xi32> to tensor<?xi64>
  %5 = fuser.cast %4 : tensor<?xi64> to tensor<?xf16>
  %6 = fuser.cast %5 : tensor<?xf16> to tensor<?xbf16>
  %7 = fuser.cast %6 : tensor<?xbf16> to tensor<?xf32>
  %8 = fuser.cast %7 : tensor<?xf32> to tensor<?xf64>
  %9 = fuser.cast %8 : tensor<?xf64> to tensor<?xi1>
  return %9 : tensor<?xi1>
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

// What an attribute has by default is not printed.
// CHECK-LABEL: func.func @activations
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<?xf16>)
// CHECK-NEXT:    fuser.mish %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.hardsigmoid %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.hardswish %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.leaky_relu %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.leaky_relu %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.leaky_relu %[[X]] slope 2.000000e-01 : tensor<?xf16>
// CHECK-NEXT:    fuser.elu %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.elu %[[X]] alpha 2.000000e+00 : tensor<?xf16>
// CHECK-NEXT:    fuser.elu %[[X]] alpha -1.500000e+00 scale 5.000000e-01 input_scale 0.000000e+00 : tensor<?xf16>
// CHECK-NEXT:    fuser.elu %[[X]] input_scale 3.000000e+00 : tensor<?xf16>
// CHECK-NEXT:    fuser.softplus %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.softplus %[[X]] beta 2.000000e+00 : tensor<?xf16>
// CHECK-NEXT:    fuser.softplus %[[X]] threshold 0x7FF0000000000000 : tensor<?xf16>
// CHECK-NEXT:    fuser.hardtanh %[[X]] : tensor<?xf16>
// CHECK-NEXT:    fuser.hardtanh %[[X]] max 6.000000e+00 : tensor<?xf16>
// CHECK-NEXT:    fuser.hardtanh %[[X]] min 0.000000e+00 : tensor<?xf16>
// CHECK-NEXT:    fuser.threshold %[[X]] threshold 1.000000e-01 value 2.000000e+01 : tensor<?xf16>
// CHECK-NEXT:    return
func.func @activations(%x: tensor<?xf16>) {
  %0 = fuser.mish %x : tensor<?xf16>
  %1 = fuser.hardsigmoid %x : tensor<?xf16>
  %2 = fuser.hardswish %x : tensor<?xf16>
  %3 = fuser.leaky_relu %x : tensor<?xf16>
  %4 = fuser.leaky_relu %x slope 0.01 : tensor<?xf16>
  %5 = fuser.leaky_relu %x slope 0.2 : tensor<?xf16>
  %6 = fuser.elu %x alpha 1.0 scale 1.0 input_scale 1.0 : tensor<?xf16>
  %7 = fuser.elu %x alpha 2.0 : tensor<?xf16>
  %8 = fuser.elu %x alpha -1.5 scale 0.5 input_scale 0.0 : tensor<?xf16>
  %9 = fuser.elu %x input_scale 3.0 : tensor<?xf16>
  %10 = fuser.softplus %x : tensor<?xf16>
  %11 = fuser.softplus %x beta 2.0 threshold 20.0 : tensor<?xf16>
  %12 = fuser.softplus %x threshold 0x7FF0000000000000 : tensor<?xf16>
  %13 = fuser.hardtanh %x min -1.0 max 1.0 : tensor<?xf16>
  %14 = fuser.hardtanh %x max 6.0 : tensor<?xf16>
  %15 = fuser.hardtanh %x min 0.0 : tensor<?xf16>
  %16 = fuser.threshold %x threshold 0.1 value 20.0 : tensor<?xf16>
  return
}

// The factor is f32 or has x's type.
// CHECK-LABEL: func.func @addc
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<?x4xbf16>, %[[A:[a-z0-9_]+]]: tensor<4xbf16>, %[[V:[a-z0-9_]+]]: tensor<f32>, %[[I:[a-z0-9_]+]]: tensor<i8>)
// CHECK-NEXT:    fuser.addcmul %[[X]], %[[A]], %[[X]], %[[V]] : (tensor<?x4xbf16>, tensor<4xbf16>, tensor<?x4xbf16>, tensor<f32>) -> tensor<?x4xbf16>
// CHECK-NEXT:    fuser.addcmul %[[I]], %[[I]], %[[I]], %[[I]] : tensor<i8>
// CHECK-NEXT:    fuser.addcdiv %[[X]], %[[X]], %[[X]], %[[X]] : tensor<?x4xbf16>
// CHECK-NEXT:    fuser.addcdiv %[[V]], %[[V]], %[[V]], %[[V]] : tensor<f32>
// CHECK-NEXT:    return
func.func @addc(%x: tensor<?x4xbf16>, %a: tensor<4xbf16>, %v: tensor<f32>,
                %i: tensor<i8>) {
  %0 = fuser.addcmul %x, %a, %x, %v
      : (tensor<?x4xbf16>, tensor<4xbf16>, tensor<?x4xbf16>, tensor<f32>)
      -> tensor<?x4xbf16>
  %1 = fuser.addcmul %i, %i, %i, %i : tensor<i8>
  %2 = fuser.addcdiv %x, %x, %x, %x : tensor<?x4xbf16>
  %3 = fuser.addcdiv %v, %v, %v, %v : tensor<f32>
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
// CHECK-NEXT:    %[[V7:.*]] = fuser.constant dense<-128> : tensor<i8>
// CHECK-NEXT:    %[[V8:.*]] = fuser.constant dense<32767> : tensor<i16>
// CHECK-NEXT:    %[[V9:.*]] = fuser.constant dense<6.550400e+04> : tensor<f16>
// CHECK-NEXT:    %[[V10:.*]] = fuser.constant dense<0x7F80> : tensor<bf16>
// CHECK-NEXT:    return
func.func @constants() {
  %0 = fuser.constant dense<true> : tensor<i1>
  %1 = fuser.constant dense<255> : tensor<ui8>
  %2 = fuser.constant dense<-7> : tensor<2x3xi32>
  %3 = fuser.constant dense<[1, 2]> : tensor<2xi64>
  %4 = fuser.constant dense<-0.0> : tensor<f32>
  %5 = fuser.constant dense<0x7FF0000000000000> : tensor<f64>
  %6 = fuser.constant dense<> : tensor<0x4xf32>
  %7 = fuser.constant dense<-128> : tensor<i8>
  %8 = fuser.constant dense<32767> : tensor<i16>
  %9 = fuser.constant dense<65504.0> : tensor<f16>
  %10 = fuser.constant dense<0x7F80> : tensor<bf16>
  return
}

// CHECK-LABEL: func.func @splat
// CHECK-SAME:      (%[[ARG0:[a-z0-9_]+]]: f64, %[[ARG1:[a-z0-9_]+]]: i64, %[[ARG2:[a-z0-9_]+]]: i1)
// CHECK-NEXT:    %[[V0:.*]] = fuser.splat %[[ARG0]] : f64 -> tensor<f32>
// CHECK-NEXT:    %[[V1:.*]] = fuser.splat %[[ARG1]] : i64 -> tensor<2x3xui8>
// CHECK-NEXT:    %[[V2:.*]] = fuser.splat %[[ARG2]] : i1 -> tensor<0xi1>
// CHECK-NEXT:    %[[V3:.*]] = fuser.splat %[[ARG0]] : f64 -> tensor<2xbf16>
// CHECK-NEXT:    return
func.func @splat(%a: f64, %b: i64, %c: i1) {
  %0 = fuser.splat %a : f64 -> tensor<f32>
  %1 = fuser.splat %b : i64 -> tensor<2x3xui8>
  %2 = fuser.splat %c : i1 -> tensor<0xi1>
  %3 = fuser.splat %a : f64 -> tensor<2xbf16>
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

// CHECK-LABEL: func.func @part_like
// CHECK-SAME:      (%[[X:[a-z0-9_]+]]: tensor<8x?xf32>, %[[A:[a-z0-9_]+]]: tensor<3x?xi1>, %[[B:[a-z0-9_]+]]: tensor<5x?xi1>, %[[C:[a-z0-9_]+]]: tensor<?x?xf64>)
// CHECK-NEXT:    %[[V0:.*]]:2 = fuser.part_like %[[X]] of %[[A]], %[[B]] dim -2 counts [2] dims [-2] : tensor<8x?xf32>, tensor<3x?xi1>, tensor<5x?xi1> to tensor<3x?xf32>, tensor<5x?xf32>
// CHECK-NEXT:    %[[V1:.*]]:3 = fuser.part_like %[[V0]]#1 of %[[C]], %[[C]], %[[C]], %[[A]], %[[B]] dim -2 counts [3, 2] dims [-1, -2] own [1] exact : tensor<5x?xf32>, tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>, tensor<3x?xi1>, tensor<5x?xi1> to tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
// CHECK-NEXT:    return
func.func @part_like(%x: tensor<8x?xf32>, %a: tensor<3x?xi1>,
                     %b: tensor<5x?xi1>, %c: tensor<?x?xf64>) {
  %0:2 = fuser.part_like %x of %a, %b dim -2 counts [2] dims [-2]
      : tensor<8x?xf32>, tensor<3x?xi1>, tensor<5x?xi1>
      to tensor<3x?xf32>, tensor<5x?xf32>
  %1:3 = fuser.part_like %0#1 of %c, %c, %c, %a, %b dim -2
      counts [3, 2] dims [-1, -2] own [1] exact
      : tensor<5x?xf32>, tensor<?x?xf64>, tensor<?x?xf64>, tensor<?x?xf64>,
        tensor<3x?xi1>, tensor<5x?xi1>
      to tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
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
// CHECK-NEXT:    fuser.random %[[I]], %[[S]], %[[I]] : (tensor<?xi64>, tensor<i64>, tensor<?xi64>) -> tensor<?xbf16>
func.func @random(%i: tensor<?xi64>, %s: tensor<i64>) {
  %0 = fuser.random %i, %s, %s
      : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xf32>
  %1 = fuser.random %i, %i, %i
      : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xf64>
  %2 = fuser.random %i, %s, %i
      : (tensor<?xi64>, tensor<i64>, tensor<?xi64>) -> tensor<?xbf16>
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
