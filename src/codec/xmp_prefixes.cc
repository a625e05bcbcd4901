#include "codec/xmp_prefixes.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace gpen::codec {
namespace {

constexpr std::size_t kNone = std::string::npos;

// More than any packet nests, or has prefixes to be renamed.
constexpr std::size_t kMost = 100;

struct UsualPrefix {
  std::string_view name;
  std::string_view uri;
};

// Where there are several for one namespace, all are found where they stand; the first is used in
// place of others.
constexpr std::array kUsual = std::to_array<UsualPrefix>(
    {{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
     {"xmp", "http://ns.adobe.com/xap/1.0/"},
     {"xmpNote", "http://ns.adobe.com/xmp/note/"},
     {"dc", "http://purl.org/dc/elements/1.1/"},
     {"tiff", "http://ns.adobe.com/tiff/1.0/"},
     {"exif", "http://ns.adobe.com/exif/1.0/"},
     {"photoshop", "http://ns.adobe.com/photoshop/1.0/"},
     {"Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"},
     {"Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
     {"mwg-rs", "http://www.metadataworkinggroup.com/schemas/regions/"},
     {"stArea", "http://ns.adobe.com/xmp/sType/Area#"},
     {"stDim", "http://ns.adobe.com/xap/1.0/sType/Dimensions#"},
     {"MP", "http://ns.microsoft.com/photo/1.2/"},
     {"MPRI", "http://ns.microsoft.com/photo/1.2/t/RegionInfo#"},
     {"MPReg", "http://ns.microsoft.com/photo/1.2/t/Region#"},
     {"acdsee-rs", "http://ns.acdsee.com/regions/"},
     {"acdsee-stArea", "http://ns.acdsee.com/sType/Area#"},
     {"acdsee-stDim", "http://ns.acdsee.com/sType/Dimensions#"},
     {"hdrgm", "http://ns.adobe.com/hdr-gain-map/1.0/"},
     {"HDRGainMap", "http://ns.apple.com/HDRGainMap/1.0/"},
     {"GCamera", "http://ns.google.com/photos/1.0/camera/"},
     {"Camera", "http://ns.google.com/photos/1.0/camera/"},
     {"OpCamera", "http://ns.oplus.com/photos/1.0/camera/"},
     {"MiCamera", "http://ns.xiaomi.com/photos/1.0/camera/"},
     {"Container", "http://ns.google.com/photos/1.0/container/"},
     {"GContainer", "http://ns.google.com/photos/1.0/container/"},
     {"Item", "http://ns.google.com/photos/1.0/container/item/"},
     {"GContainerItem", "http://ns.google.com/photos/1.0/container/item/"},
     {"GPano", "http://ns.google.com/photos/1.0/panorama/"},
     {"GDepth", "http://ns.google.com/photos/1.0/depthmap/"},
     {"GImage", "http://ns.google.com/photos/1.0/image/"}});

// The prefix that we look for in place of `prefix`; empty where it is one, or we look for none.
std::string_view UsualFor(std::string_view prefix, std::string_view uri) {
  std::string_view usual;
  for (const UsualPrefix& each : kUsual) {
    if (each.uri != uri) continue;
    if (each.name == prefix) return "";
    if (usual.empty()) usual = each.name;
  }
  return usual;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The end of the tag that begins at `at`, behind its ">"; npos where there is none.
std::size_t EndOfTag(std::string_view text, std::size_t at) {
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    }
  }
  return kNone;
}

// The end of what is no element: a comment, a declaration, an instruction. 0 where `at` begins one.
std::size_t EndOfOther(std::string_view text, std::size_t at) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOthers = {
      {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}};
  for (const auto& [begin, end] : kOthers) {
    if (!text.substr(at).starts_with(begin)) continue;
    const std::size_t found = text.find(end, at + begin.size());
    return found == kNone ? text.size() : found + end.size();
  }
  return 0;
}

// Calls `visit(where a name begins, the name, the attribute's value)` for the element's name, whose
// value is empty, and for each attribute's. `tag`: from its "<" to its ">".
void ForEachName(
    std::string_view tag,
    const std::function<void(std::size_t, std::string_view, std::string_view)>& visit) {
  const auto end_of_name = [&](std::size_t at) {
    while (at < tag.size() && !IsSpace(tag[at]) && tag[at] != '=' && tag[at] != '>' &&
           tag[at] != '/') {
      ++at;
    }
    return at;
  };
  std::size_t at = tag.starts_with("</") ? 2 : 1;
  std::size_t end = end_of_name(at);
  visit(at, tag.substr(at, end - at), "");
  while (end < tag.size()) {
    at = end;
    while (at < tag.size() && (IsSpace(tag[at]) || tag[at] == '/')) ++at;
    end = end_of_name(at);
    const std::size_t quote = tag.find_first_of("\"'", end);
    if (end == at || quote == kNone) return;
    const std::size_t closed = tag.find(tag[quote], quote + 1);
    if (closed == kNone) return;
    visit(at, tag.substr(at, end - at), tag.substr(quote + 1, closed - quote - 1));
    end = closed + 1;
  }
}

// Calls `visit(begin, end)` for each tag of an element. False where the text is not well formed.
bool ForEachTag(std::string_view text,
                const std::function<bool(std::size_t begin, std::size_t end)>& visit) {
  for (std::size_t at = text.find('<'); at != kNone;) {
    std::size_t end = EndOfOther(text, at);
    if (end == 0) {
      end = EndOfTag(text, at);
      if (end == kNone || !visit(at, end)) return false;
    }
    at = text.find('<', end);
  }
  return true;
}

constexpr std::string_view kDeclaration = "xmlns:";

using Prefixes = std::map<std::string_view, std::string_view>;

// What a tag declares: prefix -> URI.
Prefixes DeclarationsIn(std::string_view tag) {
  Prefixes declared;
  ForEachName(tag, [&](std::size_t, std::string_view name, std::string_view uri) {
    if (name.starts_with(kDeclaration)) declared.emplace(name.substr(kDeclaration.size()), uri);
  });
  return declared;
}

class Renamer {
 public:
  explicit Renamer(std::string_view text) : text_(text) {}

  // Nothing where no prefix has to be renamed, or the text is not well formed.
  std::string Run() {
    if (!FindsUnusual()) return "";
    std::string renamed;
    std::size_t done = 0;
    const bool is_well_formed = ForEachTag(text_, [&](std::size_t begin, std::size_t end) {
      renamed += text_.substr(done, begin - done);
      done = end;
      return Rename(text_.substr(begin, end - begin), &renamed);
    });
    renamed += text_.substr(done);
    return is_well_formed ? renamed : "";
  }

 private:
  // Whether any is to be renamed. Remembers which stand for several namespaces.
  bool FindsUnusual() {
    bool found = false;
    Prefixes first;
    const bool is_well_formed = ForEachTag(text_, [&](std::size_t begin, std::size_t end) {
      for (const auto& [prefix, uri] : DeclarationsIn(text_.substr(begin, end - begin))) {
        found = found || !UsualFor(prefix, uri).empty();
        const auto [before, is_new] = first.emplace(prefix, uri);
        if (!is_new && before->second != uri) ambiguous_.insert(prefix);
      }
      return true;
    });
    first_ = std::move(first);
    return is_well_formed && found;
  }

  // A usual prefix may be used where it stands for nothing else anywhere.
  bool IsFree(std::string_view usual, std::string_view uri) const {
    const auto declared = first_.find(usual);
    return declared == first_.end() || (declared->second == uri && !ambiguous_.contains(usual));
  }

  // What is renamed within the element that begins with `tag`: written -> usual.
  std::shared_ptr<const Prefixes> ScopeOf(std::string_view tag) const {
    const Prefixes declared = DeclarationsIn(tag);
    if (declared.empty() && !scopes_.empty()) return scopes_.back();
    Prefixes scope = scopes_.empty() ? Prefixes{} : *scopes_.back();
    std::set<std::string_view> used;
    for (const auto& [prefix, uri] : declared) {
      scope.erase(prefix);
      const auto usual = UsualFor(prefix, uri);
      // Declared in one tag by two names it stays as it is: nobody writes that.
      if (usual.empty() || declared.contains(usual) || !IsFree(usual, uri)) continue;
      if (used.insert(usual).second) scope.emplace(prefix, usual);
    }
    return std::make_shared<const Prefixes>(std::move(scope));
  }

  bool Rename(std::string_view tag, std::string* renamed) {
    const bool closes = tag.starts_with("</");
    if (!closes) scopes_.push_back(ScopeOf(tag));
    if (scopes_.empty() || scopes_.size() > kMost || scopes_.back()->size() > kMost) return false;
    const Prefixes& scope = *scopes_.back();
    std::size_t done = 0;
    ForEachName(tag, [&](std::size_t begin, std::string_view name, std::string_view) {
      const bool declares = name.starts_with(kDeclaration);
      const std::size_t colon = name.find(':');
      if (colon == kNone) return;
      const std::size_t prefix = declares ? begin + kDeclaration.size() : begin;
      const std::size_t end = begin + (declares ? name.size() : colon);
      const auto usual = scope.find(tag.substr(prefix, end - prefix));
      if (usual == scope.end()) return;
      *renamed += tag.substr(done, prefix - done);
      *renamed += usual->second;
      done = end;
    });
    *renamed += tag.substr(done);
    if (closes || tag.ends_with("/>")) scopes_.pop_back();
    return true;
  }

  std::string_view text_;
  Prefixes first_;                        // The first URI of each prefix.
  std::set<std::string_view> ambiguous_;  // Prefixes that have several.
  // Of the elements that are open; most declare nothing and have that of the one around them.
  std::vector<std::shared_ptr<const Prefixes>> scopes_;
};

}  // namespace

void UseUsualPrefixes(std::string* packet) {
  std::string renamed = Renamer(*packet).Run();
  if (!renamed.empty()) *packet = std::move(renamed);
}

}  // namespace gpen::codec
