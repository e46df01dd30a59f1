// sigmoid(x) * x, rounded to f16 after each op.
func.func @silu_f16(%x: tensor<?xf16>) -> tensor<?xf16> {
  %0 = fuser.sigmoid %x : tensor<?xf16>
  %y = fuser.mul %0, %x : tensor<?xf16>
  return %y : tensor<?xf16>
}
