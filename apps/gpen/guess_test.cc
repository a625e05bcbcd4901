#include "gpen/guess.h"

#include <gtest/gtest.h>

namespace gpen::app {
namespace {

const std::vector<std::string>& Commands() {
  static const std::vector<std::string> commands = {"restore", "serve", "doctor", "faces", "model"};
  return commands;
}

TEST(Guess, FindsTheCommandThatWasMeant) {
  EXPECT_EQ(NearestCommand("restor", Commands()), "restore");
  EXPECT_EQ(NearestCommand("resotre", Commands()), "restore");
  EXPECT_EQ(NearestCommand("models", Commands()), "model");
  EXPECT_EQ(NearestCommand("nonsense", Commands()), "");
  EXPECT_EQ(NearestCommand("x", Commands()), "");
}

TEST(Guess, KnowsPhotos) {
  EXPECT_NE(AdviceFor({"IMG_1.HEIC"}, Commands()).find("gpen restore IMG_1.HEIC"),
            std::string::npos);
  EXPECT_NE(AdviceFor({"/"}, Commands()).find("gpen restore /"), std::string::npos) << "a folder";
  EXPECT_EQ(AdviceFor({"restore", "a.jpg"}, Commands()), "");
  EXPECT_EQ(AdviceFor({"--version"}, Commands()), "");
  EXPECT_NE(AdviceFor({"nonsense"}, Commands()).find("restore, serve"), std::string::npos);
}

}  // namespace
}  // namespace gpen::app
