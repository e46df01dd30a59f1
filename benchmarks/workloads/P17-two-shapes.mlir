// Two outputs of different shapes.
func.func @two_shapes(%x: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %two = fuser.constant dense<2.0> : tensor<f32>
  %0 = fuser.relu %x : tensor<?x?xf32>
  %y = fuser.mul %0, %two : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %left, %right = fuser.chunk %x dim 1
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>
  %z = fuser.sigmoid %left : tensor<?x?xf32>
  return %y, %z : tensor<?x?xf32>, tensor<?x?xf32>
}
