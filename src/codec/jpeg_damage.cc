#include "codec/jpeg_damage.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <new>
#include <vector>

#include "codec/jpeg_scan.h"
#include "codec/jpeg_slip.h"

// After <cstdio>, whose FILE they use.
#include <jerror.h>
#include <jpeglib.h>

namespace gpen::codec {
namespace {

constexpr int kEndMark = 0xD9;

struct Reader {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  std::jmp_buf failed = {};
  bool has_warning = false;
  std::size_t left_over = 0;  // Bytes between the last block and the end mark ...
  std::size_t end = 0;        // ... and where that ends.
};

Reader* ReaderOf(j_common_ptr jpeg) { return static_cast<Reader*>(jpeg->client_data); }

void Fail(j_common_ptr jpeg) { std::longjmp(ReaderOf(jpeg)->failed, 1); }

void Note(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // Not a warning.
  const jpeg_error_mgr& error = *jpeg->err;
  if (error.msg_code == JWRN_EXTRANEOUS_DATA && error.msg_parm.i[1] == kEndMark) {
    ReaderOf(jpeg)->left_over = static_cast<std::size_t>(error.msg_parm.i[0]);
  } else {
    ReaderOf(jpeg)->has_warning = true;
  }
}

// False where libjpeg gives up: it leaves by a jump, so that nothing with a destructor may be made
// here. `row` has room for one of the reduced picture.
bool ReadBlocks(Bytes file, JSAMPLE* row, Reader* reader) {
  jpeg_decompress_struct& jpeg = reader->jpeg;
  jpeg.err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = Fail;
  reader->errors.emit_message = Note;
  jpeg.client_data = reader;
  if (setjmp(reader->failed) != 0) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.scale_num = 1;
  jpeg.scale_denom = 8;
  jpeg.out_color_space = jpeg.jpeg_color_space;  // Unconverted.
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) jpeg_read_scanlines(&jpeg, &row, 1);
  jpeg_finish_decompress(&jpeg);
  reader->end = file.size() - jpeg.src->bytes_in_buffer;
  jpeg_destroy_decompress(&jpeg);
  return true;
}

// Blocks that were missing, could not be read, or were left over.
bool LibjpegComplains(Bytes file) {
  constexpr std::size_t kMostSamples = std::size_t{4} * (65535 / 8 + 1);
  std::vector<JSAMPLE> row(kMostSamples);
  Reader reader;
  if (!ReadBlocks(file, row.data(), &reader)) return false;
  if (reader.has_warning) return true;
  const std::size_t count = reader.left_over;
  if (count == 0 || reader.end < count + 2) return false;
  const Bytes bytes = file.subspan(reader.end - 2 - count, count);
  return std::ranges::any_of(bytes, [&](std::byte each) { return each != bytes.front(); });
}

}  // namespace

bool IsDamagedInside(Bytes file) {
  const Scan scan = ReadScan(file);
  if (scan.state == Scan::State::kNotRead) return LibjpegComplains(file);
  return scan.state == Scan::State::kDamaged || ColorsSlip(scan);
}

}  // namespace gpen::codec
