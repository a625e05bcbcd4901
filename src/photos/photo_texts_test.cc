#include "photos/photo_texts.h"

#include <gtest/gtest.h>

namespace gpen::photos {
namespace {

// As version 0.1.0 stored them.
constexpr const char* kUploadTask =
    R"({"upload":"0123456789abcdef","options":"{\"strength\":35,\"mode\":\"strong\",)"
    R"(\"protect_tone\":false,\"min_face\":12.5,\"max_faces\":3,\"aligned\":false,)"
    R"(\"format\":\"webp\",\"quality\":70}"})";
constexpr const char* kWatchTask =
    R"({"upload":"","options":"{\"strength\":80,\"mode\":\"natural\",\"protect_tone\":true,)"
    R"(\"min_face\":24.0,\"max_faces\":50,\"aligned\":false,\"format\":null,\"quality\":null}",)"
    R"("watched_file":7,"generation":2})";
constexpr const char* kUploadResult =
    R"({"output":"abc.jpg","before":"abc.before.jpg","after":"abc.after.jpg","seconds":1.5,)"
    R"("report":"{\"model\":\"m\"}"})";
constexpr const char* kWatchResult =
    R"({"output":"/srv/photos/enhanced/a.jpg","before":"abc.before.jpg","after":"abc.after.jpg",)"
    R"("seconds":2.0,"report":"","watched_file":7})";

TEST(PhotoTask, OfAnUploadIsReadAndWrittenAsItWasStored) {
  const auto task = ParseTask(kUploadTask);
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(std::get<UploadedPhoto>(task->source).file, "0123456789abcdef");
  EXPECT_EQ(task->options.restore.strength, 35);
  EXPECT_EQ(task->options.format, codec::Format::kWebp);
  EXPECT_EQ(FormatTask(*task), kUploadTask);
}

TEST(PhotoTask, OfAWatchedPhotoIsReadAndWrittenAsItWasStored) {
  const auto task = ParseTask(kWatchTask);
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(std::get<ExternalPhoto>(task->source), (ExternalPhoto{7, 2}));
  EXPECT_EQ(FormatTask(*task), kWatchTask);
}

TEST(PhotoTask, RefusesWhatNamesNoPhotoOfOurs) {
  for (const auto* name : {"", "..", ".hidden", "a/b", "/etc/passwd"}) {
    const auto task = ParseTask(FormatTask({UploadedPhoto{name}, {}}));
    ASSERT_FALSE(task) << name;
    EXPECT_EQ(task.error().code(), ErrorCode::kInternal);
  }
  for (const auto* text : {"", "[]", "7", R"({"upload":7})", R"({"watched_file":"7"})"}) {
    EXPECT_FALSE(ParseTask(text)) << text;
  }
  EXPECT_FALSE(ParseTask(R"({"upload":"abc","options":"{\"strength\":101}"})"));
}

TEST(PhotoResult, InTheDataFolderIsReadAndWrittenAsItWasStored) {
  const auto result = ParseResult(kUploadResult);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(std::get<StoredResult>(result->place).file, "abc.jpg");
  EXPECT_EQ(result->after, "abc.after.jpg");
  EXPECT_EQ(result->mask, "") << "as it was stored before photos were repaired";
  EXPECT_EQ(result->seconds, 1.5);
  EXPECT_EQ(AddressOf(*result), "/outputs/abc.jpg");
  EXPECT_EQ(FormatResult(*result), kUploadResult);
  auto repaired = *result;
  repaired.mask = "abc.mask.png";
  EXPECT_EQ(ParseResult(FormatResult(repaired))->mask, "abc.mask.png");
}

TEST(PhotoResult, OutsideIsReadAndWrittenAsItWasStored) {
  const auto result = ParseResult(kWatchResult);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(std::get<ExternalResult>(result->place).row, 7);
  EXPECT_EQ(AddressOf(*result), "/srv/photos/enhanced/a.jpg");
  EXPECT_EQ(FormatResult(*result), kWatchResult);
}

TEST(PhotoResult, OfAPhotoThatNeededNoneHasNoAddress) {
  const auto result = ParseResult(R"({"output":"","watched_file":7})");
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(AddressOf(*result), "");
}

TEST(PhotoResult, RefusesNamesThatAreNoFilesOfOurs) {
  for (const auto* text : {"", "{}", R"({"output":""})", R"({"output":"../a.jpg"})",
                           R"({"output":"/etc/passwd","watched_file":0})"}) {
    const auto result = ParseResult(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), ErrorCode::kInternal);
  }
}

TEST(PhotoResult, PathsOfAnyBytesDoNoHarm) {
  PhotoResult result;
  result.place = ExternalResult{1, "/srv/\xFF.jpg"};
  EXPECT_TRUE(ParseResult(FormatResult(result)));
}

}  // namespace
}  // namespace gpen::photos
