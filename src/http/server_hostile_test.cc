// What clients may not do to each other, and requests that are not to the letter.
#include <list>

#include "http/server_testing.h"

namespace gpen::http {
namespace {

std::string Ask(int port, const std::string& bytes) {
  LoopbackClient client(port);
  client.Send(bytes);
  return client.ReadAll();  // Up to the end of the connection.
}

TEST_F(ServerTest, RefusesRequestsThatTwoReadersMayReadInTwoWays) {
  Start();
  const std::string host = "Host: x\r\n";
  const std::string post = "POST /echo HTTP/1.1\r\n" + host;
  const std::string smuggled = "GET /hello/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const auto& request : {
           post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc" + smuggled,
           post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
           post + "Transfer-Encoding: gzip\r\n\r\nabc",
           post + "Content-Length : 3\r\n\r\nabc" + smuggled,
           post + "Content-Length: +3\r\n\r\nabc",
           "GET /ping HTTP/1.1\r\n" + host + "Host: evil\r\n\r\n" + smuggled,
           std::string("GET /ping HTTP/1.1\r\n\r\n") + smuggled,
           "GET /ping HTTP/1.1\n" + host + "\r\n" + smuggled,
           std::string("GET /ping HTTP/1.1\r\nHost: x\n\r\n") + smuggled,
           std::string("GET /ping HTTP/1.1\r\nHost: x\r\n\n") + smuggled,
           "GET /ping HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n" + smuggled,
           "GET /pi ng HTTP/1.1\r\n" + host + "\r\n" + smuggled,
           "GET /ping HTTP/1.1\r\n" + host + "no colon\r\n\r\n" + smuggled,
       }) {
    const auto answer = Ask(server_->port(), request);
    EXPECT_EQ(StatusOf(answer), 400) << request << answer;
    EXPECT_EQ(answer.find("smuggled|"), std::string::npos) << request;
    EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos) << "refused, then the end";
  }
  EXPECT_EQ(BodyOf(Ask(server_->port(), post + "Connection: close\r\nContent-Length:3\r\n\r\nabc")),
            "abc");
  EXPECT_EQ(BodyOf(Ask(server_->port(), "GET /ping HTTP/1.0\r\n\r\n")), "pong");
}

TEST_F(ServerTest, OneBodyForAnError) {
  Start();
  for (const auto& request : {"GET /ping HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                              "GET /ping HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.0\r\n\r\n"}) {
    const auto answer = Ask(server_->port(), request);
    EXPECT_NE(answer.find("Content-Type: application/json"), std::string::npos) << answer;
    EXPECT_TRUE(BodyOf(answer).starts_with(R"({"status":"error","code":"invalid_argument")"));
  }
}

TEST_F(ServerTest, WhatClientsMayReadOfAnErrorIsSaidInOnePlace) {
  router_->Add(Method::kGet, "/secret", [](const Request&) -> Result<Response> {
    return Error(ErrorCode::kUnavailable, "cannot read /srv/data/x");
  });
  options_.error_text = [](std::string text) {
    const auto at = text.find("/srv/data/");
    return at == std::string::npos ? text : text.erase(at, 10);
  };
  Start();
  EXPECT_NE(Get("/secret").find("cannot read x"), std::string::npos);
}

TEST_F(ServerTest, OneAddressLeavesPlacesForTheOthers) {
  options_.max_connections = 16;
  Start();
  std::list<LoopbackClient> greedy;
  int answered = 0;
  for (int i = 0; i < 24; ++i) {
    auto& client = greedy.emplace_back(server_->port(), "127.0.0.2");
    client.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
    if (client.ReadUntil("pong").find("pong") != std::string::npos) ++answered;
  }
  EXPECT_EQ(answered, 14) << "two of sixteen are for others";
  EXPECT_EQ(options_.connection_counts->refused, 10);
  LoopbackClient other(server_->port(), "127.0.0.3");
  other.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(other.ReadUntil("pong").find("pong"), std::string::npos);
  LoopbackClient last(server_->port(), "127.0.0.4");
  last.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(last.ReadUntil("pong").find("pong"), std::string::npos);
  // All are taken: this machine's health check still gets in.
  EXPECT_EQ(StatusOf(Get("/ping")), 200);
}

TEST_F(ServerTest, ABodyMustBeTheQuickerTheMoreItsClientSends) {
  options_.body_grace = std::chrono::seconds(0);
  options_.least_body_bytes_per_second = 1;
  Start();
  const std::string post = "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n";
  LoopbackClient alone(server_->port(), "127.0.0.3");
  alone.Send(post + std::string(1000, 'x'));  // Enough for a thousand seconds.
  std::list<LoopbackClient> many;
  for (int i = 0; i < 50; ++i) {
    many.emplace_back(server_->port(), "127.0.0.2").Send(post + std::string(20, 'x'));
  }
  for (auto& client : many) {
    client.ReadAll();
    EXPECT_TRUE(client.closed());
  }
  alone.Send(std::string(1000, 'x'));
  EXPECT_EQ(BodyOf(alone.ReadUntil("2000")), "2000");
}

TEST_F(ServerTest, KnowsThatTheClientOfALateAnswerHasLeft) {
  std::mutex mutex;
  std::vector<Responder> responders;
  router_->AddDeferred(Method::kGet, "/later", 0,
                       [&](const Request&, std::string_view, const Responder& responder) {
                         const std::lock_guard lock(mutex);
                         responders.push_back(responder);
                       });
  Start();
  const auto wait_for_count = [&](std::size_t count) {
    while (true) {
      const std::lock_guard lock(mutex);
      if (responders.size() == count) return responders.back();
    }
  };
  LoopbackClient stays(server_->port());
  stays.Send("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const Responder awaited = wait_for_count(1);
  std::optional<LoopbackClient> leaves(server_->port());
  leaves->Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  const Responder left = wait_for_count(2);
  EXPECT_TRUE(left.IsAwaited());
  leaves.reset();
  while (left.IsAwaited()) std::this_thread::yield();
  EXPECT_TRUE(awaited.IsAwaited());
  awaited.Send(TextResponse(200, "at last"));
  EXPECT_EQ(BodyOf(stays.ReadAll()), "at last");
}

TEST_F(ServerTest, WhoWaitsIsToldThatTheServerStops) {
  std::atomic<int> waiting = 0;
  router_->AddDeferred(Method::kGet, "/never", 0,
                       [&](const Request&, std::string_view, const Responder&) { ++waiting; });
  Start();
  std::list<LoopbackClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server_->port()).Send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  while (waiting < 20) std::this_thread::yield();
  server_.reset();
  for (auto& client : clients) {
    const auto answer = client.ReadAll();
    EXPECT_EQ(StatusOf(answer), 503);
    EXPECT_NE(answer.find("the service is stopping"), std::string::npos);
  }
}

TEST_F(ServerTest, BelievesTheProxyThatItTrusts) {
  router_->Add(Method::kGet, "/who", [](const Request& request) {
    return TextResponse(200, request.remote_address + (request.is_secure ? " secure" : " plain"));
  });
  options_.trusted_proxies = AddressList::Parse("127.0.0.2").value();
  Start();
  const auto ask = [&](const char* source, const std::string& headers) {
    LoopbackClient client(server_->port(), source);
    client.Send("GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
    return BodyOf(client.ReadAll());
  };
  const std::string told = "X-Real-IP: 192.168.1.9\r\nX-Forwarded-Proto: https\r\n";
  EXPECT_EQ(ask("127.0.0.2", told), "192.168.1.9 secure");
  EXPECT_EQ(ask("127.0.0.1", told), "127.0.0.1 plain");
  EXPECT_EQ(ask("127.0.0.2", "X-Real-IP: evil\r\n"), "127.0.0.2 plain");
}

}  // namespace
}  // namespace gpen::http
