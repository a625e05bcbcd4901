#include "http/server.h"

#include "http/server_testing.h"

namespace gpen::http {
namespace {

TEST_F(ServerTest, AnExceptionEndsItsConnectionAndNotTheServer) {
  Start();
  for (const char* target : {"/throw", "/throw-later"}) {
    LoopbackClient client(server_->port());
    client.Send(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    client.ReadUntil("");
    EXPECT_TRUE(client.closed()) << target;
  }
  LoopbackClient client(server_->port());
  client.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.ReadUntil("pong").find("200"), std::string::npos);
}

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

TEST_F(ServerTest, AnswersAHandlersErrorAsTheTableSays) {
  router_->Add(Method::kGet, "/gone", [](const Request&) -> Result<Response> {
    return Error(ErrorCode::kNotFound, "no \"such\" thing");
  });
  router_->AddDeferred(Method::kGet, "/later", 0,
                       [](const Request&, std::string_view, const Responder& responder) {
                         responder.Send(Error(ErrorCode::kQueueFull, "later"));
                       });
  Start();
  const auto gone = Get("/gone");
  EXPECT_EQ(StatusOf(gone), 404);
  EXPECT_EQ(BodyOf(gone), R"({"status":"error","code":"not_found","message":"no \"such\" thing"})");
  EXPECT_EQ(StatusOf(Get("/later")), 429);
}

TEST_F(ServerTest, CountsConnectionsFromTheFirstRequestOn) {
  // As a handler sees it: the server may not have been handed to its owner yet.
  router_->Add(Method::kGet, "/open", [counts = options_.connection_counts](const Request&) {
    return TextResponse(200, std::to_string(counts->open));
  });
  Start();
  const LoopbackClient idle(server_->port());
  std::string open;
  while (open != "2") open = BodyOf(Get("/open"));  // Both are noticed in their own time.
}

TEST_F(ServerTest, EndsDrippingHeaders) {
  options_.header_timeout = std::chrono::seconds(0);
  Start();
  LoopbackClient client(server_->port());
  client.Send("GET /ping HTT");
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_TRUE(client.closed());
  EXPECT_GE(options_.connection_counts->ended_slow, 1);
}

TEST_F(ServerTest, EndsBodiesBelowTheLeastRate) {
  options_.body_grace = std::chrono::seconds(0);
  options_.least_body_bytes_per_second = 1 << 30;
  Start();
  LoopbackClient client(server_->port());
  client.Send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  client.ReadAll();
  EXPECT_TRUE(client.closed());
  EXPECT_GE(options_.connection_counts->ended_slow, 1);
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
