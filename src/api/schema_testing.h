// SchemaFaults: for tests. Whether a value is what openapi.json says of it, for the part of JSON
// Schema that decides which members there are and of which kinds. Bounds and patterns are left to
// tests/http/contract_test.py, which has a whole validator.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include "api/json.h"
#include "api/openapi_document.h"

namespace gpen::api {

inline const Json& ParsedDocument() {
  static const Json document = Json::parse(OpenApiDocument());
  return document;
}

inline Json ReferenceTo(const std::string& schema) {
  return {{"$ref", "#/components/schemas/" + schema}};
}

inline bool HasType(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  throw std::runtime_error("unknown type in openapi.json: " + type);
}

std::string SchemaFaults(const Json& value, const Json& schema, const std::string& where);

inline std::string MemberFaults(const Json& value, const Json& schema, const std::string& where) {
  std::string faults;
  for (const auto& required : schema.value("required", Json::array())) {
    const auto name = required.get<std::string>();
    if (!value.contains(name)) faults += where + ": " + name + " is missing\n";
  }
  const auto known = schema.value("properties", Json::object());
  for (const auto& [name, member] : value.items()) {
    if (known.contains(name)) {
      faults += SchemaFaults(member, known[name], where + "." + name);
    } else if (schema.value("additionalProperties", Json(true)) == false) {
      faults += where + ": " + name + " is not described\n";
    }
  }
  return faults;
}

/// A line for each fault of `value`, which is called `where`; empty where it fits.
inline std::string SchemaFaults(const Json& value, const Json& schema, const std::string& where) {
  if (schema.contains("$ref")) {
    const auto target = schema["$ref"].get<std::string>().substr(1);
    return SchemaFaults(value, ParsedDocument().at(Json::json_pointer(target)), where);
  }
  const auto fits = [&](const Json& one) { return SchemaFaults(value, one, where).empty(); };
  if (schema.contains("oneOf")) {
    if (std::ranges::count_if(schema["oneOf"], fits) == 1) return "";
    return where + ": fits not exactly one of its schemas: " + Dump(value) + "\n";
  }
  if (schema.contains("const") && value != schema["const"]) return where + ": another constant\n";
  if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
    return where + ": none of the words: " + Dump(value) + "\n";
  }
  if (schema.contains("type")) {
    const auto& type = schema["type"];
    const Json types = type.is_array() ? type : Json::array({type});
    if (std::ranges::none_of(types, [&](const Json& one) { return HasType(value, one); })) {
      return where + ": not of type " + Dump(type) + ": " + Dump(value) + "\n";
    }
  }
  std::string faults;
  if (value.is_object()) faults += MemberFaults(value, schema, where);
  if (value.is_array() && schema.contains("items")) {
    for (const auto& item : value) faults += SchemaFaults(item, schema["items"], where + "[]");
  }
  return faults;
}

}  // namespace gpen::api
