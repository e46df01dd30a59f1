// A factor a row.
func.func @inner_broadcast(%x: tensor<?x?xf32>, %scale: tensor<?x1xf32>)
    -> tensor<?x?xf32> {
  %0 = fuser.mul %x, %scale : (tensor<?x?xf32>, tensor<?x1xf32>) -> tensor<?x?xf32>
  %y = fuser.relu %0 : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
