//===- NoCompression.cpp - what LLVM would need zlib and zstd for ---------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's archives refer to zlib and zstd, for sections and profiles that are
// compressed. fuser has none, so that the library needs neither: these refuse.
// They are seen within the library only.
//
//===----------------------------------------------------------------------===//

#include <cstddef>
#include <cstdint>

extern "C" {

// zlib: lengths are unsigned long, errors negative numbers.
unsigned long compressBound(unsigned long length) { return length; }
int compress2(unsigned char *, unsigned long *, const unsigned char *,
              unsigned long, int) {
  return -2; // Z_STREAM_ERROR
}
int uncompress(unsigned char *, unsigned long *, const unsigned char *,
               unsigned long) {
  return -3; // Z_DATA_ERROR
}
/// That of ISO 3309, bit by bit.
unsigned long crc32(unsigned long sum, const unsigned char *data,
                    unsigned int length) {
  auto bits = ~static_cast<uint32_t>(sum);
  for (unsigned int i = 0; i < length; ++i) {
    bits ^= data[i];
    for (int bit = 0; bit < 8; ++bit)
      bits = bits >> 1 ^ (bits & 1 ? 0xEDB88320u : 0);
  }
  return static_cast<uint32_t>(~bits);
}

// zstd: sizes from SIZE_MAX down are errors.
void *ZSTD_createCCtx() { return nullptr; }
size_t ZSTD_freeCCtx(void *) { return 0; }
size_t ZSTD_CCtx_setParameter(void *, int, int) { return SIZE_MAX; }
size_t ZSTD_compressBound(size_t size) { return size; }
size_t ZSTD_compress2(void *, void *, size_t, const void *, size_t) {
  return SIZE_MAX;
}
size_t ZSTD_decompress(void *, size_t, const void *, size_t) {
  return SIZE_MAX;
}
unsigned ZSTD_isError(size_t code) { return code > SIZE_MAX - 120; }

} // extern "C"
