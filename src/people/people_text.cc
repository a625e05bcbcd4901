#include "people/people_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gpen::people {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kDigestDigits = 64;

std::int64_t ToNumber(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp ToTime(std::int64_t number) { return Timestamp(Milliseconds(number)); }

Json ToJson(const Person& person) {
  if (!person.is_there()) return {{"id", person.id}, {"name", person.name}, {"gone", true}};
  return {{"id", person.id},
          {"name", person.name},
          {"role", NameOf(person.role)},
          {"sees", NameOf(person.sees)},
          {"created", ToNumber(person.created)},
          {"last_seen", ToNumber(person.last_seen)},
          {"token_sha256", person.token_sha256}};
}

Result<Person> FromJson(const Json& json) {
  Person person;
  person.id = json.at("id").get<PersonId>();
  person.name = json.at("name").get<std::string>();
  if (json.value("gone", false)) return person;
  GPEN_ASSIGN_OR_RETURN(person.role, ParseRole(json.at("role").get<std::string>()));
  GPEN_ASSIGN_OR_RETURN(person.sees, ParseSees(json.at("sees").get<std::string>()));
  person.created = ToTime(json.at("created").get<std::int64_t>());
  person.last_seen = ToTime(json.at("last_seen").get<std::int64_t>());
  person.token_sha256 = json.at("token_sha256").get<std::string>();
  if (person.token_sha256.size() == kDigestDigits) return person;
  return Error(ErrorCode::kConflict, "token_sha256: expected 64 digits");
}

Error Damaged(std::string_view why) {
  return {ErrorCode::kConflict, "it is damaged (" + std::string(why) + ")"};
}

}  // namespace

bool Register::is_empty() const { return std::ranges::none_of(people, &Person::is_there); }

Person* Register::Find(PersonId id) {
  const auto found = std::ranges::find_if(
      people, [&](const Person& person) { return person.id == id && person.is_there(); });
  return found == people.end() ? nullptr : &*found;
}

std::string Format(const Register& people) {
  Json list = Json::array();
  for (const auto& person : people.people) list.push_back(ToJson(person));
  const Json json = {{"version", kVersion}, {"next_id", people.next_id}, {"people", list}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Register> Parse(std::string_view text) {
  try {
    const auto json = Json::parse(text);
    if (json.at("version").get<int>() != kVersion) {
      return Error(ErrorCode::kConflict, "it was written by a newer version of this program");
    }
    Register found;
    found.next_id = json.at("next_id").get<PersonId>();
    for (const auto& one : json.at("people")) {
      auto person = FromJson(one);
      if (!person) return Damaged(person.error().message());
      if (person->id < 1 || person->id >= found.next_id) return Damaged("a wrong id");
      found.people.push_back(*std::move(person));
    }
    return found;
  } catch (const Json::exception& exception) {
    return Damaged(exception.what());
  }
}

}  // namespace gpen::people
