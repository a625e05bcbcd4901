#include "remote/web_exchange.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace gpen::remote {
namespace {

WebExchange::Bytes Bytes(std::string_view text) {
  const auto bytes = AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

std::string SecretOf(const std::string& address) {
  return address.substr(address.find("?secret=") + 8);
}

class WebExchangeTest : public ::testing::Test {
 protected:
  void SetUp() override { secret_ = Offer("t"); }
  std::string Offer(const std::string& task) {
    const auto addresses = exchange_.Offer(task, Bytes("photo of " + task));
    EXPECT_TRUE(addresses);
    EXPECT_TRUE(addresses->input.starts_with("http://nas:7860/api/v1/handouts/" + task + "/photo"));
    EXPECT_TRUE(
        addresses->output.starts_with("http://nas:7860/api/v1/handouts/" + task + "/parcel"));
    EXPECT_EQ(SecretOf(addresses->input), SecretOf(addresses->output));
    return SecretOf(addresses->input);
  }

  WebExchange exchange_{"http://nas:7860", 100};
  std::string secret_;
};

TEST_F(WebExchangeTest, GivesAPhotoAndTakesAParcelFromWhoeverKnowsTheSecret) {
  EXPECT_EQ(**exchange_.Photo("t", secret_), Bytes("photo of t"));
  EXPECT_EQ(exchange_.MostBytes("t", secret_).value_or(0), 100);
  EXPECT_EQ(exchange_.Collect("t", 100).error().code(), ErrorCode::kNotFound);
  ASSERT_TRUE(exchange_.Put("t", secret_, Bytes("first")));
  ASSERT_TRUE(exchange_.Put("t", secret_, Bytes("last")));
  EXPECT_EQ(*exchange_.Collect("t", 100), Bytes("last"));
}

TEST_F(WebExchangeTest, KnowsNothingForOthers) {
  const std::string other = Offer("u");
  EXPECT_NE(other, secret_);
  for (const auto& [task, secret] :
       std::vector<std::pair<std::string, std::string>>{{"t", ""},
                                                        {"t", other},
                                                        {"t", secret_ + "x"},
                                                        {"t", secret_.substr(1)},
                                                        {"v", secret_},
                                                        {"", ""}}) {
    EXPECT_EQ(exchange_.Photo(task, secret).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(exchange_.MostBytes(task, secret).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(exchange_.Put(task, secret, Bytes("theirs")).error().code(), ErrorCode::kNotFound);
  }
  EXPECT_FALSE(exchange_.Collect("t", 100));
}

TEST_F(WebExchangeTest, TakesNothingOnceItIsOver) {
  const auto photo = exchange_.Photo("t", secret_);  // On its way meanwhile.
  exchange_.Withdraw("t");
  EXPECT_EQ(**photo, Bytes("photo of t"));
  EXPECT_FALSE(exchange_.Photo("t", secret_));
  EXPECT_FALSE(exchange_.Put("t", secret_, Bytes("late")));
  EXPECT_NE(Offer("t"), secret_);  // The same name again is another handout.
  EXPECT_FALSE(exchange_.Photo("t", secret_));
}

TEST_F(WebExchangeTest, SaysWhyAMachineCannotReachIt) {
  EXPECT_EQ(exchange_.WhyNot({.models = "", .roots = {}, .hosts = {"http://nas:7860"}}), "");
  for (const auto& hosts : std::vector<std::vector<std::string>>{
           {}, {"http://nas:7861"}, {"https://nas:7860"}, {"http://pc:7860"}}) {
    EXPECT_NE(exchange_.WhyNot({.models = "", .roots = {}, .hosts = hosts}).find("--allow-host"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace gpen::remote
