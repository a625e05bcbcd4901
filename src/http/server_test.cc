#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/cpu.h"
#include "base/file.h"
#include "base/test_folder.h"
#include "http/event_stream.h"
#include "http/file_response.h"
#include "http/loopback_client.h"

namespace gpen::http {
namespace {

class CountingReader : public BodyReader {
 public:
  explicit CountingReader(std::int64_t max_bytes) : max_bytes_(max_bytes) {}
  Result<void> Write(std::span<const std::byte> bytes) override {
    count_ += static_cast<std::int64_t>(bytes.size());
    if (count_ > max_bytes_) return Error(ErrorCode::kImageTooLarge, "over the limit");
    return {};
  }
  void Finish(const Responder& responder) override {
    responder.Send(TextResponse(200, std::to_string(count_)));
  }

 private:
  std::int64_t max_bytes_;
  std::int64_t count_ = 0;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    router_->Add(Method::kGet, "/ping", [](const Request&) { return TextResponse(200, "pong"); });
    router_->Add(Method::kGet, "/hello/{name}", [](const Request& request) {
      return TextResponse(200, std::string(request.PathParameter("name")) + "|" +
                                   std::string(request.target.Query("q").value_or("none")) + "|" +
                                   request.remote_address);
    });
    router_->AddText(Method::kPost, "/echo", 100, [](const Request&, std::string_view body) {
      return TextResponse(200, std::string(body));
    });
    router_->AddStream(Method::kPost, "/count",
                       [](const Request&) -> Result<std::unique_ptr<BodyReader>> {
                         return std::make_unique<CountingReader>(3 << 20);
                       });
    router_->Add(Method::kGet, "/file", [this](const Request& request) {
      auto response = FileResponse(request, folder_.path() / "a.jpg", {});
      return response ? std::move(*response) : ErrorResponse(response.error());
    });
    router_->Add(Method::kGet, "/events", [this](const Request&) {
      const std::lock_guard lock(mutex_);
      streams_.emplace_back();
      changed_.notify_all();
      return streams_.back().MakeResponse();
    });
    router_->AddGuard([](const Request& request) -> std::optional<Response> {
      if (request.Header("x-forbidden").empty()) return std::nullopt;
      return ErrorResponse(403, "forbidden", "not you");
    });
    options_.default_headers = {{"X-Content-Type-Options", "nosniff"}};
    options_.wake_interval = std::chrono::seconds(0);
  }

  void Start() {
    auto server = Server::Start(options_, router_);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }

  std::string Get(std::string_view target, std::string_view headers = "",
                  std::string_view method = "GET") {
    return LoopbackClient::Get(server_->port(), target, headers, method);
  }

  EventStream WaitForStream(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return streams_.size() >= count; });
    return streams_[count - 1];
  }

  TestFolder folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<EventStream> streams_;
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  ServerOptions options_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, RoutesAndDecodes) {
  Start();
  const auto answer = Get("/hello/a%20b?q=1%2B1");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_EQ(BodyOf(answer), "a b|1+1|127.0.0.1");
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff"), std::string::npos);
  EXPECT_EQ(StatusOf(Get("/nothing")), 404);
  EXPECT_EQ(StatusOf(Get("/hello/..%2f..%2fetc%2fpasswd")), 404);
  EXPECT_EQ(StatusOf(Get("/hello/%zz")), 400);
  const auto wrong_method = Get("/ping", "", "DELETE");
  EXPECT_EQ(StatusOf(wrong_method), 405);
  EXPECT_NE(wrong_method.find("Allow: GET"), std::string::npos);
  EXPECT_EQ(StatusOf(Get("/ping", "X-Forbidden: 1\r\n")), 403);
}

TEST_F(ServerTest, HeadHasNoBody) {
  Start();
  const auto answer = Get("/ping", "", "HEAD");
  EXPECT_EQ(StatusOf(answer), 200);
  EXPECT_NE(answer.find("Content-Length: 4"), std::string::npos);
  EXPECT_EQ(BodyOf(answer), "");
}

TEST_F(ServerTest, KeepsConnectionsAndAnswersInOrder) {
  Start();
  LoopbackClient client(server_->port());
  client.Send("GET /hello/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answers = client.ReadUntil("2|none");
  EXPECT_LT(answers.find("1|none"), answers.find("2|none"));
}

TEST_F(ServerTest, LimitsBodiesInMemory) {
  Start();
  const auto post = [&](std::size_t size) {
    LoopbackClient client(server_->port());
    client.Send("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                std::to_string(size) + "\r\n\r\n" + std::string(size, 'a'));
    return client.ReadAll();
  };
  EXPECT_EQ(BodyOf(post(100)), std::string(100, 'a'));
  EXPECT_EQ(StatusOf(post(101)), 413);
  EXPECT_EQ(StatusOf(post(500'000)), 413);
}

TEST_F(ServerTest, StreamsLargeBodiesInBoundedMemory) {
  Start();
  LoopbackClient client(server_->port());
  client.Send(
      "POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  for (int i = 0; i < 48; ++i) ASSERT_TRUE(client.Send(chunk));
  client.Send("0\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAll()), "3145728");
}

TEST_F(ServerTest, AnswersAnEndlessBodyEarlyAndCutsIt) {
  Start();
  const auto before = PeakResidentBytes();
  LoopbackClient client(server_->port());
  client.Send("POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "100000\r\n" + std::string(1 << 20, 'x') + "\r\n";
  int sent = 0;
  while (sent < 1024 && client.Send(chunk)) ++sent;
  EXPECT_LT(sent, 1024) << "the server read a whole gigabyte";
  EXPECT_EQ(StatusOf(client.ReadAll()), 413);
  EXPECT_LT(PeakResidentBytes() - before, std::int64_t{32} << 20);
  EXPECT_EQ(StatusOf(Get("/ping")), 200);
}

TEST_F(ServerTest, RefusesBeforeTheBodyIsSentWhereTheClientAsks) {
  Start();
  LoopbackClient client(server_->port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000000\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadAll()), 413);
}

TEST_F(ServerTest, BoundsTheHeader) {
  Start();
  const auto before = PeakResidentBytes();
  LoopbackClient client(server_->port());
  client.Send("GET /ping HTTP/1.1\r\nX: ");
  const std::string filler(1 << 20, 'x');
  int sent = 0;
  while (sent < 200 && client.Send(filler)) ++sent;
  EXPECT_LT(sent, 200) << "the server read an endless header";
  EXPECT_LT(PeakResidentBytes() - before, std::int64_t{16} << 20);
  EXPECT_EQ(StatusOf(Get("/ping")), 200);
}

TEST_F(ServerTest, EndsDrippingHeaders) {
  options_.header_timeout = std::chrono::seconds(0);
  Start();
  LoopbackClient client(server_->port());
  client.Send("GET /ping HTT");
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_TRUE(client.closed());
  EXPECT_GE(server_->ended_slow_connections(), 1);
}

TEST_F(ServerTest, EndsBodiesBelowTheLeastRate) {
  options_.body_grace = std::chrono::seconds(0);
  options_.least_body_bytes_per_second = 1 << 30;
  Start();
  LoopbackClient client(server_->port());
  client.Send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  client.ReadAll();
  EXPECT_TRUE(client.closed());
  EXPECT_GE(server_->ended_slow_connections(), 1);
}

TEST_F(ServerTest, ServesFilesWithRangesAndValidators) {
  ASSERT_TRUE(WriteFileAtomically(folder_.path() / "a.jpg", AsBytes("0123456789")));
  Start();
  const auto whole = Get("/file");
  EXPECT_EQ(BodyOf(whole), "0123456789");
  EXPECT_NE(whole.find("Content-Type: image/jpeg"), std::string::npos);
  const auto etag_at = whole.find("ETag: ") + 6;
  const auto etag = whole.substr(etag_at, whole.find("\r\n", etag_at) - etag_at);
  EXPECT_EQ(StatusOf(Get("/file", "If-None-Match: " + etag + "\r\n")), 304);
  const auto part = Get("/file", "Range: bytes=2-4\r\n");
  EXPECT_EQ(StatusOf(part), 206);
  EXPECT_EQ(BodyOf(part), "234");
  EXPECT_NE(part.find("Content-Range: bytes 2-4/10"), std::string::npos);
  EXPECT_EQ(StatusOf(Get("/file", "Range: bytes=10-\r\n")), 416);
  // A replaced file has another ETag, even within the same second and of the same size.
  ASSERT_TRUE(WriteFileAtomically(folder_.path() / "a.jpg", AsBytes("abcdefghij")));
  EXPECT_EQ(BodyOf(Get("/file", "If-None-Match: " + etag + "\r\n")), "abcdefghij");
}

TEST_F(ServerTest, DoesNotFollowLinks) {
  ASSERT_TRUE(WriteFileAtomically(folder_.path() / "secret", AsBytes("secret")));
  std::filesystem::create_symlink(folder_.path() / "secret", folder_.path() / "a.jpg");
  Start();
  EXPECT_EQ(StatusOf(Get("/file")), 404);
}

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

TEST_F(ServerTest, SaysThatThePortIsTaken) {
  Start();
  ServerOptions second = options_;
  second.port = server_->port();
  const auto server = Server::Start(second, router_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code(), ErrorCode::kConflict);
  EXPECT_NE(server.error().message().find("--port"), std::string::npos);
  second.host = "no such host";
  EXPECT_EQ(Server::Start(second, router_).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(ServerTest, ReportsFinishedRequests) {
  std::atomic<int> status = 0;
  std::atomic<std::int64_t> bytes = 0;
  options_.on_finished = [&](const FinishedRequest& finished) {
    EXPECT_EQ(finished.request.route, "/echo");
    bytes = finished.body_bytes;
    status = finished.status;
  };
  Start();
  LoopbackClient client(server_->port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc");
  client.ReadAll();
  server_.reset();
  EXPECT_EQ(status, 200);
  EXPECT_EQ(bytes, 3);
}

}  // namespace
}  // namespace gpen::http
