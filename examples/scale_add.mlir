// y = x * 2.5 + 1: two ops, one kernel.
func.func @scale_add(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %scale = fuser.constant dense<2.5> : tensor<f32>
  %one = fuser.constant dense<1.0> : tensor<f32>
  %scaled = fuser.mul %x, %scale : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %y = fuser.add %scaled, %one : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
