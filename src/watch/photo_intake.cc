#include "watch/photo_intake.h"

#include "watch/beneath.h"

namespace gpen::watch {

Result<IntakeAnswer> PhotoIntake::StoreAs(WatchedFile file, FileState state,
                                          const std::string& message) const {
  file.state = state;
  file.message = message;
  GPEN_TRY(ledger_->Update(file));
  return IntakeAnswer::kNoRun;
}

Result<IntakeAnswer> PhotoIntake::Look(const WatchedRoot& root, WatchedFile file) const {
  const auto open = OpenFileBeneath(root.folder(), file.path);
  if (!open) {
    if (open.error().code() == ErrorCode::kNotFound) {
      return StoreAs(std::move(file), FileState::kMissing, "");
    }
    if (open.error().code() == ErrorCode::kInvalidArgument) {
      return StoreAs(std::move(file), FileState::kFailed, open.error().message());
    }
    return open.error();
  }
  GPEN_ASSIGN_OR_RETURN(const struct stat status, StatusOf(open->get(), file.path));
  if (IdentityOf(status) != file.identity) {
    // It changed since it was complete: it has to settle again.
    file.identity = IdentityOf(status);
    file.state = FileState::kSettling;
    GPEN_TRY(ledger_->Update(file));
    return IntakeAnswer::kNoRun;
  }
  // A crash came between the result and the row.
  GPEN_ASSIGN_OR_RETURN(const bool delivered, outputs_->TakeIntended(root, &file));
  if (delivered) return StoreAs(std::move(file), FileState::kDone, "");
  GPEN_TRY(ledger_->Update(file));

  GPEN_ASSIGN_OR_RETURN(const bool may_be_known,
                        ledger_->KnowsSize(file.folder, file.identity.size));
  if (!may_be_known && file.sha256.empty()) return IntakeAnswer::kRun;
  GPEN_ASSIGN_OR_RETURN(const std::string sha256, Sha256OfOpenFile(open->get(), file.path));
  if (!file.sha256.empty() && file.sha256 == sha256) {
    // Touched, or written again with the same content.
    return StoreAs(std::move(file), FileState::kDone, "");
  }
  GPEN_ASSIGN_OR_RETURN(const auto written, ledger_->WithOutputContent(sha256));
  for (const auto& other : written) {
    if (other.sha256 != sha256) {
      return StoreAs(std::move(file), FileState::kSkipped, "a result of ours");
    }
  }
  GPEN_ASSIGN_OR_RETURN(const auto equals, ledger_->WithContent(file.folder, sha256));
  for (const auto& other : equals) {
    if (other.id == file.id) continue;
    GPEN_ASSIGN_OR_RETURN(const auto there, LookBeneath(root.folder(), other.path));
    if (there) continue;  // A copy: it gets a result of its own.
    GPEN_TRY(outputs_->Follow(root, other, file));
    return IntakeAnswer::kNoRun;
  }
  return IntakeAnswer::kRun;
}

}  // namespace gpen::watch
