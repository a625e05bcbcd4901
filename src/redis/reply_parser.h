// ReplyParser: the bytes of RESP2 and RESP3 to replies, in pieces as they come.
//
// Whoever answers may be no Redis server at all: lengths, numbers of items and depth are limited
// before anything is allocated for them. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "redis/reply.h"

namespace gpen::redis {

struct ReplyLimits {
  std::int64_t most_bytes = std::int64_t{32} << 20;  ///< Of one whole reply.
  std::int64_t most_items = 1'000'000;
  int most_depth = 8;
};

class ReplyParser {
 public:
  explicit ReplyParser(const ReplyLimits& limits = {}) : limits_(limits) {}

  void Add(std::string_view bytes) { buffer_.append(bytes); }

  /// The next whole reply; nothing where more bytes are needed. After an error the connection is of
  /// no use any more. Errors: kUnavailable (not RESP, or over a limit).
  Result<std::optional<Reply>> Next();

 private:
  struct Open {  // An array that still waits for items.
    Reply reply;
    std::int64_t missing = 0;
    bool is_attribute = false;  // Its content is dropped; the reply comes after it.
  };
  // A header line has been read: what it stands for is put in place, or waited for.
  Result<std::optional<Reply>> TakeLine(std::string_view line);
  Result<std::optional<Reply>> BeginArray(std::string_view line, std::int64_t items_each,
                                          bool is_attribute);
  std::optional<Reply> Place(Reply reply);
  Result<void> Count(std::int64_t bytes);

  ReplyLimits limits_;
  std::string buffer_;
  std::size_t at_ = 0;       // Of the next byte in buffer_.
  std::size_t scanned_ = 0;  // No line end before this.
  std::vector<Open> open_;
  std::optional<std::int64_t> bulk_;  // Length of the text that comes next.
  bool bulk_is_error_ = false;
  bool bulk_has_kind_ = false;  // "txt:" before the text.
  std::int64_t bytes_ = 0;      // Of the reply that is being read.
  std::int64_t items_ = 0;
};

}  // namespace gpen::redis
