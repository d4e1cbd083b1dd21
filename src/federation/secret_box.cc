#include "federation/secret_box.h"

#include <sodium.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::federation {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<SecretBox> SecretBox::create(std::string_view key_text, const std::string& key_path,
                                    platform::FileSystem& files, platform::Random& random) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "libsodium does not start");
  Key key;
  std::string text(key_text);
  if (text.empty() && !TRY(files.exists(key_path))) {
    random.fill(key);
    text = to_hex(key) + "\n";
    const auto file = TRY(files.open(key_path, platform::OpenMode::kCreateNew));
    if (::fchmod(file->descriptor(), S_IRUSR | S_IWUSR) != 0) {
      return Error(ErrorCode::kStorageUnavailable, "cannot make " + key_path + " private");
    }
    TRY(file->append(as_bytes(text)));
    TRY(file->sync());
    TRY(files.sync_directory(platform::parent_directory(key_path)));
  } else if (text.empty()) {
    text = TRY(files.read_file(key_path));
  }
  const std::string_view digits = trimmed(text);
  size_t written = 0;
  if (digits.size() != 2 * key.size() ||
      sodium_hex2bin(key.data(), key.size(), digits.data(), digits.size(), nullptr, &written,
                     nullptr) != 0 ||
      written != key.size()) {
    return Error(ErrorCode::kInvalidArgument,
                 key_text.empty() ? "the file " + key_path + " holds no key of 64 hex digits"
                                  : "the secrets' key is not 64 hexadecimal digits");
  }
  return SecretBox(key, random);
}

std::string SecretBox::seal(std::string_view secret, std::string_view owner) const {
  std::array<uint8_t, kNonceBytes> nonce;
  random_->fill(nonce);
  std::string sealed(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  sealed.resize(kNonceBytes + secret.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(sealed.data()) + kNonceBytes, nullptr, bytes_of(secret),
      secret.size(), bytes_of(owner), owner.size(), nullptr, nonce.data(), key_.data());
  return sealed;
}

Result<std::string> SecretBox::open(std::string_view sealed, std::string_view owner) const {
  const auto broken = Error(ErrorCode::kUnavailable,
                            "the connection's secret cannot be read: was the key changed?");
  if (sealed.size() < kNonceBytes + kTagBytes) return broken;
  std::string secret(sealed.size() - kNonceBytes - kTagBytes, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr,
      bytes_of(sealed) + kNonceBytes, sealed.size() - kNonceBytes, bytes_of(owner), owner.size(),
      bytes_of(sealed), key_.data());
  if (failed != 0) return broken;
  return secret;
}

}  // namespace firn::federation
