// Prices of calls and puts by Black and Scholes: rate 0.03, volatility 0.2.
func.func @black_scholes(%s: tensor<?xf64>, %k: tensor<?xf64>, %t: tensor<?xf64>)
    -> (tensor<?xf64>, tensor<?xf64>) {
  %vol = fuser.constant dense<0.2> : tensor<f64>
  %drift = fuser.constant dense<0.05> : tensor<f64>
  %rate = fuser.constant dense<-0.03> : tensor<f64>
  %root = fuser.constant dense<0.7071067811865476> : tensor<f64>
  %half = fuser.constant dense<0.5> : tensor<f64>
  %one = fuser.constant dense<1.0> : tensor<f64>
  %0 = fuser.sqrt %t : tensor<?xf64>
  %st = fuser.mul %0, %vol : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %1 = fuser.div %s, %k : tensor<?xf64>
  %2 = fuser.log %1 : tensor<?xf64>
  %3 = fuser.mul %t, %drift : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %4 = fuser.add %2, %3 : tensor<?xf64>
  %d1 = fuser.div %4, %st : tensor<?xf64>
  %d2 = fuser.sub %d1, %st : tensor<?xf64>
  %5 = fuser.mul %d1, %root : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %6 = fuser.erf %5 : tensor<?xf64>
  %7 = fuser.add %6, %one : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %n1 = fuser.mul %7, %half : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %8 = fuser.mul %d2, %root : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %9 = fuser.erf %8 : tensor<?xf64>
  %10 = fuser.add %9, %one : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %n2 = fuser.mul %10, %half : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %11 = fuser.mul %t, %rate : (tensor<?xf64>, tensor<f64>) -> tensor<?xf64>
  %12 = fuser.exp %11 : tensor<?xf64>
  %ke = fuser.mul %k, %12 : tensor<?xf64>
  %13 = fuser.mul %s, %n1 : tensor<?xf64>
  %14 = fuser.mul %ke, %n2 : tensor<?xf64>
  %call = fuser.sub %13, %14 : tensor<?xf64>
  %15 = fuser.sub %call, %s : tensor<?xf64>
  %put = fuser.add %15, %ke : tensor<?xf64>
  return %call, %put : tensor<?xf64>, tensor<?xf64>
}
