// Person: somebody who may use the service, known by a token of their own.
//
// A plain value. Of the token there is a digest alone: it is random and long, so that nobody finds
// it by trying, and a digest without salt is enough.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace gpen::people {

/// Never used twice, also not for somebody who has gone; at least 1.
using PersonId = std::int64_t;

/// A manager may change settings and people, and sees all.
enum class Role : std::uint8_t { kManager, kMember };

/// Whose photos somebody sees.
enum class Sees : std::uint8_t { kAll, kOwn };

struct Person {
  PersonId id = 0;
  std::string name;
  Role role = Role::kMember;
  Sees sees = Sees::kAll;
  Timestamp created;
  Timestamp last_seen;       ///< About; 0 (1970): never.
  std::string token_sha256;  ///< Empty: gone; the name stays with the photos.

  bool is_there() const { return !token_sha256.empty(); }
  bool is_manager() const { return role == Role::kManager; }
  /// What a stream that began under it stands on: it ends when this changes.
  std::string standing() const;
};

/// "manager", "member"; "all", "own".
std::string_view NameOf(Role role);
std::string_view NameOf(Sees sees);
/// Errors: kInvalidArgument.
Result<Role> ParseRole(std::string_view text);
Result<Sees> ParseSees(std::string_view text);

/// The name without blanks around it. Errors: kInvalidArgument (empty, longer than 60 bytes, or
/// with signs that cannot be shown).
Result<std::string> ParseName(std::string_view text);

}  // namespace gpen::people
