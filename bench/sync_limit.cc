// What the disk can do: small writes over the bytes of a file, each durable when it returns, one
// after another, as the job queue's log does them: whole blocks past the page cache, or written and
// synced where the file system cannot. Prints JSON.
//
//   sync_limit FILE SECONDS
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  using Time = std::chrono::steady_clock;
  constexpr size_t kFileBytes = 16 << 20;
  constexpr size_t kBlockBytes = 4096;
  constexpr int kWritesPerBlock = 10;
  const int fd = ::open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  const std::string zeros(kFileBytes, '\0');
  if (fd < 0 || ::pwrite(fd, zeros.data(), zeros.size(), 0) < 0 || ::fsync(fd) != 0) return 1;
  const int direct = ::open(argv[1], O_RDWR | O_DIRECT | O_DSYNC);
  auto* const block = static_cast<char*>(std::aligned_alloc(kBlockBytes, kBlockBytes));
  std::fill(block, block + kBlockBytes, 'x');
  std::vector<double> took_ms;
  const auto started = Time::now();
  const auto until = started + std::chrono::duration<double>(std::atof(argv[2]));
  off_t at = kBlockBytes;
  while (Time::now() < until) {
    const auto before = Time::now();
    if (::pwrite(direct < 0 ? fd : direct, block, kBlockBytes, at) < 0) return 1;
    if (direct < 0 && ::fdatasync(fd) != 0) return 1;
    took_ms.push_back(std::chrono::duration<double, std::milli>(Time::now() - before).count());
    if (took_ms.size() % kWritesPerBlock == 0) at += kBlockBytes;
    if (at + kBlockBytes > kFileBytes) at = kBlockBytes;
  }
  const std::chrono::duration<double> seconds = Time::now() - started;
  ::close(fd);
  ::unlink(argv[1]);
  std::sort(took_ms.begin(), took_ms.end());
  fmt::print("{{\"syncs_per_second\": {:.0f}, \"p50_ms\": {:.3f}, \"p99_ms\": {:.3f}}}\n",
             static_cast<double>(took_ms.size()) / seconds.count(), took_ms[took_ms.size() / 2],
             took_ms[took_ms.size() * 99 / 100]);
}
