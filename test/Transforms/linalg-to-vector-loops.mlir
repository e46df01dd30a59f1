// RUN: fuser-opt %s --fuser-linalg-to-vector-loops | FileCheck %s
// RUN: fuser-opt %s --fuser-linalg-to-vector-loops=main-loop=false \
// RUN:   | FileCheck %s --check-prefix=MASKED
// RUN: fuser-opt %s --fuser-linalg-to-vector-loops=interleave=false \
// RUN:   | FileCheck %s --check-prefix=APART

#line = affine_map<(d0) -> (d0)>
#none = affine_map<(d0) -> ()>
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#id3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Full vectors from begin on, then the masked rest, which is one vector.
// CHECK-LABEL: func.func @rank_1
// CHECK-SAME:      (%[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<f32>, %[[Y:[a-z0-9]+]]: memref<f32>, %{{.*}}: index)
// CHECK-NOT:     linalg.generic
// CHECK-DAG:     %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK-DAG:     %[[TWOS:.*]] = arith.constant dense<2.000000e+00> : vector<16xf32>
// CHECK-DAG:     %[[A:.*]] = memref.reinterpret_cast %[[X]] to offset: [%{{.*}}], sizes: [%[[END]]], strides: [1]
// CHECK-DAG:     %[[B:.*]] = memref.reinterpret_cast %[[Y]] to offset: [%{{.*}}], sizes: [%[[END]]], strides: [1]
// CHECK:         %[[SIZE:.*]] = arith.subi %[[END]], %[[BEGIN]]
// CHECK:         %[[UNIT:.*]] = arith.constant 16 : index
// CHECK:         %[[REST:.*]] = arith.remui %[[SIZE]], %[[UNIT]]
// CHECK:         %[[FULL:.*]] = arith.subi %[[END]], %[[REST]]
// CHECK:         scf.for %[[I:.*]] = %[[BEGIN]] to %[[FULL]] step %c16{{.*}} {
// CHECK-NEXT:      %[[V:.*]] = vector.load %[[A]][%[[I]]] : {{.*}}, vector<16xf32>
// CHECK-NEXT:      %[[P:.*]] = arith.mulf %[[V]], %[[TWOS]] : vector<16xf32>
// CHECK-NEXT:      vector.store %[[P]], %[[B]][%[[I]]]
// CHECK-NEXT:    }
// CHECK:         %[[LEFT:.*]] = arith.subi %[[END]], %[[FULL]]
// CHECK:         %[[BOUNDED:.*]] = arith.minsi %[[LEFT]], %{{.*}}
// CHECK:         %[[BOUND:.*]] = arith.index_cast %[[BOUNDED]]
// CHECK:         %[[BOUNDS:.*]] = vector.broadcast %[[BOUND]] : i32 to vector<16xi32>
// CHECK:         %[[MASK:.*]] = arith.cmpi slt, %{{.*}}, %[[BOUNDS]] : vector<16xi32>
// CHECK:         scf.for %[[J:.*]] = %[[FULL]] to %[[END]] step %c16{{.*}} {
// CHECK:           %[[W:.*]] = vector.maskedload %[[A]][%[[J]]], %[[MASK]], %[[ZEROS]]
// CHECK:           %[[Q:.*]] = arith.mulf %[[W]], %[[TWOS]]
// CHECK:           vector.maskedstore %[[B]][%[[J]]], %[[MASK]], %[[Q]]
// CHECK:         return

// MASKED-LABEL: func.func @rank_1
// MASKED-NOT:     vector.load
// MASKED:         scf.for
// MASKED:           vector.maskedload
// MASKED-NOT:     scf.for
// MASKED:         return
func.func @rank_1(%begin: index, %end: index, %x: memref<f32>, %y: memref<f32>,
                  %size: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%size], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%size], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xf32, strided<[1]>>)
      outs(%b : memref<?xf32, strided<[1]>>) {
  ^bb0(%in: f32, %out: f32):
    %two = arith.constant 2.0 : f32
    %0 = arith.mulf %in, %two : f32
    linalg.yield %0 : f32
  }
  return
}

// Rows [begin, end), each from its own offset; what the innermost dimension
// does not move is loaded once a row.
// CHECK-LABEL: func.func @rank_2
// CHECK-SAME:      (%[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<f32>, %[[R:[a-z0-9]+]]: memref<f32>, %[[Y:[a-z0-9]+]]: memref<f32>,
// CHECK-SAME:      %[[OUTER:[a-z0-9]+]]: index, %[[INNER:[a-z0-9]+]]: index, %[[XS:[a-z0-9]+]]: index, %[[RS:[a-z0-9]+]]: index, %[[YS:[a-z0-9]+]]: index)
// CHECK:         scf.for %[[ROW:.*]] = %[[BEGIN]] to %[[END]] step
// CHECK:           %[[XO:.*]] = arith.muli %[[ROW]], %[[XS]]
// CHECK:           %[[A:.*]] = memref.reinterpret_cast %[[X]] to offset: [%[[XO]]], sizes: [%[[INNER]]]
// CHECK:           %[[RO:.*]] = arith.muli %[[ROW]], %[[RS]]
// CHECK:           %[[C:.*]] = memref.reinterpret_cast %[[R]] to offset: [%[[RO]]]
// CHECK:           %[[S:.*]] = memref.load %[[C]]
// CHECK:           %[[V:.*]] = vector.broadcast %[[S]] : f32 to vector<16xf32>
// CHECK:           scf.for
// CHECK-NEXT:        %[[W:.*]] = vector.load %[[A]]
// CHECK-NEXT:        arith.addf %[[W]], %[[V]]
// CHECK:           scf.for
// CHECK:             vector.maskedload %[[A]]
// CHECK-NOT:         vector.broadcast %{{.*}} : f32
// CHECK:         return
func.func @rank_2(%begin: index, %end: index, %x: memref<f32>, %r: memref<f32>,
                  %y: memref<f32>, %outer: index, %inner: index, %xs: index,
                  %rs: index, %ys: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%outer, %inner], strides: [%xs, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %b = memref.reinterpret_cast %r to offset: [0], sizes: [%outer], strides: [%rs]
      : memref<f32> to memref<?xf32, strided<[?]>>
  %c = memref.reinterpret_cast %y to offset: [0], sizes: [%outer, %inner], strides: [%ys, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x?xf32, strided<[?, 1]>>, memref<?xf32, strided<[?]>>)
      outs(%c : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %in_row: f32, %out: f32):
    %0 = arith.addf %in, %in_row : f32
    linalg.yield %0 : f32
  }
  return
}

// The indices of the first row by division, of the others by counting.
// CHECK-LABEL: func.func @rank_3
// CHECK-SAME:      (%[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: memref<f64>, %[[N0:[a-z0-9]+]]: index, %[[N1:[a-z0-9]+]]: index
// CHECK-DAG:     %[[FIRST1:.*]] = arith.remui %[[BEGIN]], %[[N1]]
// CHECK-DAG:     %[[FIRST0:.*]] = arith.divui %[[BEGIN]], %[[N1]]
// CHECK:         scf.for {{.*}} = %[[BEGIN]] to %[[END]] {{.*}} iter_args(%[[I0:.*]] = %[[FIRST0]], %[[I1:.*]] = %[[FIRST1]])
// CHECK-NOT:       arith.divui
// CHECK:           vector.store {{.*}} vector<8xf64>
// CHECK-NOT:       arith.divui
// CHECK:           %[[NEXT1:.*]] = arith.addi %[[I1]], %{{.*}}
// CHECK:           %[[WRAPS:.*]] = arith.cmpi eq, %[[NEXT1]], %[[N1]]
// CHECK:           arith.select %[[WRAPS]]
// CHECK:           arith.addi %[[I0]]
// CHECK:           scf.yield
func.func @rank_3(%begin: index, %end: index, %y: memref<f64>, %n0: index,
                  %n1: index, %n2: index, %s0: index, %s1: index) {
  %a = memref.reinterpret_cast %y to offset: [0], sizes: [%n0, %n1, %n2], strides: [%s0, %s1, 1]
      : memref<f64> to memref<?x?x?xf64, strided<[?, ?, 1]>>
  linalg.generic {indexing_maps = [#id3], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%a : memref<?x?x?xf64, strided<[?, ?, 1]>>) {
  ^bb0(%out: f64):
    %one = arith.constant 1.0 : f64
    linalg.yield %one : f64
  }
  return
}

// Loads lane by lane, of which those beyond the end repeat the last one.
// CHECK-LABEL: func.func @strided
// CHECK-SAME:      (%{{[a-z0-9]+}}: index, %[[END:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: memref<i32>, %{{[a-z0-9]+}}: memref<i32>, %{{[a-z0-9]+}}: index, %[[XS:[a-z0-9]+]]: index, %[[YS:[a-z0-9]+]]: index)
// CHECK:         scf.for %[[I:.*]] =
// CHECK:           %[[FIRST:.*]] = arith.muli %[[I]], %[[XS]]
// CHECK-COUNT-16:  memref.load
// CHECK:           vector.from_elements {{.*}} : vector<16xi32>
// CHECK:           %[[LAST:.*]] = arith.muli %[[I]], %[[YS]]
// CHECK:           vector.scatter %{{.*}}[%[[LAST]]]
// CHECK:         %[[MASK:.*]] = arith.cmpi slt
// CHECK:         scf.for
// CHECK:           %[[LESS:.*]] = arith.subi %[[END]], %{{.*}}
// CHECK:           %[[MOST:.*]] = arith.muli %[[LESS]], %[[XS]]
// CHECK:           memref.load
// CHECK-NEXT:      %[[NEXT:.*]] = arith.addi %{{.*}}, %[[XS]]
// CHECK-NEXT:      %[[PLACE:.*]] = arith.minui %[[NEXT]], %[[MOST]]
// CHECK-NEXT:      memref.load %{{.*}}[%[[PLACE]]]
// CHECK:           vector.scatter {{.*}}, %[[MASK]], %{{.*}}
// CHECK:         return

// MASKED-LABEL: func.func @strided
// MASKED:         vector.gather
// MASKED:         vector.scatter
// MASKED:         return
func.func @strided(%begin: index, %end: index, %x: memref<i32>, %y: memref<i32>,
                   %size: index, %xs: index, %ys: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%size], strides: [%xs]
      : memref<i32> to memref<?xi32, strided<[?]>>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%size], strides: [%ys]
      : memref<i32> to memref<?xi32, strided<[?]>>
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi32, strided<[?]>>)
      outs(%b : memref<?xi32, strided<[?]>>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  }
  return
}

// A loop over blocks of 128 rows, in it one over tiles of 32 columns. What is
// transposed goes through a buffer: squares of 16 in registers, then the rest
// element by element. Then row by row, with prefetches for the next tile.
// CHECK-LABEL: func.func @transposed
// CHECK-SAME:      (%[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<f32>, %[[Y:[a-z0-9]+]]: memref<f32>, %[[Z:[a-z0-9]+]]: memref<f32>,
// CHECK-SAME:      %[[ROWS:[a-z0-9]+]]: index, %[[COLUMNS:[a-z0-9]+]]: index, %[[XS:[a-z0-9]+]]: index,
// CHECK-DAG:     %[[BUFFER:.*]] = memref.alloca() {alignment = 64 : i64} : memref<4096xf32>
// CHECK:         scf.for %[[BLOCK:.*]] = %[[BEGIN]] to %[[END]]
// CHECK:           %[[FIRST:.*]] = arith.muli %[[BLOCK]], %{{.*}}
// CHECK:           %[[LEFT:.*]] = arith.subi %[[ROWS]], %[[FIRST]]
// CHECK:           %[[HEIGHT:.*]] = arith.minui %[[LEFT]], %{{.*}}
// CHECK:           scf.for %[[COLUMN:.*]] = %{{.*}} to %[[COLUMNS]]
// CHECK:             %[[STEP:.*]] = arith.muli %[[COLUMN]], %[[XS]]
// CHECK:             %[[PLACE:.*]] = arith.addi %[[FIRST]], %[[STEP]]
// CHECK:             %[[LINES:.*]] = memref.reinterpret_cast %[[X]] to offset: [%[[PLACE]]]
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK-COUNT-16:        vector.load %[[LINES]]
// CHECK-NOT:             vector.load
// CHECK-COUNT-64:        vector.shuffle
// CHECK-NOT:             vector.shuffle
// CHECK-COUNT-16:        vector.store
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK:                 memref.load %[[LINES]]
// CHECK:                 memref.store
// CHECK:             scf.for %[[ROW:.*]] = %{{.*}} to %[[HEIGHT]]
// CHECK:               %[[LINE:.*]] = memref.reinterpret_cast %[[BUFFER]]
// CHECK:               %[[OTHER:.*]] = memref.reinterpret_cast %[[Y]]
// CHECK:               %[[RESULT:.*]] = memref.reinterpret_cast %[[Z]]
// CHECK-COUNT-2:       memref.prefetch %[[LINES]][{{.*}}], read, locality<2>, data
// CHECK-COUNT-2:       memref.prefetch %[[OTHER]][{{.*}}], read, locality<2>, data
// CHECK:               scf.for
// CHECK-NEXT:            %[[V:.*]] = vector.load %[[LINE]]
// CHECK-NEXT:            %[[W:.*]] = vector.load %[[OTHER]]
// CHECK-NEXT:            %[[SUM:.*]] = arith.addf %[[V]], %[[W]]
// CHECK-NEXT:            vector.store %[[SUM]], %[[RESULT]]
// CHECK:               scf.for
// CHECK:                 vector.maskedstore
// CHECK:         return

// MASKED-LABEL: func.func @transposed
// MASKED-NOT:     vector.shuffle
// MASKED-NOT:     memref.prefetch
// MASKED:         memref.store
// MASKED:         vector.maskedstore
// MASKED:         return
func.func @transposed(%begin: index, %end: index, %x: memref<f32>,
                      %y: memref<f32>, %z: memref<f32>, %rows: index,
                      %columns: index, %xs: index, %ys: index, %zs: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%rows, %columns], strides: [1, %xs]
      : memref<f32> to memref<?x?xf32, strided<[1, ?]>>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%rows, %columns], strides: [%ys, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %c = memref.reinterpret_cast %z to offset: [0], sizes: [%rows, %columns], strides: [%zs, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x?xf32, strided<[1, ?]>>, memref<?x?xf32, strided<[?, 1]>>)
      outs(%c : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %in_other: f32, %out: f32):
    %0 = arith.addf %in, %in_other : f32
    linalg.yield %0 : f32
  }
  return
}

// A transposed store goes the other way; 64-bit elements in squares of 8.
// CHECK-LABEL: func.func @transposed_store
// CHECK-DAG:     %[[BUFFER:.*]] = memref.alloca() {alignment = 64 : i64} : memref<2048xf64>
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             %[[LINES:.*]] = memref.reinterpret_cast %{{.*}}
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK:                 vector.store {{.*}} : memref<?xf64, strided<[1], offset: ?>>, vector<8xf64>
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK-COUNT-8:         vector.load
// CHECK-COUNT-24:        vector.shuffle
// CHECK-COUNT-8:         vector.store %{{.*}}, %[[LINES]]
// CHECK:         return
func.func @transposed_store(%begin: index, %end: index, %z: memref<f64>,
                            %rows: index, %columns: index, %zs: index) {
  %c = memref.reinterpret_cast %z to offset: [0], sizes: [%rows, %columns], strides: [1, %zs]
      : memref<f64> to memref<?x?xf64, strided<[1, ?]>>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%c : memref<?x?xf64, strided<[1, ?]>>) {
  ^bb0(%out: f64):
    %one = arith.constant 1.0 : f64
    linalg.yield %one : f64
  }
  return
}

// Only full vectors go past the caches.
// CHECK-LABEL: func.func @non_temporal
// CHECK:         vector.store {{.*}} {alignment = 64 : i64, nontemporal = true}
// CHECK:         vector.maskedstore
// CHECK-NOT:     nontemporal
// CHECK:         return
func.func @non_temporal(%begin: index, %end: index, %x: memref<f32>,
                        %y: memref<f32>, %size: index)
    attributes {fuser.nontemporal} {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [], strides: []
      : memref<f32> to memref<f32, strided<[]>>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%size], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  linalg.generic {indexing_maps = [#none, #line], iterator_types = ["parallel"]}
      ins(%a : memref<f32, strided<[]>>)
      outs(%b : memref<?xf32, strided<[1]>>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// One loop over rows; two inner loops each.
// CHECK-LABEL: func.func @two_nests
// CHECK:         scf.for
// CHECK-COUNT-4:   scf.for
// CHECK-NOT:       scf.for
// CHECK:         return
func.func @two_nests(%begin: index, %end: index, %x: memref<f32>,
                     %y: memref<f32>, %outer: index, %n: index, %m: index,
                     %xs: index, %ys: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%outer, %n], strides: [%xs, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%outer, %m], strides: [%ys, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%a : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%out: f32):
    %one = arith.constant 1.0 : f32
    linalg.yield %one : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%b : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%out: f32):
    %two = arith.constant 2.0 : f32
    linalg.yield %two : f32
  }
  return
}

// An operand of indices is no memory but address arithmetic, in all stride
// classes; with the outputs of 64 bits there are 8 lanes.
// CHECK-LABEL: func.func @indices
// CHECK-SAME:      (%[[BEGIN:[a-z0-9]+]]: index, %[[END:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<index>, %[[Y:[a-z0-9]+]]: memref<index>, %[[Z:[a-z0-9]+]]: memref<index>,
// CHECK-SAME:      %[[STRIDE:[a-z0-9]+]]: index)
// CHECK-DAG:     %[[XP:.*]] = memref.extract_aligned_pointer_as_index %[[X]]
// CHECK-DAG:     %[[XROW:.*]] = arith.addi %[[XP]],
// CHECK-DAG:     %[[YP:.*]] = memref.extract_aligned_pointer_as_index %[[Y]]
// CHECK-DAG:     %[[YROW:.*]] = arith.addi %[[YP]],
// CHECK-DAG:     %[[ZP:.*]] = memref.extract_aligned_pointer_as_index %[[Z]]
// CHECK-DAG:     %[[ZROW:.*]] = arith.addi %[[ZP]],
// CHECK-DAG:     %[[ZS:.*]] = vector.broadcast %[[ZROW]] : index to vector<8xindex>
// CHECK:         scf.for %[[I:.*]] = %[[BEGIN]] to
// CHECK-DAG:       %[[LANES:.*]] = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : vector<8xindex>
// CHECK-DAG:       %[[XFIRST:.*]] = arith.addi %[[XROW]], %[[I]] : index
// CHECK-DAG:       %[[XFIRSTS:.*]] = vector.broadcast %[[XFIRST]] : index to vector<8xindex>
// CHECK-DAG:       %[[XS:.*]] = arith.addi %[[XFIRSTS]], %[[LANES]] : vector<8xindex>
// CHECK-DAG:       %[[YSTEP:.*]] = arith.muli %[[I]], %[[STRIDE]] : index
// CHECK-DAG:       %[[STRIDES:.*]] = vector.broadcast %[[STRIDE]] : index to vector<8xindex>
// CHECK-DAG:       %[[YLANES:.*]] = arith.muli %{{.*}}, %[[STRIDES]] : vector<8xindex>
// CHECK-DAG:       %[[YFIRST:.*]] = arith.addi %[[YROW]], %[[YSTEP]] : index
// CHECK-DAG:       %[[YFIRSTS:.*]] = vector.broadcast %[[YFIRST]] : index to vector<8xindex>
// CHECK-DAG:       %[[YS:.*]] = arith.addi %[[YFIRSTS]], %[[YLANES]] : vector<8xindex>
// CHECK-DAG:       arith.index_cast %[[XS]] : vector<8xindex> to vector<8xi64>
// CHECK-DAG:       arith.index_cast %[[YS]] : vector<8xindex> to vector<8xi64>
// CHECK-DAG:       arith.index_cast %[[ZS]] : vector<8xindex> to vector<8xi64>
// CHECK:           vector.store
// CHECK:         scf.for
// CHECK-NOT:       vector.gather
// CHECK-NOT:       vector.maskedload
// CHECK:           vector.maskedstore
// CHECK:         return
func.func @indices(%begin: index, %end: index, %x: memref<index>,
                   %y: memref<index>, %z: memref<index>, %out: memref<i64>,
                   %n: index, %stride: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<index> to memref<?xindex, strided<[1]>>
  %b = memref.reinterpret_cast %y to offset: [0], sizes: [%n], strides: [%stride]
      : memref<index> to memref<?xindex, strided<[?]>>
  %c = memref.reinterpret_cast %z to offset: [0], sizes: [], strides: []
      : memref<index> to memref<index, strided<[]>>
  %d = memref.reinterpret_cast %out to offset: [0], sizes: [%n], strides: [1]
      : memref<i64> to memref<?xi64, strided<[1]>>
  linalg.generic {indexing_maps = [#line, #line, #none, #line], iterator_types = ["parallel"]}
      ins(%a, %b, %c : memref<?xindex, strided<[1]>>, memref<?xindex, strided<[?]>>, memref<index, strided<[]>>)
      outs(%d : memref<?xi64, strided<[1]>>) {
  ^bb0(%i: index, %j: index, %k: index, %o: i64):
    %0 = arith.index_cast %i : index to i64
    %1 = arith.index_cast %j : index to i64
    %2 = arith.index_cast %k : index to i64
    %3 = arith.addi %0, %1 : i64
    %4 = arith.addi %3, %2 : i64
    linalg.yield %4 : i64
  }
  return
}

// CHECK-LABEL: func.func private @declaration
func.func private @declaration(memref<f32>)

// CHECK-LABEL: func.func @nothing
// CHECK-NEXT:    return
func.func @nothing(%x: memref<f32>) {
  return
}

// A failed assertion stores 1 to the flag; lanes beyond the end do not count.
// CHECK-LABEL: func.func @asserts
// CHECK-SAME:      %[[FLAG:[a-z0-9]+]]: memref<i8> {fuser.raised}
// CHECK-DAG:     %[[TRUE:.*]] = arith.constant dense<true> : vector<16xi1>
// CHECK-NOT:     cf.assert
// CHECK:         scf.for
// CHECK:           %[[V:.*]] = vector.load
// CHECK:           %[[HOLDS:.*]] = arith.cmpi ne, %[[V]], %{{.*}} : vector<16xi32>
// CHECK-NEXT:      %[[FAILS:.*]] = arith.xori %[[HOLDS]], %[[TRUE]] : vector<16xi1>
// CHECK-NEXT:      %[[ANY:.*]] = vector.reduction <or>, %[[FAILS]] : vector<16xi1> into i1
// CHECK-NEXT:      scf.if %[[ANY]] {
// CHECK-NEXT:        %[[ONE:.*]] = arith.constant 1 : i8
// CHECK-NEXT:        memref.store %[[ONE]], %[[FLAG]][] : memref<i8>
// CHECK-NEXT:      }
// CHECK:         %[[MASK:.*]] = arith.cmpi slt
// CHECK:         scf.for
// CHECK:           vector.maskedload
// CHECK:           %[[TAIL_FAILS:.*]] = arith.xori
// CHECK-NEXT:      %[[COUNTED:.*]] = arith.andi %[[TAIL_FAILS]], %[[MASK]] : vector<16xi1>
// CHECK-NEXT:      %[[TAIL_ANY:.*]] = vector.reduction <or>, %[[COUNTED]]
// CHECK-NEXT:      scf.if %[[TAIL_ANY]]
// CHECK-NOT:     cf.assert
// CHECK:         return
func.func @asserts(%begin: index, %end: index, %x: memref<i32>,
                   %flag: memref<i8> {fuser.raised}, %size: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%size], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi32, strided<[1]>>)
      outs(%a : memref<?xi32, strided<[1]>>) {
  ^bb0(%in: i32, %out: i32):
    %zero = arith.constant 0 : i32
    %holds = arith.cmpi ne, %in, %zero : i32
    cf.assert %holds, "not zero"
    linalg.yield %in : i32
  }
  return
}

// The second way is computed in any case, the first one where a lane takes it;
// within it, too.
// CHECK-LABEL: func.func @rarely
// CHECK:         scf.for
// CHECK:           %[[V:.*]] = vector.load
// CHECK:           %[[RARE:.*]] = arith.cmpf ogt, %[[V]], %{{.*}} : vector<16xf32>
// CHECK-NEXT:      %[[USUAL:.*]] = arith.negf %[[V]] : vector<16xf32>
// CHECK-NEXT:      %[[ANY:.*]] = vector.reduction <or>, %[[RARE]] : vector<16xi1> into i1
// CHECK-NEXT:      %[[R:.*]] = scf.if %[[ANY]] -> (vector<16xf32>) {
// CHECK-NEXT:        %[[ROOT:.*]] = math.sqrt %[[V]] : vector<16xf32>
// CHECK-NEXT:        %[[INNER_RARE:.*]] = arith.cmpf olt, %[[ROOT]]
// CHECK-NEXT:        %[[INNER_ANY:.*]] = vector.reduction <or>, %[[INNER_RARE]]
// CHECK-NEXT:        %[[INNER:.*]] = scf.if %[[INNER_ANY]] -> (vector<16xf32>) {
// CHECK-NEXT:          %[[CHOSEN:.*]] = arith.select %[[INNER_RARE]], %[[V]], %[[ROOT]]
// CHECK-NEXT:          scf.yield %[[CHOSEN]]
// CHECK-NEXT:        } else {
// CHECK-NEXT:          scf.yield %[[ROOT]]
// CHECK-NEXT:        }
// CHECK-NEXT:        %[[MIXED:.*]] = arith.select %[[RARE]], %[[INNER]], %[[USUAL]] : vector<16xi1>, vector<16xf32>
// CHECK-NEXT:        scf.yield %[[MIXED]] : vector<16xf32>
// CHECK-NEXT:      } else {
// CHECK-NEXT:        scf.yield %[[USUAL]] : vector<16xf32>
// CHECK-NEXT:      }
// CHECK-NEXT:      vector.store %[[R]]
func.func @rarely(%begin: index, %end: index, %x: memref<f32>, %size: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%size], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xf32, strided<[1]>>)
      outs(%a : memref<?xf32, strided<[1]>>) {
  ^bb0(%in: f32, %out: f32):
    %limit = arith.constant 8.0 : f32
    %rare = arith.cmpf ogt, %in, %limit : f32
    %usual = arith.negf %in : f32
    %0 = scf.if %rare -> f32 {
      %root = math.sqrt %in : f32
      %small = arith.cmpf olt, %root, %limit : f32
      %1 = scf.if %small -> f32 {
        scf.yield %in : f32
      } else {
        scf.yield %root : f32
      }
      scf.yield %1 : f32
    } else {
      scf.yield %usual : f32
    }
    linalg.yield %0 : f32
  }
  return
}

// Halves are loaded and stored as 16 bits.
// CHECK-LABEL: func.func @halves
// CHECK:         scf.for
// CHECK:           %[[V:.*]] = vector.load {{.*}}, vector<16xi16>
// CHECK-NEXT:      %[[H:.*]] = arith.bitcast %[[V]] : vector<16xi16> to vector<16xf16>
// CHECK-NEXT:      %[[F:.*]] = arith.extf %[[H]] : vector<16xf16> to vector<16xf32>
// CHECK-NEXT:      %[[T:.*]] = arith.truncf %[[F]] : vector<16xf32> to vector<16xf16>
// CHECK-NEXT:      %[[B:.*]] = arith.bitcast %[[T]] : vector<16xf16> to vector<16xi16>
// CHECK-NEXT:      vector.store %[[B]], {{.*}} vector<16xi16>
// CHECK:           vector.maskedload {{.*}} into vector<16xi16>
// CHECK:           vector.maskedstore {{.*}} vector<16xi16>
func.func @halves(%begin: index, %end: index, %x: memref<i16>, %size: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%size], strides: [1]
      : memref<i16> to memref<?xi16, strided<[1]>>
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi16, strided<[1]>>)
      outs(%a : memref<?xi16, strided<[1]>>) {
  ^bb0(%in: i16, %out: i16):
    %h = arith.bitcast %in : i16 to f16
    %f = arith.extf %h : f16 to f32
    %t = arith.truncf %f : f32 to f16
    %b = arith.bitcast %t : f16 to i16
    linalg.yield %b : i16
  }
  return
}

// Eight divisions, one after the other, keep a core waiting: four vectors side
// by side, and the rest one by one.
// CHECK-LABEL: func.func @interleaved
// CHECK:         scf.for
// CHECK:           vector.load {{.*}}, vector<64xf32>
// CHECK-COUNT-8:   arith.divf {{.*}} : vector<64xf32>
// CHECK:           vector.store {{.*}}, vector<64xf32>
// CHECK:         scf.for
// CHECK:           vector.maskedload {{.*}} into vector<16xf32>
// APART-LABEL: func.func @interleaved
// APART-NOT:     vector<64xf32>
func.func @interleaved(%begin: index, %end: index, %x: memref<f32>, %y: memref<f32>, %n: index) {
  %xs = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32, strided<[1]>>
  %ys = memref.reinterpret_cast %y to offset: [0], sizes: [%n], strides: [1] : memref<f32> to memref<?xf32, strided<[1]>>
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%xs : memref<?xf32, strided<[1]>>) outs(%ys : memref<?xf32, strided<[1]>>) {
  ^bb0(%in: f32, %out: f32):
    %c = arith.constant 3.0 : f32
    %q0 = arith.divf %in, %c : f32
    %q1 = arith.divf %q0, %c : f32
    %q2 = arith.divf %q1, %c : f32
    %q3 = arith.divf %q2, %c : f32
    %q4 = arith.divf %q3, %c : f32
    %q5 = arith.divf %q4, %c : f32
    %q6 = arith.divf %q5, %c : f32
    %q7 = arith.divf %q6, %c : f32
    linalg.yield %q7 : f32
  }
  return
}
