// ApiFixture: for tests. The API's routes over a queue in memory and a data folder of their own,
// asked without a server.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/json.h"
#include "api/reach.h"
#include "api/routes.h"
#include "api/submission.h"
#include "base/clock_testing.h"
#include "base/file.h"
#include "base/folder_testing.h"
#include "jobs/job_files_testing.h"
#include "jobs/memory_job_store_testing.h"
#include "photos/photo_texts.h"
#include "photos/uploaded_place.h"
#include "restore/local_photo_work.h"

namespace gpen::api {

inline http::Request MakeRequest(http::Method method, std::string_view target,
                                 http::Fields headers = {}) {
  http::Request request;
  request.method = method;
  request.target = http::ParseTarget(target).value();
  request.headers = std::move(headers);
  request.remote_address = "192.168.1.5";
  return request;
}

/// Keeps the answer that a handler sends, at once or later.
class AnswerCatcher {
 public:
  http::Responder responder() const {
    return http::Responder(
        [promise = promise_](http::Response response) { promise->set_value(std::move(response)); });
  }
  bool has_come() const {
    return answer_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  http::Response Take() {
    if (answer_.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      throw std::runtime_error("no answer came");
    }
    return answer_.get();
  }

 private:
  std::shared_ptr<std::promise<http::Response>> promise_ =
      std::make_shared<std::promise<http::Response>>();
  std::future<http::Response> answer_ = promise_->get_future();
};

inline const std::string& TextOf(const http::Response& response) {
  return std::get<std::string>(response.body);
}
inline Json JsonOf(const http::Response& response) { return Json::parse(TextOf(response)); }

/// A gray PNG of 8x8 pixels; each `mark` makes another file.
inline std::string TestPhoto(std::string_view mark = "") {
  constexpr std::array<unsigned char, 71> kPng = {
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44,
      0x52, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x00, 0x00, 0x00, 0x00, 0xE1,
      0x64, 0xE1, 0x57, 0x00, 0x00, 0x00, 0x0E, 0x49, 0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0x68,
      0x80, 0x02, 0x06, 0xCA, 0x18, 0x00, 0x80, 0x84, 0x20, 0x01, 0x10, 0xE8, 0x6A, 0x17, 0x00,
      0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};
  return std::string(kPng.begin(), kPng.end()) + std::string(mark);
}

class ApiFixture : public testing::Test {
 protected:
  explicit ApiFixture(const jobs::JobStoreOptions& queue = {})
      : store_(jobs::MakeMemoryJobStore(queue, clock_, files_)) {
    context_.folder = &folder_;
    context_.store = store_.get();
    context_.clock = &clock_;
    context_.access = &access_;
    context_.people = people_.get();
    context_.waiters = &waiters_;
    context_.events = &events_;
    context_.places = &places_;
    context_.adjuster = &adjuster_;
    context_.watched_folders = [] { return std::vector<watch::FolderView>(); };
    context_.request_counts = &counts_;
    context_.pictures = &pictures_;
    context_.work = work_.get();
    context_.upload_rules.folder = &folder_;
    context_.upload_rules.places = &upload_places_;
    context_.archives = &archives_;
    context_.remover = &remover_;
    context_.partial_uploads = &partial_uploads_;
    context_.models = &models_;
    AddGuards(&context_, &router_);
    AddRoutes(&context_, &router_);
    AddAssetRoutes(&router_);
  }

  /// What the router answers, the body given in one piece.
  http::Response Ask(http::Method method, std::string_view target, std::string_view body = "",
                     http::Fields headers = {}) {
    AnswerCatcher answer;
    Send(method, target, body, std::move(headers), answer);
    return answer.Take();
  }

  /// The same for an answer that may come later.
  void Send(http::Method method, std::string_view target, std::string_view body,
            http::Fields headers, const AnswerCatcher& answer) {
    auto request = MakeRequest(method, target, std::move(headers));
    request.content_length = static_cast<std::int64_t>(body.size());
    auto begun = router_.Begin(&request);
    if (auto* refusal = std::get_if<http::Response>(&begun)) {
      return answer.responder().Send(std::move(*refusal));
    }
    const auto reader = std::move(std::get<std::unique_ptr<http::BodyReader>>(begun));
    if (auto written = reader->Write(AsBytes(body)); !written) {
      return answer.responder().Send(std::move(written).error());
    }
    reader->Finish(answer.responder());
  }

  http::Response Get(std::string_view target) { return Ask(http::Method::kGet, target); }

  /// A queued job of a photo.
  jobs::Job AddJob(const std::string& name, const std::string& key) {
    jobs::NewJob job;
    job.key = key;
    job.name = name;
    job.payload = photos::FormatTask({photos::UploadedPhoto{"upload-" + key}, {}});
    return store_->Submit(job).value().job;
  }

  /// Completes the queue's next job with `result`.
  jobs::Job CompleteNext(const photos::PhotoResult& result) {
    const auto claim = store_->ClaimNext({"worker"}).value();
    return store_->Complete(claim.job.value().lease(), {photos::FormatResult(result), 1}).value();
  }

  std::size_t UploadsKept() const {
    const std::filesystem::directory_iterator uploads(folder_.Upload(""));
    return static_cast<std::size_t>(std::distance(begin(uploads), end(uploads)));
  }

  TestFolder temporary_;
  FakeClock clock_;
  photos::DataFolder folder_ = photos::DataFolder::Open(temporary_.path() / "data", 0).value();
  jobs::FakeJobFiles files_;
  std::unique_ptr<jobs::JobStore> store_;
  photos::UploadedPlace uploaded_{&folder_, nullptr};  // Nothing is run.
  photos::PhotoPlaces places_{&uploaded_};
  std::unique_ptr<restore::PhotoWork> work_ = *restore::LocalPhotoWork::CreateWithoutNetworks({});
  photos::PhotoAdjuster adjuster_{&folder_, &places_, {}, work_.get()};
  photos::PhotoModels models_{{"model"}, {temporary_.path() / "models", "auto", {}}};
  // Once somebody is in it, requests need a token.
  std::unique_ptr<people::People> people_ =
      people::People::Open(temporary_.path() / "people.json", true, clock_).value();
  AccessControl access_{"", {}, {}, people_.get()};
  EnhanceWaiters waiters_{std::chrono::seconds(60)};
  EventBroadcast events_{store_.get(), 2};
  RequestCounts counts_;
  AnswerWorker pictures_;
  AnswerWorker archives_;
  jobs::JobRemover remover_{store_.get()};
  UploadPlaces upload_places_{256, 0, {}};
  ApiContext context_;
  PartialUploads partial_uploads_{
      &context_.upload_rules, &clock_,
      [this](const Upload& upload, const std::string& name, Result<ReceivedPhoto> photo) {
        return SubmitPhoto(context_, upload, name, std::move(photo));
      }};
  http::Router router_;
};

}  // namespace gpen::api
