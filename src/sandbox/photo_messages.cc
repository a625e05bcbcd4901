#include "sandbox/photo_messages.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error_table.h"

namespace gpen::sandbox {
namespace {

using Json = nlohmann::json;

constexpr std::array<const char*, 5> kRequests = {"restore", "blend", "preview", "browsers",
                                                  "stop"};

Error Unexpected() {
  return {ErrorCode::kInternal,
          "the process for photos and its service do not understand each other"};
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What `read` makes of the message's text, whose `parts` parts are there.
template <typename Read>
auto Understand(const Message& message, std::size_t parts, const Read& read)
    -> Result<decltype(read(Json()))> {
  if (message.parts.size() != parts) return Unexpected();
  try {
    return read(Json::parse(message.text));
  } catch (const Json::exception&) {
    return Unexpected();
  }
}

// The error that the other side answered with; fine where it did not.
Result<void> CheckAnswer(const Message& message) {
  const Json json = Json::parse(message.text, nullptr, false);
  if (!json.is_object()) return Unexpected();
  const auto error = json.find("error");
  if (error == json.end()) return {};
  const auto code = json.find("code");
  if (!error->is_string() || code == json.end() || !code->is_number_unsigned() ||
      *code > static_cast<unsigned>(ErrorCode::kInternal)) {
    return Unexpected();
  }
  return Error(static_cast<ErrorCode>(code->get<unsigned>()), error->get<std::string>());
}

Json ToJson(const restore::StepTimes& times) {
  return {times.decode_ms,  times.repair_ms,  times.fading_ms,   times.detect_ms,
          times.align_ms,   times.network_ms, times.identity_ms, times.photo_ms,
          times.sharpen_ms, times.blend_ms,   times.encode_ms};
}

restore::StepTimes ToTimes(const Json& json) {
  restore::StepTimes times;
  std::array<double*, 11> fields = {&times.decode_ms,   &times.repair_ms, &times.fading_ms,
                                    &times.detect_ms,   &times.align_ms,  &times.network_ms,
                                    &times.identity_ms, &times.photo_ms,  &times.sharpen_ms,
                                    &times.blend_ms,    &times.encode_ms};
  for (std::size_t i = 0; i < fields.size(); ++i) *fields[i] = json.at(i).get<double>();
  return times;
}

Json ToJson(const restore::RunFigures& figures) {
  return {{"width", figures.width},
          {"height", figures.height},
          {"enlarged", figures.enlarged},
          {"cleaned", figures.cleaned},
          {"restored_anything", figures.restored_anything},
          {"times", ToJson(figures.times)}};
}

restore::RunFigures ToFigures(const Json& json) {
  return {.width = json.at("width").get<int>(),
          .height = json.at("height").get<int>(),
          .enlarged = json.at("enlarged").get<int>(),
          .cleaned = json.at("cleaned").get<bool>(),
          .restored_anything = json.at("restored_anything").get<bool>(),
          .times = ToTimes(json.at("times"))};
}

// A name that the table of formats has; JPEG for any other.
codec::Format ToFormat(const Json& json) {
  return codec::FormatFromName(json.get<std::string>()).value_or(codec::Format::kJpeg);
}

Outgoing Asking(Request request, Json json) {
  json["do"] = kRequests[static_cast<std::size_t>(request)];
  return {Dump(json)};
}

}  // namespace

Outgoing WriteSetup(const Setup& setup) {
  const auto& options = setup.restorer;
  return {Dump({{"models_folder", options.models_folder.string()},
                {"model", options.model},
                {"precision_record", options.precision_record.string()},
                {"threads", options.threads},
                {"max_file_bytes", options.limits.max_file_bytes},
                {"max_pixels", options.limits.max_pixels},
                {"max_memory_bytes", options.limits.max_memory_bytes},
                {"loads_networks", setup.loads_networks}})};
}

Result<Setup> ReadSetup(const Message& message) {
  return Understand(message, 0, [](const Json& json) {
    Setup setup;
    auto& options = setup.restorer;
    options.models_folder = json.at("models_folder").get<std::string>();
    options.model = json.at("model").get<std::string>();
    options.precision_record = json.at("precision_record").get<std::string>();
    options.threads = json.at("threads").get<int>();
    options.limits.max_file_bytes = json.at("max_file_bytes").get<std::int64_t>();
    options.limits.max_pixels = json.at("max_pixels").get<std::int64_t>();
    options.limits.max_memory_bytes = json.at("max_memory_bytes").get<std::int64_t>();
    setup.loads_networks = json.at("loads_networks").get<bool>();
    return setup;
  });
}

Result<Request> ReadRequest(const Message& message) {
  const Json json = Json::parse(message.text, nullptr, false);
  if (!json.is_object() || !json.contains("do")) return Unexpected();
  for (std::size_t i = 0; i < kRequests.size(); ++i) {
    if (json["do"] == kRequests[i]) return static_cast<Request>(i);
  }
  return Unexpected();
}

Outgoing WriteRestore(const restore::RestoreWork& work) {
  auto asking = Asking(Request::kRestore,
                       {{"name", work.name}, {"options", restore::CanonicalJson(work.options)}});
  asking.parts = {work.file};
  return asking;
}

Result<restore::RestoreWork> ReadRestore(const Message& message) {
  GPEN_ASSIGN_OR_RETURN(const auto texts, Understand(message, 1, [](const Json& json) {
                          return std::pair(json.at("name").get<std::string>(),
                                           json.at("options").get<std::string>());
                        }));
  restore::RestoreWork work;
  work.name = texts.first;
  work.file = message.parts.front();
  GPEN_ASSIGN_OR_RETURN(work.options, restore::ParseCanonicalJson(texts.second));
  return work;
}

Outgoing WriteBlend(const restore::BlendWork& work) {
  auto asking = Asking(Request::kBlend, {{"strengths", work.strengths},
                                         {"options", restore::CanonicalJson(work.options)},
                                         {"model", work.model}});
  asking.parts = {work.original, work.faces};
  return asking;
}

Result<restore::BlendWork> ReadBlend(const Message& message) {
  std::string options;
  GPEN_ASSIGN_OR_RETURN(auto work, Understand(message, 2, [&options](const Json& json) {
                          restore::BlendWork read;
                          read.strengths = json.at("strengths").get<std::vector<int>>();
                          read.model = json.at("model").get<std::string>();
                          options = json.at("options").get<std::string>();
                          return read;
                        }));
  work.original = message.parts[0];
  work.faces = message.parts[1];
  GPEN_ASSIGN_OR_RETURN(work.options, restore::ParseCanonicalJson(options));
  return work;
}

Outgoing WritePicture(Request request, std::span<const std::byte> file) {
  auto asking = Asking(request, Json::object());
  asking.parts = {file};
  return asking;
}

Outgoing WriteStop() { return Asking(Request::kStop, Json::object()); }

Outgoing WriteProgress(const Progressed& progressed) {
  return {Dump({{"step", static_cast<int>(progressed.step)},
                {"part", progressed.part},
                {"parts", progressed.parts}})};
}

std::optional<Progressed> ReadProgress(const Message& message) {
  const Json json = Json::parse(message.text, nullptr, false);
  if (!json.is_object() || !json.contains("step")) return {};
  const auto progressed = Understand(message, 0, [](const Json& read) {
    return Progressed{static_cast<restore::Step>(read.at("step").get<int>()),
                      read.at("part").get<int>(), read.at("parts").get<int>()};
  });
  if (!progressed || progressed->step > restore::Step::kEncode) return {};
  return *progressed;
}

Outgoing WriteError(const Error& error) {
  // A message may quote a photo's name, which may be long.
  return {Dump({{"error", error.message().substr(0, Channel::kMostText / 8)},
                {"code", static_cast<unsigned>(error.code())}})};
}

Outgoing WriteReady(const Ready& ready) {
  const auto& networks = ready.networks;
  return {Dump({{"left_open", ready.left_open},
                {"names", networks.names},
                {"faces_fingerprint", networks.faces_fingerprint},
                {"whole_photo_fingerprint", networks.whole_photo_fingerprint}})};
}

Result<Ready> ReadReady(const Message& message) {
  GPEN_TRY(CheckAnswer(message));
  return Understand(message, 0, [](const Json& json) {
    return Ready{
        {json.at("names").get<std::string>(), json.at("faces_fingerprint").get<std::string>(),
         json.at("whole_photo_fingerprint").get<std::string>()},
        json.at("left_open").get<std::vector<std::string>>()};
  });
}

Outgoing WriteRestored(const restore::RestoredFiles& files) {
  Outgoing answer{
      Dump({{"format", codec::NameOf(files.format)}, {"figures", ToJson(files.figures)}})};
  answer.parts = {files.file,          std::as_bytes(std::span(files.report)),
                  files.faces,         files.before_preview,
                  files.after_preview, files.mask_preview};
  return answer;
}

Result<restore::RestoredFiles> ReadRestored(Message message) {
  GPEN_TRY(CheckAnswer(message));
  GPEN_ASSIGN_OR_RETURN(auto files, Understand(message, 6, [](const Json& json) {
                          restore::RestoredFiles read;
                          read.format = ToFormat(json.at("format"));
                          read.figures = ToFigures(json.at("figures"));
                          return read;
                        }));
  auto& parts = message.parts;
  files.file = std::move(parts[0]);
  files.report.assign(reinterpret_cast<const char*>(parts[1].data()), parts[1].size());
  files.faces = std::move(parts[2]);
  files.before_preview = std::move(parts[3]);
  files.after_preview = std::move(parts[4]);
  files.mask_preview = std::move(parts[5]);
  return files;
}

Outgoing WriteBlended(const restore::BlendedPhoto& photo) {
  Outgoing answer{Dump({{"format", codec::NameOf(photo.format)}, {"warnings", photo.warnings}})};
  answer.parts = {photo.file, photo.preview};
  return answer;
}

Result<restore::BlendedPhoto> ReadBlended(Message message) {
  GPEN_TRY(CheckAnswer(message));
  GPEN_ASSIGN_OR_RETURN(auto photo, Understand(message, 2, [](const Json& json) {
                          restore::BlendedPhoto read;
                          read.format = ToFormat(json.at("format"));
                          read.warnings = json.at("warnings").get<std::vector<std::string>>();
                          return read;
                        }));
  photo.file = std::move(message.parts[0]);
  photo.preview = std::move(message.parts[1]);
  return photo;
}

Outgoing WriteFile(std::span<const std::byte> file) {
  Outgoing answer{"{}"};
  answer.parts = {file};
  return answer;
}

Result<Bytes> ReadFilePart(Message message) {
  GPEN_TRY(CheckAnswer(message));
  if (message.parts.size() != 1) return Unexpected();
  return std::move(message.parts.front());
}

}  // namespace gpen::sandbox
