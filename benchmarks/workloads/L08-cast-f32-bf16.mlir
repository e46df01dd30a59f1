// Floats to bfloat16.
func.func @cast_f32_bf16(%x: tensor<?xf32>) -> tensor<?xbf16> {
  %y = fuser.cast %x : tensor<?xf32> to tensor<?xbf16>
  return %y : tensor<?xbf16>
}
