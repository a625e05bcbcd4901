// Request targets, queries and headers.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/conditional.h"
#include "http/field_value.h"
#include "http/media_type.h"
#include "http/response.h"
#include "http/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto target = gpen::http::ParseTarget(text)) {
    for (const auto& segment : target->segments) {
      // What the header of target.h promises to every handler.
      if (segment == ".." || segment == "." || segment.find_first_of("/\\") != std::string::npos ||
          segment.find('\0') != std::string::npos) {
        std::abort();
      }
    }
  }
  gpen::http::Request request;
  request.headers = {{"range", text},
                     {"if-none-match", text},
                     {"if-range", text},
                     {"if-modified-since", text},
                     {"cookie", text}};
  const auto selection = gpen::http::Select(request, {"\"x\"", 1000, 1});
  if (selection.offset < 0 || selection.length < 0 || selection.offset + selection.length > 1000) {
    std::abort();
  }
  (void)request.Cookie("a");
  (void)gpen::http::MediaType::Parse(text);
  for (std::string_view list = text; !list.empty();) (void)gpen::http::TakeListElement(&list);
  (void)gpen::http::ErrorResponse(400, "code", text);
  return 0;
}
