// ServerTest: a running server on loopback with a handler of every kind, for the tests of this
// module.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/cpu.h"
#include "base/file.h"
#include "base/folder_testing.h"
#include "http/event_stream.h"
#include "http/file_response.h"
#include "http/loopback_client_testing.h"
#include "http/server.h"

namespace gpen::http {

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

class ThrowingSource : public BodySource {
 public:
  Piece Read(std::span<std::byte>) override { throw std::bad_alloc(); }
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
    router_->Add(Method::kGet, "/throw",
                 [](const Request&) -> Response { throw std::bad_alloc(); });
    router_->Add(Method::kGet, "/throw-later", [](const Request&) {
      Response response;
      response.body = std::make_unique<ThrowingSource>();
      return response;
    });
    router_->AddText(Method::kPost, "/echo", 100, [](const Request&, std::string_view body) {
      return TextResponse(200, std::string(body));
    });
    router_->AddStream(Method::kPost, "/count",
                       [](const Request&) -> Result<std::unique_ptr<BodyReader>> {
                         return std::make_unique<CountingReader>(3 << 20);
                       });
    router_->Add(Method::kGet, "/file", [this](const Request& request) {
      return FileResponse(request, folder_.path() / "a.jpg", {});
    });
    router_->Add(Method::kGet, "/events", [this](const Request&) {
      const std::lock_guard lock(mutex_);
      streams_.emplace_back();
      changed_.notify_all();
      return streams_.back().MakeResponse();
    });
    router_->AddGuard([](const Request* request) -> std::optional<Response> {
      if (request->Header("x-forbidden").empty()) return std::nullopt;
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

}  // namespace gpen::http
