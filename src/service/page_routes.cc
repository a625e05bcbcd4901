#include "base/file.h"
#include "base/sha256.h"
#include "http/file_response.h"
#include "service/openapi_document.h"
#include "service/routes.h"

namespace gpen::service {
namespace {

constexpr std::string_view kStartPage = R"(<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>GPEN-NAS</title>
<h1>GPEN-NAS</h1>
<p>Restores the faces in a photo, on this machine. The answer names the restored photo.</p>
<form method="post" action="/enhance" enctype="multipart/form-data">
<p><label>Photo <input type="file" name="image" accept="image/*" required></label>
<p><label>Strength <input type="number" name="strength" value="80" min="0" max="100"></label>
<p><button>Restore</button>
</form>
<p><a href="/api/docs">The API</a> · <a href="/api/v1/queue">The queue</a>
</html>
)";

constexpr std::string_view kLoginPage = R"(<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>GPEN-NAS</title>
<h1>GPEN-NAS</h1>
<form method="post" action="/api/v1/session">
<p><label>Token <input type="password" name="token" autocomplete="current-password" required></label>
<p><button>Log in</button>
</form>
</html>
)";

void AddPage(http::Router* router, std::string_view path, std::string page, std::string type) {
  router->Add(http::Method::kGet, path,
              [page, etag = Sha256(AsBytes(page)), type](const http::Request& request) {
                return http::BytesResponse(request, page, etag, {type, "", "no-cache"});
              });
}

}  // namespace

void AddPageRoutes(const ServiceContext* context, http::Router* router) {
  AddPage(router, "/", std::string(kStartPage), "text/html");
  AddPage(router, "/login", std::string(kLoginPage), "text/html");
  AddPage(router, "/api/v1/openapi.json", std::string(OpenApiDocument()), "application/json");
  AddPage(router, "/api/docs", OpenApiPage(), "text/html");
  router->AddText(http::Method::kPost, "/api/v1/session", 4096,
                  [context](const http::Request& request, std::string_view form) {
                    return context->access->Login(request, form);
                  });
  router->Add(http::Method::kDelete, "/api/v1/session",
              [context](const http::Request& request) { return context->access->Logout(request); });
}

}  // namespace gpen::service
