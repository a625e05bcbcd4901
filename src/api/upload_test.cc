#include "api/upload.h"

#include "api/api_testing.h"

namespace gpen::api {
namespace {

class UploadTest : public ApiFixture {
 protected:
  /// Reads a request whole; what came is in `upload_`.
  Result<void> Receive(const std::string& query, http::Fields headers, std::string_view body) {
    auto request = MakeRequest(http::Method::kPost, "/enhance" + query, std::move(headers));
    request.content_length = static_cast<std::int64_t>(body.size());
    GPEN_ASSIGN_OR_RETURN(
        const auto reader,
        UploadReader::Begin(request, context_.upload_rules,
                            [this](Upload upload, const http::Responder& responder) {
                              upload_ = std::move(upload);
                              responder.Send(http::TextResponse(200, "taken"));
                            }));
    GPEN_TRY(reader->Write(AsBytes(body)));
    AnswerCatcher answer;
    reader->Finish(answer.responder());
    const auto response = answer.Take();
    if (response.status == 200) return {};
    return Error(ErrorCode::kInvalidArgument, TextOf(response));
  }

  static std::string Part(std::string_view disposition, std::string_view content) {
    return "--X\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
           std::string(content) + "\r\n";
  }

  const http::Fields form_ = {{"content-type", "multipart/form-data; boundary=X"}};
  Upload upload_;
};

TEST_F(UploadTest, TakesPhotosAndFieldsOfAForm) {
  const auto body =
      Part("name=strength", "40") + Part("name=image; filename=\"../a.png\"", TestPhoto()) +
      Part("name=batch", "summer") + Part("name=\"image\"", TestPhoto("2")) + "--X--\r\n";
  const auto received = Receive("", form_, body);
  ASSERT_TRUE(received) << received.error().message();
  ASSERT_EQ(upload_.photos.size(), 2U);
  EXPECT_EQ(upload_.photos[0].name, "a.png");
  EXPECT_EQ(upload_.photos[1].name, "photo");
  EXPECT_NE(upload_.photos[0].sha256, upload_.photos[1].sha256);
  EXPECT_EQ(upload_.photos[0].bytes, static_cast<std::int64_t>(TestPhoto().size()));
  EXPECT_EQ(upload_.options.restore.strength, 40);
  EXPECT_EQ(upload_.batch, "summer");
  EXPECT_EQ(UploadsKept(), 2U);
  EXPECT_EQ(upload_places_.taken(), 0);
}

TEST_F(UploadTest, CaseOfTheMediaTypeTellsNothingApart) {
  const auto form = Part("name=image; filename=a.png", TestPhoto()) + "--X--\r\n";
  for (const auto* type :
       {"Multipart/Form-Data; Boundary=X", "MULTIPART/FORM-DATA; BOUNDARY=\"X\""}) {
    const auto received = Receive("", {{"content-type", type}}, form);
    EXPECT_TRUE(received) << type << ": " << received.error().message();
  }
  for (const auto* type : {"Image/PNG", "IMAGE/png; Charset=UTF-8", "Application/Octet-Stream",
                           "application/octet-stream; x=y", ""}) {
    const auto received = Receive("?name=a.png", {{"content-type", type}}, TestPhoto());
    EXPECT_TRUE(received) << type << ": " << received.error().message();
  }
}

TEST_F(UploadTest, RefusesOtherTypes) {
  for (const auto& [type, code] :
       {std::pair{"text/plain", ErrorCode::kUnsupportedFormat},
        std::pair{"imagery/png", ErrorCode::kUnsupportedFormat},
        std::pair{"no type", ErrorCode::kUnsupportedFormat},
        std::pair{"multipart/mixed; boundary=X", ErrorCode::kInvalidArgument},
        std::pair{"multipart/form-data", ErrorCode::kInvalidArgument}}) {
    const auto received = Receive("", {{"content-type", type}}, TestPhoto());
    ASSERT_FALSE(received) << type;
    EXPECT_EQ(received.error().code(), code) << type;
  }
  EXPECT_EQ(upload_places_.taken(), 0);
}

TEST_F(UploadTest, OptionsOfARawBodyAreInTheQuery) {
  ASSERT_TRUE(Receive("?name=C:%5Ca.png&strength=10&priority=batch", {}, TestPhoto()));
  EXPECT_EQ(upload_.photos.front().name, "a.png");
  EXPECT_EQ(upload_.options.restore.strength, 10);
  EXPECT_EQ(upload_.priority, "batch");
  for (const auto* query :
       {"?strength=101", "?colour=red", "?priority=watch", "?batch_id=0", "?options=%5B%5D"}) {
    EXPECT_FALSE(Receive(query, {}, TestPhoto())) << query;
  }
}

TEST_F(UploadTest, KeepsNothingOfARequestThatFails) {
  const auto good = Part("name=image", TestPhoto());
  for (const auto& body :
       {good, good + Part("name=image", "no photo") + "--X--\r\n",
        good + Part("name=unknown", "1") + "--X--\r\n",
        good + Part("name=batch", std::string(restore::kMostOptionBytes + 1, 'x')) + "--X--\r\n",
        Part("name=other", "x") + "--X--\r\n", std::string("--X--\r\n")}) {
    EXPECT_FALSE(Receive("", form_, body)) << body.substr(0, 200);
    EXPECT_EQ(UploadsKept(), 0U);
  }
  EXPECT_EQ(upload_places_.taken(), 0);
}

TEST_F(UploadTest, HasLimits) {
  context_.upload_rules.limits.max_file_bytes = 80;
  ASSERT_TRUE(Receive("", {}, TestPhoto()));
  const auto large = Receive("", {}, TestPhoto("0123456789"));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kImageTooLarge);
  EXPECT_FALSE(Receive("", form_, Part("name=image", TestPhoto("0123456789")) + "--X--\r\n"));
  context_.upload_rules.max_photos = 1;
  EXPECT_FALSE(
      Receive("", form_,
              Part("name=image", TestPhoto()) + Part("name=image", TestPhoto("2")) + "--X--\r\n"));
  UploadPlaces none(0, 0, {});
  context_.upload_rules.places = &none;
  const auto many = Receive("", {}, TestPhoto());
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code(), ErrorCode::kQueueFull);
  EXPECT_EQ(upload_places_.taken(), 0);
}

TEST_F(UploadTest, WhatWaitsAndWhatArrivesHaveOneLimit) {
  std::int64_t waiting = 0;
  UploadPlaces places(8, 200, [&]() -> Result<std::int64_t> { return waiting; });
  context_.upload_rules.places = &places;
  auto request = MakeRequest(http::Method::kPost, "/enhance");
  auto reader = UploadReader::Begin(request, context_.upload_rules, {}).value();
  ASSERT_TRUE(reader->Write(AsBytes(TestPhoto())));
  ASSERT_TRUE(reader->Write(AsBytes(TestPhoto())));
  const auto full = reader->Write(AsBytes(TestPhoto()));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kQueueFull);
  EXPECT_FALSE(Receive("", {}, TestPhoto())) << "another's bytes count too";
  reader.reset();
  EXPECT_TRUE(Receive("", {}, TestPhoto()));

  waiting = 150;
  UploadPlaces fuller(8, 200, [&]() -> Result<std::int64_t> { return waiting; });
  context_.upload_rules.places = &fuller;
  EXPECT_FALSE(Receive("", {}, TestPhoto()));
  UploadPlaces boundless(8, 0, {});
  context_.upload_rules.places = &boundless;
  EXPECT_TRUE(Receive("", {}, TestPhoto()));
}

TEST_F(UploadTest, OneAddressLeavesPlacesForTheOthers) {
  UploadPlaces places(16, 0, {});
  context_.upload_rules.places = &places;
  std::vector<std::unique_ptr<http::BodyReader>> running;
  auto request = MakeRequest(http::Method::kPost, "/enhance");
  while (auto reader = UploadReader::Begin(request, context_.upload_rules, {})) {
    running.push_back(*std::move(reader));
  }
  EXPECT_EQ(running.size(), 14U);
  request.remote_address = "192.168.1.6";
  EXPECT_TRUE(UploadReader::Begin(request, context_.upload_rules, {}));
}

TEST(DisplayName, IsNeverAPath) {
  EXPECT_EQ(DisplayName("../../etc/passwd"), "passwd");
  EXPECT_EQ(DisplayName("C:\\photos\\a\r\nb.jpg"), "ab.jpg");
  EXPECT_EQ(DisplayName("x/.."), "photo");
  EXPECT_EQ(DisplayName(""), "photo");
  EXPECT_EQ(DisplayName(std::string(199, 'a') + "\xC3\xA4"), std::string(199, 'a'));
}

}  // namespace
}  // namespace gpen::api
