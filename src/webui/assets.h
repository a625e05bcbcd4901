// The files of the web page, as they were built from webui/ and embedded in the program.
//
// Constants that live as long as the program; nothing here knows of HTTP.
#pragma once

#include <span>
#include <string_view>

namespace gpen::webui {

struct Asset {
  std::string_view path;  ///< "/index.html", "/assets/index-4f2a.js"
  std::string_view content_type;
  std::string_view etag;   ///< Without quotes, of the plain bytes.
  bool immutable = false;  ///< Its name changes with its content.
  std::string_view plain;
  std::string_view gzip;  ///< The same bytes, compressed.
};

/// All files, sorted by path within their folders.
std::span<const Asset> Assets();

}  // namespace gpen::webui
