// The people as the text of people.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "people/person.h"

namespace gpen::people {

/// All who ever were, those who have gone too.
struct Register {
  PersonId next_id = 1;
  std::vector<Person> people;

  /// Nobody is left, or nobody ever was.
  bool is_empty() const;
  /// Who is there; null where nobody of this id is.
  Person* Find(PersonId id);
};

std::string Format(const Register& people);

/// Errors: kConflict (not what Format() writes).
Result<Register> Parse(std::string_view text);

}  // namespace gpen::people
