// A test fixture, no driver: a made-up libcuda.so.1 that is too old, broken, or of some other kind, so that
// what the engine says of it can be tested where there is none. Built by driver-trouble.test.ts alone.
#ifndef FAKE_EMPTY
#include <string.h>

#ifndef FAKE_VERSION
#define FAKE_VERSION 13000
#endif
#ifndef FAKE_INIT
#define FAKE_INIT 0
#endif

int cuDriverGetVersion(int* version) {
  *version = FAKE_VERSION;
  return 0;
}
int cuInit(unsigned flags) { return flags == 0 ? FAKE_INIT : 1; }
int cuDeviceGetCount(int* count) {
  *count = 0;
  return FAKE_INIT;
}
int cuGetErrorString(int error, const char** text) {
  *text = "made-up trouble";
  return error == 0;
}
int cuGetErrorName(int error, const char** text) {
  *text = "CUDA_ERROR_MADE_UP";
  return error == 0;
}
#ifndef FAKE_LACKS_SYMBOLS
/// A driver that says of everything else that it has it, and fails when it is called.
static int refuse(void) { return FAKE_INIT != 0 ? FAKE_INIT : 999; }
int cuGetProcAddress_v2(const char* name, void** function, int version, unsigned long long flags,
                        int* status);
int cuGetProcAddress(const char* name, void** function, int version, unsigned long long flags) {
  int status = 0;
  return cuGetProcAddress_v2(name, function, version, flags, &status);
}
int cuGetProcAddress_v2(const char* name, void** function, int version, unsigned long long flags,
                        int* status) {
  (void)version;
  (void)flags;
  *function = (void*)refuse;
  if (strcmp(name, "cuDriverGetVersion") == 0) *function = (void*)cuDriverGetVersion;
  if (strcmp(name, "cuInit") == 0) *function = (void*)cuInit;
  if (strcmp(name, "cuDeviceGetCount") == 0) *function = (void*)cuDeviceGetCount;
  if (strcmp(name, "cuGetProcAddress") == 0) *function = (void*)cuGetProcAddress_v2;
  if (status != 0) *status = 0;
  return 0;
}
#endif
#endif
