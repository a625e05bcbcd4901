// ZipStream: files as one ZIP archive, made while it is sent: no temporary file, two open files at
// a time. Entries are stored, not compressed: photos are compressed already.
//
// A file's checksum stands before it, so each file is read whole before its first byte is sent.
// That is done in the background, one file ahead, and never by the thread that sends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "http/body_source.h"

namespace gpen::api {

struct ZipEntry {
  std::string name;  ///< As ArchiveName() has it, perhaps equal to others.
  /// Opens the file when its turn comes; returns a closed one where it is gone.
  std::function<Descriptor()> open;
};

class ZipStream : public http::BodySource {
 public:
  /// Runs what it is given, at once or later, in any thread.
  using Background = std::function<void(std::function<void()>)>;

  /// Files that have vanished or that have 4 GiB or more are left out. Equal names are told apart
  /// by " (2)".
  ZipStream(std::vector<ZipEntry> entries, Background background);
  ~ZipStream() override;

  Piece Read(std::span<std::byte> buffer) override;

 private:
  struct Written {
    std::string name;
    std::uint32_t crc;
    std::uint32_t size;
    std::uint64_t offset;
  };

  struct Ahead;

  void PrepareNext();
  /// Begins to send the file that is ready. False: none is left; nothing where one is not ready.
  std::optional<bool> OpenNext();
  void AppendDirectory();

  const Background background_;
  const std::shared_ptr<Ahead> ahead_;
  std::vector<Written> written_;
  int descriptor_ = -1;
  std::uint64_t left_ = 0;    ///< Bytes of the open file that are not sent yet.
  std::uint64_t offset_ = 0;  ///< Bytes of the archive so far.
  std::string pending_;       ///< Headers to be sent next.
  bool directory_done_ = false;
};

}  // namespace gpen::api
