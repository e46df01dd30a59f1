// A bias on rows of 19 columns.
func.func @rows_of_19(%x: tensor<?x19xf32>, %bias: tensor<19xf32>)
    -> tensor<?x19xf32> {
  %0 = fuser.add %x, %bias : (tensor<?x19xf32>, tensor<19xf32>) -> tensor<?x19xf32>
  %y = fuser.relu %0 : tensor<?x19xf32>
  return %y : tensor<?x19xf32>
}
