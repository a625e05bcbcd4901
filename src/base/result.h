// Result<T> and Error: how every fallible function of the project reports failure.
//
// An error is a code, chosen by what the caller can do about it, and a message for the person:
// what was expected, what was found, where, and what to do. Third-party exceptions are turned
// into an Error in the .cc that calls the library. Values; no shared state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace gpen {

/// What went wrong, by what the caller can do. `error_table.h` maps each to HTTP status, exit code
/// and whether a retry may help.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,    ///< A setting or argument makes no sense: change it.
  kUnsupportedFormat,  ///< The file is of a kind that is not handled.
  kCorruptImage,       ///< The file is damaged or cut short.
  kImageTooLarge,      ///< Over a limit on pixels, bytes or memory: raise it or shrink the photo.
  kNoFaceFound,        ///< Nothing to restore.
  kModelMissing,       ///< A model file is not where it should be.
  kModelInvalid,       ///< A model file is not what its manifest says, or cannot be run.
  kOutOfMemory,        ///< This machine has not enough memory for it.
  kQueueFull,          ///< Come back later.
  kNotFound,           ///< No such file, job or folder.
  kConflict,           ///< Something is there already, or the state does not allow it.
  kCancelled,          ///< Stopped on request.
  kUnavailable,        ///< The disk, a network or a service does not answer now.
  kInternal,           ///< Our fault.
};

/// A failure with its message. Equality is not defined: compare codes.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  /// The same error with `context` before its message: "context: message".
  Error WithContext(std::string_view context) && {
    message_ = std::string(context) + ": " + message_;
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
};

/// Either a value or an Error. Ignoring one is a compiler warning.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
};

}  // namespace gpen

#define GPEN_CONCAT_INNER(a, b) a##b
#define GPEN_CONCAT(a, b) GPEN_CONCAT_INNER(a, b)

/// Runs `expression` (a Result) and returns its error from the enclosing function, if it has one.
#define GPEN_TRY(expression)                                         \
  do {                                                               \
    auto gpen_try_result = (expression);                             \
    if (!gpen_try_result) return std::move(gpen_try_result).error(); \
  } while (false)

/// `GPEN_ASSIGN_OR_RETURN(auto value, Function());` declares or assigns, or returns the error.
#define GPEN_ASSIGN_OR_RETURN(declaration, expression) \
  GPEN_ASSIGN_OR_RETURN_INNER(GPEN_CONCAT(gpen_result_, __LINE__), declaration, expression)
#define GPEN_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                        \
  if (!result) return std::move(result).error();                     \
  declaration = *std::move(result)
