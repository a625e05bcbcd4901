// LocalPhotoWork: PhotoWork done in this process.
#pragma once

#include <memory>

#include "restore/photo_restorer.h"
#include "restore/photo_work.h"
#include "restore/whole_photo.h"

namespace gpen::restore {

class LocalPhotoWork : public PhotoWork {
 public:
  /// Loads the networks. Errors: those of PhotoRestorer::Create.
  static Result<std::unique_ptr<LocalPhotoWork>> Create(const RestorerOptions& options);

  /// For everything but Restore(), which is kInternal then: no network for faces is loaded. Errors:
  /// those of codec::Start.
  static Result<std::unique_ptr<LocalPhotoWork>> CreateWithoutNetworks(
      const RestorerOptions& options);

  /// Of the networks that were loaded.
  WorkNetworks networks() const;

  Result<RestoredFiles> Restore(const RestoreWork& work, std::stop_token stop,
                                const Progress& progress) override;
  Result<BlendedPhoto> Blend(const BlendWork& work) override;
  Result<std::vector<std::byte>> Preview(std::span<const std::byte> file) override;
  Result<std::vector<std::byte>> ForBrowsers(std::span<const std::byte> file) override;

 private:
  explicit LocalPhotoWork(const RestorerOptions& options);

  RestorerOptions options_;
  std::unique_ptr<PhotoRestorer> restorer_;  ///< Null where no networks were wanted.
  WholePhoto whole_photo_;                   ///< For Blend().
};

}  // namespace gpen::restore
