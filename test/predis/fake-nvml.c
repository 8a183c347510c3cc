// A test fixture, no driver: a made-up libnvidia-ml.so.1 with one made-up GPU, so that the reading of a driver's
// answers can be tested where there is none. Built by driver-readings.test.ts alone.
#include <stdio.h>
#include <string.h>

static int initialised = 0;
static unsigned calls = 0;

int nvmlInit_v2(void) {
#ifdef FAKE_INIT_FAILS
  return 9;
#endif
  initialised = 1;
  return 0;
}
const char* nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "Not Found"; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = &initialised;
  return initialised && index == 0 ? 0 : 6;
}
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  *device = &initialised;
  return initialised && strcmp(uuid, "GPU-made-up") == 0 ? 0 : 6;
}
int nvmlSystemGetDriverVersion(char* text, unsigned bytes) { return snprintf(text, bytes, "999.1.2") < 0; }
int nvmlDeviceGetName(void* device, char* text, unsigned bytes) {
  return snprintf(text, bytes, "Made-up GPU") < 0 || device != &initialised;
}
int nvmlDeviceGetUUID(void* device, char* text, unsigned bytes) {
  return snprintf(text, bytes, "GPU-made-up") < 0 || device != &initialised;
}
int nvmlDeviceGetMemoryInfo(void* device, unsigned long long* totalFreeUsed) {
  totalFreeUsed[0] = 150ull << 30;
  totalFreeUsed[1] = 100ull << 30;
  totalFreeUsed[2] = 50ull << 30;
  return device != &initialised;
}
int nvmlDeviceGetUtilizationRates(void* device, unsigned* gpuMemory) {
  gpuMemory[0] = 87;
  gpuMemory[1] = 43;
  return device != &initialised;
}
int nvmlDeviceGetClockInfo(void* device, int type, unsigned* mhz) {
  *mhz = type == 1 ? 1980 : type == 2 ? 3201 : 0;
  return device != &initialised;
}
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  *milliwatts = 412345 + 1000 * calls++;  // each reading is another
  return device != &initialised;
}
int nvmlDeviceGetEnforcedPowerLimit(void* device, unsigned* milliwatts) {
  *milliwatts = 700000;
  return device != &initialised;
}
int nvmlDeviceGetTemperature(void* device, int sensor, unsigned* celsius) {
  (void)device, (void)sensor;
  *celsius = 999;
  return 3;  // not supported: what was written does not count
}
int nvmlDeviceGetCurrPcieLinkGeneration(void* device, unsigned* generation) {
  *generation = 4;
  return device != &initialised;
}
int nvmlDeviceGetMaxPcieLinkGeneration(void* device, unsigned* generation) {
  *generation = 5;
  return device != &initialised;
}
int nvmlDeviceGetMaxPcieLinkWidth(void* device, unsigned* lanes) {
  *lanes = 16;
  return device != &initialised;
}
// nvmlDeviceGetCurrPcieLinkWidth is missing on purpose: an old driver may lack a function
