// What a service and its process for photos say to each other, as messages: one function to write
// and one to read each. Readers trust nothing: what is not as expected is kInternal.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "restore/photo_restorer.h"
#include "restore/photo_work.h"
#include "sandbox/channel.h"

namespace gpen::sandbox {

/// What is to be sent: parts belong to others and must live until then.
struct Outgoing {
  std::string text;
  std::vector<std::span<const std::byte>> parts = {};
};

/// The first message of all: how the child is to be set up.
struct Setup {
  restore::RestorerOptions restorer;
  bool loads_networks = false;  ///< For restoring; without it a child does all else.
};
Outgoing WriteSetup(const Setup& setup);
Result<Setup> ReadSetup(const Message& message);

/// What is asked for.
enum class Request : std::uint8_t { kRestore, kBlend, kPreview, kForBrowsers, kStop };
Result<Request> ReadRequest(const Message& message);

Outgoing WriteRestore(const restore::RestoreWork& work);
/// What it returns refers to `message`.
Result<restore::RestoreWork> ReadRestore(const Message& message);

Outgoing WriteBlend(const restore::BlendWork& work);
/// What it returns refers to `message`.
Result<restore::BlendWork> ReadBlend(const Message& message);

/// Of kPreview and kForBrowsers: the photo's file is all.
Outgoing WritePicture(Request request, std::span<const std::byte> file);

Outgoing WriteStop();

/// How far the work is.
struct Progressed {
  restore::Step step = restore::Step::kDecode;
  int part = 0;
  int parts = 0;
};
Outgoing WriteProgress(const Progressed& progressed);
/// Nothing where the message is an answer.
std::optional<Progressed> ReadProgress(const Message& message);

// Answers. Each Read... gives the error that the child answered with, where it did.

Outgoing WriteError(const Error& error);

struct Ready {
  restore::WorkNetworks networks;
  std::vector<std::string> left_open;  ///< As ShutIn() returns it.
};
Outgoing WriteReady(const Ready& ready);
Result<Ready> ReadReady(const Message& message);

Outgoing WriteRestored(const restore::RestoredFiles& files);
Result<restore::RestoredFiles> ReadRestored(Message message);

Outgoing WriteBlended(const restore::BlendedPhoto& photo);
Result<restore::BlendedPhoto> ReadBlended(Message message);

Outgoing WriteFile(std::span<const std::byte> file);
Result<Bytes> ReadFilePart(Message message);

}  // namespace gpen::sandbox
