#include "http/multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/file.h"
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

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Reads a token or a quoted string from the start of `text`.
std::string TakeValue(std::string_view* text) {
  std::string value;
  if (!text->starts_with('"')) {
    const auto end = std::min(text->find(';'), text->size());
    value = Trim(text->substr(0, end));
    text->remove_prefix(end);
    return value;
  }
  text->remove_prefix(1);
  while (!text->empty() && text->front() != '"') {
    if (text->starts_with("\\\"") || text->starts_with("\\\\")) text->remove_prefix(1);
    value += text->front();
    text->remove_prefix(1);
  }
  const auto end = std::min(text->find(';'), text->size());
  text->remove_prefix(end);
  return value;
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

// filename*=UTF-8''na%C3%AFve.jpg, as Python's requests writes it.
std::optional<std::string> ExtendedParameter(std::string_view value, std::string_view name) {
  const auto text = HeaderParameter(value, std::string(name) + "*");
  if (!text) return std::nullopt;
  const auto quote = text->find("''");
  if (quote == std::string::npos) return std::nullopt;
  return PercentDecode(std::string_view(*text).substr(quote + 2), false);
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
      const auto field = HeaderParameter(value, "name");
      if (!field) return Malformed("a part's Content-Disposition has no name");
      header.name = UndoFormEncoding(*field);
      named = true;
      header.file_name = ExtendedParameter(value, "filename");
      if (!header.file_name) header.file_name = HeaderParameter(value, "filename");
      if (header.file_name) header.file_name = UndoFormEncoding(*header.file_name);
    } else if (EqualIgnoringCase(name, "content-type")) {
      header.content_type = value;
    }
  }
  if (!named) return Malformed("a part has no Content-Disposition");
  return header;
}

}  // namespace

std::optional<std::string> HeaderParameter(std::string_view value, std::string_view name) {
  const auto first = value.find(';');
  if (first == std::string_view::npos) return std::nullopt;
  value.remove_prefix(first);
  while (value.starts_with(';')) {
    value.remove_prefix(1);
    const auto equals = value.find('=');
    const auto semicolon = value.find(';');
    if (equals == std::string_view::npos) return std::nullopt;
    if (semicolon < equals) {  // A parameter without a value.
      value.remove_prefix(semicolon);
      continue;
    }
    const auto key = Trim(value.substr(0, equals));
    value.remove_prefix(equals + 1);
    value = value.substr(std::min(value.find_first_not_of(" \t"), value.size()));
    auto text = TakeValue(&value);
    if (EqualIgnoringCase(key, name)) return text;
  }
  return std::nullopt;
}

MultipartParser::MultipartParser(std::string_view boundary, PartReader* reader)
    : delimiter_(fmt::format("\r\n--{}", boundary)), reader_(reader), buffer_("\r\n") {}

Result<MultipartParser> MultipartParser::Create(std::string_view content_type, PartReader* reader) {
  const auto kind = Trim(content_type.substr(0, content_type.find(';')));
  if (!EqualIgnoringCase(kind, "multipart/form-data")) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("expected Content-Type multipart/form-data, found \"{}\"", kind));
  }
  const auto boundary = HeaderParameter(content_type, "boundary");
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
