// log(exp(a) + exp(b)), as a + log1p(exp(b - a)).
func.func @log_add_exp(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %0 = fuser.sub %b, %a : tensor<?xf32>
  %1 = fuser.exp %0 : tensor<?xf32>
  %2 = fuser.log1p %1 : tensor<?xf32>
  %y = fuser.add %a, %2 : tensor<?xf32>
  return %y : tensor<?xf32>
}
