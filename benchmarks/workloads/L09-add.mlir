// An addition, with nothing to fuse.
func.func @add(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = fuser.add %x, %y : tensor<?xf32>
  return %z : tensor<?xf32>
}
