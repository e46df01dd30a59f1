// Folds change no bit: constants are folded by the interpreter's functions,
// identities hold for every value of their type.

// RUN: fuser-opt %s --canonicalize --cse | FileCheck %s

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @floats
func.func @floats() -> (tensor<f32>, tensor<2xf64>, tensor<f32>) {
  // CHECK-DAG: %[[SUM:.*]] = fuser.constant dense<3.500000e+00> : tensor<f32>
  // CHECK-DAG: %[[QUOTIENT:.*]] = fuser.constant dense<-2.500000e-01> : tensor<2xf64>
  // CHECK-DAG: %[[ROOT:.*]] = fuser.constant dense<3.000000e+00> : tensor<f32>
  // CHECK: return %[[SUM]], %[[QUOTIENT]], %[[ROOT]]
  %a = fuser.constant dense<1.5> : tensor<f32>
  %b = fuser.constant dense<2.0> : tensor<f32>
  %sum = fuser.add %a, %b : tensor<f32>
  %c = fuser.constant dense<1.0> : tensor<2xf64>
  %d = fuser.constant dense<-4.0> : tensor<f64>
  %quotient = fuser.div %c, %d
      : (tensor<2xf64>, tensor<f64>) -> tensor<2xf64>
  %e = fuser.constant dense<9.0> : tensor<f32>
  %root = fuser.sqrt %e : tensor<f32>
  return %sum, %quotient, %root : tensor<f32>, tensor<2xf64>, tensor<f32>
}

// A double's sum is not a float's.
// CHECK-LABEL: func.func @widths
func.func @widths() -> (tensor<f32>, tensor<f64>) {
  // CHECK-DAG: %[[F32:.*]] = fuser.constant dense<0x4B800000> : tensor<f32>
  // CHECK-DAG: %[[F64:.*]] = fuser.constant dense<0x4170000010000000> : tensor<f64>
  // CHECK: return
  %a = fuser.constant dense<16777216.0> : tensor<f32>
  %b = fuser.constant dense<1.0> : tensor<f32>
  %c = fuser.constant dense<16777216.0> : tensor<f64>
  %d = fuser.constant dense<1.0> : tensor<f64>
  %0 = fuser.add %a, %b : tensor<f32>
  %1 = fuser.add %c, %d : tensor<f64>
  return %0, %1 : tensor<f32>, tensor<f64>
}

// CHECK-LABEL: func.func @integers_wrap
func.func @integers_wrap() -> (tensor<ui8>, tensor<i32>, tensor<i64>, tensor<ui8>) {
  // CHECK-DAG: %[[U8:.*]] = fuser.constant dense<44> : tensor<ui8>
  // CHECK-DAG: %[[I32:.*]] = fuser.constant dense<-2147483648> : tensor<i32>
  // CHECK-DAG: %[[I64:.*]] = fuser.constant dense<-9223372036854775808> : tensor<i64>
  // CHECK-DAG: %[[NEG:.*]] = fuser.constant dense<56> : tensor<ui8>
  // CHECK: return %[[U8]], %[[I32]], %[[I64]], %[[NEG]]
  %a = fuser.constant dense<200> : tensor<ui8>
  %b = fuser.constant dense<100> : tensor<ui8>
  %0 = fuser.add %a, %b : tensor<ui8>
  %c = fuser.constant dense<2147483647> : tensor<i32>
  %one = fuser.constant dense<1> : tensor<i32>
  %1 = fuser.add %c, %one : tensor<i32>
  %least = fuser.constant dense<-9223372036854775808> : tensor<i64>
  %2 = fuser.abs %least : tensor<i64>
  %3 = fuser.neg %a : tensor<ui8>
  return %0, %1, %2, %3 : tensor<ui8>, tensor<i32>, tensor<i64>, tensor<ui8>
}

// Bytes compare unsigned; `i1` has false below true.
// CHECK-LABEL: func.func @order
func.func @order() -> (tensor<i1>, tensor<i1>, tensor<ui8>) {
  // CHECK-DAG: %[[TRUE:.*]] = fuser.constant dense<true> : tensor<i1>
  // CHECK-DAG: %[[U8:.*]] = fuser.constant dense<200> : tensor<ui8>
  // CHECK: return %[[TRUE]], %[[TRUE]], %[[U8]]
  %a = fuser.constant dense<200> : tensor<ui8>
  %b = fuser.constant dense<100> : tensor<ui8>
  %true = fuser.constant dense<true> : tensor<i1>
  %false = fuser.constant dense<false> : tensor<i1>
  %0 = fuser.compare gt, %a, %b : tensor<ui8>
  %1 = fuser.compare lt, %false, %true : tensor<i1>
  %2 = fuser.maximum %a, %b : tensor<ui8>
  return %0, %1, %2 : tensor<i1>, tensor<i1>, tensor<ui8>
}

// CHECK-LABEL: func.func @nan_compares
func.func @nan_compares()
    -> (tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>) {
  // CHECK-DAG: %[[TRUE:.*]] = fuser.constant dense<true> : tensor<i1>
  // CHECK-DAG: %[[FALSE:.*]] = fuser.constant dense<false> : tensor<i1>
  // CHECK: return %[[FALSE]], %[[TRUE]], %[[FALSE]], %[[FALSE]]
  %nan = fuser.constant dense<0x7FC00000> : tensor<f32>
  %0 = fuser.compare eq, %nan, %nan : tensor<f32>
  %1 = fuser.compare ne, %nan, %nan : tensor<f32>
  %2 = fuser.compare le, %nan, %nan : tensor<f32>
  %3 = fuser.compare ge, %nan, %nan : tensor<f32>
  return %0, %1, %2, %3 : tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>
}

// CHECK-LABEL: func.func @signed_zeros
func.func @signed_zeros() -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  // CHECK-DAG: %[[MINUS:.*]] = fuser.constant dense<-0.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[PLUS:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK: return %[[MINUS]], %[[PLUS]], %[[PLUS]]
  %plus = fuser.constant dense<0.0> : tensor<f32>
  %minus = fuser.constant dense<-0.0> : tensor<f32>
  %0 = fuser.minimum %plus, %minus : tensor<f32>
  %1 = fuser.maximum %minus, %plus : tensor<f32>
  %2 = fuser.add %minus, %plus : tensor<f32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// Float to integer truncates, saturates, and gives 0 for NaN.
// CHECK-LABEL: func.func @casts
func.func @casts() -> (tensor<i32>, tensor<ui8>, tensor<i64>, tensor<i32>,
                       tensor<i1>, tensor<ui8>, tensor<f32>) {
  // CHECK-DAG: %[[TRUNCATED:.*]] = fuser.constant dense<-2> : tensor<i32>
  // CHECK-DAG: %[[LOW:.*]] = fuser.constant dense<0> : tensor<ui8>
  // CHECK-DAG: %[[HIGH:.*]] = fuser.constant dense<9223372036854775807> : tensor<i64>
  // CHECK-DAG: %[[ZERO:.*]] = fuser.constant dense<0> : tensor<i32>
  // CHECK-DAG: %[[TRUE:.*]] = fuser.constant dense<true> : tensor<i1>
  // CHECK-DAG: %[[NARROW:.*]] = fuser.constant dense<44> : tensor<ui8>
  // CHECK-DAG: %[[EVEN:.*]] = fuser.constant dense<0x4B800000> : tensor<f32>
  // CHECK: return %[[TRUNCATED]], %[[LOW]], %[[HIGH]], %[[ZERO]], %[[TRUE]], %[[NARROW]], %[[EVEN]]
  %a = fuser.constant dense<-2.75> : tensor<f32>
  %0 = fuser.cast %a : tensor<f32> to tensor<i32>
  %1 = fuser.cast %a : tensor<f32> to tensor<ui8>
  %huge = fuser.constant dense<1.0e300> : tensor<f64>
  %2 = fuser.cast %huge : tensor<f64> to tensor<i64>
  %nan = fuser.constant dense<0x7FC00000> : tensor<f32>
  %3 = fuser.cast %nan : tensor<f32> to tensor<i32>
  %4 = fuser.cast %nan : tensor<f32> to tensor<i1>
  %wide = fuser.constant dense<300> : tensor<i32>
  %5 = fuser.cast %wide : tensor<i32> to tensor<ui8>
  %odd = fuser.constant dense<16777217> : tensor<i32>
  %6 = fuser.cast %odd : tensor<i32> to tensor<f32>
  return %0, %1, %2, %3, %4, %5, %6
      : tensor<i32>, tensor<ui8>, tensor<i64>, tensor<i32>, tensor<i1>,
        tensor<ui8>, tensor<f32>
}

// A number is folded as often as its shape says.
// CHECK-LABEL: func.func @broadcast_and_select
func.func @broadcast_and_select() -> (tensor<2x3xi64>, tensor<4xf32>, tensor<i32>) {
  // CHECK-DAG: %[[PRODUCT:.*]] = fuser.constant dense<6> : tensor<2x3xi64>
  // CHECK-DAG: %[[CHOSEN:.*]] = fuser.constant dense<2.000000e+00> : tensor<4xf32>
  // CHECK-DAG: %[[CLAMPED:.*]] = fuser.constant dense<3> : tensor<i32>
  // CHECK: return %[[PRODUCT]], %[[CHOSEN]], %[[CLAMPED]]
  %a = fuser.constant dense<2> : tensor<2x1xi64>
  %b = fuser.constant dense<3> : tensor<3xi64>
  %0 = fuser.mul %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %false = fuser.constant dense<false> : tensor<4xi1>
  %x = fuser.constant dense<1.0> : tensor<f32>
  %y = fuser.constant dense<2.0> : tensor<f32>
  %1 = fuser.select %false, %x, %y
      : (tensor<4xi1>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  %low = fuser.constant dense<5> : tensor<i32>
  %high = fuser.constant dense<3> : tensor<i32>
  %2 = fuser.clamp %low, %low, %high : tensor<i32>
  return %0, %1, %2 : tensor<2x3xi64>, tensor<4xf32>, tensor<i32>
}

// Every family of ops on floats: 2^-1074 is the least subnormal.
// CHECK-LABEL: func.func @functions
func.func @functions() -> (tensor<f32>, tensor<f64>, tensor<f32>, tensor<f64>,
                           tensor<f32>, tensor<f64>) {
  // CHECK-DAG: %[[SIGN:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[EVEN:.*]] = fuser.constant dense<2.000000e+00> : tensor<f64>
  // CHECK-DAG: %[[ONE:.*]] = fuser.constant dense<1.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[LEAST:.*]] = fuser.constant dense<4.940660e-324> : tensor<f64>
  // CHECK-DAG: %[[FMA:.*]] = fuser.constant dense<1.42108547E-14> : tensor<f32>
  // CHECK-DAG: %[[REST:.*]] = fuser.constant dense<-1.500000e+00> : tensor<f64>
  // CHECK: return %[[SIGN]], %[[EVEN]], %[[ONE]], %[[LEAST]], %[[FMA]], %[[REST]]
  %nan = fuser.constant dense<0x7FC00000> : tensor<f32>
  %0 = fuser.sign %nan : tensor<f32>
  %half = fuser.constant dense<2.5> : tensor<f64>
  %1 = fuser.round %half : tensor<f64>
  %zero = fuser.constant dense<0.0> : tensor<f32>
  %2 = fuser.pow %nan, %zero : tensor<f32>
  %low = fuser.constant dense<-1074.0> : tensor<f64>
  %3 = fuser.exp2 %low : tensor<f64>
  // (1 + 2^-23)^2 - (1 + 2^-22) is 2^-46, which a rounded product loses.
  %x = fuser.constant dense<0x3F800001> : tensor<f32>
  %y = fuser.constant dense<0xBF800002> : tensor<f32>
  %4 = fuser.fma %x, %x, %y : tensor<f32>
  %a = fuser.constant dense<5.5> : tensor<f64>
  %b = fuser.constant dense<-3.5> : tensor<f64>
  %5 = fuser.remainder %a, %b : tensor<f64>
  return %0, %1, %2, %3, %4, %5 : tensor<f32>, tensor<f64>, tensor<f32>,
      tensor<f64>, tensor<f32>, tensor<f64>
}

// CHECK-LABEL: func.func @tests
func.func @tests() -> (tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>) {
  // CHECK-DAG: %[[TRUE:.*]] = fuser.constant dense<true> : tensor<i1>
  // CHECK-DAG: %[[FALSE:.*]] = fuser.constant dense<false> : tensor<i1>
  // CHECK: return %[[TRUE]], %[[FALSE]], %[[TRUE]], %[[FALSE]]
  %nan = fuser.constant dense<0x7E00> : tensor<f16>
  %inf = fuser.constant dense<0xFF80> : tensor<bf16>
  %0 = fuser.is_nan %nan : tensor<f16>
  %1 = fuser.is_inf %nan : tensor<f16>
  %2 = fuser.is_inf %inf : tensor<bf16>
  %3 = fuser.is_finite %inf : tensor<bf16>
  return %0, %1, %2, %3 : tensor<i1>, tensor<i1>, tensor<i1>, tensor<i1>
}

// Halves are computed as f32 and rounded once, to the even one of two.
// CHECK-LABEL: func.func @halves
func.func @halves() -> (tensor<f16>, tensor<bf16>, tensor<f16>, tensor<f16>,
                        tensor<bf16>, tensor<f16>) {
  // CHECK-DAG: %[[SUM:.*]] = fuser.constant dense<2.048000e+03> : tensor<f16>
  // CHECK-DAG: %[[BSUM:.*]] = fuser.constant dense<2.560000e+02> : tensor<bf16>
  // CHECK-DAG: %[[INF:.*]] = fuser.constant dense<0x7C00> : tensor<f16>
  // CHECK-DAG: %[[LEAST:.*]] = fuser.constant dense<5.960460e-08> : tensor<f16>
  // CHECK-DAG: %[[THIRD:.*]] = fuser.constant dense<3.339840e-01> : tensor<bf16>
  // CHECK-DAG: %[[FMA:.*]] = fuser.constant dense<9.536740e-07> : tensor<f16>
  // CHECK: return %[[SUM]], %[[BSUM]], %[[INF]], %[[LEAST]], %[[THIRD]], %[[FMA]]
  %a = fuser.constant dense<2048.0> : tensor<f16>
  %one = fuser.constant dense<1.0> : tensor<f16>
  %0 = fuser.add %a, %one : tensor<f16>
  %b = fuser.constant dense<256.0> : tensor<bf16>
  %bone = fuser.constant dense<1.0> : tensor<bf16>
  %1 = fuser.add %b, %bone : tensor<bf16>
  %max = fuser.constant dense<65504.0> : tensor<f16>
  %2 = fuser.add %max, %max : tensor<f16>
  // 2^-24, the least f16.
  %c = fuser.constant dense<-24.0> : tensor<f16>
  %3 = fuser.exp2 %c : tensor<f16>
  %three = fuser.constant dense<3.0> : tensor<bf16>
  %4 = fuser.reciprocal %three : tensor<bf16>
  // (1 + 2^-10)^2 - (1 + 2^-9) is 2^-20, which a rounded square loses.
  %d = fuser.constant dense<0x3C01> : tensor<f16>
  %e = fuser.constant dense<0xBC02> : tensor<f16>
  %5 = fuser.fma %d, %d, %e : tensor<f16>
  return %0, %1, %2, %3, %4, %5 : tensor<f16>, tensor<bf16>, tensor<f16>,
      tensor<f16>, tensor<bf16>, tensor<f16>
}

// CHECK-LABEL: func.func @small_integers
func.func @small_integers() -> (tensor<i8>, tensor<i8>, tensor<i16>, tensor<i8>,
                                tensor<i8>) {
  // CHECK-DAG: %[[SUM:.*]] = fuser.constant dense<-56> : tensor<i8>
  // CHECK-DAG: %[[LEAST:.*]] = fuser.constant dense<-128> : tensor<i8>
  // CHECK-DAG: %[[PRODUCT:.*]] = fuser.constant dense<-7680> : tensor<i16>
  // CHECK-DAG: %[[POWER:.*]] = fuser.constant dense<-13> : tensor<i8>
  // CHECK: return %[[SUM]], %[[LEAST]], %[[PRODUCT]], %[[POWER]], %[[LEAST]]
  %a = fuser.constant dense<100> : tensor<i8>
  %0 = fuser.add %a, %a : tensor<i8>
  %least = fuser.constant dense<-128> : tensor<i8>
  %1 = fuser.abs %least : tensor<i8>
  // 320000 is 5 * 65536 - 7680.
  %b = fuser.constant dense<-20000> : tensor<i16>
  %c = fuser.constant dense<-16> : tensor<i16>
  %2 = fuser.mul %b, %c : tensor<i16>
  // 3^5 is 243.
  %three = fuser.constant dense<3> : tensor<i8>
  %five = fuser.constant dense<5> : tensor<i8>
  %3 = fuser.pow %three, %five : tensor<i8>
  %minus = fuser.constant dense<-1> : tensor<i8>
  %4 = fuser.div_trunc %least, %minus : tensor<i8>
  return %0, %1, %2, %3, %4
      : tensor<i8>, tensor<i8>, tensor<i16>, tensor<i8>, tensor<i8>
}

// CHECK-LABEL: func.func @bits
func.func @bits() -> (tensor<ui8>, tensor<ui8>, tensor<i8>, tensor<i1>, tensor<i1>) {
  // CHECK-DAG: %[[AND:.*]] = fuser.constant dense<136> : tensor<ui8>
  // CHECK-DAG: %[[XOR:.*]] = fuser.constant dense<102> : tensor<ui8>
  // CHECK-DAG: %[[NOT:.*]] = fuser.constant dense<-6> : tensor<i8>
  // CHECK-DAG: %[[FALSE:.*]] = fuser.constant dense<false> : tensor<i1>
  // CHECK-DAG: %[[TRUE:.*]] = fuser.constant dense<true> : tensor<i1>
  // CHECK: return %[[AND]], %[[XOR]], %[[NOT]], %[[FALSE]], %[[TRUE]]
  %a = fuser.constant dense<204> : tensor<ui8>
  %b = fuser.constant dense<170> : tensor<ui8>
  %0 = fuser.bitwise_and %a, %b : tensor<ui8>
  %1 = fuser.bitwise_xor %a, %b : tensor<ui8>
  %five = fuser.constant dense<5> : tensor<i8>
  %2 = fuser.bitwise_not %five : tensor<i8>
  %true = fuser.constant dense<true> : tensor<i1>
  %3 = fuser.bitwise_not %true : tensor<i1>
  %4 = fuser.bitwise_or %true, %3 : tensor<i1>
  return %0, %1, %2, %3, %4
      : tensor<ui8>, tensor<ui8>, tensor<i8>, tensor<i1>, tensor<i1>
}

// Shifts by the width and more, and by less than 0, shift everything out.
// CHECK-LABEL: func.func @shifts
func.func @shifts() -> (tensor<i8>, tensor<i8>, tensor<i8>, tensor<i8>,
                        tensor<i8>, tensor<ui8>, tensor<ui8>) {
  // CHECK-DAG: %[[LEFT:.*]] = fuser.constant dense<-128> : tensor<i8>
  // CHECK-DAG: %[[ZERO:.*]] = fuser.constant dense<0> : tensor<i8>
  // CHECK-DAG: %[[MINUS:.*]] = fuser.constant dense<-1> : tensor<i8>
  // CHECK-DAG: %[[DOWN:.*]] = fuser.constant dense<-3> : tensor<i8>
  // CHECK-DAG: %[[ONE:.*]] = fuser.constant dense<1> : tensor<ui8>
  // CHECK-DAG: %[[UZERO:.*]] = fuser.constant dense<0> : tensor<ui8>
  // CHECK: return %[[LEFT]], %[[ZERO]], %[[ZERO]], %[[MINUS]], %[[DOWN]], %[[ONE]], %[[UZERO]]
  %x = fuser.constant dense<-5> : tensor<i8>
  %seven = fuser.constant dense<7> : tensor<i8>
  %eight = fuser.constant dense<8> : tensor<i8>
  %below = fuser.constant dense<-1> : tensor<i8>
  %one = fuser.constant dense<1> : tensor<i8>
  %0 = fuser.shl %x, %seven : tensor<i8>
  %1 = fuser.shl %x, %eight : tensor<i8>
  %2 = fuser.shl %x, %below : tensor<i8>
  %3 = fuser.shr %x, %eight : tensor<i8>
  %4 = fuser.shr %x, %one : tensor<i8>
  %u = fuser.constant dense<251> : tensor<ui8>
  %useven = fuser.constant dense<7> : tensor<ui8>
  %umany = fuser.constant dense<255> : tensor<ui8>
  %5 = fuser.shr %u, %useven : tensor<ui8>
  %6 = fuser.shr %u, %umany : tensor<ui8>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<i8>, tensor<i8>, tensor<i8>,
      tensor<i8>, tensor<i8>, tensor<ui8>, tensor<ui8>
}

// CHECK-LABEL: func.func @divisions
func.func @divisions() -> (tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>,
                           tensor<ui8>) {
  // CHECK-DAG: %[[TRUNC:.*]] = fuser.constant dense<-2> : tensor<i32>
  // CHECK-DAG: %[[FLOOR:.*]] = fuser.constant dense<-3> : tensor<i32>
  // CHECK-DAG: %[[FMOD:.*]] = fuser.constant dense<-1> : tensor<i32>
  // CHECK-DAG: %[[REMAINDER:.*]] = fuser.constant dense<2> : tensor<i32>
  // CHECK-DAG: %[[BYTE:.*]] = fuser.constant dense<83> : tensor<ui8>
  // CHECK: return %[[TRUNC]], %[[FLOOR]], %[[FMOD]], %[[REMAINDER]], %[[BYTE]]
  %x = fuser.constant dense<-7> : tensor<i32>
  %y = fuser.constant dense<3> : tensor<i32>
  %0 = fuser.div_trunc %x, %y : tensor<i32>
  %1 = fuser.div_floor %x, %y : tensor<i32>
  %2 = fuser.fmod %x, %y : tensor<i32>
  %3 = fuser.remainder %x, %y : tensor<i32>
  %u = fuser.constant dense<250> : tensor<ui8>
  %three = fuser.constant dense<3> : tensor<ui8>
  %4 = fuser.div_floor %u, %three : tensor<ui8>
  return %0, %1, %2, %3, %4
      : tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<ui8>
}

// An error of the call is left to the call; of floats it is none.
// CHECK-LABEL: func.func @divisions_by_zero
func.func @divisions_by_zero() -> (tensor<i8>, tensor<ui8>, tensor<i64>,
                                   tensor<i16>, tensor<f16>) {
  // CHECK-DAG: %[[INF:.*]] = fuser.constant dense<0xFC00> : tensor<f16>
  // CHECK-DAG: fuser.div_trunc {{.*}} : tensor<i8>
  // CHECK-DAG: fuser.div_floor {{.*}} : tensor<ui8>
  // CHECK-DAG: fuser.fmod {{.*}} : tensor<i64>
  // CHECK-DAG: fuser.remainder {{.*}} : tensor<i16>
  // CHECK: return {{.*}}, %[[INF]]
  %a = fuser.constant dense<0> : tensor<i8>
  %0 = fuser.div_trunc %a, %a : tensor<i8>
  %b = fuser.constant dense<0> : tensor<ui8>
  %1 = fuser.div_floor %b, %b : tensor<ui8>
  %c = fuser.constant dense<0> : tensor<i64>
  %2 = fuser.fmod %c, %c : tensor<i64>
  %d = fuser.constant dense<0> : tensor<i16>
  %3 = fuser.remainder %d, %d : tensor<i16>
  %e = fuser.constant dense<-1.0> : tensor<f16>
  %zero = fuser.constant dense<0.0> : tensor<f16>
  %4 = fuser.div_trunc %e, %zero : tensor<f16>
  return %0, %1, %2, %3, %4
      : tensor<i8>, tensor<ui8>, tensor<i64>, tensor<i16>, tensor<f16>
}

// To a half by way of f32, which here rounds to the middle of two halves: 1 +
// 2^-11 + 2^-40 is nearer to 1 + 2^-10 than to 1.
// CHECK-LABEL: func.func @casts_of_halves
func.func @casts_of_halves() -> (tensor<f16>, tensor<bf16>, tensor<f16>,
                                 tensor<i8>, tensor<i16>, tensor<i1>) {
  // CHECK-DAG: %[[ONE:.*]] = fuser.constant dense<1.000000e+00> : tensor<f16>
  // CHECK-DAG: %[[BROUNDED:.*]] = fuser.constant dense<6.553600e+04> : tensor<bf16>
  // CHECK-DAG: %[[INF:.*]] = fuser.constant dense<0x7C00> : tensor<f16>
  // CHECK-DAG: %[[MAX:.*]] = fuser.constant dense<127> : tensor<i8>
  // CHECK-DAG: %[[ZERO:.*]] = fuser.constant dense<0> : tensor<i16>
  // CHECK-DAG: %[[TRUE:.*]] = fuser.constant dense<true> : tensor<i1>
  // CHECK: return %[[ONE]], %[[BROUNDED]], %[[INF]], %[[MAX]], %[[ZERO]], %[[TRUE]]
  %a = fuser.constant dense<0x3FF0020000001000> : tensor<f64>
  %0 = fuser.cast %a : tensor<f64> to tensor<f16>
  %b = fuser.constant dense<65520> : tensor<i64>
  %1 = fuser.cast %b : tensor<i64> to tensor<bf16>
  %2 = fuser.cast %1 : tensor<bf16> to tensor<f16>
  %3 = fuser.cast %2 : tensor<f16> to tensor<i8>
  %nan = fuser.constant dense<0x7FC0> : tensor<bf16>
  %4 = fuser.cast %nan : tensor<bf16> to tensor<i16>
  %5 = fuser.cast %nan : tensor<bf16> to tensor<i1>
  return %0, %1, %2, %3, %4, %5 : tensor<f16>, tensor<bf16>, tensor<f16>,
      tensor<i8>, tensor<i16>, tensor<i1>
}

// CHECK-LABEL: func.func @different_elements
func.func @different_elements() -> tensor<2xf32> {
  // CHECK: fuser.neg
  %a = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = fuser.neg %a : tensor<2xf32>
  return %0 : tensor<2xf32>
}

//===----------------------------------------------------------------------===//
// Identities
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @identities
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[I:.*]]: tensor<4xi32>)
func.func @identities(%x: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  // CHECK-NEXT: return %[[X]], %[[I]]
  %one = fuser.constant dense<1.0> : tensor<f32>
  %zero = fuser.constant dense<0.0> : tensor<4xf32>
  %minus_zero = fuser.constant dense<-0.0> : tensor<f32>
  %0 = fuser.mul %x, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = fuser.mul %one, %0 : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = fuser.add %1, %minus_zero
      : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %3 = fuser.sub %2, %zero : tensor<4xf32>
  %4 = fuser.div %3, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %5 = fuser.minimum %4, %4 : tensor<4xf32>
  %6 = fuser.maximum %5, %5 : tensor<4xf32>
  %7 = fuser.neg %6 : tensor<4xf32>
  %8 = fuser.neg %7 : tensor<4xf32>
  %9 = fuser.cast %8 : tensor<4xf32> to tensor<4xf32>

  %one_i = fuser.constant dense<1> : tensor<i32>
  %zero_i = fuser.constant dense<0> : tensor<i32>
  %10 = fuser.add %zero_i, %i : (tensor<i32>, tensor<4xi32>) -> tensor<4xi32>
  %11 = fuser.sub %10, %zero_i : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  %12 = fuser.mul %11, %one_i : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  return %9, %12 : tensor<4xf32>, tensor<4xi32>
}

// CHECK-LABEL: func.func @identities_of_bits
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>, %[[H:.*]]: tensor<4xf16>, %[[B:.*]]: tensor<4xi1>)
func.func @identities_of_bits(%x: tensor<4xi8>, %h: tensor<4xf16>, %b: tensor<4xi1>)
    -> (tensor<4xi8>, tensor<4xf16>, tensor<4xi1>) {
  // CHECK-NEXT: return %[[X]], %[[H]], %[[B]]
  %zero = fuser.constant dense<0> : tensor<i8>
  %0 = fuser.bitwise_and %x, %x : tensor<4xi8>
  %1 = fuser.bitwise_or %0, %0 : tensor<4xi8>
  %2 = fuser.bitwise_not %1 : tensor<4xi8>
  %3 = fuser.bitwise_not %2 : tensor<4xi8>
  %4 = fuser.shl %3, %zero : (tensor<4xi8>, tensor<i8>) -> tensor<4xi8>
  %5 = fuser.shr %4, %zero : (tensor<4xi8>, tensor<i8>) -> tensor<4xi8>
  %one = fuser.constant dense<1.0> : tensor<f16>
  %minus_zero = fuser.constant dense<-0.0> : tensor<f16>
  %6 = fuser.mul %h, %one : (tensor<4xf16>, tensor<f16>) -> tensor<4xf16>
  %7 = fuser.add %6, %minus_zero : (tensor<4xf16>, tensor<f16>) -> tensor<4xf16>
  %8 = fuser.bitwise_not %b : tensor<4xi1>
  %9 = fuser.bitwise_not %8 : tensor<4xi1>
  return %5, %7, %9 : tensor<4xi8>, tensor<4xf16>, tensor<4xi1>
}

// What looks like an identity but is none for some value.
// CHECK-LABEL: func.func @no_identities
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @no_identities(%x: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xi1>) {
  %zero = fuser.constant dense<0.0> : tensor<4xf32>
  %minus_zero = fuser.constant dense<-0.0> : tensor<4xf32>
  // -0 + 0 is +0.
  // CHECK: fuser.add %[[X]]
  %0 = fuser.add %x, %zero : tensor<4xf32>
  // -0 - -0 is +0.
  // CHECK: fuser.sub %[[X]]
  %1 = fuser.sub %x, %minus_zero : tensor<4xf32>
  // 0 - 0 is not -0.
  // CHECK: fuser.sub {{.*}}, %[[X]]
  %2 = fuser.sub %zero, %x : tensor<4xf32>
  // inf * 0 is NaN.
  // CHECK: fuser.mul %[[X]]
  %3 = fuser.mul %x, %zero : tensor<4xf32>
  // NaN is not NaN.
  // CHECK: fuser.compare eq, %[[X]], %[[X]]
  %4 = fuser.compare eq, %x, %x : tensor<4xf32>
  return %0, %1, %2, %3, %4
      : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xi1>
}

// CHECK-LABEL: func.func @no_identities_of_other_ops
// CHECK-SAME: (%[[X:.*]]: tensor<4xf16>, %[[I:.*]]: tensor<4xi8>)
func.func @no_identities_of_other_ops(%x: tensor<4xf16>, %i: tensor<4xi8>)
    -> (tensor<4xf16>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xf16>,
        tensor<4xf16>, tensor<4xi8>) {
  // -0 + 0 is +0.
  // CHECK: fuser.add %[[X]]
  %zero = fuser.constant dense<0.0> : tensor<4xf16>
  %0 = fuser.add %x, %zero : tensor<4xf16>
  // Not x: 0.
  // CHECK: fuser.bitwise_xor %[[I]], %[[I]]
  %1 = fuser.bitwise_xor %i, %i : tensor<4xi8>
  // 0 << y is 0, not y.
  // CHECK: fuser.shl %{{.*}}, %[[I]]
  %none = fuser.constant dense<0> : tensor<4xi8>
  %2 = fuser.shl %none, %i : tensor<4xi8>
  // May divide by zero.
  // CHECK: fuser.div_trunc %[[I]], %[[I]]
  %3 = fuser.div_trunc %i, %i : tensor<4xi8>
  // NaN is not NaN, and -|x| is not x.
  // CHECK: fuser.abs
  // CHECK: fuser.neg
  %4 = fuser.abs %x : tensor<4xf16>
  %5 = fuser.neg %4 : tensor<4xf16>
  // What a cast loses does not come back.
  // CHECK: fuser.cast %[[I]]
  // CHECK: fuser.cast
  %6 = fuser.cast %i : tensor<4xi8> to tensor<4xi1>
  %7 = fuser.cast %6 : tensor<4xi1> to tensor<4xi8>
  return %0, %1, %2, %3, %4, %5, %7 : tensor<4xf16>, tensor<4xi8>, tensor<4xi8>,
      tensor<4xi8>, tensor<4xf16>, tensor<4xf16>, tensor<4xi8>
}

// An operand that is smaller than the result, or may be, stays.
// CHECK-LABEL: func.func @no_identities_that_broadcast
func.func @no_identities_that_broadcast(%x: tensor<1xf32>, %d: tensor<?xf32>)
    -> (tensor<4xf32>, tensor<?xf32>) {
  // CHECK: fuser.mul
  // CHECK: fuser.mul
  %one = fuser.constant dense<1.0> : tensor<4xf32>
  %0 = fuser.mul %x, %one : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = fuser.mul %d, %one : (tensor<?xf32>, tensor<4xf32>) -> tensor<?xf32>
  return %0, %1 : tensor<4xf32>, tensor<?xf32>
}

//===----------------------------------------------------------------------===//
// Index maps
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @whole
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>)
func.func @whole(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = fuser.transpose %x permutation [0, 1] : tensor<4x8xf32> to tensor<4x8xf32>
  %1 = fuser.slice %0 dim 1 start -8 end 100 : tensor<4x8xf32> to tensor<4x8xf32>
  %2 = fuser.concat %1 dim 0 : tensor<4x8xf32> to tensor<4x8xf32>
  %3 = fuser.broadcast_to %2 sizes [4, -1] : tensor<4x8xf32> to tensor<4x8xf32>
  return %3 : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @parts
func.func @parts(%x: tensor<4x4xf32>, %d: tensor<?xf32>)
    -> (tensor<4x4xf32>, tensor<?xf32>, tensor<?xf32>, tensor<4x2xf32>) {
  // CHECK: fuser.transpose
  %0 = fuser.transpose %x permutation [1, 0] : tensor<4x4xf32> to tensor<4x4xf32>
  // CHECK: fuser.slice
  %1 = fuser.slice %d dim 0 start 1 end 100 : tensor<?xf32> to tensor<?xf32>
  // CHECK: fuser.broadcast_to
  %2 = fuser.broadcast_to %d sizes [7] : tensor<?xf32> to tensor<?xf32>
  // CHECK: fuser.slice
  %3 = fuser.slice %x dim 1 start 0 end 4 step 2
      : tensor<4x4xf32> to tensor<4x2xf32>
  return %0, %1, %2, %3
      : tensor<4x4xf32>, tensor<?xf32>, tensor<?xf32>, tensor<4x2xf32>
}

//===----------------------------------------------------------------------===//
// All ops are pure
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @equal_ops
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @equal_ops(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[GELU:.*]] = fuser.gelu %[[X]]
  // CHECK-NEXT: %[[OTHER:.*]] = fuser.gelu %[[X]] approximate tanh
  // CHECK-NEXT: %[[SUM:.*]] = fuser.add %[[GELU]], %[[GELU]]
  // CHECK-NEXT: return %[[SUM]], %[[OTHER]]
  %0 = fuser.gelu %x : tensor<4xf32>
  %1 = fuser.gelu %x approximate none : tensor<4xf32>
  %2 = fuser.gelu %x approximate tanh : tensor<4xf32>
  %3 = fuser.add %0, %1 : tensor<4xf32>
  return %3, %2 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @unused
func.func @unused(%x: tensor<4xf32>) {
  // CHECK-NEXT: return
  %0 = fuser.exp %x : tensor<4xf32>
  %1:2 = fuser.chunk %0 dim 0 : tensor<4xf32> to tensor<2xf32>, tensor<2xf32>
  return
}

// Views of constants are constants.
// CHECK-LABEL: func.func @views_of_constants
// CHECK-NOT:     fuser.expand_dims
// CHECK-NOT:     fuser.broadcast_to
// CHECK-NOT:     fuser.transpose
// CHECK-NOT:     fuser.slice
// CHECK-NOT:     fuser.chunk
// CHECK:         %[[C:.*]] = fuser.constant dense<1.500000e+00> : tensor<2x2xf32>
// CHECK:         return %[[C]] : tensor<2x2xf32>
func.func @views_of_constants() -> tensor<2x2xf32> {
  %c = fuser.constant dense<1.5> : tensor<f32>
  %0 = fuser.expand_dims %c dim 0 : tensor<f32> to tensor<1xf32>
  %1 = fuser.broadcast_to %0 sizes [3, 4] : tensor<1xf32> to tensor<3x4xf32>
  %2 = fuser.transpose %1 permutation [1, 0] : tensor<3x4xf32> to tensor<4x3xf32>
  %3 = fuser.slice %2 dim 1 start 0 end 2 : tensor<4x3xf32> to tensor<4x2xf32>
  %4, %5 = fuser.chunk %3 dim 0 : tensor<4x2xf32> to tensor<2x2xf32>, tensor<2x2xf32>
  return %5 : tensor<2x2xf32>
}

// CHECK-LABEL: func.func @reshapes_of_constants
// CHECK:         %[[C:.*]] = fuser.constant dense<1.500000e+00> : tensor<2x6xf32>
// CHECK-NEXT:    return %[[C]]
func.func @reshapes_of_constants() -> tensor<2x6xf32> {
  %c = fuser.constant dense<1.5> : tensor<3x1x4xf32>
  %0 = fuser.squeeze %c dim 1 : tensor<3x1x4xf32> to tensor<3x4xf32>
  %1 = fuser.reshape %0 sizes [2, -1] : tensor<3x4xf32> to tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}

// CHECK-LABEL: func.func @no_reshape
// CHECK-SAME:      (%[[X:.*]]: tensor<2x6xf32>)
// CHECK-NEXT:    return %[[X]], %[[X]]
func.func @no_reshape(%x: tensor<2x6xf32>) -> (tensor<2x6xf32>, tensor<2x6xf32>) {
  %0 = fuser.reshape %x sizes [2, -1] : tensor<2x6xf32> to tensor<2x6xf32>
  %1 = fuser.reshape %x sizes [12] : tensor<2x6xf32> to tensor<12xf32>
  %2 = fuser.reshape %1 sizes [2, 6] : tensor<12xf32> to tensor<2x6xf32>
  return %0, %2 : tensor<2x6xf32>, tensor<2x6xf32>
}

// One reshape is enough, unless the other's failure would be lost.
// CHECK-LABEL: func.func @reshape_of_reshape
// CHECK-SAME:      (%[[X:.*]]: tensor<?x?xf32>)
// CHECK-NEXT:    %[[A:.*]] = fuser.reshape %[[X]] sizes [4, -1] : tensor<?x?xf32> to tensor<4x?xf32>
// CHECK-NEXT:    %[[B:.*]] = fuser.reshape %[[X]] sizes [2, 6] : tensor<?x?xf32> to tensor<2x6xf32>
// CHECK-NEXT:    %[[C:.*]] = fuser.reshape %[[A]] sizes [-1] : tensor<4x?xf32> to tensor<?xf32>
// CHECK-NEXT:    return %[[A]], %[[B]], %[[C]]
func.func @reshape_of_reshape(%x: tensor<?x?xf32>) -> (tensor<4x?xf32>, tensor<2x6xf32>, tensor<?xf32>) {
  %0 = fuser.reshape %x sizes [1, -1] : tensor<?x?xf32> to tensor<1x?xf32>
  %1 = fuser.reshape %0 sizes [4, -1] : tensor<1x?xf32> to tensor<4x?xf32>
  %2 = fuser.reshape %x sizes [12] : tensor<?x?xf32> to tensor<12xf32>
  %3 = fuser.reshape %2 sizes [2, -1] : tensor<12xf32> to tensor<2x6xf32>
  %4 = fuser.reshape %1 sizes [-1] : tensor<4x?xf32> to tensor<?xf32>
  return %1, %3, %4 : tensor<4x?xf32>, tensor<2x6xf32>, tensor<?xf32>
}

// CHECK-LABEL: func.func @squeeze_of_expand_dims
// CHECK-SAME:      (%[[X:.*]]: tensor<?x4xf32>)
// CHECK-NEXT:    return %[[X]]
func.func @squeeze_of_expand_dims(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = fuser.expand_dims %x dim -2 : tensor<?x4xf32> to tensor<?x1x4xf32>
  %1 = fuser.squeeze %0 dim 1 : tensor<?x1x4xf32> to tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// Chunks of a concat are its parts if the sizes are those.
// CHECK-LABEL: func.func @chunk_of_concat
// CHECK-SAME:      (%[[A:[a-z0-9]+]]: tensor<2x3xf32>, %[[B:[a-z0-9]+]]: tensor<2x3xf32>, %[[C:[a-z0-9]+]]: tensor<2x2xf32>
// CHECK:         %[[CUT:.*]]:2 = fuser.chunk
// CHECK:         %[[OPEN:.*]]:2 = fuser.chunk
// CHECK:         return %[[A]], %[[C]], %[[CUT]]#0, %[[OPEN]]#0
func.func @chunk_of_concat(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>, %c: tensor<2x2xf32>, %d: tensor<?x3xf32>)
    -> (tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x3xf32>, tensor<?x3xf32>) {
  %0 = fuser.concat %a, %b dim 1 : tensor<2x3xf32>, tensor<2x3xf32> to tensor<2x6xf32>
  %1, %2 = fuser.chunk %0 dim -1 : tensor<2x6xf32> to tensor<2x3xf32>, tensor<2x3xf32>
  %3 = fuser.concat %a, %c dim 1 : tensor<2x3xf32>, tensor<2x2xf32> to tensor<2x5xf32>
  %4, %5 = fuser.chunk %3 dim 1 : tensor<2x5xf32> to tensor<2x3xf32>, tensor<2x2xf32>
  %6 = fuser.concat %c, %a dim 1 : tensor<2x2xf32>, tensor<2x3xf32> to tensor<2x5xf32>
  %7, %8 = fuser.chunk %6 dim 1 : tensor<2x5xf32> to tensor<2x3xf32>, tensor<2x2xf32>
  %9 = fuser.concat %d, %d dim 1 : tensor<?x3xf32>, tensor<?x3xf32> to tensor<?x6xf32>
  %10, %11 = fuser.chunk %9 dim 1 : tensor<?x6xf32> to tensor<?x3xf32>, tensor<?x3xf32>
  return %1, %5, %7, %10
      : tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x3xf32>, tensor<?x3xf32>
}

// A size that is there is not asked for; others are.
// CHECK-LABEL: func.func @broadcast_to_sizes
// CHECK-NEXT:    fuser.broadcast_to %{{.*}} sizes [4, 5, -1, 7]
func.func @broadcast_to_sizes(%x: tensor<1x6x?xf32>) -> tensor<4x5x6x7xf32> {
  %0 = fuser.broadcast_to %x sizes [4, 5, 6, 7] : tensor<1x6x?xf32> to tensor<4x5x6x7xf32>
  return %0 : tensor<4x5x6x7xf32>
}
