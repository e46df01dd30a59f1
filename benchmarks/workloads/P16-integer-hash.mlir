// Ten ops on integers that wrap.
func.func @integer_hash(%x: tensor<?xi32>) -> tensor<?xi32> {
  %c5 = fuser.constant dense<5> : tensor<i32>
  %c13 = fuser.constant dense<13> : tensor<i32>
  %c15 = fuser.constant dense<15> : tensor<i32>
  %c17 = fuser.constant dense<17> : tensor<i32>
  %factor = fuser.constant dense<668265261> : tensor<i32>
  %addend = fuser.constant dense<12345> : tensor<i32>
  %0 = fuser.shl %x, %c13 : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  %1 = fuser.bitwise_xor %x, %0 : tensor<?xi32>
  %2 = fuser.shr %1, %c17 : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  %3 = fuser.bitwise_xor %1, %2 : tensor<?xi32>
  %4 = fuser.shl %3, %c5 : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  %5 = fuser.bitwise_xor %3, %4 : tensor<?xi32>
  %6 = fuser.mul %5, %factor : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  %7 = fuser.shr %6, %c15 : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  %8 = fuser.bitwise_xor %6, %7 : tensor<?xi32>
  %y = fuser.add %8, %addend : (tensor<?xi32>, tensor<i32>) -> tensor<?xi32>
  return %y : tensor<?xi32>
}
