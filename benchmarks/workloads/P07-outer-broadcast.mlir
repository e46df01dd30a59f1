// relu(a b^T + c).
func.func @outer_broadcast(%a: tensor<?x1xf32>, %b: tensor<1x?xf32>,
                           %c: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.mul %a, %b : (tensor<?x1xf32>, tensor<1x?xf32>) -> tensor<?x?xf32>
  %1 = fuser.add %0, %c : tensor<?x?xf32>
  %y = fuser.relu %1 : tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
