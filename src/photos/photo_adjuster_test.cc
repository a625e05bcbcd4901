#include "photos/photo_adjuster.h"

#include <algorithm>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "photos/photo_key.h"
#include "photos/photos_testing.h"
#include "photos/uploaded_place.h"
#include "restore/kept_faces.h"
#include "restore/local_photo_work.h"

namespace gpen::photos {
namespace {

constexpr int kSide = 64;    // Of the face, in its crop and in the photo.
constexpr int kGray = 100;   // The photo,
constexpr int kWhite = 200;  // and what the network made of the face.

// A gray photo without loss.
std::vector<std::byte> DrawPhoto() {
  codec::Photo photo;
  photo.info.format = codec::Format::kPng;
  photo.pixels = Image(160, 120, 3, SampleType::kU8);
  std::fill_n(photo.pixels.Row<std::uint8_t>(0), 160 * 120 * 3, kGray);
  std::vector<std::string> warnings;
  return *codec::Encode(photo, {}, &warnings);
}

// One face at (40, 30), all of it white.
std::vector<std::byte> DrawFaces() {
  std::vector<restore::FacePatch> patches(1);
  patches[0].photo_from_crop = Translation({40, 30});
  patches[0].output = Image(kSide, kSide, 3, SampleType::kF32);
  std::fill_n(patches[0].output.Row<float>(0), kSide * kSide * 3, kWhite / 255.0F);
  return restore::SerializeFaces(patches, /*aligned=*/true);
}

// Photos outside the data folder, whose output folder is one file.
class FakePlace : public PhotoPlace {
 public:
  explicit FakePlace(std::filesystem::path original) : original_(std::move(original)) {}

  Result<jobs::JobResult> Run(const PhotoJob&, jobs::JobContext&) const override {
    return Error(ErrorCode::kInternal, "not for this test");
  }
  Result<PlacedFile> PlaceOriginal(const PhotoTask&) const override {
    if (std::filesystem::exists(original_)) return PlacedFile{{}, original_};
    return Error(ErrorCode::kNotFound, "the photo was moved");
  }
  Result<PlacedFile> PlaceResult(const PhotoResult&) const override {
    return Error(ErrorCode::kNotFound, "not for this test");
  }
  Result<std::optional<bool>> OutputFolderIsAdjusted(const PhotoTask&) const override {
    return std::optional(kind == ResultKind::kAdjusted);
  }
  Result<void> ReplaceResult(const PhotoTask&, std::span<const std::byte> bytes, codec::Format,
                             ResultKind replaced_by) const override {
    result.assign(bytes.begin(), bytes.end());
    kind = replaced_by;
    return {};
  }

  mutable std::vector<std::byte> result;
  mutable ResultKind kind = ResultKind::kFirst;

 private:
  const std::filesystem::path original_;
};

class PhotoAdjusterTest : public PhotoFixture {
 protected:
  void SetUp() override {
    PhotoFixture::SetUp();
    ASSERT_TRUE(WriteFileAtomically(original_, DrawPhoto()));
    ASSERT_TRUE(WriteFileAtomically(folder_->Upload("photo"), DrawPhoto()));
    places_.emplace(&uploaded_.emplace(&*folder_, nullptr), &external_);
    work_ = *restore::LocalPhotoWork::CreateWithoutNetworks({});
    adjuster_.emplace(&*folder_, &*places_, codec::Limits{}, work_.get());
  }

  // A done job whose faces were kept: with strength 50 and without what depends on the picture.
  PhotoJob Done(const PhotoSource& source) {
    PhotoTask task{source, {}};
    task.options.restore.strength = 50;
    task.options.restore.mode = restore::Mode::kStrong;
    task.options.restore.protect_tone = false;
    const auto job = Submit(task);
    EXPECT_TRUE(WriteFileAtomically(folder_->Faces(FacesName(job)), DrawFaces()));
    return Of(Complete(Stored(ResultBase(job))));
  }
  // The gray value in the middle of the face.
  static int FaceOf(std::span<const std::byte> file) {
    const auto photo = codec::Decode(file, {});
    EXPECT_TRUE(photo) << photo.error().message();
    EXPECT_EQ(photo->pixels.Row<std::uint8_t>(5)[3 * 5], kGray) << "outside the face";
    return photo->pixels.Row<std::uint8_t>(62)[3 * 72];
  }
  int FaceOfCurrent(const PhotoJob& job) const {
    const auto result = CurrentResult(*folder_, job);
    EXPECT_TRUE(result) << result.error().message();
    const auto bytes = ReadPlaced(*places_->PlaceResult(*result), 1 << 20);
    EXPECT_TRUE(bytes) << bytes.error().message();
    return FaceOf(*bytes);
  }
  int CountFiles(const char* folder) const {
    const std::filesystem::directory_iterator files(temporary_.path() / "data" / folder);
    return static_cast<int>(std::distance(begin(files), end(files)));
  }

  const std::filesystem::path original_ = temporary_.path() / "photo.png";
  FakePlace external_{original_};
  std::optional<UploadedPlace> uploaded_;
  std::optional<PhotoPlaces> places_;
  std::unique_ptr<restore::PhotoWork> work_;
  std::optional<PhotoAdjuster> adjuster_;
};

TEST_F(PhotoAdjusterTest, TellsHowTheFirstResultWasMade) {
  const auto state = adjuster_->Read(Done(UploadedPhoto{"photo"}));
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_EQ(state->unavailable, "");
  EXPECT_FALSE(state->adjusted);
  EXPECT_EQ(state->now.strengths, std::vector<int>{50});
  EXPECT_EQ(state->now.mode, restore::Mode::kStrong);
  EXPECT_FALSE(state->in_folder) << "an upload has no output folder";
}

TEST_F(PhotoAdjusterTest, MakesAResultOfItsOwnAndTakesItBack) {
  const auto job = Done(UploadedPhoto{"photo"});
  ASSERT_TRUE(adjuster_->Adjust(job, R"({"faces":[100]})"));
  EXPECT_NEAR(FaceOfCurrent(job), kWhite, 1);
  ASSERT_TRUE(adjuster_->Adjust(job, R"({"faces":[0]})"));
  EXPECT_EQ(FaceOfCurrent(job), kGray);
  EXPECT_EQ(CountFiles("outputs"), 1) << "the adjustment before it is gone";
  EXPECT_EQ(CountFiles("thumbnails"), 1);
  const auto state = adjuster_->Read(job);
  ASSERT_TRUE(state) << state.error().message();
  EXPECT_TRUE(state->adjusted);
  EXPECT_EQ(state->now.strengths, std::vector<int>{0});

  ASSERT_TRUE(adjuster_->Reset(job));
  EXPECT_EQ(CountFiles("outputs"), 0);
  EXPECT_FALSE(adjuster_->Read(job)->adjusted);
}

TEST_F(PhotoAdjusterTest, RefusesWhatMakesNoSense) {
  const auto job = Done(UploadedPhoto{"photo"});
  for (const auto* body : {"", R"({"faces":[1,2]})", R"({"faces":[101]})"}) {
    const auto adjusted = adjuster_->Adjust(job, body);
    ASSERT_FALSE(adjusted) << body;
    EXPECT_EQ(adjusted.error().code(), ErrorCode::kInvalidArgument) << body;
  }
  const auto put = adjuster_->PutIntoFolder(job);
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code(), ErrorCode::kConflict);
}

TEST_F(PhotoAdjusterTest, NeedsTheOriginalAndTheFaces) {
  auto job = Done(UploadedPhoto{"photo"});
  job.job.input_deleted = true;
  EXPECT_NE(adjuster_->Read(job)->unavailable, "");
  EXPECT_EQ(adjuster_->Adjust(job, "{}").error().code(), ErrorCode::kConflict);
  job.job.input_deleted = false;
  std::filesystem::remove(folder_->Upload("photo"));
  EXPECT_EQ(adjuster_->Adjust(job, "{}").error().code(), ErrorCode::kConflict);
  std::filesystem::remove(folder_->Faces(FacesName(job.job)));
  EXPECT_NE(adjuster_->Read(job)->unavailable, "");
}

TEST_F(PhotoAdjusterTest, OfAnUnfinishedJobIsAConflict) {
  const auto job = Of(Submit({UploadedPhoto{"photo"}, {}}));
  EXPECT_EQ(adjuster_->Read(job).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(adjuster_->Adjust(job, "{}").error().code(), ErrorCode::kConflict);
}

TEST_F(PhotoAdjusterTest, PutsTheAdjustedResultIntoTheOutputFolderAndTheFirstOneBack) {
  const auto job = Done(ExternalPhoto{7, 1});
  EXPECT_EQ(adjuster_->Read(job)->in_folder, true) << "the first result is there";
  EXPECT_FALSE(adjuster_->PutIntoFolder(job)) << "nothing was adjusted";
  ASSERT_TRUE(adjuster_->Adjust(job, R"({"faces":[100]})"));
  EXPECT_EQ(adjuster_->Read(job)->in_folder, false);
  ASSERT_TRUE(adjuster_->PutIntoFolder(job));
  EXPECT_EQ(adjuster_->Read(job)->in_folder, true);
  EXPECT_EQ(external_.kind, ResultKind::kAdjusted);
  EXPECT_NEAR(FaceOf(external_.result), kWhite, 1);

  ASSERT_TRUE(adjuster_->Adjust(job, R"({"faces":[0]})"));
  EXPECT_EQ(adjuster_->Read(job)->in_folder, false) << "a later one was not put there";
  ASSERT_TRUE(adjuster_->Reset(job));
  EXPECT_EQ(external_.kind, ResultKind::kFirst);
  EXPECT_NEAR(FaceOf(external_.result), (kGray + kWhite) / 2, 1) << "strength 50";
  EXPECT_FALSE(adjuster_->Read(job)->adjusted);
}

TEST_F(PhotoAdjusterTest, WhereThePhotoWasMovedTheFolderKeepsWhatItHas) {
  const auto job = Done(ExternalPhoto{7, 1});
  ASSERT_TRUE(adjuster_->Adjust(job, R"({"faces":[100]})"));
  ASSERT_TRUE(adjuster_->PutIntoFolder(job));
  std::filesystem::remove(original_);
  EXPECT_EQ(adjuster_->Read(job)->unavailable, "the photo was moved");
  ASSERT_TRUE(adjuster_->Reset(job));
  EXPECT_EQ(external_.kind, ResultKind::kAdjusted);
  EXPECT_FALSE(FindAdjustment(*folder_, job.job.id));
}

TEST_F(PhotoAdjusterTest, WithoutAPlaceForThemPhotosOutsideAreAnError) {
  const auto job = Done(ExternalPhoto{7, 1});
  const PhotoPlaces only_uploads(&*uploaded_);
  const auto original = only_uploads.PlaceOriginal(job);
  ASSERT_FALSE(original);
  EXPECT_EQ(original.error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace gpen::photos
