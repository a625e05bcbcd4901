#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "redis/redis_server_testing.h"

namespace gpen::redis {
namespace {

// A server that speaks TLS, with a certificate for 127.0.0.1 that signs itself.
class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    GPEN_NEEDS_REDIS();
    std::signal(SIGPIPE, SIG_IGN);
    const std::string key = (folder_.path() / "key.pem").string();
    certificate_ = (folder_.path() / "certificate.pem").string();
    const std::string command = fmt::format(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=redis -keyout {} -out {} "
        "-addext subjectAltName=IP:127.0.0.1 2>/dev/null",
        key, certificate_);
    ASSERT_EQ(std::system(command.c_str()), 0);
    port_ = FreePort();
    server_.emplace(std::vector<std::string>{
        "--tls-port", std::to_string(port_), "--tls-cert-file", certificate_, "--tls-key-file", key,
        "--tls-ca-cert-file", certificate_, "--tls-auth-clients", "no"});
  }
  Address address() const {
    Address address;
    address.port = port_;
    address.tls = true;
    return address;
  }

  TestFolder folder_;
  std::string certificate_;
  int port_ = 0;
  std::optional<RedisServer> server_;
};

TEST_F(Tls, SpeaksToAServerWithAKnownCertificate) {
  auto known = address();
  known.ca_file = certificate_;
  Client client(known, {});
  const std::string large(1 << 20, 'x');
  const auto stored = client.Run({"SET", "k", large});
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(client.Run({"GET", "k"})->text, large);
}

TEST_F(Tls, RefusesAnUnknownCertificateUnlessToldOtherwise) {
  auto unknown = address();
  const auto refused = Client(unknown, {}).Run({"PING"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message().find("certificate is not good"), std::string::npos)
      << refused.error().message();
  unknown.verify = false;
  EXPECT_TRUE(Client(unknown, {}).Run({"PING"}));
}

TEST_F(Tls, RefusesACertificateOfAnotherHost) {
  auto other = address();
  other.ca_file = certificate_;
  other.host = "localhost";
  const auto refused = Client(other, {}).Run({"PING"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("ostname mismatch"), std::string::npos)
      << refused.error().message();
}

TEST_F(Tls, SaysWhichFileCannotBeRead) {
  auto wrong = address();
  wrong.ca_file = "/nowhere.pem";
  const auto refused = Client(wrong, {}).Run({"PING"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message().find("/nowhere.pem"), std::string::npos);
}

}  // namespace
}  // namespace gpen::redis
