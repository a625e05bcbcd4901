#include "redis/reply_parser.h"

#include <gtest/gtest.h>

namespace gpen::redis {
namespace {

Reply Text(const std::string& text) { return {.type = ReplyType::kText, .text = text}; }
Reply Integer(std::int64_t value) { return {.type = ReplyType::kInteger, .integer = value}; }
Reply Array(std::vector<Reply> items) {
  return {.type = ReplyType::kArray, .items = std::move(items)};
}

// All replies in `bytes`, given in pieces of `piece` bytes.
std::vector<Reply> Parse(std::string_view bytes, std::size_t piece,
                         const ReplyLimits& limits = {}) {
  ReplyParser parser(limits);
  std::vector<Reply> replies;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.Add(bytes.substr(at, piece));
    while (true) {
      auto reply = parser.Next();
      EXPECT_TRUE(reply) << reply.error().message();
      if (!reply || !*reply) break;
      replies.push_back(**reply);
    }
  }
  return replies;
}

TEST(ReplyParser, ReadsEveryKindInAnyPieces) {
  const std::string whole(
      "+OK\r\n:-42\r\n$5\r\na\r\nb\0\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n", 54);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    const auto replies = Parse(whole, piece);
    ASSERT_EQ(replies.size(), 7U) << piece;
    EXPECT_EQ(replies[0], Text("OK"));
    EXPECT_EQ(replies[1], Integer(-42));
    EXPECT_EQ(replies[2], Text(std::string("a\r\nb\0", 5)));
    EXPECT_TRUE(replies[3].is_null());
    EXPECT_TRUE(replies[4].is_null());
    EXPECT_EQ(replies[5], Array({}));
    EXPECT_EQ(replies[6], Array({Integer(1), Array({Text("")})}));
  }
}

TEST(ReplyParser, ReadsTheKindsOfResp3) {
  const auto replies = Parse(
      "_\r\n#t\r\n,1.5\r\n=7\r\ntxt:abc\r\n%1\r\n+k\r\n+v\r\n|1\r\n+a\r\n+b\r\n~1\r\n:7\r\n"
      "-ERR no\r\n!3\r\nbad\r\n",
      3);
  ASSERT_EQ(replies.size(), 8U);
  EXPECT_TRUE(replies[0].is_null());
  EXPECT_EQ(replies[1], Integer(1));
  EXPECT_EQ(replies[2], Text("1.5"));
  EXPECT_EQ(replies[3], Text("abc"));
  EXPECT_EQ(replies[4], Array({Text("k"), Text("v")}));
  EXPECT_EQ(replies[5], Array({Integer(7)}));
  EXPECT_EQ(replies[6].text, "ERR no");
  EXPECT_EQ(replies[7].text, "bad");
  EXPECT_TRUE(replies[7].is_error());
}

TEST(ReplyParser, RefusesWhatIsNoReplyOrTooMuch) {
  const ReplyLimits limits{.most_bytes = 100, .most_items = 10, .most_depth = 2};
  for (const std::string bytes :
       {"HTTP/1.1 400\r\n", "$101\r\n", "$99999999999999999999\r\n", "*11\r\n", "*-2\r\n",
        "$-2\r\n", "*1\r\n*1\r\n*1\r\n", "$1\r\nab\r\n", ":x\r\n", "\r\n", "%6\r\n", "#x\r\n",
        "*2\r\n$60\r\n012345678901234567890123456789012345678901234567890123456789\r\n$60\r\n"}) {
    ReplyParser parser(limits);
    parser.Add(bytes);
    const auto reply = parser.Next();
    ASSERT_FALSE(reply) << bytes;
    EXPECT_EQ(reply.error().code(), ErrorCode::kUnavailable);
  }
  ReplyParser parser(limits);
  parser.Add(std::string(70'000, 'a'));
  EXPECT_FALSE(parser.Next());
}

}  // namespace
}  // namespace gpen::redis
