//===- Device.h - device types ----------------------------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSERRUNTIME_DEVICE_H
#define FUSERRUNTIME_DEVICE_H

#include <cstdint>

namespace fuser::runtime {

enum class DeviceType : uint8_t { CPU, CUDA };
inline constexpr int kNumDeviceTypes = 2;

/// "cpu" or "cuda".
constexpr const char *deviceTypeName(DeviceType type) {
  return type == DeviceType::CPU ? "cpu" : "cuda";
}

struct Device {
  DeviceType type = DeviceType::CPU;
  int32_t index = 0;

  bool operator==(const Device &other) const {
    return type == other.type && index == other.index;
  }
  bool operator!=(const Device &other) const { return !(*this == other); }
};

} // namespace fuser::runtime

#endif // FUSERRUNTIME_DEVICE_H
