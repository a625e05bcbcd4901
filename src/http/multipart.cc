#include "http/multipart.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "http/field_value.h"
#include "http/media_type.h"
#include "http/target.h"

namespace gpen::http {
namespace {

constexpr std::size_t kMaxHeaderBytes = 8 << 10;
constexpr std::size_t kMaxBoundary = 70;  // RFC 2046.
constexpr int kMaxParts = 2000;

Error Malformed(std::string_view what) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("the multipart/form-data body is not well formed: {}", what));
}

// Browsers write a quote in a name as %22, and line ends as %0D and %0A (WHATWG); nothing else is
// encoded, so a plain % must stay.
std::string UndoFormEncoding(std::string text) {
  for (const auto& [encoded, plain] :
       {std::pair{"%22", "\""}, std::pair{"%0D", "\r"}, std::pair{"%0A", "\n"}}) {
    for (std::size_t at = text.find(encoded); at != std::string::npos;
         at = text.find(encoded, at)) {
      text.replace(at, 3, plain);
    }
  }
  return text;
}

// filename*=UTF-8''na%C3%AFve.jpg (RFC 8187), as Python's requests writes it: character set,
// language and percent-encoded text. Of the character sets it must be UTF-8, as the standard asks.
std::optional<std::string> ExtendedFileName(const ParameterizedValue& disposition) {
  const auto text = disposition.Parameter("filename*");
  if (!text) return std::nullopt;
  const auto charset_end = text->find('\'');
  if (charset_end == std::string_view::npos) return std::nullopt;
  const auto language_end = text->find('\'', charset_end + 1);
  if (language_end == std::string_view::npos) return std::nullopt;
  if (!EqualIgnoringCase(text->substr(0, charset_end), "utf-8")) return std::nullopt;
  return PercentDecode(text->substr(language_end + 1), false);
}

// The client's name for the file; nothing where the part is a plain field.
std::optional<std::string> FileNameOf(const ParameterizedValue& disposition) {
  auto name = ExtendedFileName(disposition);
  if (!name) name = disposition.Parameter("filename");
  if (!name) return std::nullopt;
  return UndoFormEncoding(*std::move(name));
}

Result<PartHeader> ParsePartHeader(std::string_view block) {
  PartHeader header;
  bool named = false;
  while (!block.empty()) {
    const auto end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 2, block.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return Malformed("a part's header line has no colon");
    const auto name = Trim(line.substr(0, colon));
    const auto value = Trim(line.substr(colon + 1));
    if (EqualIgnoringCase(name, "content-disposition")) {
      const auto disposition = ParseParameterizedValue(value);
      const auto field = disposition.Parameter("name");
      if (!field) return Malformed("a part's Content-Disposition has no name");
      header.name = UndoFormEncoding(std::string(*field));
      named = true;
      header.file_name = FileNameOf(disposition);
    } else if (EqualIgnoringCase(name, "content-type")) {
      header.content_type = value;
    }
  }
  if (!named) return Malformed("a part has no Content-Disposition");
  return header;
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, PartReader* reader)
    : delimiter_(fmt::format("\r\n--{}", boundary)), reader_(reader), buffer_("\r\n") {}

Result<MultipartParser> MultipartParser::Create(std::string_view content_type, PartReader* reader) {
  const auto type = MediaType::Parse(content_type);
  if (!type || !type->Is("multipart/form-data")) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected Content-Type multipart/form-data, found \"{}\"",
                             type ? type->essence() : content_type));
  }
  const auto boundary = type->Parameter("boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundary) {
    return Malformed(fmt::format("expected a boundary of 1 to {} characters", kMaxBoundary));
  }
  return MultipartParser(*boundary, reader);
}

Result<void> MultipartParser::Write(std::span<const std::byte> bytes) {
  buffer_.append(AsText(bytes));
  std::string_view rest = buffer_;
  for (bool going = true; going;) {
    GPEN_ASSIGN_OR_RETURN(going, Step(&rest));
  }
  buffer_.erase(0, buffer_.size() - rest.size());
  return {};
}

Result<bool> MultipartParser::Step(std::string_view* rest) {
  switch (state_) {
    case State::kPreamble:
    case State::kData:
      return SkipToDelimiter(rest);
    case State::kAfterDelimiter:
      return ReadAfterDelimiter(rest);
    case State::kHeaders:
      return ReadHeaders(rest);
    case State::kEpilogue:
      *rest = {};
      return false;
  }
  return false;
}

Result<bool> MultipartParser::SkipToDelimiter(std::string_view* rest) {
  const auto at = rest->find(delimiter_);
  const bool found = at != std::string_view::npos;
  // The end of what is there may be the start of a delimiter.
  const std::size_t usable = found ? at
                             : rest->size() >= delimiter_.size()
                                 ? rest->size() - delimiter_.size() + 1
                                 : 0;
  if (state_ == State::kData && usable > 0) {
    GPEN_TRY(reader_->PartData(AsBytes(rest->substr(0, usable))));
  }
  rest->remove_prefix(usable);
  if (!found) return false;
  rest->remove_prefix(delimiter_.size());
  if (state_ == State::kData) GPEN_TRY(reader_->EndPart());
  state_ = State::kAfterDelimiter;
  return true;
}

Result<bool> MultipartParser::ReadAfterDelimiter(std::string_view* rest) {
  if (rest->size() < 2) return false;
  if (rest->starts_with("--")) {
    state_ = State::kEpilogue;
    return true;
  }
  if (!rest->starts_with("\r\n")) return Malformed("expected a line end after a boundary");
  // The line end stays: with it, an empty header block ends in the same four bytes as others.
  state_ = State::kHeaders;
  return true;
}

Result<bool> MultipartParser::ReadHeaders(std::string_view* rest) {
  const auto end = rest->find("\r\n\r\n");
  if (std::min(end, rest->size()) > kMaxHeaderBytes) {
    return Malformed(fmt::format("a part's header has more than {} bytes", kMaxHeaderBytes));
  }
  if (end == std::string_view::npos) return false;
  if (++parts_ > kMaxParts) return Malformed(fmt::format("more than {} parts", kMaxParts));
  GPEN_ASSIGN_OR_RETURN(const auto header,
                        ParsePartHeader(end < 2 ? "" : rest->substr(2, end - 2)));
  rest->remove_prefix(end + 4);
  GPEN_TRY(reader_->BeginPart(header));
  state_ = State::kData;
  return true;
}

Result<void> MultipartParser::Finish() const {
  if (state_ == State::kEpilogue) return {};
  return Malformed("it ends before the closing boundary");
}

}  // namespace gpen::http
