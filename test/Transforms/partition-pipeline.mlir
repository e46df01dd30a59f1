// RUN: fuser-opt %examples/lstm_cell.mlir --fuser-partition-pipeline | FileCheck %s --check-prefix=LSTM
// RUN: fuser-opt %examples/digits.mlir --fuser-partition-pipeline | FileCheck %s --check-prefix=DIGITS
// RUN: fuser-opt %s --fuser-partition-pipeline | FileCheck %s
// RUN: fuser-opt %s --fuser-partition-pipeline=max-ops=1 | FileCheck %s --check-prefix=LIMIT
// RUN: fuser-opt %s --fuser-partition-pipeline=fast=true | FileCheck %s --check-prefix=FAST

// Two results of one group; the chunks are views of the inputs.
// LSTM:     %[[GROUP:.*]]:2 = fuser.group(
// LSTM-DAG:   %[[WX:.*]]:4 = fuser.chunk
// LSTM-DAG:   %[[BW:.*]]:4 = fuser.chunk
// LSTM-DAG:   %[[UH:.*]]:4 = fuser.chunk
// LSTM-DAG:   %[[BU:.*]]:4 = fuser.chunk
// LSTM-NOT:   fuser.chunk
// LSTM:       fuser.yield %{{.*}}, %{{.*}} : tensor<?x?xf32>, tensor<?x?xf32>
// LSTM-NOT: fuser.group
// LSTM:     return %[[GROUP]]#

// DIGITS:     fuser.group(
// DIGITS-NOT:   fuser.gelu
// DIGITS-NOT:   fuser.silu
// DIGITS:       fuser.concat
// DIGITS-NEXT:  fuser.yield
// DIGITS-NOT: fuser.group(
// DIGITS:     return %{{.*}} : tensor<?x96xf32>

// Shapes are inferred before anything else: the sum needs no broadcast_like,
// and the function says what it returns.
// CHECK-LABEL: func.func @shapes
// CHECK-SAME:      -> tensor<2x4xf32>
// CHECK-NOT:     fuser.broadcast_like
// CHECK:         return %{{.*}} : tensor<2x4xf32>
func.func @shapes(%x: tensor<4x8xf32>, %y: tensor<8x1xf32>) -> tensor<?x?xf32> {
  %0 = fuser.transpose %x permutation [1, 0] : tensor<4x8xf32> to tensor<?x?xf32>
  %1 = fuser.add %0, %y : (tensor<?x?xf32>, tensor<8x1xf32>) -> tensor<?x?xf32>
  %2 = fuser.slice %1 dim 0 start 0 end 2 : tensor<?x?xf32> to tensor<?x?xf32>
  return %2 : tensor<?x?xf32>
}

// Equal ops and unused ops are gone before there are groups.
// CHECK-LABEL: func.func @simplified
// CHECK:         fuser.group
// CHECK:           fuser.exp
// CHECK-NOT:       fuser.exp
// CHECK-NOT:       fuser.log
// CHECK:         return
// LIMIT-LABEL: func.func @simplified
// LIMIT:         fuser.group
// LIMIT-NEXT:      fuser.exp
// LIMIT-NEXT:      fuser.yield
// LIMIT:         fuser.group
// LIMIT-NEXT:      fuser.add
// LIMIT-NEXT:      fuser.yield
func.func @simplified(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = fuser.exp %x : tensor<4xf32>
  %1 = fuser.exp %x : tensor<4xf32>
  %2 = fuser.log %x : tensor<4xf32>
  %3 = fuser.add %0, %1 : tensor<4xf32>
  return %3 : tensor<4xf32>
}

// CHECK-LABEL: func.func @empty
// CHECK-NEXT:    return
func.func @empty() {
  return
}

// Without roundings in between only if asked for.
// CHECK-LABEL: func.func @chain
// CHECK:         fuser.mul %{{.*}} : tensor<4xf16>
// CHECK:         fuser.add %{{.*}} : tensor<4xf16>
// FAST-LABEL: func.func @chain
// FAST-NOT:     fuser.mul
// FAST:         %[[Y:.*]] = fuser.fma %{{.*}} : tensor<4xf32>
// FAST-NEXT:    fuser.cast %[[Y]] : tensor<4xf32> to tensor<4xf16>
func.func @chain(%x: tensor<4xf16>, %y: tensor<4xf16>) -> tensor<4xf16> {
  %0 = fuser.mul %x, %y : tensor<4xf16>
  %1 = fuser.add %0, %x : tensor<4xf16>
  return %1 : tensor<4xf16>
}
