//===- RelaxedCapture.h - what disturbs no capture --------------*- C++ -*-===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FUSER_LIB_RUNTIME_RELAXEDCAPTURE_H
#define FUSER_LIB_RUNTIME_RELAXEDCAPTURE_H

#include "FuserRuntime/CudaDriver.h"

namespace fuser::runtime {

/// What this thread does while this lives, with streams that are not captured,
/// makes no capture void, be it of this thread or of another one.
class RelaxedCapture {
public:
  explicit RelaxedCapture(const CudaDriver &driver) : driver(driver) {
    driver.cuThreadExchangeStreamCaptureMode(&mode);
  }
  ~RelaxedCapture() { driver.cuThreadExchangeStreamCaptureMode(&mode); }
  RelaxedCapture(const RelaxedCapture &) = delete;
  RelaxedCapture &operator=(const RelaxedCapture &) = delete;

private:
  const CudaDriver &driver;
  int mode = kCudaCaptureRelaxed;
};

} // namespace fuser::runtime

#endif // FUSER_LIB_RUNTIME_RELAXEDCAPTURE_H
