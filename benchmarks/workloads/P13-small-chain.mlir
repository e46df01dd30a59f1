// Ten ops, for few elements: what a call costs.
func.func @small_chain(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %half = fuser.constant dense<0.5> : tensor<f32>
  %quarter = fuser.constant dense<0.25> : tensor<f32>
  %0 = fuser.mul %x, %y : tensor<?xf32>
  %1 = fuser.add %0, %y : tensor<?xf32>
  %2 = fuser.mul %1, %half : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %3 = fuser.sub %2, %x : tensor<?xf32>
  %4 = fuser.mul %3, %3 : tensor<?xf32>
  %5 = fuser.add %4, %x : tensor<?xf32>
  %6 = fuser.mul %5, %quarter : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %7 = fuser.add %6, %y : tensor<?xf32>
  %8 = fuser.relu %7 : tensor<?xf32>
  %9 = fuser.tanh %x : tensor<?xf32>
  %z = fuser.add %8, %9 : tensor<?xf32>
  return %z : tensor<?xf32>
}
