#include "sandbox/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

namespace gpen::sandbox {
namespace {

constexpr Milliseconds kPatience{1'000};

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

class ChannelTest : public testing::Test {
 protected:
  ChannelTest() {
    auto pair = Channel::MakePair();
    near_.emplace(std::move(pair->first));
    far_ = std::move(pair->second);
  }

  // What comes out of `near_` where somebody else than a channel wrote `packet`.
  Result<std::optional<Message>> AfterRaw(std::span<const std::byte> packet) {
    EXPECT_EQ(::send(far_.get(), packet.data(), packet.size(), 0),
              static_cast<ssize_t>(packet.size()));
    return near_->Receive(kPatience);
  }

  std::optional<Channel> near_;
  Descriptor far_;
};

TEST_F(ChannelTest, CarriesATextAndPartsOfAnySize) {
  Channel other(std::move(far_));
  const std::string large(3 << 20, 'x');
  const std::string text(Channel::kMostText, 't');
  const std::array parts = {BytesOf(large), BytesOf(""), BytesOf("last")};
  // More than the line holds: it is sent while it is received.
  const std::jthread sender([&] { EXPECT_TRUE(near_->Send(text, parts)); });
  const auto received = other.Receive(kPatience);
  ASSERT_TRUE(received && *received);
  EXPECT_EQ((*received)->text, text);
  ASSERT_EQ((*received)->parts.size(), 3U);
  EXPECT_EQ((*received)->parts[0].size(), large.size());
  EXPECT_TRUE((*received)->parts[1].empty());
  EXPECT_EQ(std::memcmp((*received)->parts[2].data(), "last", 4), 0);
}

TEST_F(ChannelTest, SaysThatNothingCameOrThatNobodyIsThere) {
  const auto nothing = near_->Receive(Milliseconds(1));
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  far_ = {};
  EXPECT_EQ(near_->Receive(kPatience).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(near_->Send("{}").error().code(), ErrorCode::kUnavailable);
}

TEST_F(ChannelTest, RefusesWhatIsTooLong) {
  EXPECT_EQ(near_->Send(std::string(Channel::kMostText + 1, 'x')).error().code(),
            ErrorCode::kInvalidArgument);
}

TEST_F(ChannelTest, TrustsNoNumberThatCameIn) {
  std::array<std::uint64_t, 2 + Channel::kMostParts> header = {};
  const auto packet = std::as_bytes(std::span(header));
  EXPECT_FALSE(AfterRaw(packet.first(3))) << "shorter than a header";
  header[0] = Channel::kMostParts + 1;
  EXPECT_FALSE(AfterRaw(packet)) << "more parts than there can be";
  header = {0, Channel::kMostText + 1};
  EXPECT_FALSE(AfterRaw(packet)) << "a longer text than there can be";
  header = {1, 0, ~std::uint64_t{0}};
  EXPECT_FALSE(AfterRaw(packet)) << "a part larger than any memory";
  header = {};
  EXPECT_TRUE(AfterRaw(packet)) << "a message without text and parts";
  header = {1, 0, 4};
  ASSERT_EQ(::send(far_.get(), header.data(), sizeof(header), 0),
            static_cast<ssize_t>(sizeof(header)));
  EXPECT_FALSE(AfterRaw(packet)) << "a part of more bytes than it said";
}

}  // namespace
}  // namespace gpen::sandbox
