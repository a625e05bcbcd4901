#include "api/event_broadcast.h"

#include "api/api_testing.h"

namespace gpen::api {
namespace {

class EventBroadcastTest : public ApiFixture {
 protected:
  /// What a stream has to send now.
  static std::string ReadNow(const http::Response& stream) {
    const auto& source = std::get<std::unique_ptr<http::BodySource>>(stream.body);
    std::string text;
    std::array<std::byte, 1000> buffer;
    while (true) {
      const auto piece = source->Read(buffer);
      if (piece.status != http::BodySource::Status::kData) return text;
      text += AsText(std::span(buffer).first(piece.bytes));
    }
  }

  static int Count(std::string_view text, std::string_view part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(EventBroadcastTest, SendsWhatHappensFromNowOn) {
  AddJob("before.jpg", "1");
  const auto stream = events_.Open("192.168.1.5", -1, {}).value();
  EXPECT_EQ(stream.Header("Content-Type"), "text/event-stream");
  EXPECT_EQ(ReadNow(stream), ": connected\n\n");
  const auto job = AddJob("a.jpg", "2");
  const auto text = ReadNow(stream);
  EXPECT_EQ(Count(text, "event: created\n"), 1);
  const auto data = text.find("data: ") + 6;
  const auto json = Json::parse(text.substr(data, text.find('\n', data) - data));
  EXPECT_EQ(json["job"], job.id);
  EXPECT_TRUE(text.starts_with("id: " + Dump(json["sequence"]) + "\n"));
}

TEST_F(EventBroadcastTest, ReplaysAndFilters) {
  AddJob("a.jpg", "1");
  const auto job = AddJob("b.jpg", "2");
  const auto all = events_.Open("192.168.1.5", 0, {}).value();
  EXPECT_EQ(Count(ReadNow(all), "event: created\n"), 2);
  const auto one = events_.Open("192.168.1.5", 0, {job.id, 0}).value();
  EXPECT_EQ(Count(ReadNow(one), "event: created\n"), 1);
  AddJob("c.jpg", "3");
  EXPECT_EQ(Count(ReadNow(all), "event: created\n"), 1);
  EXPECT_EQ(ReadNow(one), "");
}

TEST_F(EventBroadcastTest, HasOnlySoManyStreams) {
  auto first = events_.Open("192.168.1.5", -1, {});
  const auto second = events_.Open("192.168.1.5", -1, {});
  ASSERT_TRUE(second);
  const auto third = events_.Open("192.168.1.5", -1, {});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), ErrorCode::kQueueFull);
  first->body = std::string();  // That client goes away.
  EXPECT_TRUE(events_.Open("192.168.1.5", -1, {}));
  EXPECT_LE(events_.streams(), 2);
}

}  // namespace
}  // namespace gpen::api
