#include "api/openapi_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/routes.h"
#include "api/schema_testing.h"

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

// Calls `look("GET /api/v1/jobs", operation)` for each operation of the document.
template <typename Look>
void ForEachOperation(const Look& look) {
  for (const auto& [path, methods] : ParsedDocument()["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string name = method;
      std::ranges::transform(name, name.begin(), ::toupper);
      look(name + " " + path, operation);
    }
  }
}

TEST(OpenApiDocument, DescribesEveryRouteAndNoOther) {
  std::set<std::string> described;
  ForEachOperation([&](const std::string& name, const Json& operation) {
    described.insert(name);
    EXPECT_TRUE(operation.contains("summary")) << name;
  });
  EXPECT_EQ(described, ServedOperations());
}

TEST(OpenApiDocument, DescribesWhatEveryOperationAnswers) {
  ForEachOperation([](const std::string& name, const Json& operation) {
    const auto& responses = operation["responses"];
    EXPECT_EQ(responses["default"]["$ref"], "#/components/responses/Error") << name;
    EXPECT_TRUE(responses.contains("200") || responses.contains("201") || responses.contains("303"))
        << name;
  });
}

// The {parts} of a path are the parameters of the operation, and the other way round.
TEST(OpenApiDocument, DescribesTheParametersOfEveryPath) {
  ForEachOperation([](const std::string& name, const Json& operation) {
    std::set<std::string> in_path;
    for (auto open = name.find('{'); open != std::string::npos; open = name.find('{', open + 1)) {
      in_path.insert(name.substr(open + 1, name.find('}', open) - open - 1));
    }
    std::set<std::string> described;
    for (const auto& parameter : operation.value("parameters", Json::array())) {
      if (parameter["in"] != "path") continue;
      described.insert(parameter["name"].get<std::string>());
      EXPECT_EQ(parameter["required"], true) << name;
    }
    EXPECT_EQ(described, in_path) << name;
  });
}

void CollectReferences(const Json& json, std::set<std::string>* references) {
  if (json.is_object() && json.contains("$ref")) {
    references->insert(json["$ref"].get<std::string>());
  }
  if (!json.is_structured()) return;
  for (const auto& child : json) CollectReferences(child, references);
}

TEST(OpenApiDocument, RefersToWhatThereIsAndHasNoSchemaThatNobodyUses) {
  std::set<std::string> references;
  CollectReferences(ParsedDocument(), &references);
  for (const auto& reference : references) {
    EXPECT_TRUE(ParsedDocument().contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
  for (const auto& [name, schema] : ParsedDocument()["components"]["schemas"].items()) {
    const auto path = "#/components/schemas/" + name;
    EXPECT_TRUE(std::ranges::any_of(references, [&](const std::string& reference) {
      return reference == path || reference.starts_with(path + "/");
    })) << name;
  }
}

// The page's types are made from these: a member that may be missing or one that may be added
// would make them say less than the service promises.
TEST(OpenApiDocument, AnswersSayAllTheirMembers) {
  for (const auto* name :
       {"Job",        "JobResult", "JobPage",       "Batch",  "BatchPage", "Queue",         "Heat",
        "QueueEvent", "EventPage", "PartialUpload", "Blend",  "Settings",  "WatchedFolder", "Watch",
        "Machine",    "Machines",  "Person",        "People", "Admission", "Session"}) {
    const auto& schema = ParsedDocument()["components"]["schemas"][name];
    EXPECT_EQ(schema["additionalProperties"], false) << name;
    EXPECT_EQ(schema["required"].size(), schema["properties"].size()) << name;
  }
}

TEST(OpenApiPage, ShowsEveryOperation) {
  const auto page = OpenApiPage();
  for (const auto& operation : ServedOperations()) {
    EXPECT_NE(page.find("<code>" + operation + "</code>"), std::string::npos) << operation;
  }
}

}  // namespace
}  // namespace gpen::api
