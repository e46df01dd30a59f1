// Three outputs that share nothing but a size.
func.func @independent_outputs(%a: tensor<?xf32>, %b: tensor<?xf32>,
                               %c: tensor<?xf32>, %d: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %one = fuser.constant dense<1.0> : tensor<f32>
  %x = fuser.exp %a : tensor<?xf32>
  %y = fuser.tanh %b : tensor<?xf32>
  %0 = fuser.mul %c, %d : tensor<?xf32>
  %z = fuser.add %0, %one : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %x, %y, %z : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
