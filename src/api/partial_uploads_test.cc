#include "api/partial_uploads.h"

#include "api/api_testing.h"
#include "api/schema_testing.h"

namespace gpen::api {
namespace {

using http::Method;

class PartialUploadsTest : public ApiFixture {
 protected:
  using ApiFixture::ApiFixture;

  http::Response Announce(const std::string& name, std::size_t bytes,
                          const std::string& more = "") {
    return Ask(Method::kPost, "/api/v1/uploads",
               R"({"name":")" + name + R"(","bytes":)" + std::to_string(bytes) + more + "}");
  }
  std::string IdOf(const http::Response& response) {
    EXPECT_EQ(response.status, 201) << TextOf(response);
    return JsonOf(response)["id"].get<std::string>();
  }
  http::Response Bring(const std::string& id, std::size_t offset, std::string_view bytes) {
    return Ask(Method::kPatch, "/api/v1/uploads/" + id + "?offset=" + std::to_string(offset),
               bytes);
  }
  http::Response State(const std::string& id) { return Get("/api/v1/uploads/" + id); }

  const std::string photo_ = TestPhoto("in pieces");
};

TEST_F(PartialUploadsTest, TakesAPhotoInPiecesAndHandsItInWithTheLast) {
  const auto announced = Announce("../a.png", photo_.size(), R"(,"options":{"strength":30})");
  EXPECT_EQ(SchemaFaults(JsonOf(announced), ReferenceTo("PartialUpload"), "announced"), "");
  const auto id = IdOf(announced);
  EXPECT_EQ(JsonOf(Bring(id, 0, photo_.substr(0, 30)))["offset"], 30);
  EXPECT_EQ(JsonOf(State(id))["job"], nullptr);
  const auto last = JsonOf(Bring(id, 30, photo_.substr(30)));
  EXPECT_EQ(SchemaFaults(last, ReferenceTo("PartialUpload"), "last"), "");
  EXPECT_EQ(last["job"]["name"], "a.png");
  EXPECT_EQ(last["job"]["options"]["strength"], 30);
  EXPECT_EQ(last["job"]["priority"], "interactive");
  EXPECT_EQ(last["job"]["input_bytes"], photo_.size());
  EXPECT_EQ(UploadsKept(), 1U);
  // Whoever missed the answer asks again, and makes no second job.
  EXPECT_EQ(JsonOf(State(id))["job"]["id"], last["job"]["id"]);
  EXPECT_EQ(JsonOf(Bring(id, photo_.size(), ""))["job"]["id"], last["job"]["id"]);
  EXPECT_EQ(store_->List({}).value().size(), 1U);
}

TEST_F(PartialUploadsTest, GoesOnWhereTheConnectionBroke) {
  const auto id = IdOf(Announce("a.png", photo_.size()));
  auto request = MakeRequest(Method::kPatch, "/api/v1/uploads/" + id + "?offset=0");
  auto begun = router_.Begin(&request);
  auto broken = std::move(std::get<std::unique_ptr<http::BodyReader>>(begun));
  ASSERT_TRUE(broken->Write(AsBytes(photo_.substr(0, 20))));
  // The client has gone, which the service does not know yet; it comes back by another connection.
  EXPECT_EQ(JsonOf(State(id))["offset"], 20);
  const auto wrong = Bring(id, 10, photo_.substr(10));
  EXPECT_EQ(wrong.status, 409);
  EXPECT_EQ(JsonOf(wrong)["message"],
            "expected to go on at byte 20, found 10: ask for the upload's offset");
  EXPECT_EQ(JsonOf(Bring(id, 20, photo_.substr(20, 10)))["offset"], 30);
  const auto late = broken->Write(AsBytes(photo_.substr(20)));
  ASSERT_FALSE(late) << "the old connection changes nothing any more";
  EXPECT_EQ(late.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(JsonOf(Bring(id, 30, photo_.substr(30)))["job"]["state"], "queued");
}

TEST_F(PartialUploadsTest, RefusesWhatMakesNoSense) {
  for (const auto* body : {"", "[]", "{}", R"({"name":"a"})", R"({"name":"a","bytes":"9"})",
                           R"({"name":"a","bytes":0})", R"({"name":"a","bytes":9,"colour":1})",
                           R"({"name":"a","bytes":9,"options":{"strength":101}})",
                           R"({"name":"a","bytes":9,"batch":"b"})"}) {
    EXPECT_EQ(Ask(Method::kPost, "/api/v1/uploads", body).status, 400) << body;
  }
  EXPECT_EQ(Announce("a", 9, R"(,"batch_id":7)").status, 404);
  EXPECT_EQ(State("none").status, 404);
  EXPECT_EQ(Bring("none", 0, "x").status, 404);
  const auto id = IdOf(Announce("a.png", 5));
  EXPECT_EQ(Bring(id, 0, "123456").status, 400) << "more than announced";
}

TEST_F(PartialUploadsTest, WhatIsNoPhotoIsRefusedAndItsBatchSaysWhy) {
  const auto alone = IdOf(Announce("letter.txt", 4));
  EXPECT_EQ(Bring(alone, 0, "Dear").status, 415);
  EXPECT_EQ(State(alone).status, 404);
  const auto batch = store_->CreateBatch("b").value().id;
  const auto joins = ",\"batch_id\":" + std::to_string(batch);
  const auto id = IdOf(Announce("letter.txt", 4, joins));
  const auto job = JsonOf(Bring(id, 0, "Dear"))["job"];
  EXPECT_EQ(job["state"], "failed");
  EXPECT_EQ(job["error"]["code"], "unsupported_format");
  EXPECT_EQ(job["original_kept"], false);
  context_.upload_rules.limits.max_file_bytes = 80;
  EXPECT_EQ(Announce("huge.png", 81).status, 413);
  const auto huge = JsonOf(Announce("huge.png", 81, joins))["job"];
  EXPECT_EQ(huge["error"]["code"], "image_too_large");
  EXPECT_EQ(store_->FindBatch(batch).value().counts[jobs::JobState::kFailed], 2);
  EXPECT_EQ(UploadsKept(), 0U);
}

class PartialUploadsToQueueOfOneTest : public PartialUploadsTest {
 protected:
  PartialUploadsToQueueOfOneTest() : PartialUploadsTest({.max_queued = 1}) {}
};

TEST_F(PartialUploadsToQueueOfOneTest, WaitsForRoomWithoutBeingSentAgain) {
  AddJob("first", "first");
  const auto id = IdOf(Announce("a.png", photo_.size()));
  EXPECT_EQ(Bring(id, 0, photo_).status, 429);
  EXPECT_EQ(JsonOf(State(id))["offset"], photo_.size());
  ASSERT_TRUE(store_->ClaimNext({"worker"}).value().job);
  EXPECT_EQ(JsonOf(Bring(id, photo_.size(), ""))["job"]["state"], "queued");
}

TEST_F(PartialUploadsTest, KeepsAnHourOfSilenceAndLeavesNothing) {
  const auto id = IdOf(Announce("a.png", photo_.size()));
  Bring(id, 0, photo_.substr(0, 10));
  clock_.Advance(std::chrono::minutes(59));
  EXPECT_EQ(JsonOf(Bring(id, 10, photo_.substr(10, 10)))["offset"], 20) << "it was heard of";
  clock_.Advance(std::chrono::minutes(59));
  EXPECT_EQ(State(id).status, 200);
  EXPECT_EQ(UploadsKept(), 1U) << "as a temporary file";
  clock_.Advance(std::chrono::minutes(2));
  partial_uploads_.RemoveExpired();
  EXPECT_EQ(UploadsKept(), 0U);
  EXPECT_EQ(State(id).status, 404);
  const auto dropped = IdOf(Announce("b.png", photo_.size()));
  EXPECT_EQ(Ask(Method::kDelete, "/api/v1/uploads/" + dropped).status, 200);
  EXPECT_EQ(UploadsKept(), 0U);
}

TEST_F(PartialUploadsTest, IsBoundedInNumber) {
  PartialUploadLimits limits;
  limits.most_open = 2;
  const auto nobody = [](const Upload&, const std::string&, Result<ReceivedPhoto>) {
    return Result<jobs::JobId>(1);
  };
  PartialUploads few(&context_.upload_rules, &clock_, nobody, limits);
  const auto first = few.Begin("192.168.1.5", "1", 9, {}).value().id;
  clock_.Advance(std::chrono::minutes(1));
  const auto second = few.Begin("192.168.1.5", "2", 9, {}).value().id;
  const auto third = few.Begin("192.168.1.5", "3", 9, {});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::kQueueFull);
  clock_.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(few.Begin("192.168.1.5", "3", 9, {}))
      << "the one that is silent for the longest gives way";
  EXPECT_FALSE(few.Find(first));
  EXPECT_TRUE(few.Find(second));
  EXPECT_EQ(UploadsKept(), 2U);
}

}  // namespace
}  // namespace gpen::api
