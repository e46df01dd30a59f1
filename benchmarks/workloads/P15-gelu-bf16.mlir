// GELU by erf.
func.func @gelu_bf16(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  %y = fuser.gelu %x : tensor<?xbf16>
  return %y : tensor<?xbf16>
}
