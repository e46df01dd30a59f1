// The UCI handwritten digits through a small feature pipeline: normalise, a
// per-column affine, GELU, a gated product of the two halves, joined with the
// scaled input. One fusion group, one kernel.
func.func @digits(%images: tensor<?x64xui8>, %mean: tensor<64xf32>,
                  %std: tensor<64xf32>, %weight: tensor<64xf32>,
                  %bias: tensor<64xf32>) -> tensor<?x96xf32> {
  %pixels = fuser.cast %images : tensor<?x64xui8> to tensor<?x64xf32>
  %centred = fuser.sub %pixels, %mean
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %normal = fuser.div %centred, %std
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %scaled = fuser.mul %normal, %weight
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %affine = fuser.add %scaled, %bias
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %active = fuser.gelu %affine : tensor<?x64xf32>
  %a, %b = fuser.chunk %active dim 1
      : tensor<?x64xf32> to tensor<?x32xf32>, tensor<?x32xf32>
  %gate = fuser.silu %a : tensor<?x32xf32>
  %gated = fuser.mul %gate, %b : tensor<?x32xf32>
  %range = fuser.constant dense<16.0> : tensor<f32>
  %unit = fuser.div %pixels, %range
      : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %features = fuser.concat %gated, %unit dim 1
      : tensor<?x32xf32>, tensor<?x64xf32> to tensor<?x96xf32>
  return %features : tensor<?x96xf32>
}
