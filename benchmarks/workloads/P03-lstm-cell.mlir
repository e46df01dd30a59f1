// The pointwise part of an LSTM cell, with PyTorch's order of the gates.
func.func @lstm_cell(%xg: tensor<?x?xf32>, %hg: tensor<?x?xf32>,
                     %bi: tensor<?xf32>, %bh: tensor<?xf32>,
                     %cx: tensor<?x?xf32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %0 = fuser.add %xg, %bi : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %1 = fuser.add %0, %hg : tensor<?x?xf32>
  %gates = fuser.add %1, %bh : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %i, %f, %g, %o = fuser.chunk %gates dim 1
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>,
                           tensor<?x?xf32>, tensor<?x?xf32>
  %input = fuser.sigmoid %i : tensor<?x?xf32>
  %forget = fuser.sigmoid %f : tensor<?x?xf32>
  %candidate = fuser.tanh %g : tensor<?x?xf32>
  %output = fuser.sigmoid %o : tensor<?x?xf32>
  %kept = fuser.mul %forget, %cx : tensor<?x?xf32>
  %new = fuser.mul %input, %candidate : tensor<?x?xf32>
  %cy = fuser.add %kept, %new : tensor<?x?xf32>
  %active = fuser.tanh %cy : tensor<?x?xf32>
  %hy = fuser.mul %output, %active : tensor<?x?xf32>
  return %hy, %cy : tensor<?x?xf32>, tensor<?x?xf32>
}
