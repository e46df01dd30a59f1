// RUN: fuser-opt %s --fuser-infer-shapes --split-input-file --verify-diagnostics

// Neither op is wrong by itself.
func.func @late_misfit(%x: tensor<4xf32>, %y: tensor<3xf32>) {
  %0 = fuser.cast %x : tensor<4xf32> to tensor<?xf64>
  %1 = fuser.cast %y : tensor<3xf32> to tensor<?xf64>
  // expected-error @+1 {{has operands of shapes [4] and [3], which do not broadcast: 3 meets 4}}
  %2 = fuser.add %0, %1 : tensor<?xf64>
  return
}

// -----

// expected-error @+1 {{has several blocks: expected one}}
func.func @blocks(%x: tensor<4xf32>) {
  cf.br ^next
^next:
  return
}
