#include "restore/photo_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace gpen::restore {
namespace {

using Json = nlohmann::ordered_json;

// Tenths are enough for pixels and milliseconds.
double Tenths(double value) { return std::round(value * 10) / 10; }
double Thousandths(double value) { return std::round(value * 1000) / 1000; }

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json BoxToJson(const face::Box& box) {
  return {Tenths(box.left), Tenths(box.top), Tenths(box.width()), Tenths(box.height())};
}

Json FaceToJson(const FaceReport& report) {
  Json landmarks = Json::array();
  for (const auto& point : report.face.landmarks) {
    landmarks.push_back({Tenths(point.x), Tenths(point.y)});
  }
  Json json = {{"box", BoxToJson(report.face.box)},
               {"score", Thousandths(report.face.score)},
               {"landmarks", landmarks},
               {"by_hand", report.face.is_by_hand},
               {"scale", Thousandths(report.scale)},
               {"skipped", !report.skipped.empty()}};
  if (!report.skipped.empty()) json["reason"] = report.skipped;
  if (!report.model.empty()) json["model"] = report.model;
  json["identity_similarity"] =
      report.identity_similarity ? Json(Thousandths(*report.identity_similarity)) : Json(nullptr);
  json["weight"] = report.weight;
  if (!report.held_back.empty()) json["held_back"] = report.held_back;
  return json;
}

std::string Times(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string RepairInWords(const MarkedPlaces& places) {
  if (places.count == 0) return ", no damage found";
  const double percent = 100 * places.share;
  return fmt::format(", {} repaired ({} of the photo)",
                     Times(static_cast<std::size_t>(places.count), "place", "places"),
                     percent < 0.1 ? "under 0.1 %" : fmt::format("{:.1f} %", percent));
}

std::string FacesInFigures(const PhotoReport& report) {
  std::string text;
  for (const auto& entry : report.faces) {
    const auto center = entry.face.box.center();
    text += fmt::format("  face of {:.0f} px at ({:.0f}, {:.0f}), score {:.2f}", entry.face.size(),
                        center.x, center.y, entry.face.score);
    if (entry.face.is_by_hand) text += ", by hand";
    if (!entry.skipped.empty()) {
      text += ": left alone, " + entry.skipped;
    } else if (entry.identity_similarity) {
      text += fmt::format(": likeness {:.2f}", *entry.identity_similarity);
    }
    if (!entry.held_back.empty()) text += ", held back: " + entry.held_back;
    text += "\n";
  }
  return text;
}

std::string FacesLeftAlone(const PhotoReport& report) {
  std::map<std::string, int> reasons;
  for (const auto& entry : report.faces) {
    if (!entry.skipped.empty()) ++reasons[entry.skipped];
  }
  std::string text;
  for (const auto& [reason, faces] : reasons) {
    text += fmt::format("  {} left alone: {}\n",
                        faces == 1 ? "1 face was" : fmt::format("{} faces were", faces), reason);
  }
  return text;
}

std::string DoubtfulPlaces(const PhotoReport& report) {
  std::string text;
  for (const auto& box : report.doubtful) {
    text += fmt::format(
        "  perhaps a face, left alone; to restore it: --face {:.0f},{:.0f},{:.0f},{:.0f}\n",
        box.left, box.top, box.width(), box.height());
  }
  return text;
}

// What was done about fading, behind what else was done.
std::string Mended(const MendedFading& mended) {
  std::string text;
  if (mended.percent > 0) {
    text += mended.changed ? fmt::format(", fading mended by {} %", mended.percent)
                           : ", no fading was found";
  }
  if (mended.sepia == Sepia::kNeutral && mended.one_tone) text += ", its one tone made neutral";
  return text;
}

std::string InWords(const Lightened& light) {
  return light.gain > 1 ? fmt::format(", lightened up to {:.1f} times", light.gain)
                        : ", light enough as it is";
}

Json MendedToJson(const MendedFading& mended) {
  Json black = Json::array();
  Json white = Json::array();
  for (const double tone : mended.black) black.push_back(Thousandths(tone));
  for (const double tone : mended.white) white.push_back(Thousandths(tone));
  return {{"percent", mended.percent},
          {"changed", mended.changed},
          {"one_tone", mended.one_tone},
          {"sepia", NameOf(mended.sepia)},
          {"black", black},
          {"white", white}};
}

std::string Warnings(const PhotoReport& report) {
  std::string text;
  for (const auto& warning : report.warnings) text += "  warning: " + warning + "\n";
  return text;
}

}  // namespace

double StepTimes::total_ms() const {
  return decode_ms + repair_ms + fading_ms + detect_ms + align_ms + network_ms + identity_ms +
         photo_ms + sharpen_ms + blend_ms + encode_ms;
}

void NoteModels(PhotoReport* report) {
  std::vector<std::string> names;
  for (const auto& face : report->faces) {
    if (face.model.empty() || std::ranges::find(names, face.model) != names.end()) continue;
    names.push_back(face.model);
  }
  if (!names.empty()) report->model = fmt::format("{}", fmt::join(names, ", "));
}

void NoteNetworks(const std::string& names, bool others_ran, PhotoReport* report) {
  if (!others_ran) {
    report->model = names;
  } else if (report->model.find(names) == std::string::npos) {
    report->model += ", " + names;
  }
}

int PhotoReport::restored_faces() const {
  if (strength == 0) return 0;
  return static_cast<int>(
      std::ranges::count_if(faces, [](const FaceReport& face) { return face.skipped.empty(); }));
}

void ReportFound(const face::FoundFaces& found, const face::FindOptions& options,
                 PhotoReport* report) {
  const auto note = [report](const std::vector<face::DetectedFace>& faces,
                             const std::string& skipped) {
    for (const auto& face : faces) {
      FaceReport& entry = report->faces.emplace_back();
      entry.face = face;
      entry.skipped = skipped;
      if (!skipped.empty()) entry.weight = 0;
    }
  };
  report->quarter_turns = found.quarter_turns;
  note(found.faces, "");
  note(found.too_small, fmt::format("smaller than {:.0f} px (--min-face)", options.min_face));
  note(found.over_limit, fmt::format("more than {} faces (--max-faces)", options.max_faces));
  note(found.unwanted, "as asked for (--leave)");
  report->doubtful = found.doubtful;
  if (!found.over_limit.empty()) {
    report->warnings.push_back(
        fmt::format("{} left alone: only the {} largest are restored (--max-faces)",
                    Times(found.over_limit.size(), "face was", "faces were"), options.max_faces));
  }
  if (report->faces.empty()) {
    report->warnings.push_back(report->changed_whole_photo() || report->changed_tones()
                                   ? "no face was found: only the photo as a whole is changed"
                                   : "no face was found: nothing is changed");
  }
}

std::string FormatText(const PhotoReport& report, Detail detail) {
  const bool figures = detail == Detail::kFigures;
  const std::string what =
      report.whole ? "the whole picture"
                   : fmt::format("{} of {} faces", report.restored_faces(), report.faces.size());
  std::string text = report.input + ": ";
  if (figures) text += fmt::format("{}x{} {}, ", report.width, report.height, report.format);
  text += what + " restored";
  if (report.red_eyes > 0) {
    text += fmt::format(", {} made dark",
                        Times(static_cast<std::size_t>(report.red_eyes), "red eye", "red eyes"));
  }
  if (report.enlarged > 1) {
    text += fmt::format(", enlarged to {}x{}", report.width * report.enlarged,
                        report.height * report.enlarged);
  }
  if (report.tones.fading) text += Mended(*report.tones.fading);
  if (report.tones.light) text += InWords(*report.tones.light);
  if (report.cleaned > 0) text += fmt::format(", cleaned by {} %", report.cleaned);
  if (report.patterns.interlaced) text += ", no longer interlaced";
  if (report.patterns.paper > 0) text += ", without the texture of its paper";
  if (report.patterns.screen > 0) text += ", without the dots of its print";
  if (report.sharpened > 0) {
    text += report.blur > 0 ? fmt::format(", sharpened: a blur of {:.1f} pixels", report.blur)
                            : ", sharp already";
  }
  if (report.tells_of_damage()) text += RepairInWords(report.repaired_places);
  if (report.place_removed) text += ", without the place where it was taken";
  if (figures) {
    text += fmt::format(" in {:.0f} ms (network {:.0f} ms", report.times.total_ms(),
                        report.times.network_ms);
    if (report.tells_of_damage()) {
      text += fmt::format(", repair {:.0f} ms", report.times.repair_ms);
    }
    if (report.enlarged > 1 || report.cleaned > 0)
      text += fmt::format(", photo {:.0f} ms", report.times.photo_ms);
    if (report.sharpened > 0) text += fmt::format(", sharpen {:.0f} ms", report.times.sharpen_ms);
    text += ")";
  }
  text += report.output.empty() ? ", the photo stays as it is" : " -> " + report.output;
  text += "\n" + (figures ? FacesInFigures(report) : FacesLeftAlone(report));
  return text + DoubtfulPlaces(report) + Warnings(report);
}

std::string FormatFound(const PhotoReport& report) {
  return fmt::format("{}: {}x{} {}, {} found in {:.0f} ms\n", report.input, report.width,
                     report.height, report.format, Times(report.faces.size(), "face", "faces"),
                     report.times.detect_ms) +
         FacesInFigures(report) + DoubtfulPlaces(report) + Warnings(report);
}

RunFigures FiguresOf(const PhotoReport& report) {
  return {.width = report.width,
          .height = report.height,
          .enlarged = report.enlarged,
          .cleaned = report.cleaned > 0,
          .restored_anything = report.restored_anything(),
          .times = report.times};
}

std::string FormatJson(const PhotoReport& report) {
  Json faces = Json::array();
  for (const auto& face : report.faces) faces.push_back(FaceToJson(face));
  Json doubtful = Json::array();
  for (const auto& box : report.doubtful) doubtful.push_back(BoxToJson(box));
  const auto& times = report.times;
  Json json = {{"input", report.input},
               {"output", report.output.empty() ? Json(nullptr) : Json(report.output)},
               {"format", report.format},
               {"width", report.width},
               {"height", report.height},
               {"whole", report.whole},
               {"faces", faces},
               {"faces_restored", report.restored_faces()},
               {"restored_anything", report.restored_anything()},
               {"doubtful", doubtful},
               {"quarter_turns", report.quarter_turns},
               {"times_ms",
                {{"decode", Tenths(times.decode_ms)},
                 {"detect", Tenths(times.detect_ms)},
                 {"align", Tenths(times.align_ms)},
                 {"network", Tenths(times.network_ms)},
                 {"identity", Tenths(times.identity_ms)},
                 {"blend", Tenths(times.blend_ms)},
                 {"encode", Tenths(times.encode_ms)},
                 {"total", Tenths(times.total_ms())}}},
               {"peak_memory_bytes", report.peak_memory_bytes},
               {"model", report.model},
               {"warnings", report.warnings}};
  if (report.place_removed) json["place_removed"] = true;
  if (report.red_eyes > 0) json["red_eyes"] = report.red_eyes;
  if (report.tones.fading) json["fading"] = MendedToJson(*report.tones.fading);
  if (report.tones.light) {
    json["lightened"] = {{"percent", report.tones.light->percent},
                         {"gain", Thousandths(report.tones.light->gain)}};
  }
  if (report.tones.fading || report.tones.light) {
    json["times_ms"]["fading"] = Tenths(times.fading_ms);
  }
  if (report.changed_whole_photo()) {
    json["enlarged"] = report.enlarged;
    json["cleaned"] = report.cleaned;
    json["cleaning_amount"] = std::round(100 * report.cleaning_amount) / 100;
    if (report.patterns.interlaced) json["interlaced"] = true;
    if (report.patterns.paper > 0) {
      json["paper"] = std::round(100 * report.patterns.paper) / 100;
    }
    if (report.patterns.screen > 0) {
      json["screen"] = std::round(100 * report.patterns.screen) / 100;
    }
    json["result_width"] = report.width * report.enlarged;
    json["result_height"] = report.height * report.enlarged;
    json["times_ms"]["photo"] = Tenths(times.photo_ms);
  }
  if (report.sharpened > 0) {
    json["sharpened"] = report.sharpened;
    json["blur"] = std::round(100 * report.blur) / 100;
    json["times_ms"]["sharpen"] = Tenths(times.sharpen_ms);
  }
  if (report.tells_of_damage()) {
    json["repaired"] = report.repaired;
    json["repaired_places"] = report.repaired_places.count;
    json["repaired_share"] = std::round(report.repaired_places.share * 1e6) / 1e6;
    json["times_ms"]["repair"] = Tenths(report.times.repair_ms);
  }
  return Dump(json);
}

RunFigures FiguresOfJson(const std::string& report) {
  const Json json = Json::parse(report, nullptr, false);
  RunFigures figures;
  if (!json.is_object()) return figures;
  const auto whole = [&](const char* name, int otherwise) {
    const auto found = json.find(name);
    return found != json.end() && found->is_number_integer() ? found->get<int>() : otherwise;
  };
  figures.width = whole("width", 0);
  figures.height = whole("height", 0);
  figures.enlarged = whole("enlarged", 1);
  figures.cleaned = whole("cleaned", 0) > 0;
  const auto restored = json.find("restored_anything");
  // Reports of older versions do not say; a result that is not needed does no harm.
  figures.restored_anything = restored == json.end() || *restored == true;
  const auto times = json.find("times_ms");
  if (times == json.end() || !times->is_object()) return figures;
  const auto time = [&](const char* name) {
    const auto found = times->find(name);
    return found != times->end() && found->is_number() ? found->get<double>() : 0.0;
  };
  figures.times = {.decode_ms = time("decode"),
                   .repair_ms = time("repair"),
                   .fading_ms = time("fading"),
                   .detect_ms = time("detect"),
                   .align_ms = time("align"),
                   .network_ms = time("network"),
                   .identity_ms = time("identity"),
                   .photo_ms = time("photo"),
                   .sharpen_ms = time("sharpen"),
                   .blend_ms = time("blend"),
                   .encode_ms = time("encode")};
  return figures;
}

std::string WithOutput(const std::string& report, const std::string& output) {
  Json json = Json::parse(report, nullptr, false);
  if (!json.is_object()) return report;
  json["output"] = output;
  return Dump(json);
}

}  // namespace gpen::restore
