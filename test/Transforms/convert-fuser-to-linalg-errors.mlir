// RUN: fuser-opt %s --convert-fuser-to-linalg --split-input-file --verify-diagnostics

func.func @composite(%x: memref<?xf32>) {
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
    // expected-error @+1 {{has no scalar code: expected pointwise ops and constants in a nest}}
    %0 = fuser.relu %a : tensor<f32>
    fuser.yield %0 : tensor<f32>
  }
  return
}

// -----

func.func @view(%x: memref<?xf32>) {
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
    // expected-error @+1 {{has no scalar code}}
    %0 = fuser.transpose %a permutation [] : tensor<f32> to tensor<f32>
    fuser.yield %0 : tensor<f32>
  }
  return
}

// -----

func.func @foreign(%x: memref<?xf32>) {
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
    // expected-error @+1 {{has no scalar code}}
    %0 = arith.negf %a : tensor<f32>
    fuser.yield %0 : tensor<f32>
  }
  return
}

// -----

func.func @table(%x: memref<?xf32>) {
  fuser.nest ins(%a : tensor<f32> = %x : memref<?xf32>)
      outs(%x : memref<?xf32>) {
    // expected-error @+1 {{has different elements: expected an input of the nest}}
    %0 = fuser.constant dense_resource<blob> : tensor<f32>
    fuser.yield %0 : tensor<f32>
  }
  return
}
{-# dialect_resources: { builtin: { blob: "0x040000000000803F" } } #-}
