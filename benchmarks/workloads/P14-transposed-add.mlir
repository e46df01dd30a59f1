// relu(x^T + y).
func.func @transposed_add(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>)
    -> tensor<?x?xf32> {
  %0 = fuser.transpose %x permutation [1, 0] : tensor<?x?xf32> to tensor<?x?xf32>
  %1 = fuser.add %0, %y : tensor<?x?xf32>
  %2 = fuser.relu %1 : tensor<?x?xf32>
  return %2 : tensor<?x?xf32>
}
