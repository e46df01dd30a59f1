/*===- FakeCuda.c - a library with the functions of a driver --------------===*\
|*                                                                            *|
|* Part of fuser, under the Apache License v2.0 with LLVM Exceptions.         *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* Functions answer with the version that they were asked for. */

#include <stdint.h>
#include <string.h>

static int driverVersion;

static int getVersion(int *version) {
  *version = driverVersion;
  return 0;
}
static int of3020(void) { return 3020; }
static int of11000(void) { return 11000; }
static int ofAnother(void) { return -1; }

int cuStreamDestroy_v2(void *stream) { return stream ? 0 : 4711; }

int cuEventDestroy_v2(void *event) { return event ? 0 : 4712; }

int cuGetProcAddress_v2(const char *name, void **function, int version,
                        uint64_t flags, void *status) {
  (void)status;
  *function = 0;
  if (flags != 0 || strcmp(name, "cuStreamDestroy") == 0 ||
      strcmp(name, "cuMemAllocAsync") == 0 ||
      strcmp(name, "cuMemFreeAsync") == 0)
    return 500; /* CUDA_ERROR_NOT_FOUND */
  if (strcmp(name, "cuEventDestroy") == 0)
    return 0;
  if (strcmp(name, "cuDriverGetVersion") == 0) {
    driverVersion = version;
    *function = (void *)(uintptr_t)getVersion;
  } else if (version == 3020) {
    *function = (void *)(uintptr_t)of3020;
  } else if (version == 11000) {
    *function = (void *)(uintptr_t)of11000;
  } else {
    *function = (void *)(uintptr_t)ofAnother;
  }
  return 0;
}
