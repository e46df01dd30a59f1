// The first 1024 columns of wider rows.
func.func @strided_rows(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %scale = fuser.constant dense<0.5> : tensor<f32>
  %one = fuser.constant dense<1.0> : tensor<f32>
  %left = fuser.slice %x dim 1 start 0 end 1024 : tensor<?x?xf32> to tensor<?x?xf32>
  %0 = fuser.mul %left, %scale : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %y = fuser.add %0, %one : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
