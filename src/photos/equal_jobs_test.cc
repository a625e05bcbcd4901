// Which files go with which job: equal jobs share a result, and an adjustment is a job's own.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "photos/photo_key.h"
#include "photos/photos_testing.h"

namespace gpen::photos {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

constexpr std::int64_t kUploadBytes = 5;
const std::string kKey(64, 'a');
const std::string kBase(32, 'a');

class EqualJobsTest : public PhotoFixture {
 protected:
  jobs::JobId Submit(const std::string& upload) {
    Write(folder_->Upload(upload));
    jobs::NewJob job;
    job.key = kKey;
    job.payload = FormatTask({UploadedPhoto{upload}, {}});
    job.input_bytes = kUploadBytes;
    return store_->Submit(job)->job.id;
  }
  // Its result and what the network made of its faces, as PhotoRunner stores them.
  void Run() {
    jobs::ClaimRequest request;
    request.owner = "worker";
    const auto claim = store_->ClaimNext(request);
    ASSERT_TRUE(claim && claim->job);
    PhotoResult result;
    const std::string output = kBase + ".jpg";
    result.place = StoredResult{output};
    result.before = kBase + ".before.jpg";
    result.after = kBase + ".after.jpg";
    Write(folder_->Output(output));
    Write(folder_->Thumbnail(result.before));
    Write(folder_->Thumbnail(result.after));
    Write(folder_->Faces(FacesName(*claim->job)));
    ASSERT_TRUE(store_->Complete(claim->job->lease(), {FormatResult(result), 10}));
  }
  // As Adjust() stores it.
  void Adjust(jobs::JobId id) {
    const std::string base = kBase + "." + std::to_string(id) + "-0123456789ab";
    Write(folder_->Output(base + ".jpg"));
    Write(folder_->Thumbnail(base + ".after.jpg"));
    Write(folder_->Faces(std::to_string(id) + ".json"),
          R"({"strengths":[50],"mode":"natural","protect_tone":true,"output":")" + base +
              R"(.jpg","after":")" + base + R"(.after.jpg","in_folder":false})");
  }
  void DropInputs() {
    clock_.Advance(std::chrono::hours(2));
    ASSERT_TRUE(store_->ApplyRetention(
        {.max_age = {}, .max_bytes = {}, .input_max_age = std::chrono::hours(1)}));
    ASSERT_TRUE(fs::is_empty(folder_->Upload("")));
  }
  static void Write(const fs::path& path, const std::string& text = "bytes") {
    PhotoFixture::Write(path, text);
  }
  // All files below the data folder but the lock.
  Names Left() const {
    Names names;
    for (const auto& entry : fs::recursive_directory_iterator(temporary_.path() / "data")) {
      if (entry.is_regular_file() && entry.path().filename() != "lock") {
        names.insert(entry.path().filename().string());
      }
    }
    return names;
  }

  const Names shared_ = {kBase + ".jpg", kBase + ".before.jpg", kBase + ".after.jpg",
                         kBase + ".faces"};
};

TEST_F(EqualJobsTest, AnAdjustmentGoesWithItsJobThoughAnEqualOneStays) {
  for (const bool adjusted_is_first : {true, false}) {
    const auto first = Submit("first.jpg");
    Run();
    const auto second = Submit("second.jpg");
    const auto adjusted = adjusted_is_first ? first : second;
    const auto other = adjusted_is_first ? second : first;
    Adjust(adjusted);
    DropInputs();
    ASSERT_TRUE(store_->Delete(adjusted));
    EXPECT_EQ(Left(), shared_);
    ASSERT_TRUE(store_->Delete(other));
    EXPECT_EQ(Left(), Names{});
  }
}

TEST_F(EqualJobsTest, TheAdjustmentOfAnEqualJobStays) {
  const auto first = Submit("first.jpg");
  Run();
  const auto second = Submit("second.jpg");
  Adjust(first);
  Adjust(second);
  ASSERT_TRUE(store_->Delete(first));
  const Names left = Left();
  EXPECT_TRUE(std::ranges::includes(left, shared_));
  EXPECT_TRUE(left.contains(std::to_string(second) + ".json"));
  EXPECT_FALSE(left.contains(std::to_string(first) + ".json"));
  EXPECT_TRUE(left.contains("second.jpg"));
  EXPECT_FALSE(left.contains("first.jpg"));
  ASSERT_TRUE(store_->Delete(second));
  EXPECT_EQ(Left(), Names{});
}

TEST_F(EqualJobsTest, ADroppedInputLeavesTheAdjustment) {
  const auto id = Submit("first.jpg");
  Run();
  Adjust(id);
  DropInputs();
  EXPECT_TRUE(Left().contains(std::to_string(id) + ".json"));
}

// A crash came between the deletions, or somebody tidied up by hand.
TEST_F(EqualJobsTest, WhatIsLeftOfAnAdjustmentGoesToo) {
  const auto id = Submit("first.jpg");
  Run();
  Adjust(id);
  ASSERT_TRUE(fs::remove(folder_->Output(kBase + "." + std::to_string(id) + "-0123456789ab.jpg")));
  ASSERT_TRUE(store_->Delete(id));
  EXPECT_EQ(Left(), Names{});
}

}  // namespace
}  // namespace gpen::photos
