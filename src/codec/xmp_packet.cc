#include "codec/xmp_packet.h"

#include <fmt/format.h>

#include <array>

#include "codec/xmp_coordinates.h"
#include "codec/xmp_prefixes.h"
#include "codec/xmp_text.h"

namespace gpen::codec {
namespace {

constexpr std::size_t kNone = std::string::npos;

constexpr std::string_view kXmpNamespace = "http://ns.adobe.com/xap/1.0/";
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
                                  AboutOf(*packet), kXmpNamespace, EscapedForXml(tool)));
}

void RemoveProperty(std::string_view name, std::string* packet) {
  while (RemoveAttribute(name, packet)) continue;
  while (RemoveElement(name, packet)) continue;
}

/// Google's list of the files that a photo's holds. Programs have two prefixes for it.
struct ContainerNames {
  const char* directory;
  const char* semantic;
  const char* length;
};
constexpr std::array<ContainerNames, 2> kContainers = {
    {{"Container:Directory", "Item:Semantic", "Item:Length"},
     {"GContainer:Directory", "GContainerItem:Semantic", "GContainerItem:Length"}}};

/// Lets `edit(names, item)` change each item of those lists.
template <typename Edit>
void EditItems(Edit edit, std::string* packet) {
  for (const ContainerNames& names : kContainers) {
    EditElements(
        names.directory,
        [&](std::string* directory) {
          EditElements(
              "rdf:li", [&](std::string* item) { edit(names, item); }, directory);
        },
        packet);
  }
}

void RemoveItems(std::string_view semantic, std::string* packet) {
  EditItems(
      [&](const ContainerNames& names, std::string* item) {
        if (ValueOf(*item, names.semantic) == semantic) item->clear();
      },
      packet);
}

void SetSizes(const std::vector<NewSize>& sizes, std::string* packet) {
  std::size_t next = 0;
  EditItems(
      [&](const ContainerNames& names, std::string* item) {
        if (next == sizes.size()) return;
        if (ValueOf(*item, names.length) != std::to_string(sizes[next].before)) return;
        ReplaceValue(names.length, std::to_string(sizes[next++].now), item);
      },
      packet);
}

void RemoveClip(std::string* packet) {
  for (const std::string prefix : {"GCamera", "Camera", "OpCamera", "MiCamera"}) {
    for (const auto* name :
         {"MotionPhoto", "MotionPhotoVersion", "MicroVideo", "MotionPhotoPresentationTimestampUs",
          "MicroVideoVersion", "MicroVideoOffset", "MicroVideoPresentationTimestampUs",
          "MotionPhotoPrimaryPresentationTimestampUs", "MotionPhotoOwner", "OLivePhotoVersion",
          "VideoLength"}) {
      RemoveProperty(prefix + ":" + name, packet);
    }
  }
  RemoveItems("MotionPhoto", packet);
}

/// The extended part held the pictures themselves; the packet says of which kind they are.
void RemoveExtension(std::string* packet) {
  RemoveProperty("xmpNote:HasExtendedXMP", packet);
  if (FindValue(*packet, "GDepth:Data")) return;
  for (const auto* name :
       {"GDepth:Format", "GDepth:Near", "GDepth:Far", "GDepth:Mime", "GDepth:Units",
        "GDepth:MeasureType", "GDepth:ConfidenceMime", "GDepth:Manufacturer", "GDepth:Model",
        "GDepth:Software", "GDepth:ImageWidth", "GDepth:ImageHeight", "GImage:Mime"}) {
    RemoveProperty(name, packet);
  }
}

void RemoveLosses(const XmpLosses& losses, std::string* packet) {
  if (losses.extension) RemoveExtension(packet);
  if (losses.pictures) {
    for (const auto* name :
         {"hdrgm:Version", "HDRGainMap:HDRGainMapVersion", "HDRGainMap:HDRGainMapHeadroom"}) {
      RemoveProperty(name, packet);
    }
    for (const auto* semantic : {"GainMap", "Depth", "DepthMap", "Confidence"}) {
      RemoveItems(semantic, packet);
    }
  }
  if (losses.clip) RemoveClip(packet);
  if (losses.pictures && losses.clip) {
    for (const ContainerNames& names : kContainers) RemoveProperty(names.directory, packet);
  }
}

}  // namespace

std::string EditXmp(std::string_view packet, const XmpEdit& edit) {
  std::string edited = packet.empty() ? NewPacket() : std::string(packet);
  UseUsualPrefixes(&edited);
  // UTF-16, or something else that we would only damage.
  if (edited.find("rdf:RDF") == kNone) return edited;
  ReplaceValue("tiff:Orientation", "1", &edited);
  for (const std::string_view name : {"tiff:ImageWidth", "exif:PixelXDimension"}) {
    ReplaceValue(name, std::to_string(edit.width), &edited);
  }
  TurnXmpCoordinates({edit.orientation, edit.enlargement, edit.width, edit.height}, &edited);
  for (const std::string_view name : {"tiff:ImageLength", "exif:PixelYDimension"}) {
    ReplaceValue(name, std::to_string(edit.height), &edited);
  }
  RemoveElement("xmp:Thumbnails", &edited);
  RemoveLosses(edit.losses, &edited);
  SetSizes(edit.sizes, &edited);
  SetCreatorTool(edit.creator_tool, &edited);
  return edited;
}

}  // namespace gpen::codec
