#include "service/configuration.h"

#include <gtest/gtest.h>

#include <map>

#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen::service {
namespace {

TEST(ApplyToml, SetsWhatItNames) {
  Configuration configuration;
  const auto applied = ApplyToml(
      "[server]\nport = 8080\nallowed_hosts = [\"a.example\", \"b.example\"]\n[heat]\n"
      "enabled = false\nlimit_celsius = 80.5\n[queue]\nquiet_hours = \"22:00-07:00\"\n",
      "gpen.toml", &configuration);
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(configuration.port, 8080);
  EXPECT_EQ(configuration.allowed_hosts, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_FALSE(configuration.heat_enabled);
  EXPECT_EQ(configuration.heat_limit_celsius, 80.5);
  EXPECT_EQ(configuration.quiet_hours, "22:00-07:00");
  EXPECT_EQ(configuration.host, "0.0.0.0");
}

TEST(ApplyToml, NamesTheLineOfAMistake) {
  for (const auto& [text, where] :
       std::map<std::string, std::string>{{"[server]\n\nprot = 1\n", "gpen.toml:3"},
                                          {"[server]\nport = 99999\n", "gpen.toml:2"},
                                          {"[server]\nport = \"x\"\n", "gpen.toml:2"},
                                          {"[server]\nport =\n", "gpen.toml:2"},
                                          {"[server]\nallowed_hosts = [1]\n", "gpen.toml:2"},
                                          {"[queue]\nquiet_hours = \"25:00\"\n", "gpen.toml:2"},
                                          {"[server.deep]\nport = 1\n", "gpen.toml:1"},
                                          {"port = 1\n", "gpen.toml:1"}}) {
    Configuration configuration;
    const auto applied = ApplyToml(text, "gpen.toml", &configuration);
    ASSERT_FALSE(applied) << text;
    EXPECT_EQ(applied.error().code(), ErrorCode::kInvalidArgument) << text;
    EXPECT_NE(applied.error().message().find(where), std::string::npos)
        << applied.error().message();
  }
}

TEST(ApplyEnvironment, WinsOverWhatWasThere) {
  Configuration configuration;
  configuration.port = 1;
  const std::map<std::string, const char*> variables = {{"GPEN_PORT", "2"},
                                                        {"GPEN_TOKEN", "long-enough"}};
  const auto get = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second;
  };
  ASSERT_TRUE(ApplyEnvironment(get, &configuration));
  EXPECT_EQ(configuration.port, 2);
  EXPECT_EQ(configuration.token, "long-enough");
}

TEST(ApplySetting, RefusesAWeakToken) {
  Configuration configuration;
  EXPECT_FALSE(ApplySetting("server.token", "short", &configuration));
  EXPECT_FALSE(ApplySetting("server.token", "with a space in it", &configuration));
  EXPECT_TRUE(ApplySetting("server.token", "", &configuration));
}

TEST(Settings, HaveDistinctNames) {
  std::map<std::string_view, int> seen;
  for (const auto& setting : Settings()) {
    EXPECT_EQ(++seen[setting.key], 1) << setting.key;
    EXPECT_EQ(++seen[setting.variable], 1) << setting.variable;
    EXPECT_TRUE(setting.variable.starts_with("GPEN_"));
  }
}

}  // namespace
}  // namespace gpen::service
