#include "api/thumbnail.h"

#include "http/file_response.h"
#include "photos/adjustment.h"
#include "photos/data_folder.h"

namespace gpen::api {

std::string_view NameOf(Thumbnail which) {
  switch (which) {
    case Thumbnail::kBefore:
      return "before";
    case Thumbnail::kAfter:
      return "after";
    case Thumbnail::kMask:
      return "mask";
  }
  return "";
}

Result<http::Response> ThumbnailResponse(const ApiContext& context, const http::Request& request,
                                         const photos::PhotoJob& job, Thumbnail which) {
  GPEN_ASSIGN_OR_RETURN(const auto result, photos::CurrentResult(*context.folder, job));
  const std::string& file = which == Thumbnail::kBefore  ? result.before
                            : which == Thumbnail::kAfter ? result.after
                                                         : result.mask;
  if (!photos::IsPlainFileName(file)) {
    return Error(ErrorCode::kNotFound, "the job has no such picture");
  }
  return http::FileResponse(request, context.folder->Thumbnail(file), {});
}

}  // namespace gpen::api
