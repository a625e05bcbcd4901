"""What a photo carries beside its pixels, read before and after by an independent reader (exiftool)."""
import hashlib
import io
import json
import pathlib
import re
import shutil
import struct
import subprocess
import unittest
import zlib

import numpy as np
from PIL import Image

from restore_case import OK, SKIMAGE, RestoreCase, pixels, run

CASES = pathlib.Path(__file__).parent / "cases"
# What a result says of itself: its storage, its size in bytes, its maker.
OF_THE_FILE = re.compile(r"^(SourceFile|ExifTool|File:(?!Comment)|System|Composite|JFIF|IFD0:Software"
                         r"|XMP-xmp:CreatorTool|XMP-x:|MPImage\d:MPImage(Length|Start)|IFD1|Meta|QuickTime|Track|ICC)")
TURNS = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
         6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}


def tags(path, *options):
    read = subprocess.run(["exiftool", "-j", "-n", "-G1", "-a", "-struct", *options, path], capture_output=True,
                          text=True, check=True)
    return json.loads(read.stdout)[0]


def carried(path):
    return {name: value for name, value in tags(path).items() if not OF_THE_FILE.match(name)}


def portrait(size=(512, 512)):
    return Image.open(SKIMAGE / "astronaut.png").convert("RGB").resize(size)


@unittest.skipUnless(shutil.which("exiftool"), "needs Debian's libimage-exiftool-perl")
class MetadataTest(RestoreCase):
    def restored(self, path, *options):
        """The report and the result of a photo in which a face is restored."""
        form = options[options.index("--format") + 1] if "--format" in options else path.suffix[1:]
        out = self.folder / f"out.{form}"
        result = run("restore", path, "-o", out, "--force", "--json", *options)
        self.assertEqual(result.returncode, OK, result.stderr)
        report = json.loads(result.stdout)
        self.assertGreater(report["faces_restored"], 0)
        return report, pathlib.Path(report["output"])

    def case(self, name):
        path = self.folder / name
        shutil.copy(CASES / name, path)
        return path

    def write(self, path, *changes):
        subprocess.run(["exiftool", "-q", "-overwrite_original", *changes, path], check=True)

    def jpeg(self, orientation=1, name="photo.jpg", size=(512, 400)):
        upright = Image.open(SKIMAGE / "astronaut.png").convert("RGB").crop((0, 0, *size))
        turn = TURNS[orientation]
        path = self.folder / name
        (upright if turn is None else upright.transpose(turn)).save(path, quality=92)
        self.write(path, "-n", f"-Orientation={orientation}")
        return path

    def assert_carried(self, before, after):
        for name, value in before.items():
            self.assertEqual(after.get(name), value, name)

    # Everything that has a place in the format.

    def test_a_jpeg_keeps_what_it_carries(self):
        path = self.jpeg()
        self.write(path, "-Comment=taken by grandfather", "-IPTC:Keywords=family", "-Photoshop:URL=http://nas/",
                   "-EXIF:DateTimeOriginal=1962:06:03 12:00:00", "-GPSLatitude=48.1", "-GPSLatitudeRef=N",
                   "-XMP:Title=Oma", "-XMP-dc:Subject=garden", "-EXIF:UserComment=hello")
        before = carried(path)
        self.assertIn("File:Comment", tags(path))
        report, result = self.restored(path)
        self.assert_carried(before, carried(result))
        self.assertEqual(tags(result)["File:Comment"], "taken by grandfather")
        self.assertEqual(tags(result)["Photoshop:URL"], "http://nas/")
        self.assertEqual(report["warnings"], [])

    def test_what_has_no_place_in_another_format_is_named(self):
        path = self.jpeg()
        self.write(path, "-Photoshop:URL=http://nas/")
        report, _ = self.restored(path, "--format", "webp")
        self.assertTrue(any("Photoshop" in warning for warning in report["warnings"]), report["warnings"])

    def test_a_png_keeps_its_texts(self):
        path = self.folder / "photo.png"
        info = __import__("PIL.PngImagePlugin", fromlist=["PngInfo"]).PngInfo()
        info.add_text("Title", "Oma 1962")
        info.add_text("Description", "long " * 100, zip=True)
        info.add_itxt("Comment", "Müller 北京", lang="de")
        info.add(b"tIME", struct.pack(">HBBBBB", 1999, 5, 6, 7, 8, 9))
        portrait().save(path, pnginfo=info, dpi=(600, 600))
        before = carried(path)
        self.assertIn("PNG:Title", before)
        report, result = self.restored(path)
        for name in ("PNG:Interlace", "PNG:ProfileName"):
            before.pop(name, None)
        self.assert_carried(before, carried(result))
        self.assertEqual(report["warnings"], [])

    def test_stated_colours_become_a_profile(self):
        """Gamma 1: without it the picture would be far too dark."""
        path = self.folder / "linear.png"
        linear = (np.asarray(portrait((256, 256)), float) / 255) ** 2.2
        Image.fromarray((linear * 255 + 0.5).astype(np.uint8)).save(path)
        data = path.read_bytes()
        gama = b"gAMA" + struct.pack(">I", 100000)
        chunk = struct.pack(">I", 4) + gama + struct.pack(">I", zlib.crc32(gama))
        path.write_bytes(data[:33] + chunk + data[33:])
        _, result = self.restored(path)
        self.assertIn("icc_profile", Image.open(result).info)
        self.assertNotIn("gamma", Image.open(result).info)

    def test_every_format_keeps_exif_and_xmp(self):
        for extension in ("jpg", "png", "webp", "tif", "heic", "avif"):
            source = self.jpeg(name="source.jpg")
            self.write(source, "-EXIF:DateTimeOriginal=1962:06:03 12:00:00", "-XMP:Title=Oma",
                       "-EXIF:ImageDescription=garden", "-XMP-dc:Subject=family")
            path = self.folder / f"photo.{extension}"
            made = run("restore", source, "-o", path, "--force")
            if "no encoder" in made.stderr:
                continue
            self.assertEqual(made.returncode, OK, made.stderr)
            before = {k: v for k, v in carried(path).items() if k.startswith(("ExifIFD:Date", "XMP-dc", "IFD0:ImageD"))}
            self.assertEqual(len(before), 4, before)
            _, result = self.restored(path)
            self.assert_carried(before, carried(result))

    # Further pictures and clips.

    def test_motion_photos_keep_their_clip(self):
        for name in ("PXL_20240101_120000000.MP.jpg", "samsung_motion.jpg"):
            path = self.case(name)
            before = carried(path)
            report, result = self.restored(path)
            self.assert_carried(before, carried(result))
            self.assertEqual(report["warnings"], [])
            clip = path.read_bytes()[path.read_bytes().rindex(b"ftyp") - 4:]
            self.assertTrue(result.read_bytes().endswith(clip))

    def test_without_its_clip_nothing_speaks_of_it(self):
        report, result = self.restored(self.case("PXL_20240101_120000000.MP.jpg"), "--format", "png")
        self.assertTrue(any("clip" in warning for warning in report["warnings"]))
        left = [name for name in carried(result) if "GCamera" in name or "Container" in name]
        self.assertEqual(left, [])

    def test_a_gain_map_stays_where_it_fits(self):
        path = self.case("ultrahdr.jpg")
        before = tags(path, "-b")
        report, result = self.restored(path)
        after = tags(result, "-b")
        self.assertEqual(report["warnings"], [])
        self.assertEqual(after["MPImage2:MPImage2"], before["MPImage2:MPImage2"], "the gain map, found by MPF")
        self.assertEqual(after["XMP-hdrgm:Version"], before["XMP-hdrgm:Version"])

    def test_a_gain_map_that_cannot_be_turned_is_named(self):
        path = self.case("ultrahdr.jpg")
        self.write(path, "-n", "-Orientation=3")
        picture = subprocess.run(["exiftool", "-b", "-MPImage2", path], capture_output=True, check=True).stdout
        data = bytearray(path.read_bytes())
        data[data.index(picture) + picture.index(b"\xff\xc0") + 4] = 12  # Bits of a value.
        path.write_bytes(data)
        report, result = self.restored(path, "--min-face", 8)
        self.assertTrue(any("gain map" in warning for warning in report["warnings"]), report["warnings"])
        self.assertNotIn("hdrgm", json.dumps(tags(result)))

    def test_auxiliary_pictures_stay_where_the_format_stays(self):
        path = self.case("a_gainmap_aux.avif")
        report, result = self.restored(path)
        self.assertEqual(report["warnings"], [])
        kind = "urn:com:apple:photo:2020:aux:hdrgainmap"
        self.assertEqual(tags(result)["QuickTime:AuxiliaryImageType"], kind)
        source = path.read_bytes()
        at = source.index(b"iloc") + 32  # Of the second of two items: its place and length.
        place, length = struct.unpack(">II", source[at:at + 8])
        self.assertIn(source[place:place + length], result.read_bytes())

    def test_auxiliary_pictures_are_named_in_another_format(self):
        report, result = self.restored(self.case("a_gainmap_aux.avif"), "--format", "jpeg")
        self.assertTrue(any("gain map" in warning for warning in report["warnings"]), report["warnings"])
        self.assertNotIn("hdrgm", json.dumps(tags(result)))

    def test_high_dynamic_range_stays_or_is_mapped(self):
        path = self.case("hdr_pq.avif")
        result = run("restore", path, "-o", self.folder / "sdr.jpg", "--json")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertTrue(any("dynamic range" in warning for warning in json.loads(result.stdout)["warnings"]))
        mapped = pixels(self.folder / "sdr.jpg").astype(float)
        self.assertGreater(mapped.mean(), 40)
        self.assertLess(mapped.mean(), 215)
        again = run("restore", path, "-o", self.folder / "hdr.heic", "--json")
        if "no encoder" not in again.stderr:
            data = (self.folder / "hdr.heic").read_bytes()
            self.assertTrue(b"nclx\x00\x09\x00\x10" in data, "BT.2020 and PQ")

    def test_an_animation_says_so(self):
        result = run("restore", self.case("a_seq.avif"), "--format", "jpeg", "--json")
        self.assertEqual(result.returncode, OK, result.stderr)
        self.assertTrue(any("pictures: only the first" in w for w in json.loads(result.stdout)["warnings"]))

    def test_a_photo_of_ios_18_is_restored(self):
        report, _ = self.restored(self.case("h_ios18_aux_two.heic"), "--format", "jpeg")
        self.assertEqual(report["format"], "heic")

    # Places.

    def test_places_turn_with_the_pixels(self):
        """A region that is written for the upright picture is found there again, whichever way it was stored."""
        width, height = 512, 400
        face = (0.44, 0.27, 0.2, 0.3)  # Middle and sides in the upright picture.
        for orientation in range(1, 9):
            path = self.jpeg(orientation, name=f"o{orientation}.jpg", size=(width, height))
            x, y, w, h = face
            # Where the upright place lies in the stored picture.
            stored = {1: (x, y), 2: (1 - x, y), 3: (1 - x, 1 - y), 4: (x, 1 - y),
                      5: (y, x), 6: (y, 1 - x), 7: (1 - y, 1 - x), 8: (1 - y, x)}[orientation]
            sides = (w, h) if orientation < 5 else (h, w)
            size = (width, height) if orientation < 5 else (height, width)
            area = f"Area={{X={stored[0]},Y={stored[1]},W={sides[0]},H={sides[1]},Unit=normalized}}"
            corner = (stored[0] - sides[0] / 2, stored[1] - sides[1] / 2)
            in_pixels = [round(stored[0] * size[0]), round(stored[1] * size[1]),
                         round(sides[0] * size[0]), round(sides[1] * size[1])]
            self.write(path, f"-RegionInfo={{AppliedToDimensions={{W={size[0]},H={size[1]},Unit=pixel}},"
                             f"RegionList=[{{{area},Name=Anna,Type=Face}}]}}",
                       f"-RegionInfoMP={{Regions=[{{PersonDisplayName=Anna,"
                       f"Rectangle={corner[0]}|, {corner[1]}|, {sides[0]}|, {sides[1]}}}]}}",
                       "-n", "-EXIF:SubjectArea=" + " ".join(map(str, in_pixels)))
            _, result = self.restored(path)
            after = tags(result)
            region = after["XMP-mwg-rs:RegionInfo"]
            found = region["RegionList"][0]["Area"]
            for name, value in zip("XYWH", face):
                self.assertAlmostEqual(float(found[name]), value, 4, (orientation, name))
            self.assertEqual((region["AppliedToDimensions"]["W"], region["AppliedToDimensions"]["H"]),
                             (width, height), orientation)
            rectangle = [float(v) for v in after["XMP-MP:RegionInfoMP"]["Regions"][0]["Rectangle"].split(",")]
            for value, expected in zip(rectangle, (x - w / 2, y - h / 2, w, h)):
                self.assertAlmostEqual(value, expected, 4, orientation)
            area = [float(v) for v in str(after["ExifIFD:SubjectArea"]).split()]
            for value, expected in zip(area, (x * width, y * height, w * width, h * height)):
                self.assertAlmostEqual(value, expected, delta=1, msg=orientation)

    def packet(self, path, content, namespaces):
        """Puts an XMP packet as its author wrote it into a JPEG, behind its EXIF."""
        declared = " ".join(f'xmlns:{name}="{uri}"' for name, uri in namespaces.items())
        text = ('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
                f'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" {declared} {content}'
                "</rdf:RDF></x:xmpmeta>").encode()
        data = path.read_bytes()
        end = 4 + struct.unpack(">H", data[4:6])[0]
        path.write_bytes(data[:end] + b"\xff\xe1" + struct.pack(">H", len(text) + 2) + text + data[end:])

    def test_places_turn_under_any_prefix(self):
        path = self.jpeg(6, size=(320, 448))
        self.packet(path, 'g:Orientation="6"><a:Regions><rdf:Description><a:RegionList><rdf:Bag><rdf:li>'
                    '<rdf:Description a:Name="Anna"><a:Area b:x="0.3" b:y="0.2" b:w="0.1" b:h="0.2"/></rdf:Description>'
                    '</rdf:li></rdf:Bag></a:RegionList></rdf:Description></a:Regions></rdf:Description>',
                    {"a": "http://www.metadataworkinggroup.com/schemas/regions/",
                     "b": "http://ns.adobe.com/xmp/sType/Area#", "g": "http://ns.adobe.com/tiff/1.0/"})
        _, result = self.restored(path)
        after = tags(result)
        area = after["XMP-mwg-rs:RegionInfo"]["RegionList"][0]["Area"]
        self.assertEqual(area, {"X": 0.8, "Y": 0.3, "W": 0.2, "H": 0.1})
        self.assertEqual(after["XMP-tiff:Orientation"], 1)

    def test_places_go_under_any_prefix(self):
        path = self.jpeg()
        self.packet(path, 'e:GPSLatitude="48,8.0N" p:City="Ulm" p:Headline="Oma"/>',
                    {"e": "http://ns.adobe.com/exif/1.0/", "p": "http://ns.adobe.com/photoshop/1.0/"})
        self.assertIn("XMP-exif:GPSLatitude", tags(path))
        _, result = self.restored(path, "--remove-place")
        after = tags(result)
        self.assertEqual(after["XMP-photoshop:Headline"], "Oma")
        self.assertEqual([name for name in after if "GPS" in name or "City" in name], [])

    def test_a_part_of_a_panorama_grows_with_the_pixels(self):
        names = ("FullPanoWidthPixels", "FullPanoHeightPixels", "CroppedAreaLeftPixels", "CroppedAreaTopPixels",
                 "CroppedAreaImageWidthPixels", "CroppedAreaImageHeightPixels")
        for orientation, size, options, expected in (
                (1, (448, 320), ("--enlarge", "2"), (1800, 900, 20, 40, 896, 640)),
                (6, (320, 448), (), (450, 900, 110, 10, 320, 448))):
            path = self.jpeg(orientation, size=size)
            values = zip(names, (900, 450, 10, 20, 448, 320))
            self.packet(path, " ".join(f'GPano:{name}="{value}"' for name, value in values) + "/>",
                        {"GPano": "http://ns.google.com/photos/1.0/panorama/"})
            _, result = self.restored(path, *options)
            after = tags(result)
            self.assertEqual(tuple(after[f"XMP-GPano:{name}"] for name in names), expected)

    def test_a_circle_keeps_its_size(self):
        path = self.jpeg(6, size=(320, 448))
        self.write(path, "-ImageRegion=[{RegionBoundary={RbShape=circle,RbUnit=relative,RbX=0.3,RbY=0.2,RbRx=0.1}}]")
        _, result = self.restored(path)
        circle = tags(result)["XMP-iptcExt:ImageRegion"][0]["RegionBoundary"]
        self.assertAlmostEqual(float(circle["RbRx"]) * 320, 0.1 * 448, delta=0.01)

    def test_a_depth_map_in_xmp_does_not_turn(self):
        """Google's, in the extended part: it goes with what the packet says of it, and is named."""
        namespaces = {"GDepth": "http://ns.google.com/photos/1.0/depthmap/", "xmpNote": "http://ns.adobe.com/xmp/note/"}
        extended = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
                    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
                    f'xmlns:GDepth="{namespaces["GDepth"]}" GDepth:Data="AAAA"/></rdf:RDF></x:xmpmeta>').encode()
        guid = hashlib.md5(extended).hexdigest().upper()
        piece = (b"http://ns.adobe.com/xmp/extension/\0" + guid.encode() + struct.pack(">II", len(extended), 0) +
                 extended)
        for orientation, options, is_kept in ((1, (), True), (6, (), False), (1, ("--format", "png"), False)):
            path = self.jpeg(orientation, size=(448, 320) if orientation == 1 else (320, 448))
            self.packet(path, f'GDepth:Format="RangeInverse" xmpNote:HasExtendedXMP="{guid}"/>', namespaces)
            data = path.read_bytes()
            path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(piece) + 2) + piece + data[2:])
            report, result = self.restored(path, *options)
            after = json.dumps(tags(result))
            self.assertEqual(("DepthImage" in after, "RangeInverse" in after), (is_kept, is_kept))
            self.assertEqual(any("extended" in warning for warning in report["warnings"]), not is_kept, report)

    def test_places_and_sizes_grow_with_the_pixels(self):
        for orientation in (1, 6):
            path = self.jpeg(orientation, name=f"grown{orientation}.jpg", size=(512, 400))
            size = (512, 400) if orientation == 1 else (400, 512)  # As stored.
            area = [100, 60, 80, 40]
            self.write(path, f"-RegionInfo={{AppliedToDimensions={{W={size[0]},H={size[1]},Unit=pixel}},"
                             "RegionList=[{Area={X=0.25,Y=0.5,W=0.2,H=0.1,Unit=normalized},Name=Anna,Type=Face}]}",
                       f"-EXIF:ExifImageWidth={size[0]}", f"-EXIF:ExifImageHeight={size[1]}",
                       "-n", "-EXIF:SubjectArea=" + " ".join(map(str, area)))
            _, plain = self.restored(path)
            before = tags(plain)
            _, result = self.restored(path, "--enlarge", "2", "--force")
            after = tags(result)
            for name in ("ExifIFD:ExifImageWidth", "ExifIFD:ExifImageHeight"):
                self.assertEqual(after[name], 2 * before[name], name)
            self.assertEqual(after["ExifIFD:ExifImageWidth"], 1024)
            regions = [found["XMP-mwg-rs:RegionInfo"] for found in (before, after)]
            self.assertEqual(regions[1]["RegionList"], regions[0]["RegionList"], "parts of the sides stay")
            for name in "WH":
                self.assertEqual(float(regions[1]["AppliedToDimensions"][name]),
                                 2 * float(regions[0]["AppliedToDimensions"][name]))
            areas = [[float(v) for v in str(found["ExifIFD:SubjectArea"]).split()] for found in (before, after)]
            for small, large in zip(*areas):
                self.assertAlmostEqual(large, 2 * small, delta=1, msg=orientation)


if __name__ == "__main__":
    unittest.main()
