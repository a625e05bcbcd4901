#include "gpen/printable.h"

#include <gtest/gtest.h>

namespace gpen::app {
namespace {

TEST(Printable, NothingCommandsATerminal) {
  EXPECT_EQ(Printable("a\x1B]0;title\x07 b\r\x7F\tc\xC2\x9B"), "a?]0;title? b???c?");
}

TEST(Printable, OtherTextStays) {
  const char text[] = "Großmutter 奶奶 \xC2\xA9 1.jpg: 2 lines\nand an \xFF that is no UTF-8";
  EXPECT_EQ(Printable(text), text);
  EXPECT_EQ(Printable("\xC2"), "\xC2");
}

}  // namespace
}  // namespace gpen::app
