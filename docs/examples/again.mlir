// One group, called for two layouts: two kernels.
func.func @again(%x: tensor<?xf32>, %y: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = fuser.group(%a = %x : tensor<?xf32>) -> tensor<?xf32> {
    %exp = fuser.exp %a : tensor<?xf32>
    fuser.yield %exp : tensor<?xf32>
  }
  %1 = fuser.group(%b = %y : tensor<?xf32>) -> tensor<?xf32> {
    %exp = fuser.exp %b : tensor<?xf32>
    fuser.yield %exp : tensor<?xf32>
  }
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}
