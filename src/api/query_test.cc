#include "api/query.h"

#include <gtest/gtest.h>

#include "api/api_testing.h"

namespace gpen::api {
namespace {

http::Request Asked(const std::string& query) {
  return MakeRequest(http::Method::kGet, "/api/v1/jobs?" + query);
}

TEST(ParseWhole, TakesWholeNumbersWithinBounds) {
  EXPECT_EQ(ParseWhole("n", "1", 1, 3).value(), 1);
  EXPECT_EQ(ParseWhole("n", "3", 1, 3).value(), 3);
  for (const auto* text : {"", "0", "4", "2x", " 2", "+2", "2.0", "99999999999999999999"}) {
    const auto parsed = ParseWhole("limit", text, 1, 3);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(parsed.error().message(),
              "limit: expected a whole number from 1 to 3, found \"" + std::string(text) + "\"");
  }
}

TEST(QueryWhole, IsWhatIsGivenOrElse) {
  EXPECT_EQ(QueryWhole(Asked("limit=7"), "limit", 50, 1, 100).value(), 7);
  EXPECT_EQ(QueryWhole(Asked("other=7"), "limit", 50, 1, 100).value(), 50);
  EXPECT_FALSE(QueryWhole(Asked("limit="), "limit", 50, 1, 100));
}

TEST(ParseId, KnowsNothingOfWhatIsNoId) {
  auto request = Asked("");
  request.path_parameters = {{"id", "12"}};
  EXPECT_EQ(ParseId(request, "job").value(), 12);
  for (const auto* text : {"0", "-1", "a", "12/", ""}) {
    request.path_parameters = {{"id", text}};
    const auto id = ParseId(request, "batch");
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(id.error().message(), "no such batch");
  }
}

TEST(ParseJobFilter, ReadsEveryFilter) {
  const auto filter =
      ParseJobFilter(
          Asked("state=done&state=failed&priority=watch&batch=3&text=a%20b&before=9&limit=500"))
          .value();
  EXPECT_EQ(filter.states, (std::vector{jobs::JobState::kDone, jobs::JobState::kFailed}));
  EXPECT_EQ(filter.priority, jobs::JobPriority::kWatch);
  EXPECT_EQ(filter.batch, 3);
  EXPECT_EQ(filter.text, "a b");
  EXPECT_EQ(filter.before, 9);
  EXPECT_EQ(filter.limit, 500);
  EXPECT_EQ(ParseJobFilter(Asked("")).value().limit, 50);
}

TEST(ParseJobFilter, SaysWhatItExpects) {
  for (const auto& [query, message] : {std::pair{"state=odd", "state: expected queued, running"},
                                       std::pair{"priority=odd", "priority: expected interactive"},
                                       std::pair{"batch=0", "batch: expected a whole number"},
                                       std::pair{"before=-1", "before: expected a whole number"},
                                       std::pair{"limit=501", "from 1 to 500"},
                                       std::pair{"colour=red", "unknown filter \"colour\""}}) {
    const auto filter = ParseJobFilter(Asked(query));
    ASSERT_FALSE(filter) << query;
    EXPECT_EQ(filter.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(filter.error().message().find(message), std::string::npos)
        << filter.error().message();
  }
}

TEST(ParseEventFilter, LeavesTheRestToItsCaller) {
  const auto filter = ParseEventFilter(Asked("job=1&batch=2&after=3")).value();
  EXPECT_EQ(filter.job, 1);
  EXPECT_EQ(filter.batch, 2);
  EXPECT_EQ(ParseEventFilter(Asked("")).value().job, 0);
  EXPECT_FALSE(ParseEventFilter(Asked("job=0")));
}

}  // namespace
}  // namespace gpen::api
