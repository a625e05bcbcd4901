#include "http/response.h"

#include <gtest/gtest.h>

#include "http/event_stream.h"
#include "http/file_response.h"

namespace gpen::http {
namespace {

std::string BodyWithMessage(std::string_view message) {
  return std::get<std::string>(ErrorResponse(400, "code", message).body);
}

TEST(ErrorResponse, EscapesAndRepairsItsMessage) {
  EXPECT_EQ(BodyWithMessage("a\"b\\c\n\x01"),
            R"({"status":"error","code":"code","message":"a\"b\\c\n\u0001"})");
  const std::string good = "\xE7\x85\xA7 \xF0\x9F\x98\x80";
  EXPECT_NE(BodyWithMessage(good).find("\"" + good + "\""), std::string::npos);
  for (const auto* broken : {"\xFF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_NE(BodyWithMessage(broken).find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_EQ(BodyWithMessage(broken).find(broken), std::string::npos);
  }
}

TEST(ErrorResponse, FollowsTheTable) {
  const auto response = ErrorResponse(Error(ErrorCode::kQueueFull, "come back later"));
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.Header("Retry-After"), "10");
  EXPECT_EQ(std::get<std::string>(response.body),
            R"({"status":"error","code":"queue_full","message":"come back later"})");
}

TEST(FormatEvent, KeepsLineBreaksInData) {
  EXPECT_EQ(FormatEvent("7", "progress", "{}"), "id: 7\nevent: progress\ndata: {}\n\n");
  EXPECT_EQ(FormatEvent("", "", "a\nb"), "data: a\ndata: b\n\n");
}

TEST(Attachment, NamesAreSafeInAHeader) {
  const auto text = Attachment("\xE7\x85\xA7\r\n\"x\".jpg");
  EXPECT_EQ(text,
            "attachment; filename=\"______x_.jpg\"; filename*=UTF-8''%E7%85%A7%0D%0A%22x%22.jpg");
}

}  // namespace
}  // namespace gpen::http
