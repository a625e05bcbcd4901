#include "remote/photo_request.h"

#include <gtest/gtest.h>

#include "celery/base64.h"
#include "remote/photo_answer.h"
#include "remote/photo_tasks.h"

namespace gpen::remote {
namespace {

TEST(PhotoRequest, ReadsArgumentsWithAndWithoutNames) {
  const auto request =
      ReadPhotoRequest(R"(["album:a.jpg", "album:out/b.jpg"])", R"({"strength": 30})");
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->name(), "album:a.jpg");
  EXPECT_EQ(std::get<RootedPath>(*request->output).relative, "out/b.jpg");
  EXPECT_EQ(request->options.restore.strength, 30);
  const auto named = ReadPhotoRequest(
      "[]", R"({"input": "album:a.jpg", "output": null, "sha256": "ab", "format": "png"})");
  ASSERT_TRUE(named) << named.error().message();
  EXPECT_FALSE(named->output);
  EXPECT_EQ(named->sha256, "ab");
}

TEST(PhotoRequest, TakesSmallPhotosInsideTheMessage) {
  const std::string base64 = celery::EncodeBase64("photo");
  for (const std::string& args : {R"(["data:image/jpeg;base64,)" + base64 + "\"]",
                                  R"([{"__type__": "base64", "__value__": ")" + base64 + "\"}]",
                                  R"([{"__type__": "bytes", "__value__": ")" + base64 + "\"}]"}) {
    const auto request = ReadPhotoRequest(args, "{}");
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(std::get<InlinePhoto>(request->input).bytes, "photo");
  }
  const std::string large = celery::EncodeBase64(std::string(kMostInlineBytes + 10, 'x'));
  const auto refused = ReadPhotoRequest("[\"data:;base64," + large + "\"]", "{}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kImageTooLarge);
}

TEST(PhotoRequest, SaysWhatIsExpected) {
  for (const auto& [args, kwargs] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "{}"},
           {"[1]", "{}"},
           {"{}", "{}"},
           {R"(["album:a", null, 1])", "{}"},
           {R"(["https://host/a.jpg", "out"])", "{}"},
           {R"(["data:image/jpeg,abc"])", "{}"},
           {R"(["album:a.jpg"])", R"({"colour": "red"})"},
           {R"(["album:a.jpg"])", R"({"strength": [1]})"},
           {R"(["album:a.jpg", "album:a.jpg"])", "{}"},
           {R"(["album:a.jpg", 7])", "{}"}}) {
    const auto refused = ReadPhotoRequest(args, kwargs);
    ASSERT_FALSE(refused) << args << kwargs;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument) << args << kwargs;
  }
}

TEST(PhotoTasks, PrioritiesAreClasses) {
  EXPECT_EQ(ClassOf(0), jobs::JobPriority::kInteractive);
  EXPECT_EQ(ClassOf(2), jobs::JobPriority::kInteractive);
  EXPECT_EQ(ClassOf(3), jobs::JobPriority::kBatch);
  EXPECT_EQ(ClassOf(8), jobs::JobPriority::kBatch);
  EXPECT_EQ(ClassOf(9), jobs::JobPriority::kWatch);
}

TEST(Answer, IsSmallAndHasWhatAClientAsks) {
  photos::PhotoResult result;
  result.seconds = 1.5;
  result.report = R"({"faces": [{"box": [1, 2, 3, 4], "landmarks": [[1, 1]],
                      "identity_similarity": 0.8, "skipped": false}], "faces_restored": 1,
                      "model": "m", "warnings": ["w"], "times_ms": {}})";
  const auto text = FormatAnswer({.output = "album:b.jpg", .worker = "gpen@nas"}, result);
  EXPECT_EQ(text,
            R"({"output":"album:b.jpg","seconds":1.5,"cached":false,"worker":"gpen@nas",)"
            R"("faces":[{"box":[1,2,3,4],"likeness":0.8,"skipped":false}],"faces_restored":1,)"
            R"("model":"m","warnings":["w"]})");
  // A report that cannot be read costs its figures alone.
  result.report = "broken";
  EXPECT_NE(FormatAnswer({.output = "album:b.jpg"}, result).find("album:b.jpg"), std::string::npos);
}

}  // namespace
}  // namespace gpen::remote
