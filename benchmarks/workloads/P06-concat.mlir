// Three activations side by side, scaled.
func.func @concat(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %c: tensor<?x?xf32>,
                  %scale: tensor<f32>) -> tensor<?x?xf32> {
  %0 = fuser.relu %a : tensor<?x?xf32>
  %1 = fuser.sigmoid %b : tensor<?x?xf32>
  %2 = fuser.tanh %c : tensor<?x?xf32>
  %joined = fuser.concat %0, %1, %2 dim 1
      : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32> to tensor<?x?xf32>
  %y = fuser.mul %joined, %scale : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
