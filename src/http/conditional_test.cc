#include "http/conditional.h"

#include <gtest/gtest.h>

namespace gpen::http {
namespace {

const Representation kThing = {"\"v1\"", 1000, 1'700'000'000};

Selection Ask(Fields headers, Method method = Method::kGet) {
  Request request;
  request.method = method;
  request.headers = std::move(headers);
  return Select(request, kThing);
}

TEST(Select, SendsEverythingWithoutConditions) {
  const auto selection = Ask({});
  EXPECT_EQ(selection.status, 200);
  EXPECT_EQ(selection.length, 1000);
}

TEST(Select, KnowsTheClientsCopy) {
  EXPECT_EQ(Ask({{"if-none-match", "\"v1\""}}).status, 304);
  EXPECT_EQ(Ask({{"if-none-match", "\"v0\", W/\"v1\""}}).status, 304);
  EXPECT_EQ(Ask({{"if-none-match", "*"}}).status, 304);
  EXPECT_EQ(Ask({{"if-none-match", "\"v0\""}}).status, 200);
  EXPECT_EQ(Ask({{"if-modified-since", HttpDate(1'700'000'000)}}).status, 304);
  EXPECT_EQ(Ask({{"if-modified-since", HttpDate(1'699'999'999)}}).status, 200);
  EXPECT_EQ(Ask({{"if-modified-since", "yesterday"}}).status, 200);
  // An ETag decides alone.
  EXPECT_EQ(
      Ask({{"if-none-match", "\"v0\""}, {"if-modified-since", HttpDate(1'800'000'000)}}).status,
      200);
}

TEST(Select, SelectsRanges) {
  const auto check = [](const char* range, int status, std::int64_t offset, std::int64_t length) {
    const auto selection = Ask({{"range", range}});
    EXPECT_EQ(selection.status, status) << range;
    EXPECT_EQ(selection.offset, offset) << range;
    EXPECT_EQ(selection.length, length) << range;
  };
  check("bytes=0-0", 206, 0, 1);
  check("Bytes=10-19", 206, 10, 10);  // Units are not case-sensitive.
  check("bytes=990-", 206, 990, 10);
  check("bytes=990-5000", 206, 990, 10);
  check("bytes=-10", 206, 990, 10);
  check("bytes=-5000", 206, 0, 1000);
  check("bytes=1000-", 416, 0, 0);
  check("bytes=-0", 416, 0, 0);
  for (const auto* ignored : {"bytes=0-1,5-6", "lines=1-2", "bytes=", "bytes=a-b", "bytes=5-2",
                              "bytes=99999999999999999999-", "bytes=--5"}) {
    check(ignored, 200, 0, 1000);
  }
}

TEST(Select, IfRangeGuardsTheRange) {
  EXPECT_EQ(Ask({{"range", "bytes=0-0"}, {"if-range", "\"v1\""}}).status, 206);
  EXPECT_EQ(Ask({{"range", "bytes=0-0"}, {"if-range", "\"v0\""}}).status, 200);
  EXPECT_EQ(Ask({{"range", "bytes=0-0"}, {"if-range", HttpDate(kThing.modified)}}).status, 206);
}

TEST(Select, OnlyReadsAreConditional) {
  EXPECT_EQ(Ask({{"range", "bytes=0-0"}}, Method::kPost).status, 200);
}

TEST(HttpDate, IsTheFixedFormat) {
  EXPECT_EQ(HttpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace gpen::http
