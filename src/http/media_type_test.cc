#include "http/media_type.h"

#include <gtest/gtest.h>

namespace gpen::http {
namespace {

TEST(MediaType, CaseTellsNothingApart) {
  for (const auto* text : {"multipart/form-data; boundary=aBc", "Multipart/Form-Data; Boundary=aBc",
                           "MULTIPART/FORM-DATA ;BOUNDARY=\"aBc\"",
                           " multipart/form-data;charset=x; boundary = aBc "}) {
    const auto type = MediaType::Parse(text);
    ASSERT_TRUE(type) << text;
    EXPECT_TRUE(type->Is("multipart/form-data")) << text;
    EXPECT_TRUE(type->HasType("multipart")) << text;
    EXPECT_FALSE(type->HasType("multi")) << text;
    EXPECT_EQ(type->Parameter("boundary"), "aBc") << text;
  }
}

TEST(MediaType, ParametersAreNoPartOfTheType) {
  const auto type = MediaType::Parse("Image/JPEG; Charset=\"UTF-8\"; q; name=\"a;b\"");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->essence(), "image/jpeg");
  EXPECT_EQ(type->Parameter("charset"), "UTF-8");
  EXPECT_EQ(type->Parameter("name"), "a;b");
  EXPECT_EQ(type->Parameter("q"), std::nullopt);
  EXPECT_EQ(type->Parameter("boundary"), std::nullopt);
}

TEST(MediaType, IsNothingWithoutTypeAndSubtype) {
  for (const auto* text : {"", ";", "image", "image/", "/jpeg", "image/jp eg", "image/jpeg/x",
                           "im age/jpeg", "image=jpeg", "; boundary=x"}) {
    EXPECT_FALSE(MediaType::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace gpen::http
