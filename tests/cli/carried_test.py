"""What files of many kinds carry beside their pixels: kept, converted into another format's words, or named."""
import io
import json
import pathlib
import shutil
import struct
import subprocess
import unittest
import zlib

from PIL import Image

from metadata_test import CASES, tags
from restore_case import OK, SKIMAGE, RestoreCase, run


def portrait():
    """Without a profile, so that a file's colours are what it states itself."""
    picture = Image.open(SKIMAGE / "astronaut.png").convert("RGB").crop((100, 0, 356, 224))
    picture.info.clear()
    return picture


def encoded(form, picture=None, **options):
    data = io.BytesIO()
    (picture or portrait()).save(data, form, **options)
    return data.getvalue()


def segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg_with(*segments):
    data = encoded("JPEG", quality=92)
    return data[:2] + b"".join(segments) + data[2:]


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(*chunks, picture=None):
    data = encoded("PNG", picture)
    return data[:33] + b"".join(chunks) + data[33:]


def resource(signature, number, content):
    padding = b"\0" * (len(content) % 2)
    return signature + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(content)) + content + padding


def text(keyword, value):
    return chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + value.encode("latin-1"))


IPTC = b"\x1c\x02\x19\0\x06family" + b"\x1c\x02\x78\0\x05Hello"


@unittest.skipUnless(shutil.which("exiftool"), "needs Debian's libimage-exiftool-perl")
class CarriedTest(RestoreCase):
    def restored(self, data, name, *options):
        """The tags of a result in which a face was restored, the warnings, and its bytes."""
        path = self.folder / name
        if data is not None:
            path.write_bytes(data)
        result = run("restore", path, "--force", "--json", *options)
        self.assertEqual(result.returncode, OK, result.stderr)
        report = json.loads(result.stdout)
        self.assertGreater(report["faces_restored"], 0)
        output = pathlib.Path(report["output"])
        return tags(output), report["warnings"], output.read_bytes()

    def assert_named(self, word, warnings):
        self.assertTrue(any(word in warning for warning in warnings), (word, warnings))

    # JPEG.

    def test_resources_of_other_programs_hide_nothing(self):
        photoshop = (resource(b"8BIM", 0x040B, b"http://nas/") + resource(b"AgHg", 0x1234, b"other") +
                     resource(b"8BIM", 0x0404, IPTC) + resource(b"8BIM", 0x040A, b"\1"))
        data = jpeg_with(segment(0xED, b"Photoshop 3.0\0" + photoshop))
        for name in ("a.jpg", "a.tif"):
            options = () if name == "a.jpg" else ("--format", "tiff")
            after, warnings, result = self.restored(data, "a.jpg", *options)
            self.assertEqual((after["Photoshop:URL"], after["Photoshop:CopyrightFlag"]), ("http://nas/", 1), name)
            self.assertEqual(after["IPTC:Keywords"], "family")
            self.assertIn(b"AgHg", result)
            self.assertEqual(warnings, [])

    def test_a_damaged_resource_is_named(self):
        _, warnings, _ = self.restored(jpeg_with(segment(0xED, b"Photoshop 3.0\0" + b"rubbish")), "a.jpg")
        self.assert_named("damaged", warnings)

    def test_paths_go_where_the_picture_is_turned(self):
        path = segment(0xED, b"Photoshop 3.0\0" + resource(b"8BIM", 2000, b"\0" * 26))
        upright, warnings, result = self.restored(jpeg_with(path), "a.jpg")
        self.assertEqual(warnings, [])
        self.assertIn(b"8BIM\x07\xd0", result)
        turned = self.folder / "b.jpg"
        turned.write_bytes(jpeg_with(path))
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", "-Orientation=3", turned], check=True)
        _, warnings, result = self.restored(None, "b.jpg", "--min-face", "8")
        self.assert_named("paths", warnings)
        self.assertNotIn(b"8BIM\x07\xd0", result)

    def test_segments_between_scans_are_kept(self):
        data = encoded("JPEG", quality=92, progressive=True)
        second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
        data = data[:second] + segment(0xFE, b"between the scans") + data[second:]
        after, warnings, _ = self.restored(data, "a.jpg")
        self.assertEqual(after["File:Comment"], "between the scans")
        self.assertEqual(warnings, [])

    def test_second_blocks_are_named(self):
        exif = b"Exif\0\0II*\0\x08\0\0\0\1\0\x0f\1\2\0\4\0\0\0abc\0\0\0\0\0"
        packet = b"http://ns.adobe.com/xap/1.0/\0<rdf:RDF></rdf:RDF>"
        _, warnings, _ = self.restored(
            jpeg_with(segment(0xE1, exif), segment(0xE1, exif), segment(0xE1, packet), segment(0xE1, packet)), "a.jpg")
        self.assert_named("second block of EXIF", warnings)
        self.assert_named("second packet of XMP", warnings)

    def test_boxes_in_app11_are_named_for_what_they_are(self):
        credentials = b"JP\0\1\0\0\0\1\0\0\0\x20jumb\0\0\0\x18jumdc2pa"
        _, warnings, _ = self.restored(jpeg_with(segment(0xEB, credentials)), "a.jpg")
        self.assert_named("content credentials", warnings)
        _, warnings, _ = self.restored(jpeg_with(segment(0xEB, b"HDR_RI ver=11\n")), "a.jpg")
        self.assert_named("APP11", warnings)

    def test_the_shape_of_pixels_and_uneven_resolutions(self):
        data = bytearray(encoded("JPEG", quality=92))
        at = data.index(b"JFIF\0")
        data[at + 7:at + 12] = b"\0" + struct.pack(">HH", 2, 1)
        after, _, _ = self.restored(bytes(data), "a.jpg")
        self.assertEqual((after["JFIF:XResolution"], after["JFIF:YResolution"]), (2, 1))
        path = self.folder / "b.jpg"
        path.write_bytes(encoded("JPEG", portrait().transpose(Image.ROTATE_90), quality=92, dpi=(204, 98)))
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", "-Orientation=6", "-XResolution=204",
                        "-YResolution=98", path], check=True)
        after, _, _ = self.restored(None, "b.jpg")
        self.assertEqual((after["IFD0:XResolution"], after["IFD0:YResolution"]), (98, 204))
        self.assertEqual((after["JFIF:XResolution"], after["JFIF:YResolution"]), (98, 204))

    def test_a_resolution_goes_into_every_format(self):
        data = encoded("JPEG", portrait().transpose(Image.ROTATE_90), quality=92, dpi=(300, 200))
        for form in ("tiff", "webp", "heic", "avif"):
            path = self.folder / "a.jpg"
            path.write_bytes(data)
            subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", "-IFD0:Orientation=6", "-IFD0:XResolution=",
                            "-IFD0:YResolution=", path], check=True)
            self.assertNotIn("IFD0:XResolution", tags(path))
            after, warnings, _ = self.restored(None, "a.jpg", "--format", form)
            found = [after[f"IFD0:{name}"] for name in ("XResolution", "YResolution", "ResolutionUnit")]
            self.assertEqual(found, [200, 300, 2], form)
            self.assertEqual(warnings, [])
        data = encoded("PNG")
        after, _, _ = self.restored(data, "b.png", "--format", "webp")
        self.assertNotIn("IFD0:XResolution", after)
        after, _, _ = self.restored(data, "b.png", "--format", "tiff")
        self.assertEqual([after[f"IFD0:{name}"] for name in ("XResolution", "ResolutionUnit")], [1, 1])

    def test_a_gain_map_turns_with_the_picture(self):
        """Its picture in the result, found by its list and by its length in XMP, lies as the photo does."""
        path = self.folder / "hdr.jpg"
        shutil.copy(CASES / "ultrahdr.jpg", path)
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", "-Orientation=3", path], check=True)
        before = Image.open(io.BytesIO(self.second_picture(path)))
        after, warnings, result = self.restored(None, "hdr.jpg", "--min-face", "8")
        self.assertEqual(warnings, [])
        picture = self.second_picture(self.folder / "hdr.restored.jpg")
        items = after["XMP-Container:Directory"]
        lengths = [item["Item"]["Length"] for item in items if "Length" in item["Item"]]
        self.assertIn(len(picture), [int(length) for length in lengths])
        self.assertTrue(result.endswith(picture))
        turned = Image.open(io.BytesIO(picture))
        self.assertEqual(turned.size, before.size)
        upright = before.transpose(Image.ROTATE_180).convert("L")
        difference = [abs(a - b) for a, b in zip(upright.getdata(), turned.convert("L").getdata())]
        self.assertLess(sum(difference) / len(difference), 3)
        self.assertIn(b"hdrgm", picture)

    def second_picture(self, path):
        read = subprocess.run(["exiftool", "-b", "-MPImage2", path], capture_output=True, check=True)
        self.assertTrue(read.stdout.startswith(b"\xff\xd8"), path)
        return read.stdout

    # PNG.

    def test_chunks_of_the_standard_are_kept(self):
        chunks = [chunk(b"bKGD", struct.pack(">HHH", 1, 2, 3)), chunk(b"sPLT", b"pal\0\x08" + bytes(6)),
                  chunk(b"sCAL", b"\x011.5\x002.5"), chunk(b"oFFs", struct.pack(">iiB", 3, 4, 0)),
                  chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0)), chunk(b"sRGB", b"\0"), chunk(b"prVt", b"safe")]
        _, warnings, result = self.restored(png_with(*chunks) + b"behind the end", "a.png")
        for one in chunks:
            self.assertIn(one, result)
        self.assertTrue(result.endswith(b"behind the end"))
        self.assertEqual(warnings, [])

    def test_a_background_follows_its_picture(self):
        """Of a palette: the colour itself, for the result has none."""
        picture = portrait().quantize(200)
        data = encoded("PNG", picture)
        at = data.index(b"IDAT") - 4
        _, _, result = self.restored(data[:at] + chunk(b"bKGD", b"\3") + data[at:], "a.png")
        color = picture.getpalette()[9:12]
        self.assertIn(chunk(b"bKGD", struct.pack(">HHH", *color)), result)

    def test_chunks_that_are_left_out_are_named(self):
        _, warnings, result = self.restored(
            png_with(chunk(b"caBX", b"manifest"), chunk(b"dSIG", b"x"), chunk(b"prVT", b"y")), "a.png")
        for word in ("content credentials", "signature", "prVT"):
            self.assert_named(word, warnings)
        self.assertNotIn(b"caBX", result)

    def test_metadata_that_imagemagick_wrote_is_metadata(self):
        def raw(kind, content):
            digits = content.hex()
            lines = "\n".join(digits[i:i + 72] for i in range(0, len(digits), 72))
            packed = zlib.compress(f"\n{kind}\n{len(content):8}\n{lines}\n".encode())
            return chunk(b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + packed)
        packet = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
                  b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
                  b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
                  b"<dc:source>Oma</dc:source>"
                  b"</rdf:Description></rdf:RDF></x:xmpmeta>")
        data = png_with(raw("xmp", packet), raw("iptc", resource(b"8BIM", 0x0404, IPTC)))
        for options in ((), ("--format", "jpeg")):
            after, warnings, _ = self.restored(data, "a.png", *options)
            self.assertEqual(after["XMP-dc:Source"], "Oma")
            self.assertEqual((after["IPTC:Keywords"], after["IPTC:Caption-Abstract"]), ("family", "Hello"))
            self.assertEqual(warnings, [])

    # Texts in the words of another format.

    def test_texts_of_a_png_in_other_formats(self):
        data = png_with(text("Title", "Oma"), text("Author", "Max"), text("Description", "im Garten"),
                        text("Copyright", "A family"), text("Comment", "Gr\u00f6\u00dfe"), text("Album", "1962"),
                        text("Stra\u00dfe", "am Fluss"))
        for form in ("jpeg", "webp", "tiff"):
            after, warnings, _ = self.restored(data, "a.png", "--format", form)
            self.assertEqual((after["XMP-dc:Title"], after["XMP-dc:Creator"], after["XMP-dc:Description"],
                              after["XMP-dc:Rights"]), ("Oma", ["Max"], "im Garten", "A family"), form)
            if form == "jpeg":
                comments = subprocess.run(["exiftool", "-a", "-b", "-Comment", self.folder / "a.restored.jpg"],
                                          capture_output=True).stdout.decode()
                self.assertIn("Gr\u00f6\u00dfe", comments)
                self.assertIn("Album: 1962", comments)
                self.assertIn("Stra\u00dfe: am Fluss", comments)
                self.assertEqual(warnings, [])
            else:
                self.assertEqual(after["XMP-exif:UserComment"], "Gr\u00f6\u00dfe", form)
                self.assert_named("Album", warnings)
                self.assert_named("Stra\u00dfe", warnings)

    def test_a_comment_of_a_jpeg_in_other_formats(self):
        data = jpeg_with(segment(0xFE, "Gr\u00f6\u00dfe".encode("latin-1")))
        after, warnings, _ = self.restored(data, "a.jpg", "--format", "png")
        self.assertEqual(after["PNG:Comment"], "Gr\u00f6\u00dfe")
        self.assertEqual(warnings, [])
        after, warnings, _ = self.restored(data, "a.jpg", "--format", "webp")
        self.assertEqual(after["XMP-exif:UserComment"], "Gr\u00f6\u00dfe")
        self.assertEqual(warnings, [])

    def test_a_text_is_named_where_another_stands_in_its_place(self):
        path = self.folder / "a.png"
        path.write_bytes(png_with(text("Title", "Oma")))
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-XMP-dc:Title=Opa", path], check=True)
        after, warnings, _ = self.restored(None, "a.png", "--format", "webp")
        self.assertEqual(after["XMP-dc:Title"], "Opa")
        self.assert_named("Title", warnings)

    # WebP, TIFF.

    def test_unknown_chunks_of_a_webp_are_kept(self):
        data = encoded("WEBP", quality=92) + b"ABCD" + struct.pack("<I", 5) + b"hello\0"
        data += b"C2PA" + struct.pack("<I", 4) + b"jumb"
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:] + b"behind the end"
        _, warnings, result = self.restored(data, "a.webp")
        self.assertIn(b"ABCD\x05\0\0\0hello\0", result)
        self.assertNotIn(b"C2PA", result)
        self.assertTrue(result.endswith(b"behind the end"))
        self.assert_named("content credentials", warnings)
        self.assertEqual(Image.open(io.BytesIO(result)).size, (256, 224))
        _, warnings, _ = self.restored(data, "a.webp", "--format", "png")
        self.assert_named("ABCD", warnings)

    def test_a_webp_that_ends_in_zeros_is_refused(self):
        data = encoded("WEBP", quality=92)
        path = self.folder / "a.webp"
        path.write_bytes(data[:len(data) // 2] + bytes(len(data) - len(data) // 2))
        result = run("restore", path)
        self.assert_refused(result, path, "zeros")

    def test_what_a_tiff_loses_is_named(self):
        from PIL import TiffImagePlugin
        directory = TiffImagePlugin.ImageFileDirectory_v2()
        for tag, content in ((37724, b"layers"), (52545, b"manifest"),
                             (34377, resource(b"8BIM", 0x040B, b"http://nas/") + resource(b"8BIM", 0x0404, IPTC))):
            directory[tag] = content
            directory.tagtype[tag] = 7
        data = encoded("TIFF", tiffinfo=directory)
        after, warnings, result = self.restored(data, "a.tif")
        self.assertEqual((after["Photoshop:URL"], after["IPTC:Keywords"]), ("http://nas/", "family"))
        self.assert_named("layers", warnings)
        self.assert_named("content credentials", warnings)
        self.assertNotIn(b"manifest", result)


if __name__ == "__main__":
    unittest.main()
