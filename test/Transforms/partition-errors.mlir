// RUN: fuser-opt %s --fuser-partition --split-input-file --verify-diagnostics

func.func @concat_within(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<8xf32> {
    // expected-error @+1 {{is used within its group: expected it to be yielded only; fuser-form-groups ends a group there}}
    %1 = fuser.concat %a, %a dim 0
        : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
    %2 = fuser.exp %1 : tensor<8xf32>
    fuser.yield %2 : tensor<8xf32>
  }
  return
}

// -----

func.func @view_of_concat(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<2xf32> {
    // expected-error @+1 {{is used within its group}}
    %1 = fuser.concat %a, %a dim 0
        : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
    %2 = fuser.slice %1 dim 0 start 3 end 5 : tensor<8xf32> to tensor<2xf32>
    fuser.yield %2 : tensor<2xf32>
  }
  return
}

// -----

func.func @shape_of_concat(%x: tensor<?xf32>) {
  %0 = fuser.group(%a = %x : tensor<?xf32>) -> tensor<?xf32> {
    // expected-error @+1 {{is used within its group}}
    %1 = fuser.concat %a, %a dim 0
        : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
    %2 = fuser.broadcast_like %a, %1
        : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
    fuser.yield %2 : tensor<?xf32>
  }
  return
}

// -----

func.func @composite(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<4xf32> {
    // expected-error @+1 {{can't be partitioned: run fuser-decompose first}}
    %1 = fuser.relu %a : tensor<4xf32>
    fuser.yield %1 : tensor<4xf32>
  }
  return
}

// -----

func.func @table(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<2xf32> {
    // expected-error @+1 {{has different elements: expected an input of the group}}
    %1 = fuser.constant dense<[1.0, 2.0]> : tensor<2xf32>
    fuser.yield %1 : tensor<2xf32>
  }
  return
}
