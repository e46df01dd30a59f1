// Bytes to floats.
func.func @cast_u8_f32(%x: tensor<?xui8>) -> tensor<?xf32> {
  %y = fuser.cast %x : tensor<?xui8> to tensor<?xf32>
  return %y : tensor<?xf32>
}
