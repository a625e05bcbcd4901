#include "codec/xmp_packet.h"

#include <fmt/format.h>

#include <optional>

namespace gpen::codec {
namespace {

constexpr std::string_view kXmpNamespace = "http://ns.adobe.com/xap/1.0/";
constexpr std::size_t kNone = std::string::npos;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// The value in `name="value"`, found from `from` on.
std::optional<Span> FindAttribute(std::string_view text, std::string_view name,
                                  std::size_t from = 0) {
  for (std::size_t at = text.find(name, from); at != kNone; at = text.find(name, at + 1)) {
    if (at == 0 || !IsSpace(text[at - 1])) continue;
    std::size_t value = at + name.size();
    while (value < text.size() && IsSpace(text[value])) ++value;
    if (value >= text.size() || text[value] != '=') continue;
    ++value;
    while (value < text.size() && IsSpace(text[value])) ++value;
    if (value >= text.size() || (text[value] != '"' && text[value] != '\'')) continue;
    const std::size_t end = text.find(text[value], value + 1);
    if (end == kNone) return std::nullopt;
    return Span{value + 1, end};
  }
  return std::nullopt;
}

/// The content of `<name>content</name>`.
std::optional<Span> FindElement(std::string_view text, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  const std::size_t begin = text.find(open);
  if (begin == kNone) return std::nullopt;
  const std::size_t end = text.find(fmt::format("</{}>", name), begin);
  if (end == kNone) return std::nullopt;
  return Span{begin + open.size(), end};
}

/// Replaces the property's value where it stands; false where there is none.
bool ReplaceValue(std::string_view name, std::string_view value, std::string* packet) {
  auto span = FindAttribute(*packet, name);
  if (!span) span = FindElement(*packet, name);
  if (!span) return false;
  packet->replace(span->begin, span->end - span->begin, Escaped(value));
  return true;
}

void RemoveElement(std::string_view name, std::string* packet) {
  const auto content = FindElement(*packet, name);
  if (!content) return;
  const std::size_t begin = content->begin - name.size() - 2;
  packet->erase(begin, content->end + name.size() + 3 - begin);
}

void RemoveAttribute(std::string_view name, std::string* packet) {
  const auto value = FindAttribute(*packet, name);
  if (!value) return;
  const std::size_t begin = packet->rfind(name, value->begin);
  packet->erase(begin, value->end + 1 - begin);
}

std::string NewPacket() {
  return "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
         "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
         "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>";
}

/// All descriptions of a packet must be about the same resource.
std::string AboutOf(std::string_view packet) {
  const auto about = FindAttribute(packet, "rdf:about");
  return about ? std::string(packet.substr(about->begin, about->end - about->begin)) : "";
}

void SetCreatorTool(std::string_view tool, std::string* packet) {
  if (ReplaceValue("xmp:CreatorTool", tool, packet)) return;
  const std::size_t end = packet->rfind("</rdf:RDF>");
  if (end == kNone) return;
  packet->insert(end, fmt::format("<rdf:Description rdf:about=\"{}\" xmlns:xmp=\"{}\" "
                                  "xmp:CreatorTool=\"{}\"/>\n",
                                  AboutOf(*packet), kXmpNamespace, Escaped(tool)));
}

}  // namespace

std::string EditXmp(std::string_view packet, const XmpEdit& edit) {
  std::string edited = packet.empty() ? NewPacket() : std::string(packet);
  // UTF-16, or something else that we would only damage.
  if (edited.find("rdf:RDF") == kNone) return edited;
  ReplaceValue("tiff:Orientation", "1", &edited);
  for (const std::string_view name : {"tiff:ImageWidth", "exif:PixelXDimension"}) {
    ReplaceValue(name, std::to_string(edit.width), &edited);
  }
  for (const std::string_view name : {"tiff:ImageLength", "exif:PixelYDimension"}) {
    ReplaceValue(name, std::to_string(edit.height), &edited);
  }
  RemoveElement("xmp:Thumbnails", &edited);
  RemoveElement("xap:Thumbnails", &edited);
  RemoveElement("xmpNote:HasExtendedXMP", &edited);
  RemoveAttribute("xmpNote:HasExtendedXMP", &edited);
  SetCreatorTool(edit.creator_tool, &edited);
  return edited;
}

}  // namespace gpen::codec
