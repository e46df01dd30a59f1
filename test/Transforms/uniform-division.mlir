// RUN: fuser-opt %s --fuser-linalg-to-vector-loops | FileCheck %s
// RUN: fuser-opt %s --fuser-linalg-to-vector-loops=reciprocals=false \
// RUN:   | FileCheck %s --check-prefix=DIVIDES
// RUN: fuser-opt %s --fuser-linalg-to-vector-loops=main-loop=false \
// RUN:   | FileCheck %s --check-prefix=DIVIDES

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// Any dividend: tested one by one. In short rows, and in the rest, which is a
// vector at the most, all are divided.
// CHECK-LABEL: func.func @any
// CHECK:         scf.for
// CHECK:           %[[LONG:.*]] = arith.cmpi uge, %{{.*}}, %c64
// CHECK:           scf.if %[[LONG]] {
// CHECK:             %[[X:.*]] = vector.load
// CHECK:             %[[R:.*]] = arith.divf %{{.*}}, %[[C:.*]] : vector<8xf64>
// CHECK:             %[[LEAST:.*]] = arith.select %{{.*}}, %{{.*}}, %[[NAN:.*]] : vector<8xi1>
// CHECK:             %[[ZERO:.*]] = arith.select %{{.*}}, %{{.*}}, %[[NAN]] : vector<8xi1>
// CHECK:             %[[P:.*]] = arith.mulf %[[X]], %[[R]]
// CHECK:             %[[MINUS:.*]] = arith.negf %[[X]]
// CHECK:             %[[E:.*]] = math.fma %[[C]], %[[P]], %[[MINUS]]
// CHECK:             %[[LESS:.*]] = arith.negf %[[E]]
// CHECK:             %[[Q:.*]] = math.fma %[[LESS]], %[[R]], %[[P]]
// CHECK:             %[[SIZE:.*]] = math.absf %[[Q]]
// CHECK:             %[[SMALL:.*]] = arith.cmpf ult, %[[SIZE]], %[[LEAST]]
// CHECK:             %[[NONZERO:.*]] = arith.cmpf une, %[[X]], %[[ZERO]]
// CHECK:             %[[RARE:.*]] = arith.andi %[[SMALL]], %[[NONZERO]]
// CHECK:             %[[ANY:.*]] = vector.reduction <or>, %[[RARE]]
// CHECK:             %[[RESULT:.*]] = scf.if %[[ANY]]
// CHECK:               %[[EXACT:.*]] = arith.divf %[[X]], %[[C]]
// CHECK:               arith.select %[[RARE]], %[[EXACT]], %[[Q]]
// CHECK:             vector.store %[[RESULT]]
// CHECK:           } else {
// CHECK:             %[[V:.*]] = vector.load
// CHECK-NEXT:        %[[W:.*]] = arith.divf %[[V]]
// CHECK-NEXT:        vector.store %[[W]]
// CHECK:           scf.for
// CHECK:             %[[Y:.*]] = vector.maskedload
// CHECK-NEXT:        %[[T:.*]] = arith.divf %[[Y]]
// CHECK-NEXT:        vector.maskedstore {{.*}}, %[[T]]

// DIVIDES-LABEL: func.func @any
// DIVIDES-NOT:     math.fma
// DIVIDES:         arith.divf
// DIVIDES-NOT:     math.fma
// DIVIDES:         return
func.func @any(%begin: index, %end: index, %x: memref<f64>, %c: memref<f64>, %y: memref<f64>,
               %m: index, %n: index, %s: index, %t: index, %u: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%m, %n], strides: [%s, 1]
      : memref<f64> to memref<?x?xf64, strided<[?, 1]>>
  %b = memref.reinterpret_cast %c to offset: [0], sizes: [%m], strides: [%t]
      : memref<f64> to memref<?xf64, strided<[?]>>
  %o = memref.reinterpret_cast %y to offset: [0], sizes: [%m, %n], strides: [%u, 1]
      : memref<f64> to memref<?x?xf64, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x?xf64, strided<[?, 1]>>, memref<?xf64, strided<[?]>>)
      outs(%o : memref<?x?xf64, strided<[?, 1]>>) {
  ^bb0(%in: f64, %in_0: f64, %out: f64):
    %0 = arith.divf %in, %in_0 : f64
    linalg.yield %0 : f64
  }
  return
}

// What integers give: tested once a row. By a constant: 8 bits have few
// quotients, which two steps give; a power of two divides in one.
// CHECK-LABEL: func.func @bytes
// CHECK-DAG:     %[[HIGH:.*]] = arith.constant dense<0.00392156886> : vector<16xf32>
// CHECK-DAG:     %[[LOW:.*]] = arith.constant dense<-2.31917{{.*}}E-10> : vector<16xf32>
// CHECK-DAG:     %[[HALF:.*]] = arith.constant dense<5.000000e-01> : vector<16xf32>
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             %[[X:.*]] = arith.uitofp
// CHECK:             %[[A:.*]] = arith.mulf %[[X]], %[[LOW]]
// CHECK:             %[[B:.*]] = math.fma %[[X]], %[[HIGH]], %[[A]]
// CHECK:             %[[D:.*]] = arith.subf %[[B]], %[[C:.*]] :
// CHECK:             %[[P:.*]] = arith.mulf %[[D]], %[[R:.*]] :
// CHECK:             math.fma
// CHECK:             %[[Q:.*]] = math.fma %{{.*}}, %[[R]], %[[P]]
// CHECK-NOT:         arith.cmpf {{.*}}%[[D]]
// CHECK-NOT:         arith.cmpf {{.*}}%[[Q]]
// CHECK:             %[[E:.*]] = scf.if
// CHECK:             %[[H:.*]] = arith.mulf %[[E]], %[[HALF]]
// CHECK:             vector.store %[[H]]
func.func @bytes(%begin: index, %end: index, %x: memref<i8>, %c: memref<f32>, %y: memref<f32>,
                 %m: index, %n: index, %s: index, %t: index, %u: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%m, %n], strides: [%s, 1]
      : memref<i8> to memref<?x?xi8, strided<[?, 1]>>
  %b = memref.reinterpret_cast %c to offset: [0], sizes: [%m], strides: [%t]
      : memref<f32> to memref<?xf32, strided<[?]>>
  %o = memref.reinterpret_cast %y to offset: [0], sizes: [%m, %n], strides: [%u, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x?xi8, strided<[?, 1]>>, memref<?xf32, strided<[?]>>)
      outs(%o : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: i8, %in_0: f32, %out: f32):
    %white = arith.constant 255.0 : f32
    %two = arith.constant 2.0 : f32
    %0 = arith.uitofp %in : i8 to f32
    %1 = arith.divf %0, %white : f32
    %2 = arith.subf %1, %in_0 : f32
    %3 = arith.divf %2, %in_0 : f32
    %4 = arith.divf %3, %two : f32
    linalg.yield %4 : f32
  }
  return
}

// Left as they are: quotients of what is the same along a row, by what is not,
// and by constants that are too small or no numbers.
// CHECK-LABEL: func.func @left
// CHECK-NOT:     math.fma
// CHECK:         return
func.func @left(%begin: index, %end: index, %x: memref<f64>, %c: memref<f64>, %y: memref<f64>,
                %m: index, %n: index, %s: index, %t: index, %u: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%m, %n], strides: [%s, 1]
      : memref<f64> to memref<?x?xf64, strided<[?, 1]>>
  %b = memref.reinterpret_cast %c to offset: [0], sizes: [%m], strides: [%t]
      : memref<f64> to memref<?xf64, strided<[?]>>
  %o = memref.reinterpret_cast %y to offset: [0], sizes: [%m, %n], strides: [%u, 1]
      : memref<f64> to memref<?x?xf64, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x?xf64, strided<[?, 1]>>, memref<?xf64, strided<[?]>>)
      outs(%o : memref<?x?xf64, strided<[?, 1]>>) {
  ^bb0(%in: f64, %in_0: f64, %out: f64):
    %one = arith.constant 1.0 : f64
    %tiny = arith.constant 1.1e-300 : f64
    %zero = arith.constant 0.0 : f64
    %nan = arith.constant 0x7FF8000000000000 : f64
    %0 = arith.divf %one, %in_0 : f64
    %1 = arith.divf %0, %in : f64
    %2 = arith.divf %1, %tiny : f64
    %3 = arith.divf %2, %zero : f64
    %4 = arith.divf %3, %nan : f64
    linalg.yield %4 : f64
  }
  return
}

// So are quotients of f32 that would have to be tested one by one.
// CHECK-LABEL: func.func @single
// CHECK-NOT:     math.fma
// CHECK:         return
func.func @single(%begin: index, %end: index, %x: memref<f32>, %c: memref<f32>, %y: memref<f32>,
               %m: index, %n: index, %s: index, %t: index, %u: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%m, %n], strides: [%s, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %b = memref.reinterpret_cast %c to offset: [0], sizes: [%m], strides: [%t]
      : memref<f32> to memref<?xf32, strided<[?]>>
  %o = memref.reinterpret_cast %y to offset: [0], sizes: [%m, %n], strides: [%u, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x?xf32, strided<[?, 1]>>, memref<?xf32, strided<[?]>>)
      outs(%o : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %0 = arith.divf %in, %in_0 : f32
    linalg.yield %0 : f32
  }
  return
}
