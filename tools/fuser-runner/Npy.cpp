//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Npy.h"
#include "Limits.h"
#include "absl/strings/str_cat.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using fuser::runtime::Allocator;
using fuser::runtime::Tensor;

namespace fuser::runner {

static constexpr char magic[] = "\x93NUMPY";
static constexpr size_t magicSize = 6;
/// Headers hold a few dozen bytes; NumPy itself refuses more than 10,000 unless
/// told otherwise.
static constexpr int64_t maxHeaderSize = 1 << 20;

namespace {
struct CloseFile {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;
} // namespace

/// Reads what lies before the elements and checks it against the size of the
/// file. The file stands at the first element then.
static absl::StatusOr<NpyHeader> readHeader(std::FILE *file, int64_t fileSize) {
  unsigned char start[magicSize + 2];
  if (std::fread(start, 1, sizeof start, file) != sizeof start ||
      std::memcmp(start, magic, magicSize) != 0)
    return absl::InvalidArgumentError(
        "not a .npy file: expected it to begin with \\x93NUMPY");
  const int major = start[magicSize], minor = start[magicSize + 1];
  if (major < 1 || major > 3)
    return absl::InvalidArgumentError(absl::StrCat(
        "version ", major, ".", minor,
        " of the .npy format is not supported; expected 1.0, 2.0 or 3.0"));

  unsigned char lengthBytes[4] = {};
  const size_t lengthSize = major == 1 ? 2 : 4;
  if (std::fread(lengthBytes, 1, lengthSize, file) != lengthSize)
    return absl::InvalidArgumentError("truncated in its header");
  const int64_t length = lengthBytes[0] | int64_t(lengthBytes[1]) << 8 |
                         int64_t(lengthBytes[2]) << 16 |
                         int64_t(lengthBytes[3]) << 24;
  const int64_t offset =
      static_cast<int64_t>(sizeof start + lengthSize) + length;
  if (length > maxHeaderSize)
    return absl::InvalidArgumentError(
        absl::StrCat("malformed header: it claims ", length, " bytes"));
  std::string text(length, '\0');
  if (std::fread(text.data(), 1, text.size(), file) != text.size())
    return absl::InvalidArgumentError("truncated in its header");

  absl::StatusOr<NpyHeader> header = parseNpyHeader(text);
  if (!header.ok())
    return header;
  if (fileSize - offset != header->bytes)
    return absl::InvalidArgumentError(absl::StrCat(
        fileSize - offset < header->bytes ? "truncated" : "too long",
        ": expected ", header->bytes, " bytes of elements (",
        excerpt(runtime::shapeString(header->shape)), " of ",
        dtypeName(header->dtype), "), found ", fileSize - offset));
  return header;
}

static absl::StatusOr<Tensor> readOpenFile(std::FILE *file,
                                           Allocator &allocator) {
  struct stat info;
  if (fstat(fileno(file), &info) != 0)
    return absl::InvalidArgumentError(std::strerror(errno));
  if (!S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(
        "not a regular file; expected a .npy file");
  const absl::StatusOr<NpyHeader> header = readHeader(file, info.st_size);
  if (!header.ok())
    return header.status();

  if (absl::Status status = checkInput(header->dtype, header->shape);
      !status.ok())
    return status;

  runtime::Dims order;
  const int64_t rank = static_cast<int64_t>(header->shape.size());
  for (int64_t dim = 0; dim < rank; ++dim)
    order.push_back(header->fortranOrder ? rank - 1 - dim : dim);
  absl::StatusOr<Tensor> tensor =
      Tensor::allocate(header->dtype, header->shape, order, allocator);
  if (!tensor.ok())
    return tensor;
  const size_t bytes = static_cast<size_t>(header->bytes);
  if (bytes > 0 && std::fread(tensor->data(), 1, bytes, file) != bytes)
    return absl::InvalidArgumentError("cannot be read to its end");
  return tensor;
}

static absl::Status withPath(const std::string &path, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("'", path, "': ", text));
}

absl::StatusOr<Tensor> readNpy(const std::string &path, Allocator &allocator) {
  // Without O_NONBLOCK the opening of a pipe waits for its other end.
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0)
    return withPath(path, std::strerror(errno));
  File file(fdopen(descriptor, "rb"));
  if (!file) {
    const int error = errno;
    close(descriptor);
    return withPath(path, std::strerror(error));
  }
  absl::StatusOr<Tensor> tensor = readOpenFile(file.get(), allocator);
  if (!tensor.ok())
    return withPath(path, tensor.status().message());
  return tensor;
}

/// Magic, version, length and text of the header, filled up with spaces to a
/// multiple of 64 bytes.
static std::string npyPreamble(DType dtype, absl::Span<const int64_t> shape) {
  std::string text = npyHeaderText(dtype, shape);
  const bool isLong = text.size() > 65000;
  const size_t fixed = magicSize + 2 + (isLong ? 4 : 2);
  text.append(63 - (fixed + text.size()) % 64, ' ');
  text.push_back('\n');
  std::string result(magic, magicSize);
  result.push_back(isLong ? 2 : 1);
  result.push_back(0);
  for (size_t i = 0; i < (isLong ? 4 : 2); ++i)
    result.push_back(static_cast<char>(text.size() >> (8 * i) & 0xff));
  return result + text;
}

/// The elements in row-major order; i1 as 0 or 1.
static absl::StatusOr<Tensor> elementsToWrite(const Tensor &tensor,
                                              Allocator &allocator) {
  absl::StatusOr<Tensor> dense = tensor.contiguous(allocator);
  if (dense.ok() && tensor.dtype() == DType::i1)
    for (int64_t i = 0, e = dense->numElements(); i < e; ++i)
      dense->dataAs<uint8_t>()[i] = dense->dataAs<uint8_t>()[i] != 0;
  return dense;
}

absl::Status writeNpy(const std::string &path, const Tensor &tensor,
                      Allocator &allocator) {
  const absl::StatusOr<Tensor> dense = elementsToWrite(tensor, allocator);
  if (!dense.ok())
    return withPath(path, dense.status().message());
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  std::FILE *file = std::fopen(temporary.c_str(), "wb");
  if (!file)
    return withPath(temporary, std::strerror(errno));

  const std::string preamble = npyPreamble(tensor.dtype(), tensor.sizes());
  const size_t bytes =
      static_cast<size_t>(dense->numElements() * dtypeSize(dense->dtype()));
  bool good =
      std::fwrite(preamble.data(), 1, preamble.size(), file) == preamble.size();
  good = good &&
         (bytes == 0 || std::fwrite(dense->data(), 1, bytes, file) == bytes);
  good = (std::fclose(file) == 0) && good;
  if (good && std::rename(temporary.c_str(), path.c_str()) == 0)
    return absl::OkStatus();
  const int error = errno;
  std::remove(temporary.c_str());
  return withPath(path,
                  absl::StrCat("cannot be written: ", std::strerror(error)));
}

} // namespace fuser::runner
