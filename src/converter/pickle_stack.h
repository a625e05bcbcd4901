// PickleStack: the stack of the machine that reads a pickle, and the values that it makes.
//
// Values are nodes of one Pickle; the stack, its marks and every container hold indices of them. An
// operation that finds too little on the stack is a kModelInvalid.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "converter/pickle_bytes.h"
#include "converter/pickle_reader.h"

namespace gpen::converter {

class PickleStack {
 public:
  using Nodes = std::vector<std::uint32_t>;

  /// `bytes` says in messages where the pickle is damaged. Both must outlive this.
  PickleStack(Pickle* pickle, const PickleBytes& bytes) : pickle_(pickle), bytes_(bytes) {}

  std::uint32_t Push(PickleNode node);
  void PushInteger(std::int64_t value) { Push({.kind = PickleKind::kInteger, .integer = value}); }
  void PushText(std::string_view text) { Push({.kind = PickleKind::kText, .text = text}); }
  void PushItems(PickleKind kind, Nodes items);
  /// A value that is there already, once more.
  void PushAgain(std::uint32_t node) { stack_.push_back(node); }
  void PushMark() { marks_.push_back(stack_.size()); }

  Result<std::uint32_t> Top() const;
  Result<std::uint32_t> Pop();
  Result<Nodes> PopMany(std::size_t count);
  Result<Nodes> PopToMark();

  /// Adds `items` to the container of kind `kind` on top. What is inert swallows its items.
  Result<void> AddToTop(PickleKind kind, const Nodes& items);

  /// Items of all containers together, which may hold a value many times.
  std::size_t item_count() const { return item_count_; }

 private:
  // Values below the last mark belong to somebody else.
  std::size_t Available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  Error Missing() const { return bytes_.Broken("a value is missing on the stack"); }

  Pickle* pickle_;
  const PickleBytes& bytes_;
  std::size_t item_count_ = 0;
  Nodes stack_;
  std::vector<std::size_t> marks_;  // Stack heights.
};

}  // namespace gpen::converter
