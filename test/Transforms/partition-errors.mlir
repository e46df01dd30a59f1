// RUN: fuser-opt %s --fuser-partition --split-input-file --verify-diagnostics

func.func @slice_of_concat(%x: tensor<4xf32>) {
  %0 = fuser.group(%a = %x : tensor<4xf32>) -> tensor<2xf32> {
    %1 = fuser.concat %a, %a dim 0
        : tensor<4xf32>, tensor<4xf32> to tensor<8xf32>
    // expected-error @+1 {{is a view of the dimension of a concat within its group: fuser-form-groups ends a group there}}
    %2 = fuser.slice %1 dim 0 start 3 end 5 : tensor<8xf32> to tensor<2xf32>
    fuser.yield %2 : tensor<2xf32>
  }
  return
}

// -----

func.func @shape_of_concat(%x: tensor<?xf32>) {
  %0 = fuser.group(%a = %x : tensor<?xf32>) -> tensor<?xi64> {
    %1 = fuser.concat %a, %a dim 0
        : tensor<?xf32>, tensor<?xf32> to tensor<?xf32>
    // expected-error @+1 {{uses a concat within its group: fuser-form-groups ends a group there}}
    %2 = fuser.iota like %1 : tensor<?xf32> to tensor<?xi64>
    fuser.yield %2 : tensor<?xi64>
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
