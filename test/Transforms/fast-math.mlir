// RUN: fuser-opt %s --fuser-fast-math | FileCheck %s

//===----------------------------------------------------------------------===//
// Halves
//===----------------------------------------------------------------------===//

// One rounding at the end.
// CHECK-LABEL: func.func @chain
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<4xf16>)
// CHECK-NEXT:      %[[WIDE:.*]] = fuser.cast %[[A]] : tensor<4xf16> to tensor<4xf32>
// CHECK-NEXT:      %[[EXP:.*]] = fuser.exp %[[WIDE]] : tensor<4xf32>
// CHECK-NEXT:      %[[NEG:.*]] = fuser.neg %[[EXP]] : tensor<4xf32>
// CHECK-NEXT:      %[[Y:.*]] = fuser.cast %[[NEG]] : tensor<4xf32> to tensor<4xf16>
// CHECK-NEXT:      fuser.yield %[[Y]]
func.func @chain(%x: tensor<4xf16>) -> tensor<4xf16> {
  %0 = fuser.group(%a = %x : tensor<4xf16>) -> tensor<4xf16> {
    %1 = fuser.exp %a : tensor<4xf16>
    %2 = fuser.neg %1 : tensor<4xf16>
    fuser.yield %2 : tensor<4xf16>
  }
  return %0 : tensor<4xf16>
}

// What is stored is rounded; what is computed from it is not.
// CHECK-LABEL: func.func @stored_between
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<?xbf16>)
// CHECK-NEXT:      %[[WIDE:.*]] = fuser.cast %[[A]]
// CHECK-NEXT:      %[[EXP:.*]] = fuser.exp %[[WIDE]] : tensor<?xf32>
// CHECK-NEXT:      %[[STORED:.*]] = fuser.cast %[[EXP]] : tensor<?xf32> to tensor<?xbf16>
// CHECK-NEXT:      %[[LOG:.*]] = fuser.log %[[EXP]] : tensor<?xf32>
// CHECK-NEXT:      %[[Y:.*]] = fuser.cast %[[LOG]]
// CHECK-NEXT:      fuser.yield %[[STORED]], %[[Y]]
func.func @stored_between(%x: tensor<?xbf16>) -> (tensor<?xbf16>, tensor<?xbf16>) {
  %0:2 = fuser.group(%a = %x : tensor<?xbf16>) -> (tensor<?xbf16>, tensor<?xbf16>) {
    %1 = fuser.exp %a : tensor<?xbf16>
    %2 = fuser.log %1 : tensor<?xbf16>
    fuser.yield %1, %2 : tensor<?xbf16>, tensor<?xbf16>
  }
  return %0#0, %0#1 : tensor<?xbf16>, tensor<?xbf16>
}

// Nor does a cast to a half and on round: the program's and the op's own are
// alike.
// CHECK-LABEL: func.func @casts
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<4xf32>)
// CHECK-NEXT:      %[[EXP:.*]] = fuser.exp %[[A]] : tensor<4xf32>
// CHECK-NEXT:      %[[Y:.*]] = fuser.cast %[[EXP]] : tensor<4xf32> to tensor<4xf64>
// CHECK-NEXT:      fuser.yield %[[Y]]
func.func @casts(%x: tensor<4xf32>) -> tensor<4xf64> {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf64> {
    %1 = fuser.cast %a : tensor<4xf32> to tensor<4xf16>
    %2 = fuser.exp %1 : tensor<4xf16>
    %3 = fuser.cast %2 : tensor<4xf16> to tensor<4xbf16>
    %4 = fuser.cast %3 : tensor<4xbf16> to tensor<4xf64>
    fuser.yield %4 : tensor<4xf64>
  }
  return %0 : tensor<4xf64>
}

// Integers and truth values on the way stay what they are.
// CHECK-LABEL: func.func @through_integers
// CHECK:           %[[WIDE:.*]] = fuser.cast %{{.*}} : tensor<4xf16> to tensor<4xf32>
// CHECK-NEXT:      %[[I:.*]] = fuser.cast %[[WIDE]] : tensor<4xf32> to tensor<4xi8>
// CHECK-NEXT:      %[[F:.*]] = fuser.cast %[[I]] : tensor<4xi8> to tensor<4xf32>
// CHECK-NEXT:      %[[Y:.*]] = fuser.cast %[[F]] : tensor<4xf32> to tensor<4xf16>
// CHECK-NEXT:      fuser.yield %[[Y]]
func.func @through_integers(%x: tensor<4xf16>) -> tensor<4xf16> {
  %0 = fuser.group(%a = %x : tensor<4xf16>) -> tensor<4xf16> {
    %1 = fuser.cast %a : tensor<4xf16> to tensor<4xi8>
    %2 = fuser.cast %1 : tensor<4xi8> to tensor<4xf16>
    fuser.yield %2 : tensor<4xf16>
  }
  return %0 : tensor<4xf16>
}

// CHECK-LABEL: func.func @choices
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<4xbf16>, %[[M:.*]] = %{{.*}} : tensor<4xi1>)
// CHECK-NEXT:      %[[WIDE:.*]] = fuser.cast %[[A]] : tensor<4xbf16> to tensor<4xf32>
// CHECK-NEXT:      %[[LESS:.*]] = fuser.compare lt, %[[WIDE]], %[[WIDE]] : tensor<4xf32>
// CHECK-NEXT:      %[[NAN:.*]] = fuser.is_nan %[[WIDE]] : tensor<4xf32>
// CHECK-NEXT:      %[[BOTH:.*]] = fuser.bitwise_and %[[LESS]], %[[M]] : tensor<4xi1>
// CHECK-NEXT:      %[[CHOSEN:.*]] = fuser.select %[[BOTH]], %[[WIDE]], %[[WIDE]] : tensor<4xf32>
// CHECK-NEXT:      %[[Y:.*]] = fuser.cast %[[CHOSEN]] : tensor<4xf32> to tensor<4xbf16>
// CHECK-NEXT:      fuser.yield %[[Y]], %[[NAN]]
func.func @choices(%x: tensor<4xbf16>, %m: tensor<4xi1>) -> (tensor<4xbf16>, tensor<4xi1>) {
  %0:2 = fuser.group(%a = %x : tensor<4xbf16>, %b = %m : tensor<4xi1>)
      -> (tensor<4xbf16>, tensor<4xi1>) {
    %1 = fuser.compare lt, %a, %a : tensor<4xbf16>
    %2 = fuser.is_nan %a : tensor<4xbf16>
    %3 = fuser.bitwise_and %1, %b : tensor<4xi1>
    %4 = fuser.select %3, %a, %a : tensor<4xbf16>
    fuser.yield %4, %2 : tensor<4xbf16>, tensor<4xi1>
  }
  return %0#0, %0#1 : tensor<4xbf16>, tensor<4xi1>
}

// A constant of a half is one of f32 with the half's value.
// CHECK-LABEL: func.func @constants
// CHECK-NOT:       tensor<bf16>
// CHECK:           fuser.constant dense<0.100097656> : tensor<f32>
// CHECK-NOT:       tensor<bf16>
// CHECK:           fuser.maximum %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
func.func @constants(%x: tensor<4xbf16>) -> tensor<4xbf16> {
  %0 = fuser.group(%a = %x : tensor<4xbf16>) -> tensor<4xbf16> {
    %1 = fuser.constant dense<0.1> : tensor<bf16>
    %2 = fuser.maximum %a, %1 : (tensor<4xbf16>, tensor<bf16>) -> tensor<4xbf16>
    fuser.yield %2 : tensor<4xbf16>
  }
  return %0 : tensor<4xbf16>
}

// A random number of f32 might round to 1.
// CHECK-LABEL: func.func @random
// CHECK:           %[[R:.*]] = fuser.random {{.*}} -> tensor<4xf16>
// CHECK-NEXT:      %[[WIDE:.*]] = fuser.cast %[[R]] : tensor<4xf16> to tensor<4xf32>
// CHECK-NEXT:      fuser.neg %[[WIDE]]
func.func @random(%x: tensor<4xi64>) -> tensor<4xf16> {
  %0 = fuser.group(%a = %x : tensor<4xi64>) -> tensor<4xf16> {
    %1 = fuser.random %a, %a, %a : (tensor<4xi64>, tensor<4xi64>, tensor<4xi64>) -> tensor<4xf16>
    %2 = fuser.neg %1 : tensor<4xf16>
    fuser.yield %2 : tensor<4xf16>
  }
  return %0 : tensor<4xf16>
}

// Views come first and concats last; they move elements as they are.
// CHECK-LABEL: func.func @views
// CHECK:           %[[VIEW:.*]] = fuser.slice %{{.*}} : tensor<4xf16> to tensor<2xf16>
// CHECK-NEXT:      %[[WIDE:.*]] = fuser.cast %[[VIEW]] : tensor<2xf16> to tensor<2xf32>
// CHECK-NEXT:      %[[EXP:.*]] = fuser.exp %[[WIDE]]
// CHECK-NEXT:      %[[PART:.*]] = fuser.cast %[[EXP]] : tensor<2xf32> to tensor<2xf16>
// CHECK-NEXT:      %[[Y:.*]] = fuser.concat %[[PART]], %[[VIEW]] dim 0
// CHECK-NEXT:      fuser.yield %[[Y]]
func.func @views(%x: tensor<4xf16>) -> tensor<4xf16> {
  %0 = fuser.group(%a = %x : tensor<4xf16>) -> tensor<4xf16> {
    %1 = fuser.slice %a dim 0 start 0 end 2 : tensor<4xf16> to tensor<2xf16>
    %2 = fuser.exp %1 : tensor<2xf16>
    %3 = fuser.concat %2, %1 dim 0 : tensor<2xf16>, tensor<2xf16> to tensor<4xf16>
    fuser.yield %3 : tensor<4xf16>
  }
  return %0 : tensor<4xf16>
}

//===----------------------------------------------------------------------===//
// Contraction
//===----------------------------------------------------------------------===//

// x y + z, z + x y, x y - z, z - x y.
// CHECK-LABEL: func.func @contracted
// CHECK:         fuser.group(%[[A:.*]] = %{{.*}} : tensor<4xf32>, %[[B:.*]] = %{{.*}} : tensor<4xf32>, %[[C:.*]] = %{{.*}} : tensor<4xf32>)
// CHECK-NEXT:      %[[Y0:.*]] = fuser.fma %[[A]], %[[B]], %[[C]]
// CHECK-NEXT:      %[[Y1:.*]] = fuser.fma %[[A]], %[[B]], %[[C]]
// CHECK-NEXT:      %[[NEGC:.*]] = fuser.neg %[[C]]
// CHECK-NEXT:      %[[Y2:.*]] = fuser.fma %[[A]], %[[B]], %[[NEGC]]
// CHECK-NEXT:      %[[NEGA:.*]] = fuser.neg %[[A]]
// CHECK-NEXT:      %[[Y3:.*]] = fuser.fma %[[NEGA]], %[[B]], %[[C]]
// CHECK-NEXT:      fuser.yield %[[Y0]], %[[Y1]], %[[Y2]], %[[Y3]]
!t = tensor<4xf32>
func.func @contracted(%x: !t, %y: !t, %z: !t) -> (!t, !t, !t, !t) {
  %0:4 = fuser.group(%a = %x : !t, %b = %y : !t, %c = %z : !t) -> (!t, !t, !t, !t) {
    %1 = fuser.mul %a, %b : !t
    %2 = fuser.add %1, %c : !t
    %3 = fuser.mul %a, %b : !t
    %4 = fuser.add %c, %3 : !t
    %5 = fuser.mul %a, %b : !t
    %6 = fuser.sub %5, %c : !t
    %7 = fuser.mul %a, %b : !t
    %8 = fuser.sub %c, %7 : !t
    fuser.yield %2, %4, %6, %8 : !t, !t, !t, !t
  }
  return %0#0, %0#1, %0#2, %0#3 : !t, !t, !t, !t
}

// Of two products one is left; of halves it is f32.
// CHECK-LABEL: func.func @two_products
// CHECK:           %[[WIDE:.*]] = fuser.cast %{{.*}} : tensor<4xf16> to tensor<4xf32>
// CHECK-NEXT:      %[[P:.*]] = fuser.mul %[[WIDE]], %[[WIDE]] : tensor<4xf32>
// CHECK-NEXT:      %[[F:.*]] = fuser.fma %[[WIDE]], %[[WIDE]], %[[P]] : tensor<4xf32>
// CHECK-NEXT:      fuser.cast %[[F]] : tensor<4xf32> to tensor<4xf16>
func.func @two_products(%x: tensor<4xf16>) -> tensor<4xf16> {
  %0 = fuser.group(%a = %x : tensor<4xf16>) -> tensor<4xf16> {
    %1 = fuser.mul %a, %a : tensor<4xf16>
    %2 = fuser.mul %a, %a : tensor<4xf16>
    %3 = fuser.add %1, %2 : tensor<4xf16>
    fuser.yield %3 : tensor<4xf16>
  }
  return %0 : tensor<4xf16>
}

// A product that is read twice, or stored, is computed anyway.
// CHECK-LABEL: func.func @two_uses
// CHECK-NOT:       fuser.fma
// CHECK:           return
func.func @two_uses(%x: !t, %y: !t) -> (!t, !t, !t) {
  %0:3 = fuser.group(%a = %x : !t, %b = %y : !t) -> (!t, !t, !t) {
    %1 = fuser.mul %a, %b : !t
    %2 = fuser.add %1, %a : !t
    %3 = fuser.sub %1, %b : !t
    %4 = fuser.mul %a, %a : !t
    %5 = fuser.add %4, %b : !t
    fuser.yield %2, %3, %4 : !t, !t, !t
  }
  return %0#0, %0#1, %0#2 : !t, !t, !t
}

// A shape that comes of broadcasting is the sum's.
// CHECK-LABEL: func.func @broadcast
// CHECK:           fuser.fma %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x1xf64>, tensor<f64>, tensor<4xf64>) -> tensor<?x4xf64>
func.func @broadcast(%x: tensor<?x1xf64>, %y: tensor<f64>, %z: tensor<4xf64>) -> tensor<?x4xf64> {
  %0 = fuser.group(%a = %x : tensor<?x1xf64>, %b = %y : tensor<f64>, %c = %z : tensor<4xf64>)
      -> tensor<?x4xf64> {
    %1 = fuser.mul %a, %b : (tensor<?x1xf64>, tensor<f64>) -> tensor<?x1xf64>
    %2 = fuser.add %1, %c : (tensor<?x1xf64>, tensor<4xf64>) -> tensor<?x4xf64>
    fuser.yield %2 : tensor<?x4xf64>
  }
  return %0 : tensor<?x4xf64>
}

// CHECK-LABEL: func.func @integers
// CHECK-NOT:       fuser.fma
// CHECK:           fuser.mul %{{.*}} : tensor<4xi32>
// CHECK-NEXT:      fuser.add %{{.*}} : tensor<4xi32>
func.func @integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  %0 = fuser.group(%a = %x : tensor<4xi32>) -> tensor<4xi32> {
    %1 = fuser.mul %a, %a : tensor<4xi32>
    %2 = fuser.add %1, %a : tensor<4xi32>
    fuser.yield %2 : tensor<4xi32>
  }
  return %0 : tensor<4xi32>
}

// Only within groups.
// CHECK-LABEL: func.func @no_group
// CHECK-NEXT:    fuser.mul %{{.*}} : tensor<4xf16>
// CHECK-NEXT:    fuser.add %{{.*}} : tensor<4xf16>
func.func @no_group(%x: tensor<4xf16>) -> tensor<4xf16> {
  %0 = fuser.mul %x, %x : tensor<4xf16>
  %1 = fuser.add %0, %x : tensor<4xf16>
  return %1 : tensor<4xf16>
}
