// gelu(x + bias) * gamma + residual, rounded to bf16 after every op.
func.func @residual_gelu(%x: tensor<?x?xbf16>, %bias: tensor<?xbf16>,
                         %gamma: tensor<?xbf16>, %residual: tensor<?x?xbf16>)
    -> tensor<?x?xbf16> {
  %t = fuser.add %x, %bias : (tensor<?x?xbf16>, tensor<?xbf16>) -> tensor<?x?xbf16>
  %active = fuser.gelu %t approximate tanh : tensor<?x?xbf16>
  %scaled = fuser.mul %active, %gamma : (tensor<?x?xbf16>, tensor<?xbf16>) -> tensor<?x?xbf16>
  %y = fuser.add %scaled, %residual : tensor<?x?xbf16>
  return %y : tensor<?x?xbf16>
}
