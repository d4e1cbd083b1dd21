#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace firn::query {

struct SandboxOptions {
  std::vector<std::string> readable;  // files and folders
  std::string writable;               // the spill folder
  uint64_t memory_bytes_max = 0;      // beyond what the process has mapped when limits are set
  uint64_t file_bytes_max = 0;
};

// Each from the worker's first thread, in this order around opening the database. What the kernel
// lacks is reported, not an error: the statement gate and the file list stand without it.

// No core files, few descriptors, bounded files; nobody may trace the process.
void limit_process(const SandboxOptions& options);
// Landlock: no path but those. For this thread and those that it makes. False where the kernel has
// no Landlock.
bool restrict_files(const SandboxOptions& options);
// Address space: what is mapped now and memory_bytes_max. After the database has its threads.
void limit_memory(const SandboxOptions& options);
// seccomp: no new program, no socket, no tracing, no mounts, for every thread. False where the
// kernel refuses.
bool restrict_system_calls();

// Whether this kernel has Landlock, for `firn doctor`.
bool landlock_available();

}  // namespace firn::query
