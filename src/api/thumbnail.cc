#include "api/thumbnail.h"

#include "http/file_response.h"
#include "photos/adjustment.h"
#include "photos/data_folder.h"

namespace gpen::api {

std::string_view NameOf(Side side) { return side == Side::kBefore ? "before" : "after"; }

Result<http::Response> ThumbnailResponse(const ApiContext& context, const http::Request& request,
                                         const photos::PhotoJob& job, Side side) {
  GPEN_ASSIGN_OR_RETURN(const auto result, photos::CurrentResult(*context.folder, job));
  const std::string& file = side == Side::kBefore ? result.before : result.after;
  if (!photos::IsPlainFileName(file)) {
    return Error(ErrorCode::kNotFound, "the job has no thumbnail");
  }
  return http::FileResponse(request, context.folder->Thumbnail(file), {});
}

}  // namespace gpen::api
