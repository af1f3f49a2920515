/* Two NVIDIA GPUs that are not there: what a client asks of libnvidia-ml.so.1, with fixed answers.
 *
 * The second is used by the process that FAKE_NVML_PID names. ECC counts tell which count was
 * asked for: 100 * kind + 10 * counter + place.
 */
#include <stdio.h>
#include <stdlib.h>

typedef int Result;
typedef char *Device;

#define OK 0
#define INVALID 2
#define TOO_SMALL 7

static char devices[2];

static int index_of(Device device) { return (int)(device - devices); }

Result nvmlInit_v2(void) { return OK; }
Result nvmlInitWithFlags(unsigned flags) { return OK; }
Result nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(Result result) { return "an error of a fake"; }

Result nvmlDeviceGetCount_v2(unsigned *count) { *count = 2; return OK; }

Result nvmlDeviceGetHandleByIndex_v2(unsigned index, Device *device) {
  if (index > 1) return INVALID;
  *device = devices + index;
  return OK;
}

Result nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 12040; return OK; }

Result nvmlSystemGetDriverVersion(char *text, unsigned size) {
  snprintf(text, size, "550.1");
  return OK;
}

Result nvmlDeviceGetName(Device device, char *text, unsigned size) {
  snprintf(text, size, "NVIDIA Fake-%d", index_of(device));
  return OK;
}

Result nvmlDeviceGetUUID(Device device, char *text, unsigned size) {
  snprintf(text, size, "GPU-%d", index_of(device));
  return OK;
}

Result nvmlDeviceGetBrand(Device device, int *brand) { *brand = 2; return OK; }
Result nvmlDeviceGetNumGpuCores(Device device, unsigned *cores) { *cores = 6912; return OK; }
Result nvmlDeviceGetArchitecture(Device device, unsigned *kind) { *kind = 7; return OK; }

struct Rates { unsigned gpu, memory; };

Result nvmlDeviceGetUtilizationRates(Device device, struct Rates *rates) {
  rates->gpu = 50 + index_of(device);
  rates->memory = 30;
  return OK;
}

struct Memory { unsigned long long total, free, used; };

Result nvmlDeviceGetMemoryInfo(Device device, struct Memory *memory) {
  memory->total = 80ull << 30;
  memory->used = 21ull << 30;
  memory->free = 59ull << 30;
  return OK;
}

struct Memory2 { unsigned version; unsigned long long total, reserved, free, used; };

Result nvmlDeviceGetMemoryInfo_v2(Device device, struct Memory2 *memory) {
  memory->total = 80ull << 30;
  memory->reserved = 1ull << 30;
  memory->used = 20ull << 30;
  memory->free = 59ull << 30;
  return OK;
}

Result nvmlDeviceGetTemperature(Device device, int sensor, unsigned *value) { *value = 61; return OK; }
Result nvmlDeviceGetPowerUsage(Device device, unsigned *value) { *value = 123456; return OK; }
Result nvmlDeviceGetEnforcedPowerLimit(Device device, unsigned *value) { *value = 400000; return OK; }

Result nvmlDeviceGetClockInfo(Device device, int kind, unsigned *value) {
  *value = 1000 + kind;
  return OK;
}

Result nvmlDeviceGetMemoryErrorCounter(Device device, int kind, int counter, int place,
                                       unsigned long long *count) {
  *count = 100 * kind + 10 * counter + place;
  return OK;
}

Result nvmlDeviceGetFanSpeed_v2(Device device, unsigned fan, unsigned *value) {
  *value = 34 + fan;
  return OK;
}

Result nvmlDeviceGetEncoderUtilization(Device device, unsigned *value, unsigned *period) {
  *value = 12;
  *period = 100;
  return OK;
}

struct Process { unsigned pid; unsigned long long used; unsigned instance, compute; };

static Result processes(unsigned there, unsigned *count, struct Process *found) {
  unsigned room = *count;
  *count = there;
  if (room < there) return TOO_SMALL;
  if (there) {
    const char *pid = getenv("FAKE_NVML_PID");
    found->pid = pid ? (unsigned)atoi(pid) : 1;
    found->used = 5ull << 30;
    found->instance = found->compute = ~0u;
  }
  return OK;
}

Result nvmlDeviceGetComputeRunningProcesses_v3(Device device, unsigned *count,
                                               struct Process *found) {
  return processes(index_of(device), count, found);
}

Result nvmlDeviceGetGraphicsRunningProcesses_v3(Device device, unsigned *count,
                                                struct Process *found) {
  return processes(0, count, found);
}
