// RUN: fuser-opt %s --convert-fuser-to-linalg | FileCheck %s

// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[LINE:.*]] = affine_map<(d0) -> (d0)>

// An input of one rank less is what the innermost dimension does not move.
// CHECK-LABEL: func.func @maps
// CHECK-SAME:      (%[[X:[a-z0-9]+]]: memref<?x?xf32>, %[[R:[a-z0-9]+]]: memref<?xf32>, %[[Y:[a-z0-9]+]]: memref<?x?xf32>, %[[Z:[a-z0-9]+]]: memref<?x?xf32>)
func.func @maps(%x: memref<?x?xf32>, %r: memref<?xf32>, %y: memref<?x?xf32>,
                %z: memref<?x?xf32>) {
  // CHECK-NEXT: linalg.generic {indexing_maps = [#[[ID]], #[[ROW]], #[[ID]], #[[ID]]], iterator_types = ["parallel", "parallel"]}
  // CHECK-SAME:     ins(%[[X]], %[[R]] : memref<?x?xf32>, memref<?xf32>) outs(%[[Y]], %[[Z]] : memref<?x?xf32>, memref<?x?xf32>) {
  // CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32):
  // CHECK-NEXT:   %[[SUM:.*]] = arith.addf %[[A]], %[[B]] : f32
  // CHECK-NEXT:   %[[ROOT:.*]] = math.sqrt %[[SUM]] : f32
  // CHECK-NEXT:   linalg.yield %[[SUM]], %[[ROOT]] : f32, f32
  // CHECK-NEXT: }
  // CHECK-NEXT: return
  fuser.nest ins(%a : tensor<f32> = %x : memref<?x?xf32>,
                 %b : tensor<f32> = %r : memref<?xf32>)
      outs(%y, %z : memref<?x?xf32>, memref<?x?xf32>) {
    %0 = fuser.add %a, %b : tensor<f32>
    %1 = fuser.sqrt %0 : tensor<f32>
    fuser.yield %0, %1 : tensor<f32>, tensor<f32>
  }
  return
}

// Any byte but 0 is true; true is stored as 1.
// CHECK-LABEL: func.func @truth
func.func @truth(%x: memref<?xi8>, %y: memref<?xi8>) {
  // CHECK:     ^bb0(%[[A:.*]]: i8, %{{.*}}: i8):
  // CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0 : i8
  // CHECK-DAG:   %[[BOOL:.*]] = arith.cmpi ne, %[[A]], %[[ZERO]] : i8
  // CHECK:       %[[STORED:.*]] = arith.extui %{{.*}} : i1 to i8
  // CHECK:       linalg.yield %[[STORED]] : i8
  fuser.nest ins(%a : tensor<i1> = %x : memref<?xi8>)
      outs(%y : memref<?xi8>) {
    %0 = fuser.constant dense<true> : tensor<i1>
    %1 = fuser.compare ne, %a, %0 : tensor<i1>
    fuser.yield %1 : tensor<i1>
  }
  return
}

// CHECK-LABEL: func.func @bytes
func.func @bytes(%x: memref<?xi8>, %y: memref<?xi8>) {
  // CHECK:     ^bb0(%[[A:.*]]: i8, %{{.*}}: i8):
  // CHECK-DAG:   %[[LIMIT:.*]] = arith.constant -56 : i8
  // CHECK-DAG:   %[[LESS:.*]] = arith.cmpi ult, %[[A]], %[[LIMIT]] : i8
  // CHECK:       %[[MIN:.*]] = arith.select %[[LESS]], %[[A]], %[[LIMIT]] : i8
  // CHECK:       linalg.yield %[[MIN]] : i8
  fuser.nest ins(%a : tensor<ui8> = %x : memref<?xi8>)
      outs(%y : memref<?xi8>) {
    %0 = fuser.constant dense<200> : tensor<ui8>
    %1 = fuser.minimum %a, %0 : tensor<ui8>
    fuser.yield %1 : tensor<ui8>
  }
  return
}

// Arithmetic only: no function of the math dialect that a library would have to
// provide.
// CHECK-LABEL: func.func @expansions
func.func @expansions(%x: memref<?xf64>, %y: memref<?xf64>) {
  // CHECK-NOT: math.{{exp|log|tanh|erf|rsqrt|expm1|log1p}}
  // CHECK-NOT: fuser.
  // CHECK:     math.fma
  // CHECK-NOT: math.{{exp|log|tanh|erf|rsqrt|expm1|log1p}}
  // CHECK-NOT: fuser.
  // CHECK:     return
  fuser.nest ins(%a : tensor<f64> = %x : memref<?xf64>)
      outs(%y : memref<?xf64>) {
    %0 = fuser.exp %a : tensor<f64>
    %1 = fuser.expm1 %0 : tensor<f64>
    %2 = fuser.log %1 : tensor<f64>
    %3 = fuser.log1p %2 : tensor<f64>
    %4 = fuser.tanh %3 : tensor<f64>
    %5 = fuser.erf %4 : tensor<f64>
    %6 = fuser.erfc %5 : tensor<f64>
    %7 = fuser.sigmoid %6 : tensor<f64>
    %8 = fuser.rsqrt %7 : tensor<f64>
    fuser.yield %8 : tensor<f64>
  }
  return
}

// No flag that lets LLVM change a bit.
// CHECK-LABEL: func.func @no_fast_math
func.func @no_fast_math(%x: memref<?xf32>) {
  // CHECK-NOT: fastmath
  // CHECK-NOT: arith.maximumf
  // CHECK:     return
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
    %0 = fuser.mul %a, %a : tensor<f32>
    %1 = fuser.add %0, %a : tensor<f32>
    %2 = fuser.maximum %1, %a : tensor<f32>
    %3 = fuser.clamp %2, %a, %1 : tensor<f32>
    %4 = fuser.div %3, %a : tensor<f32>
    fuser.yield %4 : tensor<f32>
  }
  return
}

// CHECK-LABEL: func.func @compares
func.func @compares(%x: memref<?xf32>, %y: memref<?xi32>, %m: memref<?xi8>) {
  // CHECK: arith.cmpf une
  // CHECK: arith.cmpf olt
  // CHECK: arith.select
  // CHECK: arith.cmpi sge
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>,
                 %b : tensor<i32> = %y : memref<?xi32>)
      outs(%m : memref<?xi8>) {
    %0 = fuser.compare ne, %a, %a : tensor<f32>
    %1 = fuser.compare lt, %a, %a : tensor<f32>
    %2 = fuser.select %0, %1, %0 : tensor<i1>
    %3 = fuser.compare ge, %b, %b : tensor<i32>
    %4 = fuser.compare eq, %2, %3 : tensor<i1>
    fuser.yield %4 : tensor<i1>
  }
  return
}

// Each cast by its kind; a float is compared with the bounds of the integer
// before it is converted.
// CHECK-LABEL: func.func @casts
func.func @casts(%x: memref<?xf32>, %y: memref<?xf64>) {
  // CHECK:     arith.fptosi %{{.*}} : f32 to i32
  // CHECK:     arith.extsi %{{.*}} : i32 to i64
  // CHECK:     arith.trunci %{{.*}} : i64 to i8
  // CHECK:     arith.uitofp %{{.*}} : i8 to f32
  // CHECK:     arith.cmpf une
  // CHECK:     arith.extui %{{.*}} : i1 to i32
  // CHECK:     arith.sitofp %{{.*}} : i32 to f64
  // CHECK:     arith.truncf %{{.*}} : f64 to f32
  // CHECK:     arith.extf %{{.*}} : f32 to f64
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%y : memref<?xf64>) {
    %0 = fuser.cast %a : tensor<f32> to tensor<i32>
    %1 = fuser.cast %0 : tensor<i32> to tensor<i64>
    %2 = fuser.cast %1 : tensor<i64> to tensor<ui8>
    %3 = fuser.cast %2 : tensor<ui8> to tensor<f32>
    %4 = fuser.cast %3 : tensor<f32> to tensor<i1>
    %5 = fuser.cast %4 : tensor<i1> to tensor<i32>
    %6 = fuser.cast %5 : tensor<i32> to tensor<f64>
    %7 = fuser.cast %6 : tensor<f64> to tensor<f32>
    %8 = fuser.cast %7 : tensor<f32> to tensor<f64>
    fuser.yield %8 : tensor<f64>
  }
  return
}

// Indices are no memory.
// CHECK-LABEL: func.func @indices
func.func @indices(%i: memref<?xindex>, %y: memref<?xi64>) {
  // CHECK:      ^bb0(%[[I:.*]]: index, %{{.*}}: i64):
  // CHECK-NEXT:   %[[N:.*]] = arith.index_cast %[[I]] : index to i64
  // CHECK-NEXT:   linalg.yield %[[N]] : i64
  fuser.nest ins(%a : tensor<i64> = %i : memref<?xindex>)
      outs(%y : memref<?xi64>) {
    fuser.yield %a : tensor<i64>
  }
  return
}

// f16 is 16 bits in memory, f32 in between, and rounded after each op.
// CHECK-LABEL: func.func @f16
func.func @f16(%x: memref<?xi16>, %y: memref<?xi16>) {
  // CHECK:      ^bb0(%[[A:.*]]: i16, %{{.*}}: i16):
  // CHECK-NEXT:   %[[H:.*]] = arith.bitcast %[[A]] : i16 to f16
  // CHECK-NEXT:   %[[F:.*]] = arith.extf %[[H]] : f16 to f32
  // CHECK-NEXT:   %[[SUM:.*]] = arith.addf %[[F]], %[[F]] : f32
  // CHECK-NEXT:   %[[R:.*]] = arith.truncf %[[SUM]] : f32 to f16
  // CHECK-NEXT:   %[[RF:.*]] = arith.extf %[[R]] : f16 to f32
  // CHECK-NEXT:   %[[P:.*]] = arith.mulf %[[RF]], %[[F]] : f32
  // CHECK-NEXT:   %[[Q:.*]] = arith.truncf %[[P]] : f32 to f16
  // CHECK-NEXT:   %[[QF:.*]] = arith.extf %[[Q]] : f16 to f32
  // CHECK-NEXT:   %[[S:.*]] = arith.truncf %[[QF]] : f32 to f16
  // CHECK-NEXT:   %[[B:.*]] = arith.bitcast %[[S]] : f16 to i16
  // CHECK-NEXT:   linalg.yield %[[B]] : i16
  fuser.nest ins(%a : tensor<f16> = %x : memref<?xi16>)
      outs(%y : memref<?xi16>) {
    %0 = fuser.add %a, %a : tensor<f16>
    %1 = fuser.mul %0, %a : tensor<f16>
    fuser.yield %1 : tensor<f16>
  }
  return
}

// bf16 is the upper half of an f32: integer ops round it.
// CHECK-LABEL: func.func @bf16
func.func @bf16(%x: memref<?xi16>, %y: memref<?xi16>) {
  // CHECK:     ^bb0(%[[A:.*]]: i16, %{{.*}}: i16):
  // CHECK-NOT:   arith.truncf
  // CHECK-NOT:   : bf16
  // CHECK:       %[[WIDE:.*]] = arith.extui %[[A]] : i16 to i32
  // CHECK:       %[[BITS:.*]] = arith.shli %[[WIDE]]
  // CHECK:       %[[F:.*]] = arith.bitcast %[[BITS]] : i32 to f32
  // CHECK:       %[[SUM:.*]] = arith.addf %[[F]], %[[F]] : f32
  // CHECK:       arith.bitcast %[[SUM]] : f32 to i32
  // CHECK-NOT:   arith.cmpf
  // CHECK:       %[[ROUNDED:.*]] = arith.bitcast %{{.*}} : i32 to f32
  // CHECK:       %[[R:.*]] = arith.bitcast %[[ROUNDED]] : f32 to i32
  // CHECK:       %[[UPPER:.*]] = arith.shrui %[[R]]
  // CHECK:       %[[B:.*]] = arith.trunci %[[UPPER]] : i32 to i16
  // CHECK:       linalg.yield %[[B]] : i16
  fuser.nest ins(%a : tensor<bf16> = %x : memref<?xi16>)
      outs(%y : memref<?xi16>) {
    %0 = fuser.add %a, %a : tensor<bf16>
    fuser.yield %0 : tensor<bf16>
  }
  return
}

// A NaN may have low bits set if one of f32 is among what it comes from, or an
// op on bits.
// CHECK-LABEL: func.func @bf16_of_long_nans
func.func @bf16_of_long_nans(%x: memref<?xf32>, %y: memref<?xi16>,
                             %z: memref<?xi16>) {
  // CHECK: %[[SUM:.*]] = arith.addf
  // CHECK: arith.cmpf uno, %[[SUM]], %[[SUM]]
  // CHECK: arith.ori
  // CHECK: arith.cmpf uno
  // CHECK: linalg.yield
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>,
                 %b : tensor<bf16> = %y : memref<?xi16>)
      outs(%y, %z : memref<?xi16>, memref<?xi16>) {
    %0 = fuser.cast %b : tensor<bf16> to tensor<f32>
    %1 = fuser.add %0, %a : tensor<f32>
    %2 = fuser.cast %1 : tensor<f32> to tensor<bf16>
    %3 = fuser.minimum %b, %b : tensor<bf16>
    fuser.yield %2, %3 : tensor<bf16>, tensor<bf16>
  }
  return
}

// Small integers by way of i32, i16 and i8 by their sign.
// CHECK-LABEL: func.func @casts_of_small_types
func.func @casts_of_small_types(%x: memref<?xi16>, %y: memref<?xi8>) {
  // CHECK: %[[F:.*]] = arith.extf %{{.*}} : f16 to f32
  // CHECK: arith.fptosi %{{.*}} : f32 to i32
  // CHECK: %[[I16:.*]] = arith.trunci %{{.*}} : i32 to i16
  // CHECK: %[[I8:.*]] = arith.trunci %[[I16]] : i16 to i8
  // CHECK: arith.extsi %[[I8]] : i8 to i64
  // CHECK: arith.sitofp %{{.*}} : i64 to f32
  fuser.nest ins(%a : tensor<f16> = %x : memref<?xi16>)
      outs(%y : memref<?xi8>) {
    %0 = fuser.cast %a : tensor<f16> to tensor<i16>
    %1 = fuser.cast %0 : tensor<i16> to tensor<i8>
    %2 = fuser.cast %1 : tensor<i8> to tensor<i64>
    %3 = fuser.cast %2 : tensor<i64> to tensor<bf16>
    %4 = fuser.cast %3 : tensor<bf16> to tensor<ui8>
    fuser.yield %4 : tensor<ui8>
  }
  return
}

// A constant of a half is the f32 of its value.
// CHECK-LABEL: func.func @half_constant
func.func @half_constant(%y: memref<?xi16>) {
  // CHECK: arith.constant 1.00097656{{.*}} : f32
  fuser.nest ins() outs(%y : memref<?xi16>) {
    %0 = fuser.constant dense<0x3C01> : tensor<f16>
    fuser.yield %0 : tensor<f16>
  }
  return
}

// Division by zero fails an assertion; the divisor of the instruction is never
// 0, nor -1 where the dividend is the least.
// CHECK-LABEL: func.func @division
func.func @division(%x: memref<?xi32>, %y: memref<?xi32>) {
  // CHECK:     ^bb0(%[[A:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i32):
  // CHECK:       %[[IS_ZERO:.*]] = arith.cmpi eq, %[[B]], %{{.*}} : i32
  // CHECK:       %[[HOLDS:.*]] = arith.xori %[[IS_ZERO]], %{{.*}} : i1
  // CHECK:       cf.assert %[[HOLDS]], "integer division by zero"
  // CHECK-NOT:   arith.divsi %{{.*}}, %[[B]]
  // CHECK:       linalg.yield
  fuser.nest ins(%a : tensor<i32> = %x : memref<?xi32>,
                 %b : tensor<i32> = %y : memref<?xi32>)
      outs(%x : memref<?xi32>) {
    %0 = fuser.div_trunc %a, %b : tensor<i32>
    fuser.yield %0 : tensor<i32>
  }
  return
}

// Arguments of sin that are huge take a way of their own.
// CHECK-LABEL: func.func @rarely
func.func @rarely(%x: memref<?xf64>, %y: memref<?xf64>) {
  // CHECK: %[[IS_HUGE:.*]] = arith.cmpf
  // CHECK: scf.if %{{.*}} -> (f64) {
  // CHECK:   scf.yield %{{.*}} : f64
  // CHECK: } else {
  // CHECK-NEXT: scf.yield %{{.*}} : f64
  // CHECK: linalg.yield
  fuser.nest ins(%a : tensor<f64> = %x : memref<?xf64>)
      outs(%y : memref<?xf64>) {
    %0 = fuser.sin %a : tensor<f64>
    fuser.yield %0 : tensor<f64>
  }
  return
}

// CHECK-LABEL: func.func private @declaration
func.func private @declaration(memref<?xf32>)
