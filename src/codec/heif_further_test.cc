#include "codec/heif_further.h"

#include <gtest/gtest.h>
#include <libheif/heif.h>

#include <algorithm>
#include <string>

#include "codec/box_header.h"
#include "codec/byte_writer.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/heif.h"
#include "codec/heif_items.h"
#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

constexpr std::string_view kGainMap = "urn:com:apple:photo:2020:aux:hdrgainmap";
constexpr std::string_view kAlpha = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";

File Bare(Format format, int width, int height) {
  HeifEncoding encoding;
  encoding.format = format;
  auto file = EncodeHeif(DrawPicture<std::uint8_t>(width, height, 3).view(), encoding, {}, {}, {});
  EXPECT_TRUE(file) << file.error().message();
  return *std::move(file);
}

File BytesOf(std::string_view text) {
  File bytes;
  Append(text, &bytes);
  return bytes;
}

// The picture of `heif`, as an item that belongs to another photo.
HeifItemCopy ItemOf(const File& heif, std::string_view kind) {
  const HeifItems all = ItemsOfHeif(heif);
  const auto item = std::ranges::find(all.items, all.primary, &HeifItem::id);
  HeifItemCopy copy;
  copy.id = 7;
  copy.type = item->type;
  copy.entry.assign(item->entry.begin(), item->entry.end());
  for (const HeifExtent& extent : item->extents) {
    Append(Slice(heif, extent.offset, extent.length), &copy.bytes);
  }
  for (const HeifProperty& property : PropertiesOfPrimary(heif)) {
    copy.properties.push_back({property.type,
                               File(property.content.begin(), property.content.end()),
                               property.is_essential});
  }
  copy.properties.push_back(
      {"auxC", BytesOf(std::string(4, '\0') + std::string(kind) + '\0'), true});
  copy.references.push_back({"auxl", {HeifItemCopy::kPhoto}});
  return copy;
}

// What says something of item 7.
HeifItemCopy PacketOfItem() {
  HeifItemCopy copy;
  copy.id = 9;
  copy.type = "mime";
  using namespace std::string_literals;
  copy.entry = BytesOf("\2\0\0\1\0\1\0\0mime\0application/rdf+xml\0"s);
  copy.bytes = BytesOf("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
  copy.references.push_back({"cdsc", {7}});
  return copy;
}

File PhotoWith(Format format, const std::vector<HeifItemCopy>& items) {
  const auto file = WithFurtherItems(Bare(format, 96, 64), items);
  EXPECT_TRUE(file);
  return file.value_or(File());
}

const HeifItemCopy* Find(const std::vector<HeifItemCopy>& items, std::string_view type) {
  const auto found = std::ranges::find(items, type, &HeifItemCopy::type);
  return found == items.end() ? nullptr : &*found;
}

// The size and kind of the only auxiliary picture, as libheif decodes it; "" where there is none.
std::string AuxiliaryOf(const File& file) {
  heif_context* context = heif_context_alloc();
  heif_image_handle* photo = nullptr;
  heif_image_handle* auxiliary = nullptr;
  heif_image* image = nullptr;
  std::string found;
  heif_item_id id = 0;
  if (heif_context_read_from_memory(context, file.data(), file.size(), nullptr).code == 0 &&
      heif_context_get_primary_image_handle(context, &photo).code == 0 &&
      heif_image_handle_get_number_of_auxiliary_images(photo, 0) == 1 &&
      heif_image_handle_get_list_of_auxiliary_image_IDs(photo, 0, &id, 1) == 1 &&
      heif_image_handle_get_auxiliary_image_handle(photo, id, &auxiliary).code == 0 &&
      heif_decode_image(auxiliary, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGB,
                        nullptr)
              .code == 0) {
    const char* type = nullptr;
    heif_image_handle_get_auxiliary_type(auxiliary, &type);
    found = std::to_string(heif_image_get_width(image, heif_channel_interleaved)) + "x" +
            std::to_string(heif_image_get_height(image, heif_channel_interleaved)) + " " + type;
    heif_image_handle_free_auxiliary_types(auxiliary, &type);
  }
  heif_image_release(image);
  heif_image_handle_release(auxiliary);
  heif_image_handle_release(photo);
  heif_context_free(context);
  return found;
}

class HeifFurtherTest : public ::testing::TestWithParam<Format> {};

TEST_P(HeifFurtherTest, AGainMapGoesWithItsPhoto) {
  const HeifItemCopy map = ItemOf(Bare(GetParam(), 80, 64), kGainMap);
  const File file = PhotoWith(GetParam(), {map, PacketOfItem()});
  EXPECT_EQ(AuxiliaryOf(file), "80x64 " + std::string(kGainMap));
  const auto photo = Decode(file, Limits());
  ASSERT_TRUE(photo) << photo.error().message();
  EXPECT_GT(Psnr(photo->pixels, DrawPicture<std::uint8_t>(96, 64, 3)), 30);
  ASSERT_EQ(photo->metadata.items.size(), 2U);
  std::vector<std::string> warnings;
  const auto result = Encode(*photo, {.software = "test"}, &warnings);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_EQ(AuxiliaryOf(*result), "80x64 " + std::string(kGainMap));
  const auto again = FurtherItems(*result);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].bytes, map.bytes);
  EXPECT_EQ(again[0].properties.size(), map.properties.size());
  ASSERT_NE(Find(again, "mime"), nullptr);
  EXPECT_EQ(Find(again, "mime")->bytes, PacketOfItem().bytes);
  EXPECT_EQ(Find(again, "mime")->references.at(0).to, std::vector{again[0].id});
}

TEST_P(HeifFurtherTest, InAnotherFormatItIsNamed) {
  const auto photo =
      Decode(PhotoWith(GetParam(), {ItemOf(Bare(GetParam(), 80, 64), kGainMap)}), Limits());
  ASSERT_TRUE(photo) << photo.error().message();
  for (const Format format :
       {Format::kJpeg, Format::kPng, GetParam() == Format::kHeic ? Format::kAvif : Format::kHeic}) {
    std::vector<std::string> warnings;
    ASSERT_TRUE(Encode(*photo, {.format = format, .software = "test"}, &warnings));
    ASSERT_EQ(warnings.size(), 1U) << NameOf(format);
    EXPECT_NE(warnings[0].find("gain map"), std::string::npos);
  }
}

TEST_P(HeifFurtherTest, WhatSaysHowItIsAppliedGoesToo) {
  HeifItemCopy map = ItemOf(Bare(GetParam(), 80, 64), kGainMap);
  map.references.clear();  // As in an AVIF: only the tone map refers to it, and it is hidden.
  map.entry[3] = std::byte{1};
  std::erase_if(map.properties, [](const auto& property) { return property.type == "auxC"; });
  HeifItemCopy tone_map;
  tone_map.id = 8;
  tone_map.type = "tmap";
  using namespace std::string_literals;
  tone_map.entry = BytesOf("\2\0\0\0\0\1\0\0tmap\0"s);
  tone_map.bytes = BytesOf("\0\0\0\0\0 a description"s);
  tone_map.references.push_back({"dimg", {HeifItemCopy::kPhoto, 7}});
  tone_map.properties = {{"ispe", BytesOf("\0\0\0\0\0\0\0\x60\0\0\0\x40"s), false}};
  const auto photo = Decode(PhotoWith(GetParam(), {tone_map, map}), Limits());
  ASSERT_TRUE(photo) << photo.error().message();
  std::vector<std::string> warnings;
  const auto result = Encode(*photo, {.software = "test"}, &warnings);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  const auto again = FurtherItems(*result);
  ASSERT_EQ(again.size(), 2U);
  ASSERT_NE(Find(again, "tmap"), nullptr);
  EXPECT_EQ(Find(again, "tmap")->bytes, tone_map.bytes);
  EXPECT_EQ(Find(again, map.type)->bytes, map.bytes);
  const std::string_view text(reinterpret_cast<const char*>(result->data()), result->size());
  EXPECT_NE(text.substr(0, 60).find("tmap"), std::string_view::npos) << "a brand";
  EXPECT_NE(text.find("altr"), std::string_view::npos) << "a choice of two";
  // It states the size of its photo.
  Photo larger = *Decode(*result, Limits());
  larger.pixels = DrawPicture<std::uint8_t>(192, 128, 3);
  const auto enlarged = Encode(larger, {.software = "test"}, &warnings);
  ASSERT_TRUE(enlarged) << enlarged.error().message();
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  const auto items = FurtherItems(*enlarged);
  ASSERT_NE(Find(items, "tmap"), nullptr);
  EXPECT_EQ(Find(items, "tmap")->properties.at(0).content,
            BytesOf("\0\0\0\0\0\0\0\xC0\0\0\0\x80"s));
}

TEST_P(HeifFurtherTest, TransparencyIsNoFurtherPicture) {
  EXPECT_TRUE(
      FurtherItems(PhotoWith(GetParam(), {ItemOf(Bare(GetParam(), 96, 64), kAlpha)})).empty());
}

// The photo of `beside` becomes a picture that belongs to `photo`.
File Beside(const File& beside, HeifItemCopy photo) {
  photo.references = {{"auxl", {HeifItemCopy::kPhoto}}};
  File file = *WithFurtherItems(beside, {photo});
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const std::size_t reference = text.find("auxl") + 4;
  file[text.find("pitm") + 9] = file[reference + 1];
  std::swap(file[reference + 1], file[reference + 5]);  // Now from the old one to the new.
  return file;
}

// A photo that is turned by a property, beside a picture that says nothing of its own.
TEST_P(HeifFurtherTest, ItTurnsWithThePhoto) {
  HeifItemCopy photo = ItemOf(Bare(GetParam(), 96, 64), kGainMap);
  photo.properties.push_back({"irot", File{std::byte{1}}, true});
  const auto items = FurtherItems(Beside(Bare(GetParam(), 80, 64), photo));
  ASSERT_EQ(items.size(), 1U);
  const auto& properties = items[0].properties;
  ASSERT_EQ(properties.back().type, "irot");
  EXPECT_EQ(properties.back().content, File{std::byte{1}});
}

// As iOS 18 writes it: the tone map says once more how its photo is turned.
TEST_P(HeifFurtherTest, AToneMapIsUprightAsItsResult) {
  const HeifItemCopy::Property turn = {"irot", File{std::byte{1}}, true};
  const HeifItemCopy::Property mirror = {"imir", File{std::byte{1}}, true};
  HeifItemCopy photo = ItemOf(Bare(GetParam(), 96, 64), kGainMap);
  photo.properties.push_back(turn);
  const File turned = Beside(Bare(GetParam(), 80, 64), photo);
  HeifItemCopy map = ItemOf(Bare(GetParam(), 80, 64), kGainMap);
  map.references.clear();
  HeifItemCopy tone_map;
  tone_map.id = 8;
  tone_map.type = "tmap";
  using namespace std::string_literals;
  tone_map.entry = BytesOf("\2\0\0\0\0\1\0\0tmap\0"s);
  tone_map.bytes = BytesOf("\0\0\0\0\0 a description"s);
  tone_map.references.push_back({"dimg", {HeifItemCopy::kPhoto, 7}});
  tone_map.properties = {{"ispe", BytesOf("\0\0\0\0\0\0\0\x60\0\0\0\x40"s), false}, turn};
  const auto items = FurtherItems(*WithFurtherItems(turned, {tone_map, map}));
  const HeifItemCopy* found = Find(items, "tmap");
  ASSERT_NE(found, nullptr);
  ASSERT_EQ(found->properties.size(), 1U) << "it is not turned again";
  EXPECT_EQ(found->properties[0].type, "ispe");
  tone_map.properties.push_back(mirror);
  EXPECT_EQ(Find(FurtherItems(*WithFurtherItems(turned, {tone_map, map})), "tmap"), nullptr);
}

// Two tiles in a row, as a phone stores a larger gain map: the grid is of the photo, its tiles are
// of the grid and hidden.
std::vector<HeifItemCopy> GridOfTwo(Format format) {
  HeifItemCopy tile = ItemOf(Bare(format, 96, 64), kGainMap);
  tile.references.clear();
  tile.entry[3] = std::byte{1};
  std::erase_if(tile.properties, [](const auto& property) { return property.type == "auxC"; });
  using namespace std::string_literals;
  HeifItemCopy grid;
  grid.id = 5;
  grid.type = "grid";
  grid.entry = BytesOf("\2\0\0\0\0\5\0\0grid\0"s);
  grid.bytes = BytesOf("\0\0\0\1\0\xA0\0\x40"s);  // 1 row, 2 columns, 160 x 64.
  grid.properties = {{"ispe", BytesOf("\0\0\0\0\0\0\0\xA0\0\0\0\x40"s), false},
                     {"auxC", BytesOf("\0\0\0\0"s + std::string(kGainMap) + '\0'), true}};
  grid.references = {{"auxl", {HeifItemCopy::kPhoto}}, {"dimg", {7, 8}}};
  HeifItemCopy second = tile;
  second.id = 8;
  return {grid, tile, second};
}

TEST_P(HeifFurtherTest, AGridGoesWithItsTiles) {
  const File file = PhotoWith(GetParam(), GridOfTwo(GetParam()));
  EXPECT_EQ(AuxiliaryOf(file), "160x64 " + std::string(kGainMap));
  const auto items = FurtherItems(file);
  ASSERT_EQ(items.size(), 3U);
  ASSERT_EQ(items[0].type, "grid");
  const File copied = PhotoWith(GetParam(), items);
  EXPECT_EQ(AuxiliaryOf(copied), "160x64 " + std::string(kGainMap));
  const auto again = FurtherItems(copied);
  ASSERT_EQ(again.size(), 3U);
  for (std::size_t i = 0; i < again.size(); ++i) EXPECT_EQ(again[i].bytes, items[i].bytes);
  const auto tiles = std::ranges::find(again[0].references, "dimg", &HeifItemCopy::Reference::type);
  ASSERT_NE(tiles, again[0].references.end());
  EXPECT_EQ(tiles->to, (std::vector{again[1].id, again[2].id}));
}

TEST_P(HeifFurtherTest, WhatIsNotWholeIsLeftOut) {
  const File file = PhotoWith(GetParam(), {ItemOf(Bare(GetParam(), 80, 64), kGainMap)});
  for (std::size_t length = 0; length < file.size(); length += 13) {
    const auto items = FurtherItems(Bytes(file).first(length));
    EXPECT_TRUE(items.empty()) << length;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, HeifFurtherTest, ::testing::Values(Format::kHeic, Format::kAvif),
                         [](const auto& made) { return std::string(NameOf(made.param)); });

}  // namespace
}  // namespace gpen::codec
