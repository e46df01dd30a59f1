// RUN: split-file %s %t
// RUN: fuser-opt %t/types.mlir --fuser-specialize --split-input-file --verify-diagnostics

// Layouts that are none, and layouts that do not fit the group.
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8,4x8xf32 2>&1 | FileCheck %s --check-prefix=NO-DTYPE
// NO-DTYPE: 'fuser.group' op has the layout '4x8': expected <sizes>x<dtype>[:<strides>] of static sizes, as in inputs=4x8xf32:1x4
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf8,4x8xf32 2>&1 | FileCheck %s --check-prefix=BAD-DTYPE
// BAD-DTYPE: has the layout '4x8xf8': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=xf32,4x8xf32 2>&1 | FileCheck %s --check-prefix=NO-SIZE
// NO-SIZE: has the layout 'xf32': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=, 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: has the layout '': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=-4x8xf32,4x8xf32 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: has the layout '-4x8xf32': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf32:8,4x8xf32 2>&1 | FileCheck %s --check-prefix=FEW-STRIDES
// FEW-STRIDES: has the layout '4x8xf32:8': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf32:-8x1,4x8xf32 2>&1 | FileCheck %s --check-prefix=NEGATIVE-STRIDE
// NEGATIVE-STRIDE: has the layout '4x8xf32:-8x1': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=99999999999999999999xf32,4x8xf32 2>&1 | FileCheck %s --check-prefix=OVERFLOW
// OVERFLOW: has the layout '99999999999999999999xf32': expected
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=9999999999x9999999999xf32,1x1xf32 2>&1 | FileCheck %s --check-prefix=HUGE
// HUGE: can't be called with these inputs: input 0 of shape [9999999999, 9999999999] exceeds the address space
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf32 2>&1 | FileCheck %s --check-prefix=FEW
// FEW: can't be called with these inputs: the group takes 2 inputs, got 1
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf64,4x8xf32 2>&1 | FileCheck %s --check-prefix=DTYPE
// DTYPE: can't be called with these inputs: input 0 must have elements of type f32, got f64
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf32,8xf32 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: can't be called with these inputs: input 1 must have rank 2, got the shape [8]
// RUN: not fuser-opt %t/map.mlir --fuser-specialize=inputs=4x8xf32,3x8xf32 2>&1 | FileCheck %s --check-prefix=SHAPES
// SHAPES: can't be called with these inputs: shapes [4, 8] and [3, 8] do not broadcast

//--- map.mlir
func.func @map(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = fuser.group(%a = %x : tensor<?x?xf32>, %b = %y : tensor<?x?xf32>)
      -> tensor<?x?xf32> {
    %1 = fuser.add %a, %b : tensor<?x?xf32>
    fuser.yield %1 : tensor<?x?xf32>
  }
  return %0 : tensor<?x?xf32>
}

//--- types.mlir
func.func @dynamic(%x: tensor<4x?xf32>) {
  // expected-error @+1 {{has the layout '4x?xf32': expected <sizes>x<dtype>[:<strides>] of static sizes}}
  %0 = fuser.group(%a = %x : tensor<4x?xf32>) -> tensor<4x?xf32> {
    %1 = fuser.exp %a : tensor<4x?xf32>
    fuser.yield %1 : tensor<4x?xf32>
  }
  return
}

// -----

func.func @composite(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    // expected-error @+1 {{can't be compiled: run fuser-decompose first}}
    %1 = fuser.relu %a : tensor<4xf32>
    fuser.yield %1 : tensor<4xf32>
  }
  return
}

// -----

func.func @view(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<2xf32> {
    // expected-error @+1 {{is viewed within its group: run fuser-partition first}}
    %1 = fuser.exp %a : tensor<4xf32>
    %2 = fuser.slice %1 dim 0 start 0 end 2 : tensor<4xf32> to tensor<2xf32>
    fuser.yield %2 : tensor<2xf32>
  }
  return
}

// -----

func.func @concat(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{is used within its group: run fuser-partition first}}
    %1 = fuser.concat %a, %a dim 0
        : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
    %2 = fuser.exp %1 : tensor<8xf32>
    fuser.yield %2 : tensor<8xf32>
  }
  return
}

// -----

func.func @table(%x: tensor<2xf32>) {
  %0 = fuser.group(%a = %x : tensor<2xf32>) -> tensor<2xf32> {
    // expected-error @+1 {{has different elements: expected an input of the group}}
    %1 = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %2 = fuser.add %a, %1 : tensor<2xf32>
    fuser.yield %2 : tensor<2xf32>
  }
  return
}
