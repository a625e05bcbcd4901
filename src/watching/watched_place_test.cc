#include "watching/watched_place.h"

#include "photos/photo_key.h"
#include "restore/local_photo_work.h"
#include "watching/watching_testing.h"

namespace gpen::watching {
namespace {

using photos::ResultKind;
using watch::FileState;

// Runs that need no network: what is in place already, what was replaced, what an equal photo has.
class WatchedPlaceTest : public WatchingFixture {
 protected:
  void SetUp() override {
    WatchingFixture::SetUp();
    auto opened = photos::DataFolder::Open(temporary_.path() / "data", 0);
    ASSERT_TRUE(opened) << opened.error().message();
    data_.emplace(*std::move(opened));
    work_ = *restore::LocalPhotoWork::CreateWithoutNetworks({});
    runner_.emplace(work_.get(), &*data_, codec::Limits{});
    Reach();
  }
  void Reach() {
    place_.emplace(
        RunParts{&*folders_, ledger_.get(), store_.get(), &*runner_, &clock_, &models_, 0});
  }

  Result<jobs::JobResult> Run(const jobs::Job& job) {
    jobs::JobContext context(*store_, clock_, job.lease(), Milliseconds(0));
    return place_->Run(Of(job), context);
  }
  void Deliver(const watch::WatchedFile& row, const std::string& text, const std::string& key) {
    watch::NewResult made;
    made.bytes = AsBytes(text);
    made.sha256 = Sha256(made.bytes);
    made.of_sha256 = Sha256(AsBytes(Read(root_ / row.path)));
    made.result_key = key;
    ASSERT_TRUE(Folder().outputs.Deliver(OpenedRoot(), row, made));
  }
  const photos::PhotoModels models_{{"model"}};
  // A photo that was done, with its task.
  photos::PhotoTask Done(const std::string& path, const std::string& photo) {
    Write(path, photo);
    const auto row = Queue(path);
    Deliver(row, "result of " + photo, KeyOf(photo));
    return {photos::ExternalPhoto{row.id, row.generation}, {}};
  }
  static std::string KeyOf(const std::string& photo) {
    return photos::KeyOf(Sha256(AsBytes(photo)), {}, {"model"}) + "+copy";
  }
  static photos::PhotoResult ResultOf(const photos::PhotoTask& task) {
    photos::PhotoResult result;
    result.place = photos::ExternalResult{std::get<photos::ExternalPhoto>(task.source).row, ""};
    return result;
  }
  static std::string TextOf(const Result<photos::PlacedFile>& placed) {
    EXPECT_TRUE(placed) << placed.error().message();
    if (!placed) return "";
    const auto bytes = photos::ReadPlaced(*placed, 1 << 20);
    EXPECT_TRUE(bytes) << bytes.error().message();
    return bytes ? std::string(AsText(*bytes)) : "";
  }

  std::optional<photos::DataFolder> data_;
  std::unique_ptr<restore::PhotoWork> work_;
  std::optional<photos::PhotoRunner> runner_;
  std::optional<WatchedPlace> place_;
};

TEST_F(WatchedPlaceTest, ARunAfterACrashFindsTheResultInPlace) {
  Write("a.jpg", "photo");
  const auto job = (Queue("a.jpg"), Claim());
  Deliver(*Row("a.jpg"), "result", "key");
  // As if the crash came before the row was stored as done.
  auto row = *Row("a.jpg");
  row.state = FileState::kQueued;
  row.intended = {row.output, row.generation, row.sha256, row.result_key};
  row.output = {};
  ASSERT_TRUE(*ledger_->Update(row));
  const auto outcome = Run(job);
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(StateOf("a.jpg"), FileState::kDone);
  const auto done = store_->Complete(job.lease(), *outcome);
  ASSERT_TRUE(done);
  EXPECT_EQ(photos::AddressOf(*Of(*done).FirstResult()), (root_ / "enhanced/a.jpg").native());
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "result");
}

TEST_F(WatchedPlaceTest, AReplacedPhotoSettlesAndItsOldJobIsCancelled) {
  Write("a.jpg", "photo");
  const auto job = (Queue("a.jpg"), Claim());
  Write("a.jpg", "another photo");
  const auto outcome = Run(job);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kCancelled);
  EXPECT_TRUE(store_->Find(job.id)->cancel_requested);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kSettling);
  EXPECT_GT(Row("a.jpg")->due, clock_.Now());
  EXPECT_FALSE(std::filesystem::exists(root_ / "enhanced/a.jpg"));
}

TEST_F(WatchedPlaceTest, AnOlderGenerationDeliversNothing) {
  Write("a.jpg", "photo");
  const auto row = Queue("a.jpg");
  const auto job = Claim();
  Write("a.jpg", "another photo");
  const auto identity = **watch::LookBeneath(OpenedRoot().folder(), "a.jpg");
  ASSERT_TRUE(*ledger_->NoteSeen("f", "a.jpg", identity, clock_.Now(), true));
  EXPECT_EQ(Run(job).error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(Row("a.jpg")->generation, row.generation + 1);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kSettling);
}

TEST_F(WatchedPlaceTest, AnEqualPhotoTakesTheResultThatIsThere) {
  Done("a.jpg", "photo");
  const auto first = Claim();
  photos::PhotoResult known = ResultOf(Of(first).task);
  known.report = R"({"model":"m"})";
  ASSERT_TRUE(store_->Complete(first.lease(), {photos::FormatResult(known), 0}));
  Write("copy/b.jpg", "photo");
  const auto job = (Queue("copy/b.jpg"), Claim());
  const auto outcome = Run(job);
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(Read(root_ / "copy/enhanced/b.jpg"), "result of photo");
  const auto done = store_->Complete(job.lease(), *outcome);
  ASSERT_TRUE(done);
  EXPECT_EQ(Of(*done).FirstResult()->report, known.report);
}

TEST_F(WatchedPlaceTest, AFolderThatIsNotWatchedAnyMoreSaysSo) {
  Write("a.jpg", "photo");
  const auto job = (Queue("a.jpg"), Claim());
  folder_.name = "renamed";
  Watch();
  Reach();
  const auto outcome = Run(job);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(outcome.error().message().find("\"f\" is not watched"), std::string::npos);
}

TEST_F(WatchedPlaceTest, AFolderThatIsAwayMayComeBack) {
  Write("a.jpg", "photo");
  const auto job = (Queue("a.jpg"), Claim());
  std::filesystem::rename(root_, temporary_.path() / "away");
  const auto outcome = Run(job);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(StateOf("a.jpg"), FileState::kQueued);
}

TEST_F(WatchedPlaceTest, PlacesPhotoAndResultWhereTheyLie) {
  const auto task = Done("2024/a.jpg", "photo");
  EXPECT_EQ(TextOf(place_->PlaceOriginal(task)), "photo");
  EXPECT_EQ(TextOf(place_->PlaceResult(ResultOf(task))), "result of photo");
  Write("2024/enhanced/a.jpg", "edited by a person");
  EXPECT_EQ(place_->PlaceResult(ResultOf(task)).error().code(), ErrorCode::kNotFound);
  Write("2024/a.jpg", "another photo");
  EXPECT_EQ(place_->PlaceOriginal(task).error().code(), ErrorCode::kNotFound);
}

TEST_F(WatchedPlaceTest, KnowsWhetherTheFolderHoldsAnAdjustedResult) {
  const auto task = Done("a.jpg", "photo");
  EXPECT_EQ(*place_->OutputFolderIsAdjusted(task), std::optional(false));
  ASSERT_TRUE(place_->ReplaceResult(task, AsBytes("adjusted"), codec::Format::kJpeg,
                                    ResultKind::kAdjusted));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "adjusted");
  EXPECT_EQ(*place_->OutputFolderIsAdjusted(task), std::optional(true));
  EXPECT_EQ(Row("a.jpg")->result_key, "") << "no equal photo gets it";
  ASSERT_TRUE(
      place_->ReplaceResult(task, AsBytes("first"), codec::Format::kJpeg, ResultKind::kFirst));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "first");
  EXPECT_EQ(*place_->OutputFolderIsAdjusted(task), std::optional(false));
  // A crash before the row was stored: the disk may have it.
  auto row = *Row("a.jpg");
  row.intended.written.path = "enhanced/a.jpg";
  ASSERT_TRUE(*ledger_->Update(row));
  EXPECT_EQ(*place_->OutputFolderIsAdjusted(task), std::optional(true));
}

TEST_F(WatchedPlaceTest, AResultThatSomebodyChangedStays) {
  const auto task = Done("a.jpg", "photo");
  Write("enhanced/a.jpg", "edited by a person");
  ASSERT_TRUE(place_->ReplaceResult(task, AsBytes("adjusted"), codec::Format::kJpeg,
                                    ResultKind::kAdjusted));
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "edited by a person");
  EXPECT_EQ(Read(root_ / "enhanced/a (2).jpg"), "adjusted");
}

TEST_F(WatchedPlaceTest, TheResultOfAMovedPhotoCannotBeReplaced) {
  const auto task = Done("a.jpg", "photo");
  std::filesystem::remove(root_ / "a.jpg");
  const auto replaced =
      place_->ReplaceResult(task, AsBytes("adjusted"), codec::Format::kJpeg, ResultKind::kAdjusted);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(Read(root_ / "enhanced/a.jpg"), "result of photo");
}

TEST(ExtensionFor, KeepsThePhotosNameWhereItCan) {
  watch::WatchedFile file;
  file.path = "2024/A.JPG";
  restore::PhotoOptions options;
  EXPECT_EQ(ExtensionFor(file, options, codec::Format::kPng), "");
  options.format = codec::Format::kJpeg;
  EXPECT_EQ(ExtensionFor(file, options, codec::Format::kJpeg), "");
  options.format = codec::Format::kPng;
  EXPECT_EQ(ExtensionFor(file, options, codec::Format::kPng), ".png");
}

}  // namespace
}  // namespace gpen::watching
