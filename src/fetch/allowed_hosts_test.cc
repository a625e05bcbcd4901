#include "fetch/allowed_hosts.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

#include "fetch/public_address.h"
#include "fetch/web_files.h"

namespace gpen::fetch {
namespace {

TEST(AllowedHosts, AreMeantAsTheyAreWritten) {
  const auto hosts = AllowedHosts::Parse("NAS:8443,http://box,*.example.org,https://[fd00::1]:444");
  ASSERT_TRUE(hosts) << hosts.error().message();
  const auto reach = [&](const char* scheme, const char* host, int port) {
    return hosts->For({scheme, host, port});
  };
  EXPECT_EQ(reach("https", "nas", 8443), Reach::kAnywhere);
  EXPECT_EQ(reach("https", "nas", 443), Reach::kRefused);
  EXPECT_EQ(reach("http", "nas", 8443), Reach::kRefused);
  EXPECT_EQ(reach("http", "box", 80), Reach::kAnywhere);
  EXPECT_EQ(reach("https", "box", 443), Reach::kRefused);
  EXPECT_EQ(reach("https", "a.b.example.org", 443), Reach::kPublicOnly);
  EXPECT_EQ(reach("https", "example.org", 443), Reach::kRefused);
  EXPECT_EQ(reach("https", "badexample.org", 443), Reach::kRefused);
  EXPECT_EQ(reach("https", "[fd00::1]", 444), Reach::kAnywhere);
  EXPECT_EQ(hosts->Texts().front(), "NAS:8443");
  EXPECT_EQ(AllowedHosts().For({"https", "nas", 443}), Reach::kRefused);
}

TEST(AllowedHosts, RefuseWhatMakesNoSense) {
  for (const char* text : {",", "a,,b", "*", "*.", "*..org", "a/b", "ftp://a", "a:0", "a:65536",
                           "a:x", "user@host", "a b", "[", "[]"}) {
    EXPECT_FALSE(AllowedHosts::Parse(text)) << text;
  }
  EXPECT_TRUE(AllowedHosts::Parse("")->empty());
}

bool IsPublic(const char* text) {
  sockaddr_storage address = {};
  in_addr four = {};
  in6_addr six = {};
  if (::inet_pton(AF_INET, text, &four) == 1) {
    sockaddr_in made = {};
    made.sin_family = AF_INET;
    made.sin_addr = four;
    std::memcpy(&address, &made, sizeof made);
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, text, &six), 1) << text;
    sockaddr_in6 made = {};
    made.sin6_family = AF_INET6;
    made.sin6_addr = six;
    std::memcpy(&address, &made, sizeof made);
  }
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(address));
}

TEST(PublicAddress, IsNoneInsideANetwork) {
  for (const char* inside : {"0.0.0.0",
                             "10.1.2.3",
                             "100.64.0.1",
                             "127.0.0.1",
                             "127.255.0.1",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "198.18.0.1",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:127.0.0.1",
                             "::ffff:192.168.1.1",
                             "64:ff9b::10.0.0.1",
                             "2002:c0a8:0101::1",
                             "fc00::1",
                             "fd12::1",
                             "fe80::1",
                             "ff02::1",
                             "2001:db8::1",
                             "2001::1",
                             "::127.0.0.1"}) {
    EXPECT_FALSE(IsPublic(inside)) << inside;
  }
  for (const char* outside :
       {"1.1.1.1", "9.255.255.255", "11.0.0.1", "172.15.255.255", "172.32.0.1", "192.167.1.1",
        "223.255.255.255", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"}) {
    EXPECT_TRUE(IsPublic(outside)) << outside;
  }
  sockaddr_storage other = {};
  other.ss_family = AF_UNIX;
  EXPECT_FALSE(IsPublicAddress(reinterpret_cast<const sockaddr&>(other)));
}

// What leads to no connection; the rest is seen with real servers in tests/celery/web_test.py.
TEST(WebFiles, RefusesAddressesBeforeItConnects) {
  const WebFiles files({AllowedHosts::Parse("nas,*.example.org").value()});
  for (const char* url :
       {"https://", "https://other/a", "http://nas/a", "https://nas:8443/a", "ftp://nas/a",
        "file:///etc/passwd", "https://user:password@nas/a", "https://nas@other/a",
        "https://nas.evil/a", "gopher://nas/", "https://nas\r\nX: y/", "nas",
        "https://b\xc3\xbc.example.org/", "https://b%c3%bc.example.org/"}) {
    const auto got = files.Get(url, 1000);
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().code(), ErrorCode::kInvalidArgument) << url;
    EXPECT_EQ(files.Put(url, {}).error().code(), ErrorCode::kInvalidArgument) << url;
  }
  EXPECT_EQ(ShownAddress("https://a/b?secret#c"), "https://a/b");
  EXPECT_TRUE(IsWebAddress("https://a") && IsWebAddress("http://a") && !IsWebAddress("album:a"));
}

}  // namespace
}  // namespace gpen::fetch
