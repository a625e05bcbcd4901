// Reply: what a Redis server answers, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpen::redis {

enum class ReplyType : std::uint8_t { kNull, kText, kError, kInteger, kArray };

struct Reply {
  ReplyType type = ReplyType::kNull;
  std::string text = {};  ///< Of kText and kError; numbers that are not whole come as a text too.
  std::int64_t integer = 0;       ///< Of kInteger; truth is 1 or 0.
  std::vector<Reply> items = {};  ///< Of kArray; of a map, keys and values by turns.

  bool is_null() const { return type == ReplyType::kNull; }
  bool is_error() const { return type == ReplyType::kError; }
  /// The text of item `index`; empty where there is none.
  std::string TextAt(std::size_t index) const {
    return index < items.size() ? items[index].text : std::string();
  }
  std::int64_t IntegerAt(std::size_t index) const {
    return index < items.size() ? items[index].integer : 0;
  }

  bool operator==(const Reply&) const = default;
};

}  // namespace gpen::redis
