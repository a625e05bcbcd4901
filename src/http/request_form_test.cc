#include "http/request_form.h"

#include <gtest/gtest.h>

namespace gpen::http {
namespace {

bool IsSound(Fields headers, std::string_view version = "HTTP/1.1") {
  headers.emplace_back("Host", "nas:7860");
  return CheckForm(version, headers).has_value();
}

TEST(CheckForm, TakesWhatClientsSend) {
  EXPECT_TRUE(IsSound({}));
  EXPECT_TRUE(IsSound({{"content-LENGTH", " 12 "}, {"Accept", "*/*\t"}, {"X-Empty", ""}}));
  EXPECT_TRUE(IsSound({{"Transfer-Encoding", "Chunked"}}));
  EXPECT_TRUE(IsSound({{"Cookie", "a=\xC3\xA4"}}));
  EXPECT_TRUE(CheckForm("HTTP/1.0", {}));
  EXPECT_TRUE(CheckForm("HTTP/1.1", {{"Host", "[fe80::1]:7860"}}));
}

TEST(CheckForm, RefusesWhatTwoReadersMayReadInTwoWays) {
  const Fields cases[] = {
      {{"Content-Length", "1"}, {"Content-Length", "2"}},
      {{"Content-Length", "1"}, {"content-length", "1"}},
      {{"Content-Length", "1, 1"}},
      {{"Content-Length", "+1"}},
      {{"Content-Length", ""}},
      {{"Content-Length", "99999999999999999999"}},
      {{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding", "gzip, chunked"}},
      {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
      {{"Transfer-Encoding",
        "\x0B"
        "chunked"}},
      {{"Content-Length ", "1"}},
      {{"X Y", "1"}},
      {{"", "1"}},
      {{"Host", "evil"}},
      {{"X", "a\rb"}},
  };
  for (const auto& headers : cases) {
    EXPECT_FALSE(IsSound(headers)) << headers.front().first << ": " << headers.front().second;
  }
  EXPECT_FALSE(IsSound({{"Transfer-Encoding", "chunked"}}, "HTTP/1.0"));
  EXPECT_FALSE(IsSound({}, "HTTP/2.0"));
  EXPECT_FALSE(CheckForm("HTTP/1.1", {}));
  for (const auto* host : {"a b", "nas/evil", "user@nas", "nas,evil"}) {
    EXPECT_FALSE(CheckForm("HTTP/1.1", {{"Host", host}})) << host;
  }
}

}  // namespace
}  // namespace gpen::http
