#include "remote/exchange.h"

#include <fmt/format.h>

#include <algorithm>

namespace gpen::remote {

RootExchange::RootExchange(const NamedRoots* roots, std::string root, const std::string& service)
    : roots_(roots), root_(std::move(root)), folder_(".gpen-handout-" + service) {
  // What cannot be reached now stays until the next start.
  [[maybe_unused]] const auto swept =
      roots_->EmptyFolder({root_, folder_}, [](const auto&) { return true; });
}

std::string RootExchange::WhyNot(const WorkerAbout& worker) const {
  if (std::ranges::count(worker.roots, root_) > 0) return {};
  return fmt::format("it has no root \"{}\": start it with --root {}=/path", root_, root_);
}

Result<ExchangeAddresses> RootExchange::Offer(const std::string& task,
                                              std::span<const std::byte> photo) {
  {
    const std::scoped_lock lock(mutex_);
    offered_.insert(task);
  }
  GPEN_TRY(roots_->Write(Photo(task), photo, {task}, nullptr));
  return ExchangeAddresses{FormatRootedPath(Photo(task)), FormatRootedPath(Parcel(task))};
}

Result<std::vector<std::byte>> RootExchange::Collect(const std::string& task,
                                                     std::int64_t most_bytes) {
  return roots_->Read(Parcel(task), most_bytes);
}

void RootExchange::Tidy() {
  const std::scoped_lock lock(mutex_);  // Nothing is offered meanwhile.
  // A parcel that is being written has another name until it is whole.
  [[maybe_unused]] const auto emptied =
      roots_->EmptyFolder({root_, folder_}, [&](const std::filesystem::path& name) {
        const auto kind = name.extension();
        return (kind == ".photo" || kind == ".parcel") && !offered_.contains(name.stem().native());
      });
}

void RootExchange::Withdraw(const std::string& task) {
  {
    const std::scoped_lock lock(mutex_);
    offered_.erase(task);
  }
  roots_->Remove(Photo(task));
  roots_->Remove(Parcel(task));
}

}  // namespace gpen::remote
