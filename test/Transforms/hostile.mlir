// Programs that are valid but odd go through every pass and both pipelines
// without harm; none may do more than report an error.

// RUN: fuser-opt %s --fuser-infer-shapes -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-decompose -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-form-groups -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-form-groups="max-ops=0 max-operands=-1" -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-partition -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-specialize -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --convert-fuser-to-linalg -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-linalg-to-vector-loops -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-convert-kernel-to-llvm -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-partition-pipeline -o /dev/null -allow-unregistered-dialect
// RUN: fuser-opt %s --fuser-cpu-pipeline -o /dev/null -allow-unregistered-dialect

func.func private @declaration(%x: tensor<4xf32>) -> tensor<4xf32>

func.func @empty() {
  return
}

func.func @zero_extents(%x: tensor<0x4xf32>, %y: tensor<4x0xf32>)
    -> (tensor<0x4xf32>, tensor<2x0xf32>, tensor<0x4xf32>) {
  %0 = fuser.exp %x : tensor<0x4xf32>
  %1, %2 = fuser.chunk %y dim 0 : tensor<4x0xf32> to tensor<2x0xf32>, tensor<2x0xf32>
  %3, %4 = fuser.chunk %x dim 0 : tensor<0x4xf32> to tensor<0x4xf32>, tensor<0x4xf32>
  %5 = fuser.neg %4 : tensor<0x4xf32>
  return %0, %1, %5 : tensor<0x4xf32>, tensor<2x0xf32>, tensor<0x4xf32>
}

func.func @high_rank(%x: tensor<1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2xf64>)
    -> tensor<1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2xf64> {
  %0 = fuser.exp %x : tensor<1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2xf64>
  return %0 : tensor<1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2x1x2xf64>
}

func.func @huge_extents(%x: tensor<9223372036854775807xi1>) {
  %0 = fuser.slice %x dim 0 start -2 end 9223372036854775807
      : tensor<9223372036854775807xi1> to tensor<2xi1>
  %1 = fuser.concat %x dim 0
      : tensor<9223372036854775807xi1> to tensor<9223372036854775807xi1>
  return
}

func.func @empty_groups() {
  fuser.group() {
  }
  return
}

func.func @returned_argument(%x: tensor<4xf32>, %s: f64, %i: index)
    -> (tensor<4xf32>, f64, index) {
  return %x, %s, %i : tensor<4xf32>, f64, index
}

func.func @only_constants() -> tensor<2x2xui8> {
  %0 = fuser.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xui8>
  return %0 : tensor<2x2xui8>
}

func.func @foreign(%x: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %0 = "other.op"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = fuser.exp %0 : tensor<4xf32>
  %2 = scf.if %c -> tensor<4xf32> {
    %3 = fuser.log %1 : tensor<4xf32>
    scf.yield %3 : tensor<4xf32>
  } else {
    "other.op"() : () -> ()
    scf.yield %1 : tensor<4xf32>
  }
  %4 = call @declaration(%2) : (tensor<4xf32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

func.func @unreachable() -> tensor<4xf32> {
  ub.unreachable
}
