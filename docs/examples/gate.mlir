// The program that Architecture.md follows: a bias for each column, a product
// of the two halves, and the input beside it.
func.func @gate(%x: tensor<?x64xf32>, %bias: tensor<64xf32>)
    -> tensor<?x96xf32> {
  %biased = fuser.add %x, %bias
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %a, %b = fuser.chunk %biased dim 1
      : tensor<?x64xf32> to tensor<?x32xf32>, tensor<?x32xf32>
  %positive = fuser.relu %a : tensor<?x32xf32>
  %gated = fuser.mul %positive, %b : tensor<?x32xf32>
  %y = fuser.concat %gated, %x dim 1
      : tensor<?x32xf32>, tensor<?x64xf32> to tensor<?x96xf32>
  return %y : tensor<?x96xf32>
}
