// x / 8 where the mask says so, minus infinity elsewhere.
func.func @masked_scale(%mask: tensor<?x?xi1>, %x: tensor<?x?xf32>)
    -> tensor<?x?xf32> {
  %scale = fuser.constant dense<0.125> : tensor<f32>
  %out = fuser.constant dense<0xFF800000> : tensor<f32>
  %0 = fuser.mul %x, %scale : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %y = fuser.select %mask, %0, %out
      : (tensor<?x?xi1>, tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
