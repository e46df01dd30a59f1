// GELU by erf of rows plus a bias.
func.func @bias_gelu(%x: tensor<?x?xf32>, %bias: tensor<?xf32>)
    -> tensor<?x?xf32> {
  %t = fuser.add %x, %bias : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %y = fuser.gelu %t : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
