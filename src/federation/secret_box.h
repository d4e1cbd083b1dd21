#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn::platform {
class FileSystem;
class Random;
}  // namespace firn::platform

namespace firn::federation {

// Encrypts what is kept at rest and must not be read from a copy of the database
// (XChaCha20-Poly1305, libsodium). Thread-safe; immutable.
class SecretBox {
 public:
  // The key is `key_text`, 64 hexadecimal digits, where it is not empty; else that of the file,
  // which is made, readable by its owner only, where it does not exist. Errors: InvalidArgument
  // where the text or the file holds no key.
  static Result<SecretBox> create(std::string_view key_text, const std::string& key_path,
                                  platform::FileSystem& files, platform::Random& random);

  // `owner` is whose secret it is: open() takes the same one only.
  std::string seal(std::string_view secret, std::string_view owner) const;
  // Unavailable where it was sealed with another key, or for another owner, or was changed.
  Result<std::string> open(std::string_view sealed, std::string_view owner) const;

 private:
  using Key = std::array<uint8_t, 32>;
  SecretBox(Key key, platform::Random& random) : key_(key), random_(&random) {}
  Key key_;
  platform::Random* random_;
};

}  // namespace firn::federation
