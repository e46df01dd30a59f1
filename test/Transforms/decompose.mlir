// RUN: fuser-opt %s --fuser-decompose | FileCheck %s

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
func.func @gelu_tanh(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CHECK-DAG: fuser.constant dense<4.471500e-02> : tensor<f64>
  // CHECK-DAG: fuser.constant dense<0.79788456080286541> : tensor<f64>
  // CHECK-NOT: fuser.erf
  // CHECK-NOT: fuser.gelu
  // CHECK:     fuser.tanh
  %0 = fuser.gelu %x approximate tanh : tensor<4xf64>
  return %0 : tensor<4xf64>
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
