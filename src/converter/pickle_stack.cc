#include "converter/pickle_stack.h"

namespace gpen::converter {

std::uint32_t PickleStack::Push(PickleNode node) {
  pickle_->nodes.push_back(std::move(node));
  stack_.push_back(static_cast<std::uint32_t>(pickle_->nodes.size() - 1));
  return stack_.back();
}

void PickleStack::PushItems(PickleKind kind, Nodes items) {
  item_count_ += items.size();
  Push({.kind = kind, .items = std::move(items)});
}

Result<std::uint32_t> PickleStack::Top() const {
  if (Available() == 0) return Missing();
  return stack_.back();
}

Result<std::uint32_t> PickleStack::Pop() {
  if (Available() == 0) return Missing();
  const auto top = stack_.back();
  stack_.pop_back();
  return top;
}

Result<PickleStack::Nodes> PickleStack::PopMany(std::size_t count) {
  if (Available() < count) return Missing();
  Nodes items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return items;
}

Result<PickleStack::Nodes> PickleStack::PopToMark() {
  if (marks_.empty()) return bytes_.Broken("a mark is missing on the stack");
  auto items = PopMany(Available());
  marks_.pop_back();
  return items;
}

Result<void> PickleStack::AddToTop(PickleKind kind, const Nodes& items) {
  GPEN_ASSIGN_OR_RETURN(const auto container, Top());
  PickleNode& node = pickle_->nodes[container];
  if (node.kind == PickleKind::kInert) return {};
  if (node.kind != kind) return bytes_.Broken("items are added to something that holds none");
  if (kind == PickleKind::kDict && items.size() % 2 != 0) {
    return bytes_.Broken("a key has no value");
  }
  item_count_ += items.size();
  node.items.insert(node.items.end(), items.begin(), items.end());
  return {};
}

}  // namespace gpen::converter
