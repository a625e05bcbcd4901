#include "people/people.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/constant_time.h"
#include "base/descriptor.h"
#include "base/file.h"
#include "base/random_id.h"
#include "base/sha256.h"

namespace gpen::people {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostBytes = 4 << 20;
constexpr std::size_t kMostPeople = 200;
constexpr std::chrono::minutes kSeenStep{10};

std::string DigestOf(std::string_view token) { return Sha256(AsBytes(token)); }

// A change made by root must leave the file to the service's own user.
void GiveToOwnerOf(const fs::path& folder, int descriptor) {
  struct stat status = {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &status) != 0) return;
  [[maybe_unused]] const int given = ::fchown(descriptor, status.st_uid, status.st_gid);
}

fs::path LockOf(const fs::path& file) { return file.string() + ".lock"; }

// Whether there were people: the lock is not empty from the first one on, and so tells a list that
// is lost from one that never was.
bool WereThere(const fs::path& file) {
  struct stat status = {};
  return ::stat(LockOf(file).c_str(), &status) == 0 && status.st_size > 0;
}

// Where this cannot be written the next change tries again: the one before it is made, and its
// token is said once.
void NoteThere(const fs::path& file, int lock) {
  if (WereThere(file)) return;
  const std::string note = fmt::format("{} belongs beside this file.\n", file.filename().string());
  [[maybe_unused]] const ssize_t written = ::pwrite(lock, note.data(), note.size(), 0);
}

// Held until the descriptor is closed.
Result<Descriptor> Lock(const fs::path& file) {
  const auto path = LockOf(file).string();
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.is_open()) {
    GiveToOwnerOf(file.parent_path(), lock.get());
    int locked = 0;
    do {
      locked = ::flock(lock.get(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    if (locked == 0) return lock;
  }
  return Error(ErrorCode::kUnavailable,
               fmt::format("cannot lock {}: {}", path, std::strerror(errno)));
}

Result<void> Write(const fs::path& path, std::string_view text) {
  GPEN_ASSIGN_OR_RETURN(auto file, AtomicFile::Create(path));
  GPEN_TRY(file.SetMode(0600));
  GiveToOwnerOf(path.parent_path(), file.descriptor());
  GPEN_TRY(file.Write(AsBytes(text)));
  return file.Commit();
}

bool EqualNames(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

Error NoSuchPerson(PersonId id) {
  return {ErrorCode::kNotFound, fmt::format("there is no person {}; they may have gone", id)};
}

Result<void> CheckName(const Register& people, const Person& person) {
  for (const auto& other : people.people) {
    if (other.id != person.id && other.is_there() && EqualNames(other.name, person.name)) {
      return Error(ErrorCode::kConflict,
                   fmt::format("there is a {} already: choose another name", other.name));
    }
  }
  if (person.is_manager() && person.sees == Sees::kOwn) {
    return Error(ErrorCode::kInvalidArgument,
                 "sees: expected all for a manager, found own: a member can see their own alone");
  }
  return {};
}

}  // namespace

People::People(fs::path file, bool has_owner, const Clock& clock)
    : file_(std::move(file)), has_owner_(has_owner), clock_(clock) {}

Result<std::unique_ptr<People>> People::Open(const fs::path& file, bool has_owner,
                                             const Clock& clock) {
  std::unique_ptr<People> people(new People(file, has_owner, clock));
  GPEN_TRY(people->Refresh());
  return people;
}

Result<void> People::Refresh() {
  const std::scoped_lock lock(mutex_);
  return RefreshHere();
}

Result<void> People::RefreshHere() {
  struct stat status = {};
  if (::stat(file_.c_str(), &status) != 0) {
    // A file that was there and is lost lets nobody in who was not let in before.
    const bool is_lost = errno == ENOENT && !stamp_ && WereThere(file_);
    is_unreadable_ = errno != ENOENT || is_lost;
    if (!is_unreadable_) return {};
    if (is_lost) {
      return Error(ErrorCode::kConflict,
                   fmt::format("expected {}, which names the people who may use the service, and "
                               "found it gone; put a copy of it back, or remove {} to begin "
                               "without people",
                               file_.string(), LockOf(file_).string()));
    }
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot look at {}: {}", file_.string(), std::strerror(errno)));
  }
  const Stamp stamp{static_cast<std::int64_t>(status.st_ino),
                    static_cast<std::int64_t>(status.st_size), status.st_mtim.tv_sec,
                    status.st_mtim.tv_nsec};
  if (stamp_ == stamp && !is_unreadable_) return {};
  is_unreadable_ = true;
  GPEN_ASSIGN_OR_RETURN(people_, ReadFile());
  is_unreadable_ = false;
  stamp_ = stamp;
  return {};
}

Result<Register> People::ReadFile() {
  const auto bytes = gpen::ReadFile(file_, kMostBytes);
  if (!bytes) return bytes.error();
  auto people = Parse(AsText(*bytes));
  if (people) return people;
  return Error(people.error().code(),
               fmt::format("{}: {}; put a copy of it back, or remove it to begin without people",
                           file_.string(), people.error().message()));
}

Result<void> People::Edit(const std::function<Result<void>(Register*)>& change) {
  GPEN_ASSIGN_OR_RETURN(const Descriptor lock, Lock(file_));
  GPEN_TRY(RefreshHere());
  Register changed = people_;
  GPEN_TRY(change(&changed));
  GPEN_TRY(Write(file_, Format(changed)));
  // After the list: whoever looks between the two must not take it for lost.
  NoteThere(file_, lock.get());
  return RefreshHere();
}

// Nobody is locked out of the list of people, and the service is not opened by oversight.
Result<void> People::CheckManaged(const Register& people) const {
  const bool is_managed =
      has_owner_ || std::ranges::any_of(people.people, [](const Person& person) {
        return person.is_there() && person.is_manager();
      });
  if (is_managed) return {};
  return Error(ErrorCode::kConflict,
               "expected a manager among the people: the configuration has no token whose holder "
               "could manage them");
}

bool People::is_empty() const {
  const std::scoped_lock lock(mutex_);
  return people_.is_empty() && !is_unreadable_;
}

std::vector<Person> People::List() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Person> found;
  for (const auto& person : people_.people) {
    if (!person.is_there()) continue;
    found.push_back(person);
    const auto seen = seen_.find(person.id);
    if (seen != seen_.end()) found.back().last_seen = seen->second;
  }
  return found;
}

std::optional<Person> People::Find(PersonId id) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& person : people_.people) {
    if (person.id == id && person.is_there()) return person;
  }
  return std::nullopt;
}

std::optional<Person> People::FindByToken(std::string_view token) const {
  const auto digest = DigestOf(token);
  const std::scoped_lock lock(mutex_);
  const Person* found = nullptr;
  for (const auto& person : people_.people) {
    if (EqualInConstantTime(person.token_sha256, digest)) found = &person;
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::string People::NameOf(PersonId id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(people_.people, id, &Person::id);
  return found == people_.people.end() ? std::string() : found->name;
}

Result<Admission> People::Add(NewPerson wanted) {
  Admission admission;
  Person& person = admission.person;
  person.name = std::move(wanted.name);
  GPEN_ASSIGN_OR_RETURN(person.name, ParseName(person.name));
  person.role = wanted.role;
  person.sees = wanted.sees;
  person.created = clock_.Now();
  admission.token = RandomId();
  person.token_sha256 = DigestOf(admission.token);
  const auto enter = [&](Register* people) -> Result<void> {
    if (people->people.size() >= kMostPeople) {
      return Error(
          ErrorCode::kConflict,
          fmt::format("expected at most {} people, those who have gone included", kMostPeople));
    }
    person.id = people->next_id++;
    GPEN_TRY(CheckName(*people, person));
    people->people.push_back(person);
    return CheckManaged(*people);
  };
  const std::scoped_lock lock(mutex_);
  GPEN_TRY(Edit(enter));
  return admission;
}

Result<Person> People::Change(PersonId id, const PersonChange& change) {
  Person changed;
  const auto alter = [&](Register* people) -> Result<void> {
    Person* person = people->Find(id);
    if (person == nullptr) return NoSuchPerson(id);
    if (change.name) {
      GPEN_ASSIGN_OR_RETURN(person->name, ParseName(*change.name));
    }
    if (change.role) person->role = *change.role;
    // Whoever becomes a manager sees all from then on.
    if (change.role == Role::kManager) person->sees = Sees::kAll;
    if (change.sees) person->sees = *change.sees;
    changed = *person;
    GPEN_TRY(CheckName(*people, changed));
    return CheckManaged(*people);
  };
  const std::scoped_lock lock(mutex_);
  GPEN_TRY(Edit(alter));
  return changed;
}

Result<Admission> People::Renew(PersonId id) {
  Admission admission;
  admission.token = RandomId();
  const auto exchange = [&](Register* people) -> Result<void> {
    Person* person = people->Find(id);
    if (person == nullptr) return NoSuchPerson(id);
    person->token_sha256 = DigestOf(admission.token);
    admission.person = *person;
    return {};
  };
  const std::scoped_lock lock(mutex_);
  GPEN_TRY(Edit(exchange));
  return admission;
}

Result<void> People::Remove(PersonId id, bool may_open) {
  const std::scoped_lock lock(mutex_);
  return Edit([&](Register* people) -> Result<void> {
    Person* person = people->Find(id);
    if (person == nullptr) return NoSuchPerson(id);
    Person gone;
    gone.id = id;
    gone.name = person->name;
    *person = gone;
    if (!people->is_empty()) return CheckManaged(*people);
    if (has_owner_ || may_open) return {};
    return Error(ErrorCode::kConflict,
                 "expected somebody who stays: with nobody left, and no token in the "
                 "configuration, everybody in the network could use the service");
  });
}

void People::NoteSeen(PersonId id) {
  const std::scoped_lock lock(mutex_);
  seen_[id] = clock_.Now();
}

Result<void> People::KeepSeen() {
  const std::scoped_lock lock(mutex_);
  const auto is_new = [this](const auto& seen) {
    const Person* person = people_.Find(seen.first);
    return person != nullptr && seen.second - person->last_seen > kSeenStep;
  };
  if (std::ranges::none_of(seen_, is_new)) return {};
  return Edit([&](Register* people) -> Result<void> {
    for (const auto& [id, time] : seen_) {
      if (Person* person = people->Find(id)) person->last_seen = time;
    }
    return {};
  });
}

}  // namespace gpen::people
