// GELU by tanh.
func.func @tanh_gelu(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = fuser.gelu %x approximate tanh : tensor<?xf32>
  return %y : tensor<?xf32>
}
