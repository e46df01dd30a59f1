// RUN: fuser-opt %s --fuser-decompose | FileCheck %s
// RUN: fuser-opt %s --fuser-decompose --cse | FileCheck %s --check-prefix=CSE

// CHECK-LABEL: func.func @relu
// CHECK-SAME:      (%[[X:.*]]: tensor<4x?xf32>)
func.func @relu(%x: tensor<4x?xf32>) -> tensor<4x?xf32> {
  // CHECK-NEXT: %[[ZERO:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-NEXT: %[[MAX:.*]] = fuser.maximum %[[X]], %[[ZERO]] : (tensor<4x?xf32>, tensor<f32>) -> tensor<4x?xf32>
  // CHECK-NEXT: return %[[MAX]]
  %0 = fuser.relu %x : tensor<4x?xf32>
  return %0 : tensor<4x?xf32>
}

// CHECK-LABEL: func.func @relu_of_bytes
func.func @relu_of_bytes(%x: tensor<ui8>) -> tensor<ui8> {
  // CHECK: fuser.constant dense<0> : tensor<ui8>
  // CHECK: fuser.maximum {{.*}} : tensor<ui8>
  %0 = fuser.relu %x : tensor<ui8>
  return %0 : tensor<ui8>
}

// CHECK-LABEL: func.func @silu
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf64>)
func.func @silu(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CHECK-DAG: %[[ONE:.*]] = fuser.constant dense<1.000000e+00> : tensor<f64>
  // CHECK-DAG: %[[NEG:.*]] = fuser.neg %[[X]]
  // CHECK-DAG: %[[EXP:.*]] = fuser.exp %[[NEG]]
  // CHECK:     %[[SUM:.*]] = fuser.add %[[EXP]], %[[ONE]]
  // CHECK:     %[[DIV:.*]] = fuser.div %[[X]], %[[SUM]]
  // CHECK:     return %[[DIV]]
  %0 = fuser.silu %x : tensor<4xf64>
  return %0 : tensor<4xf64>
}

// CHECK-LABEL: func.func @gelu
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf64>)
func.func @gelu(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CHECK-DAG: %[[ROOT:.*]] = fuser.constant dense<0.70710678118654757> : tensor<f64>
  // CHECK-DAG: %[[ONE:.*]] = fuser.constant dense<1.000000e+00> : tensor<f64>
  // CHECK-DAG: %[[HALF:.*]] = fuser.constant dense<5.000000e-01> : tensor<f64>
  // CHECK-DAG: %[[SCALED:.*]] = fuser.mul %[[X]], %[[ROOT]]
  // CHECK-DAG: %[[ERF:.*]] = fuser.erf %[[SCALED]]
  // CHECK-DAG: %[[SUM:.*]] = fuser.add %[[ERF]], %[[ONE]]
  // CHECK-DAG: %[[HALVED:.*]] = fuser.mul %[[X]], %[[HALF]]
  // CHECK:     %[[Y:.*]] = fuser.mul %[[HALVED]], %[[SUM]]
  // CHECK:     return %[[Y]]
  %0 = fuser.gelu %x : tensor<4xf64>
  return %0 : tensor<4xf64>
}

// CHECK-LABEL: func.func @gelu_tanh
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf64>)
func.func @gelu_tanh(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CHECK-DAG:  %[[C1:.*]] = fuser.constant dense<-1.5957691216057308> : tensor<f64>
  // CHECK-DAG:  %[[C3:.*]] = fuser.constant dense<-0.071354816272600249> : tensor<f64>
  // CHECK-DAG:  %[[SQUARE:.*]] = fuser.mul %[[X]], %[[X]]
  // CHECK:      %[[SLOPE:.*]] = fuser.fma %[[SQUARE]], %[[C3]], %[[C1]]
  // CHECK-NEXT: %[[ARGUMENT:.*]] = fuser.mul %[[X]], %[[SLOPE]]
  // CHECK-NEXT: %[[EXP:.*]] = fuser.exp %[[ARGUMENT]]
  // CHECK-NEXT: %[[ONE:.*]] = fuser.constant dense<1.000000e+00>
  // CHECK-NEXT: %[[SUM:.*]] = fuser.add %[[EXP]], %[[ONE]]
  // CHECK-NEXT: fuser.div %[[X]], %[[SUM]]
  // CHECK-NOT:  fuser.gelu
  %0 = fuser.gelu %x approximate tanh : tensor<4xf64>
  return %0 : tensor<4xf64>
}

// CHECK-LABEL: func.func @mish
// CHECK-SAME:      (%[[X:.*]]: tensor<?xf32>)
func.func @mish(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-NEXT: %[[EXP:.*]] = fuser.exp %[[X]] : tensor<?xf32>
  // CHECK-NEXT: %[[LOG:.*]] = fuser.log1p %[[EXP]]
  // CHECK-NEXT: %[[TANH:.*]] = fuser.tanh %[[LOG]]
  // CHECK-NEXT: %[[Y:.*]] = fuser.mul %[[X]], %[[TANH]]
  // CHECK-NEXT: return %[[Y]]
  %0 = fuser.mish %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CSE-LABEL: func.func @hardsigmoid
// CSE-SAME:      (%[[X:.*]]: tensor<4xf64>)
func.func @hardsigmoid(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CSE-DAG: %[[THREE:.*]] = fuser.constant dense<3.000000e+00> : tensor<f64>
  // CSE-DAG: %[[ZERO:.*]] = fuser.constant dense<0.000000e+00> : tensor<f64>
  // CSE-DAG: %[[SIX:.*]] = fuser.constant dense<6.000000e+00> : tensor<f64>
  // CSE:     %[[SUM:.*]] = fuser.add %[[X]], %[[THREE]]
  // CSE:     %[[STEP:.*]] = fuser.clamp %[[SUM]], %[[ZERO]], %[[SIX]] : (tensor<4xf64>, tensor<f64>, tensor<f64>) -> tensor<4xf64>
  // CSE:     %[[Y:.*]] = fuser.div %[[STEP]], %[[SIX]] : (tensor<4xf64>, tensor<f64>) -> tensor<4xf64>
  // CSE:     return %[[Y]]
  %0 = fuser.hardsigmoid %x : tensor<4xf64>
  return %0 : tensor<4xf64>
}

// The product first, then the division.
// CHECK-LABEL: func.func @hardswish
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf32>)
func.func @hardswish(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[STEP:.*]] = fuser.clamp
  // CHECK: %[[PRODUCT:.*]] = fuser.mul %[[X]], %[[STEP]]
  // CHECK: %[[Y:.*]] = fuser.div %[[PRODUCT]]
  // CHECK: return %[[Y]]
  %0 = fuser.hardswish %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @leaky_relu
// CHECK-SAME:      (%[[X:.*]]: tensor<?xf32>)
func.func @leaky_relu(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK-DAG: %[[ZERO:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[SLOPE:.*]] = fuser.constant dense<2.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[ABOVE:.*]] = fuser.compare gt, %[[X]], %[[ZERO]] : (tensor<?xf32>, tensor<f32>) -> tensor<?xi1>
  // CHECK-DAG: %[[SCALED:.*]] = fuser.mul %[[X]], %[[SLOPE]]
  // CHECK:     %[[Y:.*]] = fuser.select %[[ABOVE]], %[[X]], %[[SCALED]] : tensor<?xf32>
  // CHECK:     return %[[Y]]
  %0 = fuser.leaky_relu %x slope 0.2 : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @elu
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf32>)
func.func @elu(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: %[[ALPHA:.*]] = fuser.constant dense<2.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[SCALE:.*]] = fuser.constant dense<3.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[ZERO:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[INPUT:.*]] = fuser.constant dense<5.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[ABOVE:.*]] = fuser.compare gt, %[[X]], %[[ZERO]]
  // CHECK-DAG: %[[INNER:.*]] = fuser.mul %[[X]], %[[INPUT]]
  // CHECK-DAG: %[[EXPM1:.*]] = fuser.expm1 %[[INNER]]
  // CHECK-DAG: %[[FACTOR:.*]] = fuser.mul %[[ALPHA]], %[[SCALE]] : tensor<f32>
  // CHECK-DAG: %[[BELOW:.*]] = fuser.mul %[[EXPM1]], %[[FACTOR]]
  // CHECK-DAG: %[[LINEAR:.*]] = fuser.mul %[[X]], %[[SCALE]]
  // CHECK:     %[[Y:.*]] = fuser.select %[[ABOVE]], %[[LINEAR]], %[[BELOW]]
  // CHECK:     return %[[Y]]
  %0 = fuser.elu %x alpha 2.0 scale 3.0 input_scale 5.0 : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @softplus
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf32>)
func.func @softplus(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: %[[BETA:.*]] = fuser.constant dense<2.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[THRESHOLD:.*]] = fuser.constant dense<2.000000e+01> : tensor<f32>
  // CHECK-DAG: %[[SCALED:.*]] = fuser.mul %[[X]], %[[BETA]]
  // CHECK-DAG: %[[ABOVE:.*]] = fuser.compare gt, %[[SCALED]], %[[THRESHOLD]]
  // CHECK-DAG: %[[EXP:.*]] = fuser.exp %[[SCALED]]
  // CHECK-DAG: %[[LOG:.*]] = fuser.log1p %[[EXP]]
  // CHECK-DAG: %[[SMOOTH:.*]] = fuser.div %[[LOG]], %[[BETA]]
  // CHECK:     %[[Y:.*]] = fuser.select %[[ABOVE]], %[[X]], %[[SMOOTH]]
  // CHECK:     return %[[Y]]
  %0 = fuser.softplus %x beta 2.0 : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @hardtanh
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf32>)
func.func @hardtanh(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: %[[MIN:.*]] = fuser.constant dense<-1.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[MAX:.*]] = fuser.constant dense<6.000000e+00> : tensor<f32>
  // CHECK:     %[[Y:.*]] = fuser.clamp %[[X]], %[[MIN]], %[[MAX]]
  // CHECK:     return %[[Y]]
  %0 = fuser.hardtanh %x max 6.0 : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Not where x is above: NaN stays.
// CHECK-LABEL: func.func @threshold
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf32>)
func.func @threshold(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: %[[LIMIT:.*]] = fuser.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[VALUE:.*]] = fuser.constant dense<2.000000e+01> : tensor<f32>
  // CHECK-DAG: %[[BELOW:.*]] = fuser.compare le, %[[X]], %[[LIMIT]]
  // CHECK:     %[[Y:.*]] = fuser.select %[[BELOW]], %[[VALUE]], %[[X]] : (tensor<4xi1>, tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK:     return %[[Y]]
  %0 = fuser.threshold %x threshold 0.5 value 20.0 : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Operands may be smaller than the result, and so may be what is between.
// CHECK-LABEL: func.func @addcmul
// CHECK-SAME:      (%[[X:.*]]: tensor<?x4xf32>, %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<1xf32>, %[[VALUE:.*]]: tensor<f32>)
func.func @addcmul(%x: tensor<?x4xf32>, %a: tensor<4xf32>, %b: tensor<1xf32>,
                   %value: tensor<f32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[SCALED:.*]] = fuser.mul %[[VALUE]], %[[A]] : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: %[[Y:.*]] = fuser.fma %[[SCALED]], %[[B]], %[[X]] : (tensor<4xf32>, tensor<1xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = fuser.addcmul %x, %a, %b, %value
      : (tensor<?x4xf32>, tensor<4xf32>, tensor<1xf32>, tensor<f32>)
      -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @addcmul_of_integers
// CHECK-SAME:      (%[[X:.*]]: tensor<4xi8>, %[[VALUE:.*]]: tensor<i8>)
func.func @addcmul_of_integers(%x: tensor<4xi8>, %value: tensor<i8>) -> tensor<4xi8> {
  // CHECK-NEXT: %[[SCALED:.*]] = fuser.mul %[[VALUE]], %[[X]]
  // CHECK-NEXT: %[[PRODUCT:.*]] = fuser.mul %[[SCALED]], %[[X]]
  // CHECK-NEXT: %[[Y:.*]] = fuser.add %[[X]], %[[PRODUCT]]
  // CHECK-NEXT: return %[[Y]]
  %0 = fuser.addcmul %x, %x, %x, %value
      : (tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<i8>) -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// CHECK-LABEL: func.func @addcdiv
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf64>, %[[A:.*]]: tensor<4xf64>, %[[B:.*]]: tensor<4xf64>, %[[VALUE:.*]]: tensor<f64>)
func.func @addcdiv(%x: tensor<4xf64>, %a: tensor<4xf64>, %b: tensor<4xf64>,
                   %value: tensor<f64>) -> tensor<4xf64> {
  // CHECK-NEXT: %[[SCALED:.*]] = fuser.mul %[[VALUE]], %[[A]]
  // CHECK-NEXT: %[[QUOTIENT:.*]] = fuser.div %[[SCALED]], %[[B]]
  // CHECK-NEXT: %[[Y:.*]] = fuser.add %[[X]], %[[QUOTIENT]]
  // CHECK-NEXT: return %[[Y]]
  %0 = fuser.addcdiv %x, %a, %b, %value
      : (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<f64>)
      -> tensor<4xf64>
  return %0 : tensor<4xf64>
}

//===----------------------------------------------------------------------===//
// Halves: f32 in between, constants too, and one rounding
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @relu_of_halves
// CHECK-SAME:      (%[[X:.*]]: tensor<?xf16>)
func.func @relu_of_halves(%x: tensor<?xf16>) -> tensor<?xf16> {
  // CHECK-DAG: %[[WIDE:.*]] = fuser.cast %[[X]] : tensor<?xf16> to tensor<?xf32>
  // CHECK-DAG: %[[ZERO:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK:     %[[MAX:.*]] = fuser.maximum %[[WIDE]], %[[ZERO]]
  // CHECK:     %[[Y:.*]] = fuser.cast %[[MAX]] : tensor<?xf32> to tensor<?xf16>
  // CHECK:     return %[[Y]]
  %0 = fuser.relu %x : tensor<?xf16>
  return %0 : tensor<?xf16>
}

// CHECK-LABEL: func.func @silu_of_halves
// CHECK-SAME:      (%[[X:.*]]: tensor<4xbf16>)
func.func @silu_of_halves(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  // CHECK-NEXT: %[[WIDE:.*]] = fuser.cast %[[X]] : tensor<4xbf16> to tensor<4xf32>
  // CHECK-NOT:  bf16
  // CHECK:      %[[DIV:.*]] = fuser.div %[[WIDE]], %{{.*}} : tensor<4xf32>
  // CHECK-NEXT: %[[Y:.*]] = fuser.cast %[[DIV]] : tensor<4xf32> to tensor<4xbf16>
  // CHECK-NEXT: return %[[Y]]
  %0 = fuser.silu %x : tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// max(x, 0) - a Q(a): Q is a polynomial of a to the power 2^5, of bf16 2^6.
// CHECK-LABEL: func.func @gelu_of_f16
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf16>)
func.func @gelu_of_f16(%x: tensor<4xf16>) -> tensor<4xf16> {
  // CHECK-DAG:     %[[WIDE:.*]] = fuser.cast %[[X]] : tensor<4xf16> to tensor<4xf32>
  // CHECK-DAG:     %[[LIMIT:.*]] = fuser.constant dense<5.800000e+00> : tensor<f32>
  // CHECK-DAG:     %[[ZERO:.*]] = fuser.constant dense<0.000000e+00> : tensor<f32>
  // CHECK-DAG:     %[[ABS:.*]] = fuser.abs %[[WIDE]]
  // CHECK-DAG:     %[[INSIDE:.*]] = fuser.compare lt, %[[ABS]], %[[LIMIT]]
  // CHECK-DAG:     %[[A:.*]] = fuser.select %[[INSIDE]], %[[ABS]], %[[LIMIT]]
  // CHECK-DAG:     %[[BELOW:.*]] = fuser.compare gt, %[[ZERO]], %[[WIDE]]
  // CHECK-DAG:     %[[POSITIVE:.*]] = fuser.select %[[BELOW]], %[[ZERO]], %[[WIDE]]
  // CHECK-COUNT-6: fuser.fma %{{.*}}, %[[A]], %{{.*}} : {{.*}}tensor<4xf32>
  // CHECK-COUNT-5: fuser.mul %{{.*}} : tensor<4xf32>
  // CHECK-NOT:     fuser.mul
  // CHECK:         %[[MINUS:.*]] = fuser.neg %[[A]]
  // CHECK:         %[[Y:.*]] = fuser.fma %[[MINUS]], %{{.*}}, %[[POSITIVE]] : tensor<4xf32>
  // CHECK:         %[[ROUNDED:.*]] = fuser.cast %[[Y]] : tensor<4xf32> to tensor<4xf16>
  // CHECK:         return %[[ROUNDED]]
  %0 = fuser.gelu %x : tensor<4xf16>
  return %0 : tensor<4xf16>
}

// CHECK-LABEL: func.func @gelu_of_bf16
func.func @gelu_of_bf16(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  // CHECK:         fuser.constant dense<1.360000e+01> : tensor<f32>
  // CHECK-COUNT-9: fuser.fma
  // CHECK-COUNT-6: fuser.mul
  // CHECK-COUNT-1: fuser.fma
  // CHECK-NOT:     fuser.fma
  // CHECK:         fuser.cast %{{.*}} : tensor<4xf32> to tensor<4xbf16>
  %0 = fuser.gelu %x : tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// The slope is 0.01 as f32 has it, not as bf16 has it.
// CHECK-LABEL: func.func @leaky_relu_of_halves
func.func @leaky_relu_of_halves(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  // CHECK: fuser.cast %{{.*}} : tensor<4xbf16> to tensor<4xf32>
  // CHECK: fuser.constant dense<0.00999999977> : tensor<f32>
  // CHECK: fuser.select %{{.*}} : tensor<4xf32>
  // CHECK: fuser.cast %{{.*}} : tensor<4xf32> to tensor<4xbf16>
  %0 = fuser.leaky_relu %x : tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// One cast each in and out.
// CHECK-LABEL: func.func @others_of_halves
func.func @others_of_halves(%x: tensor<4xf16>) {
  // CHECK-COUNT-20: fuser.cast
  // CHECK-NOT:      fuser.cast
  // CHECK:          return
  %0 = fuser.mish %x : tensor<4xf16>
  %1 = fuser.hardsigmoid %x : tensor<4xf16>
  %2 = fuser.hardswish %x : tensor<4xf16>
  %3 = fuser.gelu %x : tensor<4xf16>
  %4 = fuser.gelu %x approximate tanh : tensor<4xf16>
  %5 = fuser.leaky_relu %x : tensor<4xf16>
  %6 = fuser.elu %x : tensor<4xf16>
  %7 = fuser.softplus %x : tensor<4xf16>
  %8 = fuser.hardtanh %x : tensor<4xf16>
  %9 = fuser.threshold %x threshold 1.0 value 2.0 : tensor<4xf16>
  return
}

// A factor of f32 is not rounded.
// CHECK-LABEL: func.func @addcmul_of_halves
// CHECK-SAME:      (%[[X:.*]]: tensor<4xf16>, %[[A:.*]]: tensor<f16>, %[[VALUE:.*]]: tensor<f32>)
func.func @addcmul_of_halves(%x: tensor<4xf16>, %a: tensor<f16>,
                             %value: tensor<f32>) -> tensor<4xf16> {
  // CHECK-DAG: %[[XW:.*]] = fuser.cast %[[X]] : tensor<4xf16> to tensor<4xf32>
  // CHECK-DAG: %[[AW:.*]] = fuser.cast %[[A]] : tensor<f16> to tensor<f32>
  // CHECK-DAG: %[[SCALED:.*]] = fuser.mul %[[VALUE]], %[[AW]] : tensor<f32>
  // CHECK:     %[[FMA:.*]] = fuser.fma %[[SCALED]], %{{.*}}, %[[XW]]
  // CHECK:     fuser.cast %[[FMA]] : tensor<4xf32> to tensor<4xf16>
  %0 = fuser.addcmul %x, %a, %x, %value
      : (tensor<4xf16>, tensor<f16>, tensor<4xf16>, tensor<f32>)
      -> tensor<4xf16>
  return %0 : tensor<4xf16>
}

// CHECK-LABEL: func.func @addcdiv_of_halves
// CHECK-SAME:      (%[[X:.*]]: tensor<4xbf16>)
func.func @addcdiv_of_halves(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  // CHECK: fuser.mul {{.*}} : tensor<4xf32>
  // CHECK: fuser.div {{.*}} : tensor<4xf32>
  // CHECK: %[[SUM:.*]] = fuser.add {{.*}} : tensor<4xf32>
  // CHECK: fuser.cast %[[SUM]] : tensor<4xf32> to tensor<4xbf16>
  %0 = fuser.addcdiv %x, %x, %x, %x : tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// Within groups, too.
// CHECK-LABEL: func.func @group
func.func @group(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK:      fuser.group
  // CHECK-NEXT:   fuser.constant
  // CHECK-NEXT:   fuser.maximum
  // CHECK-NEXT:   fuser.yield
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    %1 = fuser.relu %a : tensor<4xf32>
    fuser.yield %1 : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func.func @rand_like
// CHECK-SAME:      (%[[X:.*]]: tensor<?x4xi1>, %[[SEED:.*]]: i64, %[[OFFSET:.*]]: i64)
func.func @rand_like(%x: tensor<?x4xi1>, %seed: i64, %offset: i64) -> tensor<?x4xf64> {
  // CHECK-DAG: %[[I:.*]] = fuser.iota like %[[X]] : tensor<?x4xi1> to tensor<?x4xi64>
  // CHECK-DAG: %[[S:.*]] = fuser.splat %[[SEED]] : i64 -> tensor<i64>
  // CHECK-DAG: %[[O:.*]] = fuser.splat %[[OFFSET]] : i64 -> tensor<i64>
  // CHECK:     %[[R:.*]] = fuser.random %[[I]], %[[S]], %[[O]] : (tensor<?x4xi64>, tensor<i64>, tensor<i64>) -> tensor<?x4xf64>
  // CHECK:     return %[[R]]
  %0 = fuser.rand_like %x, %seed, %offset : tensor<?x4xi1>, i64, i64 to tensor<?x4xf64>
  return %0 : tensor<?x4xf64>
}
