#include "redis/reply_parser.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace gpen::redis {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;

Error NotRedis(std::string_view what) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("the server does not answer as Redis does: {}", what));
}

Result<std::int64_t> Whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return NotRedis("expected a whole number");
  }
  return value;
}

Reply OfText(ReplyType type, std::string_view text) {
  Reply reply;
  reply.type = type;
  reply.text = text;
  return reply;
}

Reply OfInteger(std::int64_t value) {
  Reply reply;
  reply.type = ReplyType::kInteger;
  reply.integer = value;
  return reply;
}

}  // namespace

Result<std::optional<Reply>> ReplyParser::Next() {
  while (true) {
    std::optional<Reply> done;
    if (bulk_) {
      const auto length = static_cast<std::size_t>(*bulk_);
      if (buffer_.size() - at_ < length + 2) break;
      std::string_view text = std::string_view(buffer_).substr(at_, length);
      if (std::string_view(buffer_).substr(at_ + length, 2) != "\r\n") {
        return NotRedis("a text is longer than announced");
      }
      if (bulk_has_kind_ && length >= 4) text.remove_prefix(4);
      done = Place(OfText(bulk_is_error_ ? ReplyType::kError : ReplyType::kText, text));
      at_ += length + 2;
      bulk_.reset();
    } else {
      const auto end = buffer_.find("\r\n", std::max(at_, scanned_));
      if (end == std::string::npos) {
        if (buffer_.size() - at_ > kLongestLine) return NotRedis("a line without end");
        scanned_ = buffer_.empty() ? 0 : buffer_.size() - 1;  // Perhaps half of the line's end.
        break;
      }
      const auto line = std::string_view(buffer_).substr(at_, end - at_);
      at_ = end + 2;
      GPEN_ASSIGN_OR_RETURN(done, TakeLine(line));
    }
    if (done) {
      bytes_ = items_ = 0;
      return done;
    }
  }
  buffer_.erase(0, at_);
  scanned_ -= std::min(scanned_, at_);
  at_ = 0;
  return std::optional<Reply>();
}

Result<void> ReplyParser::Count(std::int64_t bytes) {
  bytes_ += bytes;
  if (++items_ > limits_.most_items) {
    return NotRedis(fmt::format("a reply of more than {} parts", limits_.most_items));
  }
  if (bytes > limits_.most_bytes || bytes_ > limits_.most_bytes) {
    return NotRedis(fmt::format("a reply of more than {} bytes", limits_.most_bytes));
  }
  return {};
}

Result<std::optional<Reply>> ReplyParser::TakeLine(std::string_view line) {
  if (line.empty()) return NotRedis("an empty line");
  const char type = line.front();
  line.remove_prefix(1);
  GPEN_TRY(Count(static_cast<std::int64_t>(line.size())));
  switch (type) {
    case '+':
    case ',':  // A fraction.
    case '(':  // A big number.
      return Place(OfText(ReplyType::kText, line));
    case '-':
      return Place(OfText(ReplyType::kError, line));
    case ':': {
      GPEN_ASSIGN_OR_RETURN(const auto value, Whole(line));
      return Place(OfInteger(value));
    }
    case '#':
      if (line != "t" && line != "f") return NotRedis("expected t or f");
      return Place(OfInteger(line == "t" ? 1 : 0));
    case '_':
      return Place(Reply());
    case '$':
    case '!':
    case '=': {
      GPEN_ASSIGN_OR_RETURN(const auto length, Whole(line));
      if (length == -1 && type == '$') return Place(Reply());
      if (length < 0) return NotRedis("a negative length");
      GPEN_TRY(Count(length));
      bulk_ = length;
      bulk_is_error_ = type == '!';
      bulk_has_kind_ = type == '=';
      return std::optional<Reply>();
    }
    case '*':
    case '~':
    case '>':
      return BeginArray(line, 1, false);
    case '%':
      return BeginArray(line, 2, false);
    case '|':
      return BeginArray(line, 2, true);
    default:
      return NotRedis(
          fmt::format("a reply of the kind 0x{:02x}", static_cast<unsigned char>(type)));
  }
}

Result<std::optional<Reply>> ReplyParser::BeginArray(std::string_view line, std::int64_t items_each,
                                                     bool is_attribute) {
  GPEN_ASSIGN_OR_RETURN(const auto count, Whole(line));
  if (count == -1 && items_each == 1) return Place(Reply());
  if (count < 0 || count > limits_.most_items / items_each) {
    return NotRedis(fmt::format("an array of {} items", count));
  }
  Open open;
  open.reply.type = ReplyType::kArray;
  open.missing = count * items_each;
  open.is_attribute = is_attribute;
  if (open.missing == 0) {
    return is_attribute ? std::optional<Reply>() : Place(std::move(open.reply));
  }
  if (std::cmp_greater_equal(open_.size(), limits_.most_depth)) return NotRedis("too deep arrays");
  open_.push_back(std::move(open));
  return std::optional<Reply>();
}

// The whole reply, if `reply` completed it.
std::optional<Reply> ReplyParser::Place(Reply reply) {
  while (!open_.empty()) {
    Open& array = open_.back();
    array.reply.items.push_back(std::move(reply));
    if (--array.missing > 0) return std::nullopt;
    const bool dropped = array.is_attribute;
    reply = std::move(array.reply);
    open_.pop_back();
    if (dropped) return std::nullopt;
  }
  return reply;
}

}  // namespace gpen::redis
