#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace gpen {

class Sha256Stream::Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void Update(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }

  std::string Finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i)
      fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
    return hex;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Sha256Stream::Sha256Stream() : digest_(std::make_unique<Digest>()) {}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Write(std::span<const std::byte> bytes) {
  digest_->Update(bytes.data(), bytes.size());
}

std::string Sha256Stream::Finish() { return digest_->Finish(); }

std::string Sha256(std::span<const std::byte> bytes) {
  Sha256Stream digest;
  digest.Write(bytes);
  return digest.Finish();
}

Result<std::string> Sha256OfFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;  // What opens and cannot be looked at is read below.
  if (!file || std::filesystem::is_directory(path, ignored)) {
    return Error(ErrorCode::kNotFound, fmt::format("cannot read {}: {}", path.string(),
                                                   std::strerror(file ? EISDIR : errno)));
  }
  Sha256Stream digest;
  std::array<char, 1 << 16> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    digest.Write(std::as_bytes(std::span(block.data(), static_cast<std::size_t>(file.gcount()))));
  }
  if (file.bad()) {
    return Error(ErrorCode::kUnavailable, fmt::format("cannot read {} to its end", path.string()));
  }
  return digest.Finish();
}

}  // namespace gpen
