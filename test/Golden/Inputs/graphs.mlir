// Graphs of the kind that models are made of. graphs.test holds how many
// kernels each becomes, and what they move and compute.

!row = tensor<1024xf32>
!act = tensor<512x1024xf32>
!half = tensor<512x1024xbf16>

func.func @bias_gelu(%x: !act, %bias: !row) -> !act {
  %0 = fuser.add %x, %bias : (!act, !row) -> !act
  %1 = fuser.gelu %0 : !act
  return %1 : !act
}

func.func @tanh_gelu(%x: !act) -> !act {
  %0 = fuser.gelu %x approximate tanh : !act
  return %0 : !act
}

func.func @residual_gelu_bf16(%x: !half, %bias: tensor<1024xbf16>, %gamma: tensor<1024xbf16>, %residual: !half) -> !half {
  %0 = fuser.add %x, %bias : (!half, tensor<1024xbf16>) -> !half
  %1 = fuser.gelu %0 approximate tanh : !half
  %2 = fuser.mul %1, %gamma : (!half, tensor<1024xbf16>) -> !half
  %3 = fuser.add %2, %residual : !half
  return %3 : !half
}

// Gates of one matrix product, cut into four.
!gates = tensor<512x4096xf32>
func.func @lstm_cell(%x: !gates, %h: !gates, %bias: tensor<4096xf32>, %c: !act) -> (!act, !act) {
  %0 = fuser.add %x, %h : !gates
  %1 = fuser.add %0, %bias : (!gates, tensor<4096xf32>) -> !gates
  %i, %f, %g, %o = fuser.chunk %1 dim 1 : !gates to !act, !act, !act, !act
  %2 = fuser.sigmoid %i : !act
  %3 = fuser.sigmoid %f : !act
  %4 = fuser.tanh %g : !act
  %5 = fuser.sigmoid %o : !act
  %6 = fuser.mul %3, %c : !act
  %7 = fuser.mul %2, %4 : !act
  %8 = fuser.add %6, %7 : !act
  %9 = fuser.tanh %8 : !act
  %10 = fuser.mul %5, %9 : !act
  return %10, %8 : !act, !act
}

// The slices are disjoint, so no sigmoid is computed twice.
func.func @gru_cell(%x: tensor<512x2048xf32>, %h: tensor<512x2048xf32>, %xn: !act, %hn: !act, %state: !act) -> !act {
  %0 = fuser.add %x, %h : tensor<512x2048xf32>
  %1 = fuser.sigmoid %0 : tensor<512x2048xf32>
  %r = fuser.slice %1 dim 1 start 0 end 1024 : tensor<512x2048xf32> to !act
  %z = fuser.slice %1 dim 1 start 1024 end 2048 : tensor<512x2048xf32> to !act
  %2 = fuser.mul %r, %hn : !act
  %3 = fuser.add %xn, %2 : !act
  %n = fuser.tanh %3 : !act
  %4 = fuser.sub %state, %n : !act
  %5 = fuser.mul %z, %4 : !act
  %6 = fuser.add %n, %5 : !act
  return %6 : !act
}

func.func @swiglu(%x: tensor<512x2048xf32>) -> !act {
  %a, %b = fuser.chunk %x dim 1 : tensor<512x2048xf32> to !act, !act
  %0 = fuser.silu %a : !act
  %1 = fuser.mul %0, %b : !act
  return %1 : !act
}

func.func @concat_activations(%a: !act, %b: !act, %c: !act, %scale: f64) -> tensor<512x3072xf32> {
  %0 = fuser.relu %a : !act
  %1 = fuser.sigmoid %b : !act
  %2 = fuser.tanh %c : !act
  %3 = fuser.concat %0, %1, %2 dim 1 : !act, !act, !act to tensor<512x3072xf32>
  %4 = fuser.splat %scale : f64 -> tensor<f32>
  %5 = fuser.mul %3, %4 : (tensor<512x3072xf32>, tensor<f32>) -> tensor<512x3072xf32>
  return %5 : tensor<512x3072xf32>
}

func.func @outer_product(%a: tensor<512x1xf32>, %b: tensor<1x1024xf32>, %c: !act) -> !act {
  %0 = fuser.mul %a, %b : (tensor<512x1xf32>, tensor<1x1024xf32>) -> !act
  %1 = fuser.add %0, %c : !act
  %2 = fuser.relu %1 : !act
  return %2 : !act
}

func.func @adam(%p: !row, %g: !row, %m: !row, %v: !row, %rate: f64) -> (!row, !row, !row) {
  %b1 = fuser.constant dense<0.9> : tensor<f32>
  %b2 = fuser.constant dense<0.999> : tensor<f32>
  %one1 = fuser.constant dense<0.1> : tensor<f32>
  %one2 = fuser.constant dense<0.001> : tensor<f32>
  %eps = fuser.constant dense<1.0e-8> : tensor<f32>
  %0 = fuser.mul %m, %b1 : (!row, tensor<f32>) -> !row
  %1 = fuser.mul %g, %one1 : (!row, tensor<f32>) -> !row
  %m2 = fuser.add %0, %1 : !row
  %2 = fuser.mul %v, %b2 : (!row, tensor<f32>) -> !row
  %3 = fuser.mul %g, %g : !row
  %4 = fuser.mul %3, %one2 : (!row, tensor<f32>) -> !row
  %v2 = fuser.add %2, %4 : !row
  %5 = fuser.sqrt %v2 : !row
  %6 = fuser.add %5, %eps : (!row, tensor<f32>) -> !row
  %7 = fuser.div %m2, %6 : !row
  %8 = fuser.splat %rate : f64 -> tensor<f32>
  %9 = fuser.mul %7, %8 : (!row, tensor<f32>) -> !row
  %p2 = fuser.sub %p, %9 : !row
  return %p2, %m2, %v2 : !row, !row, !row
}

// What an optimizer does to all parameters: first this for each, then that.
func.func @foreach_sgd(%p0: !row, %p1: !row, %p2: !act, %g0: !row, %g1: !row, %g2: !act, %rate: f64) -> (!row, !row, !act) {
  %r = fuser.splat %rate : f64 -> tensor<f32>
  %0 = fuser.mul %g0, %r : (!row, tensor<f32>) -> !row
  %1 = fuser.mul %g1, %r : (!row, tensor<f32>) -> !row
  %2 = fuser.mul %g2, %r : (!act, tensor<f32>) -> !act
  %3 = fuser.sub %p0, %0 : !row
  %4 = fuser.sub %p1, %1 : !row
  %5 = fuser.sub %p2, %2 : !act
  return %3, %4, %5 : !row, !row, !act
}

!image = tensor<8x3x64x64xf32>
!color = tensor<3x1x1xf32>
func.func @normalize_image(%x: tensor<8x3x64x64xui8>, %mean: !color, %std: !color) -> !image {
  %scale = fuser.constant dense<255.0> : tensor<f32>
  %0 = fuser.cast %x : tensor<8x3x64x64xui8> to !image
  %1 = fuser.div %0, %scale : (!image, tensor<f32>) -> !image
  %2 = fuser.sub %1, %mean : (!image, !color) -> !image
  %3 = fuser.div %2, %std : (!image, !color) -> !image
  return %3 : !image
}

func.func @masked_scale(%mask: tensor<512x1024xi1>, %x: !act) -> !act {
  %k = fuser.constant dense<0.125> : tensor<f32>
  %low = fuser.constant dense<0xFF800000> : tensor<f32>
  %0 = fuser.mul %x, %k : (!act, tensor<f32>) -> !act
  %1 = fuser.select %mask, %0, %low : (tensor<512x1024xi1>, !act, tensor<f32>) -> !act
  return %1 : !act
}

!price = tensor<65536xf64>
func.func @black_scholes(%s: !price, %k: !price, %t: !price) -> (!price, !price) {
  %vol = fuser.constant dense<0.2> : tensor<f64>
  %drift = fuser.constant dense<0.05> : tensor<f64>
  %rate = fuser.constant dense<-0.03> : tensor<f64>
  %half = fuser.constant dense<0.5> : tensor<f64>
  %root = fuser.constant dense<0.7071067811865476> : tensor<f64>
  %one = fuser.constant dense<1.0> : tensor<f64>
  %0 = fuser.sqrt %t : !price
  %st = fuser.mul %0, %vol : (!price, tensor<f64>) -> !price
  %1 = fuser.div %s, %k : !price
  %2 = fuser.log %1 : !price
  %3 = fuser.mul %t, %drift : (!price, tensor<f64>) -> !price
  %4 = fuser.add %2, %3 : !price
  %d1 = fuser.div %4, %st : !price
  %d2 = fuser.sub %d1, %st : !price
  %5 = fuser.mul %d1, %root : (!price, tensor<f64>) -> !price
  %6 = fuser.erf %5 : !price
  %7 = fuser.add %6, %one : (!price, tensor<f64>) -> !price
  %n1 = fuser.mul %7, %half : (!price, tensor<f64>) -> !price
  %8 = fuser.mul %d2, %root : (!price, tensor<f64>) -> !price
  %9 = fuser.erf %8 : !price
  %10 = fuser.add %9, %one : (!price, tensor<f64>) -> !price
  %n2 = fuser.mul %10, %half : (!price, tensor<f64>) -> !price
  %11 = fuser.mul %t, %rate : (!price, tensor<f64>) -> !price
  %12 = fuser.exp %11 : !price
  %ke = fuser.mul %k, %12 : !price
  %13 = fuser.mul %s, %n1 : !price
  %14 = fuser.mul %ke, %n2 : !price
  %call = fuser.sub %13, %14 : !price
  %15 = fuser.sub %call, %s : !price
  %put = fuser.add %15, %ke : !price
  return %call, %put : !price, !price
}

// Of the running variance, rsqrt is computed once and stored.
func.func @batch_norm(%x: !act, %mean: !row, %var: !row, %gamma: !row, %beta: !row) -> !act {
  %eps = fuser.constant dense<1.0e-5> : tensor<f32>
  %0 = fuser.add %var, %eps : (!row, tensor<f32>) -> !row
  %1 = fuser.rsqrt %0 : !row
  %2 = fuser.sub %x, %mean : (!act, !row) -> !act
  %3 = fuser.mul %2, %1 : (!act, !row) -> !act
  %4 = fuser.mul %3, %gamma : (!act, !row) -> !act
  %5 = fuser.add %4, %beta : (!act, !row) -> !act
  %6 = fuser.relu %5 : !act
  return %6 : !act
}

// relu is computed where it is needed, after softplus and exp of the row.
func.func @expensive_row(%x: !act, %decay: !row) -> !act {
  %0 = fuser.softplus %decay : !row
  %1 = fuser.exp %0 : !row
  %2 = fuser.relu %x : !act
  %3 = fuser.mul %2, %1 : (!act, !row) -> !act
  return %3 : !act
}

// A gate for each channel is computed once a row: no second kernel.
func.func @channel_gate(%x: tensor<8x64x1024xf32>, %gate: tensor<8x64x1xf32>) -> tensor<8x64x1024xf32> {
  %0 = fuser.sigmoid %gate : tensor<8x64x1xf32>
  %1 = fuser.mul %x, %0 : (tensor<8x64x1024xf32>, tensor<8x64x1xf32>) -> tensor<8x64x1024xf32>
  return %1 : tensor<8x64x1024xf32>
}

// A square root of a row is cheap enough to be computed again for every row.
func.func @cheap_row(%x: !act, %var: !row) -> !act {
  %0 = fuser.sqrt %var : !row
  %1 = fuser.div %x, %0 : (!act, !row) -> !act
  return %1 : !act
}

func.func @softmax_tail(%x: !act, %max: tensor<512x1xf32>, %sum: tensor<512x1xf32>) -> !act {
  %0 = fuser.sub %x, %max : (!act, tensor<512x1xf32>) -> !act
  %1 = fuser.exp %0 : !act
  %2 = fuser.div %1, %sum : (!act, tensor<512x1xf32>) -> !act
  return %2 : !act
}

func.func @dropout(%x: !act, %seed: i64, %offset: i64) -> (!act, tensor<512x1024xi1>) {
  %keep = fuser.constant dense<0.9> : tensor<f32>
  %scale = fuser.constant dense<1.1111112> : tensor<f32>
  %r = fuser.rand_like %x, %seed, %offset : !act, i64, i64 to !act
  %mask = fuser.compare lt, %r, %keep : (!act, tensor<f32>) -> tensor<512x1024xi1>
  %zero = fuser.constant dense<0.0> : tensor<f32>
  %0 = fuser.mul %x, %scale : (!act, tensor<f32>) -> !act
  %1 = fuser.select %mask, %0, %zero : (tensor<512x1024xi1>, !act, tensor<f32>) -> !act
  return %1, %mask : !act, tensor<512x1024xi1>
}

// Rotary embedding: halves are swapped, one is negated.
!heads = tensor<4x128x8x64xf32>
!pair = tensor<4x128x8x32xf32>
!angle = tensor<128x1x64xf32>
func.func @rotary(%x: !heads, %cos: !angle, %sin: !angle) -> !heads {
  %a = fuser.slice %x dim 3 start 0 end 32 : !heads to !pair
  %b = fuser.slice %x dim 3 start 32 end 64 : !heads to !pair
  %0 = fuser.neg %b : !pair
  %1 = fuser.concat %0, %a dim 3 : !pair, !pair to !heads
  %2 = fuser.mul %x, %cos : (!heads, !angle) -> !heads
  %3 = fuser.mul %1, %sin : (!heads, !angle) -> !heads
  %4 = fuser.add %2, %3 : !heads
  return %4 : !heads
}

func.func @transposed_add(%x: tensor<1024x512xf32>, %y: !act) -> !act {
  %0 = fuser.transpose %x permutation [1, 0] : tensor<1024x512xf32> to !act
  %1 = fuser.add %0, %y : !act
  %2 = fuser.relu %1 : !act
  return %2 : !act
}

// Two activations of each element are needed: cheap ones are computed twice,
// expensive ones stored.
func.func @cheap_stencil(%x: !act) -> tensor<512x1022xf32> {
  %0 = fuser.relu %x : !act
  %a = fuser.slice %0 dim 1 start 0 end 1022 : !act to tensor<512x1022xf32>
  %b = fuser.slice %0 dim 1 start 2 end 1024 : !act to tensor<512x1022xf32>
  %1 = fuser.sub %b, %a : tensor<512x1022xf32>
  return %1 : tensor<512x1022xf32>
}
func.func @expensive_stencil(%x: !act) -> tensor<512x1022xf32> {
  %0 = fuser.tanh %x : !act
  %1 = fuser.exp %0 : !act
  %a = fuser.slice %1 dim 1 start 0 end 1022 : !act to tensor<512x1022xf32>
  %b = fuser.slice %1 dim 1 start 2 end 1024 : !act to tensor<512x1022xf32>
  %2 = fuser.sub %b, %a : tensor<512x1022xf32>
  return %2 : tensor<512x1022xf32>
}

// The branch beside the product is computed with what needs it.
func.func @residual_branch(%x: !act, %y: !act) -> !act {
  %0 = fuser.relu %x : !act
  %1 = fuser.neg %0 : !act
  %2 = fuser.tanh %y : !act
  %3 = "other.product"(%2) : (!act) -> !act
  %4 = fuser.add %1, %3 : !act
  return %4 : !act
}

// Both ways of it are needed here: it is computed before, and stored.
func.func @stored_branch(%x: !act, %y: !act) -> (!act, !act) {
  %0 = fuser.tanh %x : !act
  %1 = "other.product"(%0) : (!act) -> !act
  %2 = fuser.add %0, %1 : !act
  %3 = fuser.mul %0, %y : !act
  return %2, %3 : !act, !act
}

func.func @independent(%a: !act, %b: !row, %c: tensor<64x64xf32>) -> (!act, !row, tensor<64x64xf32>) {
  %0 = fuser.exp %a : !act
  %1 = fuser.tanh %b : !row
  %2 = fuser.relu %c : tensor<64x64xf32>
  return %0, %1, %2 : !act, !row, tensor<64x64xf32>
}
