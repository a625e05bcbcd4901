// People: who may use the service, kept in people.json of the data folder.
//
// The service and `gpen people` may change the file at the same time: a change reads it under a
// lock and replaces it whole. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "people/people_text.h"
#include "people/person.h"

namespace gpen::people {

struct NewPerson {
  std::string name;
  Role role = Role::kMember;
  Sees sees = Sees::kAll;
};

/// What is to be different; empty members stay.
struct PersonChange {
  std::optional<std::string> name = {};
  std::optional<Role> role = {};
  std::optional<Sees> sees = {};
};

/// A person with their new token, which is said this once.
struct Admission {
  Person person;
  std::string token;
};

class People {
 public:
  /// `has_owner`: a token of the configuration lets its holder manage people. Without it somebody
  /// of them must be a manager, as long as there are any.
  ///
  /// Errors: kConflict (the file is damaged, of a newer version, or lost), kUnavailable.
  static Result<std::unique_ptr<People>> Open(const std::filesystem::path& file, bool has_owner,
                                              const Clock& clock);

  /// Takes over what another program has changed; a file that cannot be read changes nothing.
  Result<void> Refresh();

  /// Nobody is there. A file that cannot be read may name somebody.
  bool is_empty() const;
  /// Those who are there, in the order in which they came.
  std::vector<Person> List() const;
  std::optional<Person> Find(PersonId id) const;
  /// Compares in constant time with everybody's.
  std::optional<Person> FindByToken(std::string_view token) const;
  /// Also of who has gone; empty for an id that never was.
  std::string NameOf(PersonId id) const;

  // All below: errors: kUnavailable (disk), kConflict (the file is damaged), and for an id
  // kNotFound.

  /// Errors: kInvalidArgument (the name, a manager who sees their own alone), kConflict (somebody
  /// has this name; the first is no manager, and there is no owner).
  Result<Admission> Add(NewPerson person);
  /// Errors: as Add().
  Result<Person> Change(PersonId id, const PersonChange& change);
  /// A new token; the old one is worth nothing from then on.
  Result<Admission> Renew(PersonId id);
  /// `may_open`: also where nobody is left then, and the service open to all for lack of an owner.
  /// Errors: kConflict (that, or no manager would be left).
  Result<void> Remove(PersonId id, bool may_open);

  /// Somebody has shown their token now. Written by the next KeepSeen().
  void NoteSeen(PersonId id);
  /// Writes when people were seen, where that is worth it.
  Result<void> KeepSeen();

 private:
  /// Tells one state of the file from another.
  struct Stamp {
    std::int64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;

    bool operator==(const Stamp&) const = default;
  };

  People(std::filesystem::path file, bool has_owner, const Clock& clock);

  // With mutex_ held.
  Result<void> RefreshHere();
  Result<Register> ReadFile();
  /// Reads, changes and writes the file under its lock.
  Result<void> Edit(const std::function<Result<void>(Register*)>& change);
  Result<void> CheckManaged(const Register& people) const;

  const std::filesystem::path file_;
  const bool has_owner_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<Stamp> stamp_;  ///< Of what was read last; nothing: there was no file.
  bool is_unreadable_ = false;  ///< What the file says now is not known.
  Register people_;
  std::map<PersonId, Timestamp> seen_;  ///< Not written yet.
};

}  // namespace gpen::people
