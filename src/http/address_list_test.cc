#include "http/address_list.h"

#include <gtest/gtest.h>

namespace gpen::http {
namespace {

TEST(AddressList, KnowsAddressesAndNetworks) {
  const auto list = AddressList::Parse("127.0.0.1,172.16.0.0/12 fd00::/8, ::1").value();
  for (const auto* inside :
       {"127.0.0.1", "172.16.0.1", "172.31.255.255", "fd12::1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(list.Contains(inside)) << inside;
  }
  for (const auto* outside :
       {"127.0.0.2", "172.32.0.1", "171.16.0.1", "fe80::1", "::2", "", "nas", "127.0.0.1 "}) {
    EXPECT_FALSE(list.Contains(outside)) << outside;
  }
  EXPECT_FALSE(AddressList().Contains("127.0.0.1"));
  EXPECT_TRUE(AddressList::Parse("0.0.0.0/0").value().Contains("8.8.8.8"));
  EXPECT_FALSE(AddressList::Parse("0.0.0.0/0").value().Contains("fd00::1"));
}

TEST(AddressList, RefusesWhatIsNone) {
  for (const auto* text : {"nas", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::/129"}) {
    EXPECT_FALSE(AddressList::Parse(text)) << text;
  }
}

TEST(IsAddress, IsAnAddressAndNothingElse) {
  EXPECT_TRUE(IsAddress("192.168.1.7"));
  EXPECT_TRUE(IsAddress("fe80::1"));
  for (const auto* text : {"", "192.168.1.7\nx", "192.168.1.7, 1.1.1.1", "[::1]", "evil"}) {
    EXPECT_FALSE(IsAddress(text)) << text;
  }
}

}  // namespace
}  // namespace gpen::http
