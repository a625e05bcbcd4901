#include "people/people.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/clock_testing.h"
#include "base/file.h"
#include "base/folder_testing.h"
#include "base/sha256.h"

namespace gpen::people {
namespace {

class PeopleTest : public testing::Test {
 protected:
  std::unique_ptr<People> Open(bool has_owner = true) {
    return People::Open(file_, has_owner, clock_).value();
  }
  std::string Text() { return std::string(AsText(ReadFile(file_, 1 << 20).value())); }
  static ErrorCode CodeOf(const auto& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kInternal : result.error().code();
  }

  TestFolder folder_;
  std::filesystem::path file_ = folder_.path() / "people.json";
  FakeClock clock_;
};

TEST_F(PeopleTest, NobodyIsThereBeforeSomebodyIsAdded) {
  const auto people = Open();
  EXPECT_TRUE(people->is_empty());
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_FALSE(people->FindByToken(""));
}

TEST_F(PeopleTest, SomebodyIsKnownByTheirTokenAlsoAfterARestart) {
  const auto added = Open()->Add({" Anna ", Role::kMember, Sees::kOwn}).value();
  EXPECT_EQ(added.person.name, "Anna");
  EXPECT_EQ(added.token.size(), 32U);
  const auto people = Open();
  const auto found = people->FindByToken(added.token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, added.person.id);
  EXPECT_EQ(found->sees, Sees::kOwn);
  EXPECT_EQ(found->created, clock_.Now());
  EXPECT_FALSE(people->FindByToken(added.token + "0"));
  EXPECT_FALSE(people->FindByToken(""));
}

TEST_F(PeopleTest, TheFileHoldsNoTokenAndIsTheOwnersAlone) {
  const auto added = Open()->Add({"Anna"}).value();
  EXPECT_EQ(Text().find(added.token), std::string::npos);
  EXPECT_NE(Text().find(Sha256(AsBytes(added.token))), std::string::npos);
  struct stat status = {};
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(PeopleTest, NamesAreCheckedAndTakenOnce) {
  const auto people = Open();
  ASSERT_TRUE(people->Add({"Anna"}));
  EXPECT_EQ(CodeOf(people->Add({"anna"})), ErrorCode::kConflict);
  for (const auto* name : {"", "   ", "a\nb"}) {
    EXPECT_EQ(CodeOf(people->Add({name})), ErrorCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(CodeOf(people->Add({std::string(61, 'a')})), ErrorCode::kInvalidArgument);
  const auto ben = people->Add({"Ben"}).value();
  EXPECT_EQ(CodeOf(people->Change(ben.person.id, {.name = "ANNA"})), ErrorCode::kConflict);
  EXPECT_EQ(people->Change(ben.person.id, {.name = "BEN"})->name, "BEN");
  EXPECT_EQ(CodeOf(people->Change(99, {})), ErrorCode::kNotFound);
}

TEST_F(PeopleTest, AManagerSeesAll) {
  const auto people = Open();
  EXPECT_EQ(CodeOf(people->Add({"Anna", Role::kManager, Sees::kOwn})), ErrorCode::kInvalidArgument);
  const auto ben = people->Add({"Ben", Role::kMember, Sees::kOwn}).value();
  EXPECT_EQ(people->Change(ben.person.id, {.role = Role::kManager})->sees, Sees::kAll);
}

TEST_F(PeopleTest, ARenewedOrWithdrawnTokenIsWorthNothing) {
  const auto people = Open();
  const auto anna = people->Add({"Anna"}).value();
  const auto renewed = people->Renew(anna.person.id).value();
  EXPECT_FALSE(people->FindByToken(anna.token));
  EXPECT_EQ(people->FindByToken(renewed.token)->id, anna.person.id);
  EXPECT_NE(renewed.person.standing(), anna.person.standing());
  ASSERT_TRUE(people->Remove(anna.person.id, false));
  EXPECT_FALSE(people->FindByToken(renewed.token));
  EXPECT_FALSE(people->Find(anna.person.id));
  EXPECT_TRUE(people->is_empty());
}

TEST_F(PeopleTest, TheNameStaysWithThePhotosAndTheIdIsNotUsedAgain) {
  const auto people = Open();
  const auto anna = people->Add({"Anna"}).value();
  ASSERT_TRUE(people->Remove(anna.person.id, false));
  EXPECT_EQ(Open()->NameOf(anna.person.id), "Anna");
  EXPECT_EQ(people->NameOf(99), "");
  const auto other = people->Add({"Anna"}).value();
  EXPECT_NE(other.person.id, anna.person.id);
  EXPECT_EQ(CodeOf(people->Renew(anna.person.id)), ErrorCode::kNotFound);
}

// Nobody is locked out, and nothing is opened by oversight.
TEST_F(PeopleTest, WithoutAnOwnerThereIsAlwaysAManager) {
  const auto people = Open(false);
  EXPECT_EQ(CodeOf(people->Add({"Ben"})), ErrorCode::kConflict);
  EXPECT_FALSE(std::filesystem::exists(file_));
  const auto anna = people->Add({"Anna", Role::kManager}).value().person;
  const auto ben = people->Add({"Ben"}).value().person;
  EXPECT_EQ(CodeOf(people->Change(anna.id, {.role = Role::kMember})), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(people->Remove(anna.id, true)), ErrorCode::kConflict);
  ASSERT_TRUE(people->Change(ben.id, {.role = Role::kManager}));
  ASSERT_TRUE(people->Remove(anna.id, false));
  EXPECT_EQ(CodeOf(people->Remove(ben.id, false)), ErrorCode::kConflict);
  EXPECT_TRUE(people->Remove(ben.id, true));
}

TEST_F(PeopleTest, WithAnOwnerAllMayGo) {
  const auto people = Open(true);
  const auto ben = people->Add({"Ben"}).value().person;
  EXPECT_TRUE(people->Remove(ben.id, false));
}

TEST_F(PeopleTest, FollowsWhatAnotherProgramChanges) {
  const auto service = Open();
  const auto command = Open();
  const auto anna = command->Add({"Anna"}).value();
  EXPECT_FALSE(service->FindByToken(anna.token));
  ASSERT_TRUE(service->Refresh());
  EXPECT_TRUE(service->FindByToken(anna.token));
  // A change of the one keeps what the other has changed meanwhile.
  const auto ben = command->Add({"Ben"}).value();
  ASSERT_TRUE(service->Add({"Carl"}));
  EXPECT_TRUE(service->FindByToken(ben.token));
  ASSERT_TRUE(command->Remove(anna.person.id, false));
  ASSERT_TRUE(service->Refresh());
  EXPECT_FALSE(service->FindByToken(anna.token));
  EXPECT_EQ(service->List().size(), 2U);
}

TEST_F(PeopleTest, ALostOrDamagedFileLetsNobodyIn) {
  const auto people = Open(false);
  const auto anna = people->Add({"Anna", Role::kManager}).value();
  std::filesystem::remove(file_);
  EXPECT_TRUE(people->Refresh());
  EXPECT_FALSE(people->is_empty());
  for (const auto* text :
       {"", "{}", "[]", R"({"version":1,"next_id":2,"people":[{"id":1,"name":"Anna"}]})",
        R"({"version":1,"next_id":1,"people":[{"id":1,"name":"Anna","gone":true}]})",
        R"({"version":9,"next_id":1,"people":[]})"}) {
    ASSERT_TRUE(WriteFileAtomically(file_, AsBytes(text)));
    EXPECT_EQ(CodeOf(people->Refresh()), ErrorCode::kConflict) << text;
    EXPECT_TRUE(people->FindByToken(anna.token));
    EXPECT_EQ(CodeOf(People::Open(file_, false, clock_)), ErrorCode::kConflict) << text;
  }
}

TEST_F(PeopleTest, ALostFileIsNotTakenForNobodyAfterARestart) {
  EXPECT_EQ(CodeOf(Open(false)->Add({"Ben"})), ErrorCode::kConflict);
  EXPECT_TRUE(Open(false)->is_empty()) << "nobody was ever there";
  const auto anna = Open(false)->Add({"Anna", Role::kManager}).value();
  const auto text = Text();
  std::filesystem::remove(file_);
  const auto lost = People::Open(file_, false, clock_);
  ASSERT_EQ(CodeOf(lost), ErrorCode::kConflict);
  EXPECT_NE(lost.error().message().find("people.json.lock"), std::string::npos);
  ASSERT_TRUE(WriteFileAtomically(file_, AsBytes(text)));
  EXPECT_TRUE(Open(false)->FindByToken(anna.token));
  std::filesystem::remove(file_);
  std::filesystem::remove(folder_.path() / "people.json.lock");
  EXPECT_TRUE(Open(false)->is_empty());
}

TEST_F(PeopleTest, AFileThatIsDamagedFromTheStartIsNotTakenForNobody) {
  const auto people = Open(false);
  ASSERT_TRUE(WriteFileAtomically(file_, AsBytes("{")));
  EXPECT_FALSE(people->Refresh());
  EXPECT_FALSE(people->is_empty());
  std::filesystem::remove(file_);
  EXPECT_TRUE(people->Refresh());
  EXPECT_TRUE(people->is_empty());
}

TEST_F(PeopleTest, RemembersWhenSomebodyWasThereWithoutWritingAllTheTime) {
  const auto people = Open();
  const auto anna = people->Add({"Anna"}).value().person;
  const auto stored = [&] { return Open()->Find(anna.id)->last_seen; };
  people->NoteSeen(anna.id);
  EXPECT_EQ(people->List().front().last_seen, clock_.Now());
  ASSERT_TRUE(people->KeepSeen());
  const auto first = clock_.Now();
  EXPECT_EQ(stored(), first);
  clock_.Advance(std::chrono::minutes(5));
  people->NoteSeen(anna.id);
  ASSERT_TRUE(people->KeepSeen());
  EXPECT_EQ(stored(), first);
  clock_.Advance(std::chrono::minutes(6));
  people->NoteSeen(anna.id);
  ASSERT_TRUE(people->KeepSeen());
  EXPECT_EQ(stored(), clock_.Now());
}

}  // namespace
}  // namespace gpen::people
