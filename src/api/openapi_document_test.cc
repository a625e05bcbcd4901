#include "api/openapi_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "api/routes.h"

namespace gpen::api {
namespace {

// Pages for people, which are no part of the API.
const std::set<std::string> kPages = {"GET /", "GET /login", "GET /api/docs"};

std::set<std::string> ServedOperations() {
  const ApiContext context{};  // Handlers are added, not called.
  http::Router router;
  AddRoutes(&context, &router);
  std::set<std::string> operations;
  for (const auto& name : router.RouteNames()) {
    if (!kPages.contains(name)) operations.insert(name);
  }
  return operations;
}

TEST(OpenApiDocument, DescribesEveryRouteAndNoOther) {
  const auto document = nlohmann::json::parse(OpenApiDocument());
  std::set<std::string> described;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method;
      std::ranges::transform(name, name.begin(), ::toupper);
      described.insert(name + " " + path);
      EXPECT_TRUE(operation.contains("summary")) << name << " " << path;
    }
  }
  EXPECT_EQ(described, ServedOperations());
}

TEST(OpenApiPage, ShowsEveryOperation) {
  const auto page = OpenApiPage();
  for (const auto& operation : ServedOperations()) {
    EXPECT_NE(page.find("<code>" + operation + "</code>"), std::string::npos) << operation;
  }
}

}  // namespace
}  // namespace gpen::api
