// What is no kernel function is refused, not miscompiled.

// RUN: fuser-opt %s --fuser-linalg-to-vector-loops --split-input-file --verify-diagnostics

#line = affine_map<(d0) -> (d0)>
func.func @foreign_memref(%begin: index, %end: index, %x: memref<?xf32>) {
  // expected-error @+1 {{has an operand that is no memref.reinterpret_cast of a pointer argument: run fuser-specialize and convert-fuser-to-linalg first}}
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%x : memref<?xf32>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @tensors(%begin: index, %end: index, %x: tensor<?xf32>) {
  // expected-error @+1 {{has an operand that is no memref.reinterpret_cast}}
  %0 = linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%x : tensor<?xf32>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  } -> tensor<?xf32>
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @static_stride(%begin: index, %end: index, %x: memref<f32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [2]
      : memref<f32> to memref<?xf32, strided<[2]>>
  // expected-error @+1 {{has an operand that is no memref.reinterpret_cast}}
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%a : memref<?xf32, strided<[2]>>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  return
}

// -----

// By blocks of rows, as the operand is transposed, and row by row.
#id = affine_map<(d0, d1) -> (d0, d1)>
// expected-error @+1 {{has generics that can't share one loop over rows: expected equal outer sizes, and blocks of rows in all or none}}
func.func @blocks_and_rows(%begin: index, %end: index, %x: memref<f32>, %n: index, %s: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n, %n], strides: [1, %s]
      : memref<f32> to memref<?x?xf32, strided<[1, ?]>>
  %b = memref.reinterpret_cast %x to offset: [0], sizes: [%n, %n], strides: [%s, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : memref<?x?xf32, strided<[?, 1]>>)
      outs(%b : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x?xf32, strided<[1, ?]>>)
      outs(%b : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @offset(%begin: index, %end: index, %x: memref<f32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [%n], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1], offset: ?>>
  // expected-error @+1 {{has an operand that is no memref.reinterpret_cast}}
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%a : memref<?xf32, strided<[1], offset: ?>>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @complex(%begin: index, %end: index, %x: memref<complex<f32>>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<complex<f32>> to memref<?xcomplex<f32>, strided<[1]>>
  // expected-error @+1 {{has an operand that is no memref.reinterpret_cast}}
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xcomplex<f32>, strided<[1]>>)
      outs(%a : memref<?xcomplex<f32>, strided<[1]>>) {
  ^bb0(%in: complex<f32>, %out: complex<f32>):
    linalg.yield %in : complex<f32>
  }
  return
}

// -----

// Indices are read, as they are no memory to store to.
#line = affine_map<(d0) -> (d0)>
func.func @indices(%begin: index, %end: index, %x: memref<index>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<index> to memref<?xindex, strided<[1]>>
  // expected-error @+1 {{stores indices: expected elements in memory}}
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%a : memref<?xindex, strided<[1]>>) {
  ^bb0(%out: index):
    %zero = arith.constant 0 : index
    linalg.yield %zero : index
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#transposed = affine_map<(d0, d1) -> (d1, d0)>
func.func @permuted(%begin: index, %end: index, %x: memref<f32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n, %n], strides: [%n, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  // expected-error @+1 {{is not pointwise: expected parallel loops and operands that all of them, or all but the innermost one, move}}
  linalg.generic {indexing_maps = [#transposed, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x?xf32, strided<[?, 1]>>)
      outs(%a : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @reduction(%begin: index, %end: index, %x: memref<f32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n, %n], strides: [%n, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %b = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [%n]
      : memref<f32> to memref<?xf32, strided<[?]>>
  // expected-error @+1 {{is not pointwise}}
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%a : memref<?x?xf32, strided<[?, 1]>>)
      outs(%b : memref<?xf32, strided<[?]>>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

func.func @rank_0(%begin: index, %end: index, %x: memref<f32>) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [], strides: []
      : memref<f32> to memref<f32>
  // expected-error @+1 {{is not pointwise}}
  linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []}
      outs(%a : memref<f32>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
// expected-error @+1 {{is no kernel function: expected one block, and the first and the last row as the first arguments}}
func.func @no_range(%x: memref<f32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%a : memref<?xf32, strided<[1]>>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
// expected-error @+1 {{has generics that can't share one loop over rows: expected equal outer sizes}}
func.func @rows_differ(%begin: index, %end: index, %x: memref<f32>, %n: index,
                       %m: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n, %n], strides: [%n, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %b = memref.reinterpret_cast %x to offset: [0], sizes: [%m, %n], strides: [%n, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%a : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%b : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  return
}

// -----

// An outer stride that is no argument.
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @static_row_stride(%begin: index, %end: index, %x: memref<f32>,
                             %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n, %n], strides: [%n, 1]
      : memref<f32> to memref<?x?xf32, strided<[?, 1]>>
  %b = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  // expected-error @+1 {{has an operand that is no memref.reinterpret_cast}}
  linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : memref<?xf32, strided<[1]>>)
      outs(%a : memref<?x?xf32, strided<[?, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @accumulates(%begin: index, %end: index, %x: memref<f32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise: expected arith and math ops on the input elements and constants}}
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%a : memref<?xf32, strided<[1]>>) {
  ^bb0(%out: f32):
    %sum = arith.addf %out, %out : f32
    linalg.yield %sum : f32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @captures(%begin: index, %end: index, %x: memref<f32>, %n: index,
                    %value: f32) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
  linalg.generic {indexing_maps = [#line], iterator_types = ["parallel"]}
      outs(%a : memref<?xf32, strided<[1]>>) {
  ^bb0(%out: f32):
    linalg.yield %value : f32
  }
  return
}

// -----

// Nowhere to report to.
#line = affine_map<(d0) -> (d0)>
func.func @no_flag(%begin: index, %end: index, %x: memref<i32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
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

// -----

#line = affine_map<(d0) -> (d0)>
func.func @flag_of_another_type(%begin: index, %end: index, %x: memref<i32>, %flag: memref<i32> {fuser.raised}, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
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

// -----

// Lanes that do not take a way must not fail in it.
#line = affine_map<(d0) -> (d0)>
func.func @rare_assert(%begin: index, %end: index, %x: memref<i32>, %flag: memref<i8> {fuser.raised}, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi32, strided<[1]>>)
      outs(%a : memref<?xi32, strided<[1]>>) {
  ^bb0(%in: i32, %out: i32):
    %zero = arith.constant 0 : i32
    %holds = arith.cmpi ne, %in, %zero : i32
    %0 = scf.if %holds -> i32 {
      cf.assert %holds, "not zero"
      scf.yield %in : i32
    } else {
      scf.yield %zero : i32
    }
    linalg.yield %0 : i32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @two_results(%begin: index, %end: index, %x: memref<i32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi32, strided<[1]>>)
      outs(%a : memref<?xi32, strided<[1]>>) {
  ^bb0(%in: i32, %out: i32):
    %zero = arith.constant 0 : i32
    %holds = arith.cmpi ne, %in, %zero : i32
    %0:2 = scf.if %holds -> (i32, i32) {
      scf.yield %in, %in : i32, i32
    } else {
      scf.yield %zero, %zero : i32, i32
    }
    linalg.yield %0#0 : i32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @loop(%begin: index, %end: index, %x: memref<i32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi32, strided<[1]>>)
      outs(%a : memref<?xi32, strided<[1]>>) {
  ^bb0(%in: i32, %out: i32):
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %0 = scf.for %i = %zero to %one step %one iter_args(%v = %in) -> (i32) {
      scf.yield %v : i32
    }
    linalg.yield %0 : i32
  }
  return
}

// -----

#line = affine_map<(d0) -> (d0)>
func.func @no_scalar(%begin: index, %end: index, %x: memref<i32>, %n: index) {
  %a = memref.reinterpret_cast %x to offset: [0], sizes: [%n], strides: [1]
      : memref<i32> to memref<?xi32, strided<[1]>>
  // expected-error @+1 {{has a body that is not elementwise}}
  linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]}
      ins(%a : memref<?xi32, strided<[1]>>) outs(%a : memref<?xi32, strided<[1]>>) {
  ^bb0(%in: i32, %out: i32):
    %zero = arith.constant 0 : i32
    %m = arith.cmpi eq, %in, %zero : i32
    %ones = arith.constant dense<1> : tensor<4xi32>
    %twos = arith.constant dense<2> : tensor<4xi32>
    %0 = scf.if %m -> tensor<4xi32> {
      scf.yield %ones : tensor<4xi32>
    } else {
      scf.yield %twos : tensor<4xi32>
    }
    linalg.yield %in : i32
  }
  return
}
