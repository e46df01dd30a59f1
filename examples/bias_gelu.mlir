// What follows a matrix product in a transformer: the bias of each column is
// added, then GELU.
func.func @bias_gelu(%x: tensor<?x?xf32>, %bias: tensor<?xf32>)
    -> tensor<?x?xf32> {
  %biased = fuser.add %x, %bias
      : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %y = fuser.gelu %biased : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
