// Response: status, headers and a body that is text, part of a file, or made while it is sent.
//
// Movable values.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/result.h"
#include "http/body_source.h"
#include "http/request.h"

namespace gpen::http {

/// `length` bytes from `offset` of an open file, which it owns.
class FileSlice {
 public:
  FileSlice(int descriptor, std::int64_t offset, std::int64_t length)
      : descriptor_(descriptor), offset_(offset), length_(length) {}
  FileSlice(FileSlice&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        offset_(other.offset_),
        length_(other.length_) {}
  FileSlice& operator=(FileSlice&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    offset_ = other.offset_;
    length_ = other.length_;
    return *this;
  }
  ~FileSlice() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  std::int64_t offset() const { return offset_; }
  std::int64_t length() const { return length_; }
  int descriptor() const { return descriptor_; }
  /// Gives the descriptor to the caller.
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
  std::int64_t offset_;
  std::int64_t length_;
};

struct Response {
  int status = 200;
  Fields headers;
  std::variant<std::string, FileSlice, std::unique_ptr<BodySource>> body;

  /// Replaces or adds a header.
  Response& Set(std::string_view name, std::string_view value);
  /// Value of the header `name`, spelt as it was set; empty where absent.
  std::string_view Header(std::string_view name) const;
};

/// `json` is JSON text already.
Response JsonResponse(int status, std::string json);
Response TextResponse(int status, std::string text, std::string_view content_type = "text/plain");

/// {"status":"error","code":"not_found","message":"..."} with the code's HTTP status; 429 and 503
/// say Retry-After.
Response ErrorResponse(const Error& error);
/// The same with a status that the table does not have (405, 401, ...).
Response ErrorResponse(int status, std::string_view code, std::string_view message);
}  // namespace gpen::http
