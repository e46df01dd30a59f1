// An LSTM cell after its two matrix products: %wx and %uh are N x 4H, %c is
// N x H. The four gates are chunks of the sum, so nothing is copied; the new
// state and the new memory come out of one kernel.
func.func @lstm_cell(%wx: tensor<?x?xf32>, %bw: tensor<?xf32>,
                     %uh: tensor<?x?xf32>, %bu: tensor<?xf32>,
                     %c: tensor<?x?xf32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %w = fuser.add %wx, %bw : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %u = fuser.add %uh, %bu : (tensor<?x?xf32>, tensor<?xf32>) -> tensor<?x?xf32>
  %gates = fuser.add %w, %u : tensor<?x?xf32>
  %i, %f, %g, %o = fuser.chunk %gates dim 1
      : tensor<?x?xf32> to tensor<?x?xf32>, tensor<?x?xf32>,
                           tensor<?x?xf32>, tensor<?x?xf32>
  %input = fuser.sigmoid %i : tensor<?x?xf32>
  %forget = fuser.sigmoid %f : tensor<?x?xf32>
  %candidate = fuser.tanh %g : tensor<?x?xf32>
  %output = fuser.sigmoid %o : tensor<?x?xf32>
  %kept = fuser.mul %forget, %c : tensor<?x?xf32>
  %new = fuser.mul %input, %candidate : tensor<?x?xf32>
  %cy = fuser.add %kept, %new : tensor<?x?xf32>
  %active = fuser.tanh %cy : tensor<?x?xf32>
  %hy = fuser.mul %output, %active : tensor<?x?xf32>
  return %hy, %cy : tensor<?x?xf32>, tensor<?x?xf32>
}
