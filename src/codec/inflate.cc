#include "codec/inflate.h"

#include <zlib.h>

namespace gpen::codec {

std::vector<std::byte> Inflate(Bytes packed, std::size_t max_bytes) {
  std::vector<std::byte> plain;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int status = Z_OK;
  while (status == Z_OK && plain.size() < max_bytes) {
    const std::size_t before = plain.size();
    plain.resize(before + 65536);
    stream.next_out = reinterpret_cast<Bytef*>(plain.data() + before);
    stream.avail_out = 65536;
    status = inflate(&stream, Z_NO_FLUSH);
    plain.resize(plain.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) plain.clear();
  return plain;
}

std::vector<std::byte> Deflate(Bytes plain) {
  uLongf size = compressBound(plain.size());
  std::vector<std::byte> packed(size);
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
            reinterpret_cast<const Bytef*>(plain.data()), plain.size(), Z_BEST_COMPRESSION);
  packed.resize(size);
  return packed;
}

}  // namespace gpen::codec
