// The parser of Redis's replies: whole and cut into pieces they must say the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "redis/reply_parser.h"

namespace {

using gpen::redis::Reply;

// The replies up to the first error.
std::vector<Reply> Parse(std::string_view bytes, std::size_t piece) {
  gpen::redis::ReplyParser parser({.most_bytes = 1 << 16, .most_items = 1000, .most_depth = 4});
  std::vector<Reply> replies;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.Add(bytes.substr(at, piece));
    while (true) {
      auto reply = parser.Next();
      if (!reply) return replies;
      if (!*reply) break;
      replies.push_back(**reply);
    }
  }
  return replies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (Parse(bytes, bytes.size() + 1) != Parse(bytes, data[0] % 16 + 1)) std::abort();
  return 0;
}
