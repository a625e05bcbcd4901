// MultipartParser: multipart/form-data (RFC 7578), read piece by piece in bounded memory.
//
// Holds at most one part's header block or one delimiter's length of data. Knows nothing of
// connections, so that it can be tested and fuzzed with bytes alone.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gpen::http {

struct PartHeader {
  std::string name;                      ///< Of the form's field.
  std::optional<std::string> file_name;  ///< As the client spelt it: never a path to use.
  std::string content_type;
};

/// Receives the parts in order. An error from any of these ends the parsing with that error.
class PartReader {
 public:
  PartReader() = default;
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;
  virtual ~PartReader() = default;

  virtual Result<void> BeginPart(const PartHeader& header) = 0;
  virtual Result<void> PartData(std::span<const std::byte> bytes) = 0;
  virtual Result<void> EndPart() = 0;
};

class MultipartParser {
 public:
  /// `content_type` is the request's header; `reader` must outlive the parser.
  /// Errors: kInvalidArgument where it is not multipart/form-data with a boundary.
  static Result<MultipartParser> Create(std::string_view content_type, PartReader* reader);

  /// Errors: kInvalidArgument (not well formed, a header block over 8 KiB, more than 2,000 parts),
  /// and those of the reader.
  Result<void> Write(std::span<const std::byte> bytes);

  /// Errors: kInvalidArgument where the closing delimiter has not come.
  Result<void> Finish() const;

 private:
  enum class State : unsigned char { kPreamble, kAfterDelimiter, kHeaders, kData, kEpilogue };

  MultipartParser(std::string_view boundary, PartReader* reader);

  /// One step over `rest`, of which it removes what is used; false where more bytes are needed.
  Result<bool> Step(std::string_view* rest);
  Result<bool> SkipToDelimiter(std::string_view* rest);
  Result<bool> ReadAfterDelimiter(std::string_view* rest);
  Result<bool> ReadHeaders(std::string_view* rest);

  std::string delimiter_;  ///< "\r\n--boundary"
  PartReader* reader_;
  State state_ = State::kPreamble;
  int parts_ = 0;
  std::string buffer_;
};

}  // namespace gpen::http
