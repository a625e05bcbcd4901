#include "http/file_response.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "http/conditional.h"
#include "http/field_value.h"
#include "http/target.h"

namespace gpen::http {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kTypes = {{
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".png", "image/png"},
    {".webp", "image/webp"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".heic", "image/heic"},
    {".heif", "image/heic"},
    {".avif", "image/avif"},
    {".svg", "image/svg+xml"},
    {".ico", "image/x-icon"},
    {".html", "text/html"},
    {".css", "text/css"},
    {".js", "text/javascript"},
    {".mjs", "text/javascript"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".zip", "application/zip"},
}};

// Headers that the answer has in any case, and the status; the body is the caller's.
Response Head(const Selection& selection, const Representation& representation,
              const Presentation& presentation) {
  Response response;
  response.status = selection.status;
  response.Set("ETag", representation.etag);
  response.Set("Cache-Control", presentation.cache_control);
  response.Set("Accept-Ranges", "bytes");
  if (representation.modified != 0) {
    response.Set("Last-Modified", HttpDate(representation.modified));
  }
  if (selection.status == 304) return response;
  if (selection.status == 416) {
    response.Set("Content-Range", fmt::format("bytes */{}", representation.size));
    return response;
  }
  response.Set("Content-Type", presentation.content_type.starts_with("text/")
                                   ? presentation.content_type + "; charset=utf-8"
                                   : presentation.content_type);
  if (!presentation.download_name.empty()) {
    response.Set("Content-Disposition", Attachment(presentation.download_name));
  }
  if (selection.status == 206) {
    response.Set("Content-Range",
                 fmt::format("bytes {}-{}/{}", selection.offset,
                             selection.offset + selection.length - 1, representation.size));
  }
  return response;
}

}  // namespace

std::string_view ContentTypeOf(std::string_view file_name) {
  const auto dot = file_name.rfind('.');
  if (dot != std::string_view::npos) {
    for (const auto& [extension, type] : kTypes) {
      if (EqualIgnoringCase(file_name.substr(dot), extension)) return type;
    }
  }
  return "application/octet-stream";
}

std::string Attachment(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    const auto code = static_cast<unsigned char>(c);
    plain += code < 0x20 || code >= 0x7F || c == '"' || c == '\\' || c == '%' ? '_' : c;
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain,
                     PercentEncode(name));
}

Result<Response> FileResponse(const Request& request, const std::filesystem::path& path,
                              const Presentation& presentation) {
  // O_NONBLOCK: a FIFO that somebody put there must not hold a server thread.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) {
    return Error(errno == ENOENT || errno == ELOOP || errno == ENOTDIR ? ErrorCode::kNotFound
                                                                       : ErrorCode::kUnavailable,
                 fmt::format("cannot read {}: {}", path.filename().string(), std::strerror(errno)));
  }
  FileSlice file(descriptor, 0, 0);
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kNotFound, fmt::format("{} is not a file", path.filename().string()));
  }
  Representation representation;
  representation.size = status.st_size;
  representation.modified = status.st_mtim.tv_sec;
  // A replaced file has another inode, whatever its times say.
  representation.etag = fmt::format("\"{:x}-{:x}-{:x}{:08x}\"", status.st_ino, status.st_size,
                                    status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  Presentation complete = presentation;
  if (complete.content_type.empty()) complete.content_type = ContentTypeOf(path.string());
  const Selection selection = Select(request, representation);
  Response response = Head(selection, representation, complete);
  if (selection.length > 0) {
    response.body = FileSlice(file.Release(), selection.offset, selection.length);
  }
  return response;
}

Response BytesResponse(const Request& request, std::string_view bytes, std::string_view etag,
                       const Presentation& presentation) {
  const Representation representation = {fmt::format("\"{}\"", etag),
                                         static_cast<std::int64_t>(bytes.size()), 0};
  const Selection selection = Select(request, representation);
  Response response = Head(selection, representation, presentation);
  response.body = std::string(bytes.substr(static_cast<std::size_t>(selection.offset),
                                           static_cast<std::size_t>(selection.length)));
  return response;
}

}  // namespace gpen::http
