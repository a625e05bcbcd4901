#include "people/person.h"

#include <fmt/format.h>

#include <algorithm>

namespace gpen::people {
namespace {

constexpr std::size_t kLongestName = 60;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::string Person::standing() const {
  return is_there() ? fmt::format("{} {} {}", token_sha256, NameOf(role), NameOf(sees)) : "";
}

std::string_view NameOf(Role role) { return role == Role::kManager ? "manager" : "member"; }

std::string_view NameOf(Sees sees) { return sees == Sees::kAll ? "all" : "own"; }

Result<Role> ParseRole(std::string_view text) {
  if (text == "manager") return Role::kManager;
  if (text == "member") return Role::kMember;
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("role: expected manager or member, found \"{}\"", text));
}

Result<Sees> ParseSees(std::string_view text) {
  if (text == "all") return Sees::kAll;
  if (text == "own") return Sees::kOwn;
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("sees: expected all or own, found \"{}\"", text));
}

Result<std::string> ParseName(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  const auto end = text.find_last_not_of(' ') + 1;
  const auto name = text.substr(begin, end < begin ? 0 : end - begin);
  if (!name.empty() && name.size() <= kLongestName && std::ranges::none_of(name, IsControl)) {
    return std::string(name);
  }
  return Error(
      ErrorCode::kInvalidArgument,
      fmt::format("name: expected 1 to {} bytes on one line, found {}", kLongestName, name.size()));
}

}  // namespace gpen::people
