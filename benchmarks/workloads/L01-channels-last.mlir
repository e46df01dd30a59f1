// Bias and relu on three channels that come last.
func.func @channels_last(%x: tensor<?x?x?x3xf32>, %bias: tensor<3xf32>)
    -> tensor<?x?x?x3xf32> {
  %0 = fuser.add %x, %bias : (tensor<?x?x?x3xf32>, tensor<3xf32>) -> tensor<?x?x?x3xf32>
  %y = fuser.relu %0 : tensor<?x?x?x3xf32>
  return %y : tensor<?x?x?x3xf32>
}
