// Answers that come later or go on: event streams, and what another thread sends.
#include "http/server_testing.h"

namespace gpen::http {
namespace {

TEST_F(ServerTest, EventStreamsWaitWithoutThreads) {
  Start();
  std::vector<LoopbackClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back(server_->port());
    clients.back().Send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  WaitForStream(100);
  EXPECT_EQ(StatusOf(Get("/ping")), 200);
  for (std::size_t i = 1; i <= 100; ++i) {
    EXPECT_TRUE(WaitForStream(i).Send(FormatEvent(std::to_string(i), "progress", "{}")));
  }
  for (auto& client : clients) {
    EXPECT_NE(client.ReadUntil("data: {}\n\n").find("event: progress"), std::string::npos);
  }
  WaitForStream(1).Close();
}

TEST_F(ServerTest, EventsSentFromManyThreadsArriveWhole) {
  Start();
  LoopbackClient client(server_->port());
  client.Send("GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto stream = WaitForStream(1);
  {
    std::vector<std::jthread> senders;
    for (int t = 0; t < 4; ++t) {
      senders.emplace_back([&] {
        for (int i = 0; i < 200; ++i) EXPECT_TRUE(stream.Send("data: x\n\n"));
      });
    }
  }
  stream.Close();
  const auto received = client.ReadAll();
  std::size_t events = 0;
  for (auto at = received.find("data: x"); at != std::string::npos;
       at = received.find("data: x", at + 1)) {
    ++events;
  }
  // A chunk's size may fall into the middle of an event; then that one is not counted here.
  EXPECT_GT(events, 600U);
  EXPECT_TRUE(received.ends_with("0\r\n\r\n"));
}

TEST_F(ServerTest, AClientThatDoesNotReadIsDropped) {
  Start();
  LoopbackClient client(server_->port());
  client.Send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = WaitForStream(1);
  const std::string event = FormatEvent("", "", std::string(10'000, 'x'));
  int sent = 0;
  while (sent < 10'000 && stream.Send(event)) ++sent;
  EXPECT_LT(sent, 10'000);
}

TEST_F(ServerTest, AnswersLaterFromAnotherThread) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<Responder> kept;
  class Late : public BodyReader {
   public:
    explicit Late(std::function<void(const Responder&)> keep) : keep_(std::move(keep)) {}
    Result<void> Write(std::span<const std::byte>) override { return {}; }
    void Finish(const Responder& responder) override { keep_(responder); }

   private:
    std::function<void(const Responder&)> keep_;
  };
  router_->AddStream(Method::kPost, "/late",
                     [&](const Request&) -> Result<std::unique_ptr<BodyReader>> {
                       return std::make_unique<Late>([&](const Responder& responder) {
                         const std::lock_guard lock(mutex);
                         kept = responder;
                         arrived.notify_all();
                       });
                     });
  Start();
  LoopbackClient client(server_->port());
  client.Send("POST /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab");
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return kept.has_value(); });
  EXPECT_EQ(StatusOf(Get("/ping")), 200);
  kept->Send(TextResponse(200, "at last"));
  kept->Send(TextResponse(500, "ignored"));
  EXPECT_EQ(BodyOf(client.ReadAll()), "at last");
  lock.unlock();

  // One that is never answered gets 503 when the server stops, and a late answer harms nobody.
  LoopbackClient forgotten(server_->port());
  kept.reset();
  forgotten.Send(
      "POST /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  lock.lock();
  arrived.wait(lock, [&] { return kept.has_value(); });
  lock.unlock();
  server_.reset();
  kept->Send(TextResponse(200, "too late"));
  EXPECT_NE(StatusOf(forgotten.ReadAll()), 200);
}

TEST_F(ServerTest, StopsWithOpenStreams) {
  Start();
  LoopbackClient client(server_->port());
  client.Send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = WaitForStream(1);
  server_.reset();
  EXPECT_FALSE(stream.is_open());
}

}  // namespace
}  // namespace gpen::http
