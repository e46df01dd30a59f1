// SwiGLU: the halves of rows are chunks, so nothing is copied.
func.func @swiglu(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %gate, %value = fuser.chunk %x dim 1
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %active = fuser.silu %gate : tensor<?x?xf32>
  %y = fuser.mul %active, %value : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
