// An addition of 16 elements: what a call costs.
func.func @add_16(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = fuser.add %x, %y : tensor<?xf32>
  return %z : tensor<?xf32>
}
