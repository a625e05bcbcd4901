// WebExchange: photos go to other machines and come back through this service's own addresses,
// where the machines mount nothing.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "photos/handed_out_files.h"
#include "remote/exchange.h"

namespace gpen::remote {

class WebExchange : public Exchange, public photos::HandedOutFiles {
 public:
  /// `service`: how machines reach this service, "http://nas:7860".
  WebExchange(std::string service, std::int64_t most_parcel_bytes);

  std::string WhyNot(const WorkerAbout& worker) const override;
  Result<ExchangeAddresses> Offer(const std::string& task,
                                  std::span<const std::byte> photo) override;
  Result<std::vector<std::byte>> Collect(const std::string& task, std::int64_t most_bytes) override;
  void Withdraw(const std::string& task) override;

  Result<std::shared_ptr<const Bytes>> Photo(std::string_view task,
                                             std::string_view secret) const override;
  Result<std::int64_t> MostBytes(std::string_view task, std::string_view secret) const override;
  Result<void> Put(std::string_view task, std::string_view secret, Bytes bytes) override;

 private:
  struct Offered {
    std::string secret;
    std::shared_ptr<const Bytes> photo;
    Bytes parcel;
  };
  /// Null where there is none. Hold the mutex.
  const Offered* Find(std::string_view task, std::string_view secret) const;

  const std::string service_;
  const std::int64_t most_parcel_bytes_;
  mutable std::mutex mutex_;  // Guards the one below.
  std::map<std::string, Offered, std::less<>> offered_;
};

}  // namespace gpen::remote
