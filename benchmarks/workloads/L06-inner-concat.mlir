// Two arrays joined along the innermost dimension, four columns of each a row.
func.func @inner_concat(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>)
    -> tensor<?x8xf32> {
  %two = fuser.constant dense<2.0> : tensor<f32>
  %0 = fuser.relu %a : tensor<?x4xf32>
  %1 = fuser.mul %b, %two : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %y = fuser.concat %0, %1 dim 1 : tensor<?x4xf32>, tensor<?x4xf32> to tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
