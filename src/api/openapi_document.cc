#include "api/openapi_document.h"

#include <fmt/format.h>

#include "api/json.h"

namespace gpen::api {
namespace {

constexpr std::string_view kDocument =
#include "api/openapi.inc"
    ;

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

// What a schema of the document refers to, or itself.
const Json& Resolve(const Json& document, const Json& schema) {
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return schema;
  return document.at(Json::json_pointer(reference->get<std::string>().substr(1)));
}

std::string ParameterHtml(const std::string& name, const Json& parameter, const Json& described) {
  return fmt::format("<li><code>{}</code> ({}) {}</li>\n", Escape(name),
                     Escape(parameter["in"].get<std::string>()),
                     Escape(described.value("description", "")));
}

// An exploded parameter stands for the properties of its schema, each by its own name.
std::string ParametersHtml(const Json& document, const Json& parameters) {
  std::string html;
  for (const auto& parameter : parameters) {
    if (!parameter.value("explode", false)) {
      html += ParameterHtml(parameter["name"], parameter, parameter);
      continue;
    }
    for (const auto& [name, schema] :
         Resolve(document, parameter["schema"])["properties"].items()) {
      html += ParameterHtml(name, parameter, Resolve(document, schema));
    }
  }
  return html;
}

std::string OperationHtml(const Json& document, const std::string& path, const std::string& method,
                          const Json& operation) {
  std::string html = fmt::format("<h3><code>{} {}</code></h3>\n<p>{}</p>\n", Upper(method),
                                 Escape(path), Escape(operation["summary"].get<std::string>()));
  if (operation.contains("parameters")) {
    html += "<ul>\n" + ParametersHtml(document, operation["parameters"]) + "</ul>\n";
  }
  return html;
}

}  // namespace

std::string_view OpenApiDocument() { return kDocument; }

std::string OpenApiPage() {
  const Json document = Json::parse(kDocument);
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>GPEN-NAS API</title>\n"
      "<h1>GPEN-NAS API</h1>\n<p>For programs: <a "
      "href=\"/api/v1/openapi.json\">openapi.json</a></p>\n";
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      html += OperationHtml(document, path, method, operation);
    }
  }
  html += "<h2>Schemas</h2>\n";
  for (const auto& [name, schema] : document["components"]["schemas"].items()) {
    html += fmt::format("<h3>{}</h3>\n<pre>{}</pre>\n", Escape(name), Escape(schema.dump(1)));
  }
  return html + "</html>\n";
}

}  // namespace gpen::api
