// Bytes of images to normalised floats, channels first.
func.func @normalise_image(%x: tensor<?x?x?x?xui8>, %mean: tensor<?x1x1xf32>,
                           %std: tensor<?x1x1xf32>) -> tensor<?x?x?x?xf32> {
  %white = fuser.constant dense<255.0> : tensor<f32>
  %0 = fuser.cast %x : tensor<?x?x?x?xui8> to tensor<?x?x?x?xf32>
  %1 = fuser.div %0, %white : (tensor<?x?x?x?xf32>, tensor<f32>) -> tensor<?x?x?x?xf32>
  %2 = fuser.sub %1, %mean : (tensor<?x?x?x?xf32>, tensor<?x1x1xf32>) -> tensor<?x?x?x?xf32>
  %y = fuser.div %2, %std : (tensor<?x?x?x?xf32>, tensor<?x1x1xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
