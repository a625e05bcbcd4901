// ZipStream: files as one ZIP archive, made while it is sent: no temporary file, one open file at a
// time. Entries are stored, not compressed: photos are compressed already.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "http/body_source.h"

namespace gpen::api {

struct ZipEntry {
  std::string name;  ///< In the archive, UTF-8.
  /// Opens the file when its turn comes; returns a closed one where it is gone.
  std::function<Descriptor()> open;
};

class ZipStream : public http::BodySource {
 public:
  /// Files that have vanished or that have 4 GiB or more are left out. Equal names are told apart
  /// by " (2)".
  explicit ZipStream(std::vector<ZipEntry> entries);
  ~ZipStream() override;

  Piece Read(std::span<std::byte> buffer) override;

 private:
  struct Written {
    std::string name;
    std::uint32_t crc;
    std::uint32_t size;
    std::uint64_t offset;
  };

  bool OpenNext();
  void AppendDirectory();

  std::vector<ZipEntry> entries_;
  std::vector<Written> written_;
  std::size_t next_ = 0;
  int descriptor_ = -1;
  std::uint64_t left_ = 0;    ///< Bytes of the open file that are not sent yet.
  std::uint64_t offset_ = 0;  ///< Bytes of the archive so far.
  std::string pending_;       ///< Headers to be sent next.
  bool directory_done_ = false;
};

}  // namespace gpen::api
