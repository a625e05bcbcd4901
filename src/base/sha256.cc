#include "base/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace gpen {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  void Update(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }

  std::string Finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
    return hex;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

std::string Sha256(std::span<const std::byte> bytes) {
  Digest digest;
  digest.Update(bytes.data(), bytes.size());
  return digest.Finish();
}

Result<std::string> Sha256OfFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return Error(ErrorCode::kNotFound, fmt::format("cannot read {}: {}", path.string(),
                                                   std::strerror(file ? EISDIR : errno)));
  }
  Digest digest;
  std::array<char, 1 << 16> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    digest.Update(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) {
    return Error(ErrorCode::kUnavailable, fmt::format("cannot read {} to its end", path.string()));
  }
  return digest.Finish();
}

}  // namespace gpen
