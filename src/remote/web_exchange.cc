#include "remote/web_exchange.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/file.h"
#include "base/random_id.h"
#include "base/sha256.h"
#include "fetch/web_files.h"

namespace gpen::remote {
namespace {

Error Unknown() { return {ErrorCode::kNotFound, "no photo is handed out under this address now"}; }

}  // namespace

WebExchange::WebExchange(std::string service, std::int64_t most_parcel_bytes)
    : service_(std::move(service)), most_parcel_bytes_(most_parcel_bytes) {}

std::string WebExchange::WhyNot(const WorkerAbout& worker) const {
  const auto hosts = fetch::AllowedHosts::Parse(fmt::format("{}", fmt::join(worker.hosts, ",")));
  if (hosts && fetch::WebFiles({*hosts}).Check(service_ + "/")) return {};
  return fmt::format("it may not reach {}: start it with --allow-host {}", service_, service_);
}

Result<ExchangeAddresses> WebExchange::Offer(const std::string& task,
                                             std::span<const std::byte> photo) {
  Offered offered{.secret = RandomId(),
                  .photo = std::make_shared<const Bytes>(photo.begin(), photo.end()),
                  .parcel = {}};
  const auto address = [&](const char* what) {
    return fmt::format("{}/api/v1/handouts/{}/{}?secret={}", service_, task, what, offered.secret);
  };
  ExchangeAddresses addresses{address("photo"), address("parcel")};
  const std::scoped_lock lock(mutex_);
  offered_[task] = std::move(offered);
  return addresses;
}

Result<std::vector<std::byte>> WebExchange::Collect(const std::string& task,
                                                    std::int64_t /*most_bytes*/) {
  const std::scoped_lock lock(mutex_);
  const auto found = offered_.find(task);
  if (found == offered_.end() || found->second.parcel.empty()) {
    return Error(ErrorCode::kNotFound, "the machine put no parcel there");
  }
  return std::move(found->second.parcel);
}

void WebExchange::Withdraw(const std::string& task) {
  const std::scoped_lock lock(mutex_);
  offered_.erase(task);
}

// Digests are compared, so that the time it takes tells nothing about the secret.
const WebExchange::Offered* WebExchange::Find(std::string_view task,
                                              std::string_view secret) const {
  const auto found = offered_.find(task);
  if (found == offered_.end()) return nullptr;
  const bool fits = Sha256(AsBytes(secret)) == Sha256(AsBytes(found->second.secret));
  return fits ? &found->second : nullptr;
}

Result<std::shared_ptr<const WebExchange::Bytes>> WebExchange::Photo(
    std::string_view task, std::string_view secret) const {
  const std::scoped_lock lock(mutex_);
  const auto* offered = Find(task, secret);
  if (offered == nullptr) return Unknown();
  return offered->photo;
}

Result<std::int64_t> WebExchange::MostBytes(std::string_view task, std::string_view secret) const {
  const std::scoped_lock lock(mutex_);
  if (Find(task, secret) == nullptr) return Unknown();
  return most_parcel_bytes_;
}

Result<void> WebExchange::Put(std::string_view task, std::string_view secret, Bytes bytes) {
  const std::scoped_lock lock(mutex_);
  if (Find(task, secret) == nullptr) return Unknown();
  offered_.find(task)->second.parcel = std::move(bytes);
  return {};
}

}  // namespace gpen::remote
