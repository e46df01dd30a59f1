// The tenth step of Adam: new parameters and moments.
func.func @adam(%p: tensor<?xf32>, %g: tensor<?xf32>, %m: tensor<?xf32>,
                %v: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %lr = fuser.constant dense<0.00153533993> : tensor<f32> // 0.001 / (1 - 0.9^10)
  %b1 = fuser.constant dense<0.9> : tensor<f32>
  %nb1 = fuser.constant dense<0.1> : tensor<f32>
  %b2 = fuser.constant dense<0.999> : tensor<f32>
  %nb2 = fuser.constant dense<0.001> : tensor<f32>
  %eps = fuser.constant dense<1.0e-08> : tensor<f32>
  %root = fuser.constant dense<10.0225159> : tensor<f32> // 1 / sqrt(1 - 0.999^10)
  %0 = fuser.mul %m, %b1 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %1 = fuser.mul %g, %nb1 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %m1 = fuser.add %0, %1 : tensor<?xf32>
  %2 = fuser.mul %v, %b2 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %3 = fuser.mul %g, %nb2 : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %4 = fuser.mul %3, %g : tensor<?xf32>
  %v1 = fuser.add %2, %4 : tensor<?xf32>
  %5 = fuser.sqrt %v1 : tensor<?xf32>
  %6 = fuser.mul %5, %root : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %7 = fuser.add %6, %eps : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %8 = fuser.mul %m1, %lr : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %9 = fuser.div %8, %7 : tensor<?xf32>
  %p1 = fuser.sub %p, %9 : tensor<?xf32>
  return %p1, %m1, %v1 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
