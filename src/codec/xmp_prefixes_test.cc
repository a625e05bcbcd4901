#include "codec/xmp_prefixes.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/xmp_packet.h"

namespace gpen::codec {
namespace {

std::string Renamed(std::string packet) {
  UseUsualPrefixes(&packet);
  return packet;
}

TEST(XmpPrefixes, UsualOnesStay) {
  for (const std::string packet :
       {"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><!-- a:b --></rdf:RDF>",
        "<a:b xmlns:a=\"http://other/\" a:c=\"d\"/>", "", "no XML <", "<a:b xmlns:a='"}) {
    EXPECT_EQ(Renamed(packet), packet);
  }
}

// As Windows writes it: the same prefix for several namespaces, one in the other.
TEST(XmpPrefixes, EachCountsWithinItsElement) {
  EXPECT_EQ(Renamed("<p0:RegionInfo xmlns:p0='http://ns.microsoft.com/photo/1.2/' p0:x = 'p0:y'>"
                    "<p0:Regions xmlns:p0='http://ns.microsoft.com/photo/1.2/t/RegionInfo#'>"
                    "<!-- <p0:z> --></p0:Regions><p0:w/></p0:RegionInfo><p0:v/>"),
            "<MP:RegionInfo xmlns:MP='http://ns.microsoft.com/photo/1.2/' MP:x = 'p0:y'>"
            "<MPRI:Regions xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#'>"
            "<!-- <p0:z> --></MPRI:Regions><MP:w/></MP:RegionInfo><p0:v/>");
}

TEST(XmpPrefixes, AnotherUseOfThePrefixStaysWhatItIs) {
  const std::string packet =
      "<a:b xmlns:a='http://ns.adobe.com/tiff/1.0/' xmlns:tiff='http://other/' tiff:c='d'/>";
  EXPECT_EQ(Renamed(packet), packet);
  const std::string both =
      "<a:b xmlns:a='http://ns.adobe.com/tiff/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'/>";
  EXPECT_EQ(Renamed(both), both);
}

TEST(XmpPrefixes, WhatIsNotWellFormedStays) {
  for (const std::string rest : {"</a:b></a:b>", "<c", "<c d='>"}) {
    const std::string packet = "<a:b xmlns:a='http://ns.adobe.com/tiff/1.0/'>" + rest;
    EXPECT_EQ(Renamed(packet), packet);
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "<a:b xmlns:a='http://ns.adobe.com/tiff/1.0/'>";
  EXPECT_EQ(Renamed(deep), deep);
}

TEST(XmpPrefixes, AnEditFindsWhatItLooksFor) {
  const std::string edited = EditXmp(
      "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description "
      "xmlns:t='http://ns.adobe.com/tiff/1.0/' xmlns:x='http://ns.adobe.com/xap/1.0/' "
      "t:Orientation='6' x:CreatorTool='old'/></r:RDF>",
      {.creator_tool = "new", .width = 2, .height = 3, .orientation = 6});
  EXPECT_NE(edited.find("tiff:Orientation='1'"), std::string::npos) << edited;
  EXPECT_NE(edited.find("xmp:CreatorTool='new'"), std::string::npos) << edited;
  EXPECT_EQ(edited.find("old"), std::string::npos);
}

}  // namespace
}  // namespace gpen::codec
