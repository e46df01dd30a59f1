// RUN: fuser-opt %s --fuser-convert-kernel-to-llvm | FileCheck %s

// Pointers are bare, and alignment is that of an element: rows start anywhere.
// CHECK-LABEL: llvm.func @kernel_0
// CHECK-SAME:      (%{{.*}}: i64, %{{.*}}: i64, %[[X:.*]]: !llvm.ptr {llvm.noalias}, %[[Y:.*]]: !llvm.ptr {llvm.noalias}, %{{.*}}: i64)
// CHECK-NOT:     builtin.unrealized_conversion_cast
// CHECK-NOT:     scf.
// CHECK:         llvm.cond_br
// CHECK:         llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
// CHECK:         llvm.intr.fma
// CHECK:         llvm.intr.sqrt
// CHECK:         llvm.store %{{.*}} {alignment = 64 : i64, nontemporal} : vector<16xf32>
// CHECK:         llvm.intr.masked.load
// CHECK:         llvm.intr.masked.store
// CHECK-NOT:     builtin.unrealized_conversion_cast
// CHECK:         llvm.return
func.func @kernel_0(%begin: index, %end: index,
                    %x: memref<f32> {llvm.noalias},
                    %y: memref<f32> {llvm.noalias}, %size: index) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %zeros = arith.constant dense<0.0> : vector<16xf32>
  %a = memref.reinterpret_cast %x to offset: [%c0], sizes: [%size], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1], offset: ?>>
  %b = memref.reinterpret_cast %y to offset: [%c0], sizes: [%size], strides: [1]
      : memref<f32> to memref<?xf32, strided<[1], offset: ?>>
  scf.for %i = %begin to %end step %c16 {
    %v = vector.load %a[%i]
        : memref<?xf32, strided<[1], offset: ?>>, vector<16xf32>
    %0 = math.fma %v, %v, %v : vector<16xf32>
    %1 = math.sqrt %0 : vector<16xf32>
    vector.store %1, %b[%i] {nontemporal = true, alignment = 64 : i64}
        : memref<?xf32, strided<[1], offset: ?>>, vector<16xf32>
  }
  %mask = vector.create_mask %size : vector<16xi1>
  %v = vector.maskedload %a[%end], %mask, %zeros
      : memref<?xf32, strided<[1], offset: ?>>, vector<16xi1>, vector<16xf32>
        into vector<16xf32>
  vector.maskedstore %b[%end], %mask, %v
      : memref<?xf32, strided<[1], offset: ?>>, vector<16xi1>, vector<16xf32>
  return
}
