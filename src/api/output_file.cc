#include "api/output_file.h"

#include <filesystem>

#include "http/file_response.h"
#include "photos/data_folder.h"

namespace gpen::api {
namespace {

// nginx reads the file itself: packaging/nginx/gpen.conf has the place.
http::Response HandToNginx(const std::string& file, const std::string& download_name) {
  http::Response response;
  response.body = std::string();
  response.Set("X-Accel-Redirect", "/internal-outputs/" + file);
  response.Set("Content-Type", http::ContentTypeOf(file));
  response.Set("Cache-Control", "private, no-cache");
  if (!download_name.empty()) {
    response.Set("Content-Disposition", http::Attachment(download_name));
  }
  return response;
}

}  // namespace

Result<http::Response> OutputResponse(const ApiContext& context, const http::Request& request,
                                      const std::string& file, const std::string& download_name) {
  if (!photos::IsPlainFileName(file)) return Error(ErrorCode::kNotFound, "no such result");
  if (context.behind_nginx) return HandToNginx(file, download_name);
  http::Presentation presentation;
  presentation.download_name = download_name;
  return http::FileResponse(request, context.folder->Output(file), presentation);
}

std::string ResultName(std::string_view name, std::string_view output) {
  const std::filesystem::path original{std::string(name)};
  const std::filesystem::path result{std::string(output)};
  return original.stem().string() + ".restored" + result.extension().string();
}

}  // namespace gpen::api
