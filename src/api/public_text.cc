#include "api/public_text.h"

#include <algorithm>
#include <utility>

namespace gpen::api {
namespace {

bool EndsAName(char c) {
  return c == '/' || c == '"' || c == '\\' || c == ':' || c == ',' || c == ';' || c == ')' ||
         c == '\'' || c == ' ' || c == '\n';
}

}  // namespace

PublicText::PublicText(std::vector<Folder> folders) {
  for (auto& folder : folders) {
    std::string path = folder.path.lexically_normal().string();
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    // It may become part of JSON as it is.
    std::erase_if(folder.name, [](char c) {
      return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    });
    // The root would be found in every path.
    if (path.size() > 1) names_.emplace_back(std::move(path), std::move(folder.name));
  }
  std::ranges::sort(names_, std::ranges::greater(),
                    [](const auto& entry) { return entry.first.size(); });
}

std::string PublicText::Of(std::string text) const {
  for (const auto& [path, name] : names_) {
    std::size_t at = 0;
    while ((at = text.find(path, at)) != std::string::npos) {
      const std::size_t end = at + path.size();
      if (end < text.size() && !EndsAName(text[end])) {
        at = end;
        continue;
      }
      // "/srv/data/outputs/a.jpg" becomes "outputs/a.jpg", "/srv/data" alone "the data folder".
      const bool is_inside = end + 1 < text.size() && text[end] == '/' && !EndsAName(text[end + 1]);
      text.replace(at, is_inside ? path.size() + 1 : path.size(), is_inside ? "" : name);
    }
  }
  return text;
}

std::string PublicOf(const PublicText* text, std::string message) {
  return text == nullptr ? message : text->Of(std::move(message));
}

}  // namespace gpen::api
