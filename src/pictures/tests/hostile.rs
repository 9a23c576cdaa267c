//! Files made to hurt: bombs, polyglots, and what tells too much. Each row stands for its class.

use std::time::{Duration, Instant};

use super::*;

/// In debug builds on a busy machine; the work itself is counted by what is refused: nothing of these files can be unpacked.
const AT_ONCE: Duration = Duration::from_millis(500);

/// A PNG of these chunks.
fn png_of(chunks: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let named = [*name, data].concat();
        file.extend(&named);
        file.extend(crc32(&named).to_be_bytes());
    }
    file
}

/// A header and nothing behind it.
fn png_that_says(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    png_of(&[(b"IHDR", header), (b"IDAT", vec![])])
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// Names and contents of the chunks of a PNG.
fn chunks(png: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let (mut rest, mut found) = (&png[8..], Vec::new());
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        found.push((rest[4..8].try_into().unwrap(), rest[8..8 + length].to_vec()));
        rest = &rest[12 + length..];
    }
    found
}

/// A PNG with more chunks behind its header.
fn png_with(more: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let plain = chunks(&file(&flag(60, 40), ImageFormat::Png));
    let mut all: Vec<(&[u8], Vec<u8>)> = plain.iter().map(|(name, data)| (name.as_slice(), data.clone())).collect();
    all.splice(1..1, more.iter().cloned());
    png_of(&all)
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &u16::try_from(data.len() + 2).unwrap().to_be_bytes(), data].concat()
}

/// A JPEG with more segments at its beginning.
fn jpeg_with(segments: &[Vec<u8>]) -> Vec<u8> {
    let jpeg = file(&flag(60, 40), ImageFormat::Jpeg);
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// A JPEG that says it is progressive, and has so many passes of nothing.
fn passes(count: usize) -> Vec<u8> {
    let mut jpeg = file(&flag(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 1] = 0xC2;
    let scan = jpeg.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
    jpeg.truncate(scan);
    for _ in 0..count {
        jpeg.extend(segment(0xDA, &[1, 1, 0, 0, 0, 0]));
        jpeg.extend([0x3F, 0xFF, 0x00, 0x12]);
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

/// A WebP of these chunks.
fn webp_of(chunks: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, data) in chunks {
        body.extend(webp_chunk(name, data));
    }
    [&b"RIFF"[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

fn webp_chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let padding = vec![0; data.len() % 2];
    [name, &u32::try_from(data.len()).unwrap().to_le_bytes(), data, &padding].concat()
}

/// What is behind the first chunk's head in a WebP of `colour`: `VP8L`.
fn webp_pixels(colour: [u8; 3]) -> Vec<u8> {
    let picture = DynamicImage::ImageRgb8(ImageBuffer::from_pixel(8, 8, Rgb(colour)));
    let whole = file(&picture, ImageFormat::WebP);
    assert_eq!(&whole[12..16], b"VP8L");
    whole[20..].to_vec()
}

/// What a WebP says of itself when it is more than pixels; 8×8.
fn webp_head(flags: u8) -> (&'static [u8], Vec<u8>) {
    (b"VP8X", vec![flags, 0, 0, 0, 7, 0, 0, 7, 0, 0])
}

fn animated_webp() -> Vec<u8> {
    let frame = |colour| [&[0; 6][..], &[7, 0, 0, 7, 0, 0, 10, 0, 0, 2], &webp_chunk(b"VP8L", &webp_pixels(colour))].concat();
    let head = (&b"ANIM"[..], vec![255, 255, 255, 255, 0, 0]);
    webp_of(&[webp_head(2), head, (b"ANMF", frame([200, 0, 0])), (b"ANMF", frame([0, 0, 200]))])
}

fn animated_png(frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(frames, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for number in 0..frames {
        writer.write_image_data(if number == 0 { &[200, 0, 0] } else { &[0, 0, 200] }).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn bombs_are_refused_by_what_they_say_of_themselves() {
    let mut jpeg = file(&flag(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    let table = [
        (png_that_says(65_535, 65_535), Refusal::Pixels(65_535, 65_535)),
        (png_that_says(1, 1_000_000), Refusal::Pixels(1, 1_000_000)),
        (png_that_says(8_193, 1), Refusal::Pixels(8_193, 1)),
        (png_that_says(5_001, 5_000), Refusal::Pixels(5_001, 5_000)),
        (png_that_says(5_000, 5_000), Refusal::Memory),
        (png_that_says(0, 5), Refusal::Damaged),
        (jpeg, Refusal::Pixels(65_535, 65_535)),
        (vec![0x89; MAX_FILE + 1], Refusal::File),
        (jpeg_with(&vec![segment(0xE1, &vec![b'E'; 65_000]); 256]), Refusal::File),
        (jpeg_with(&vec![segment(0xFE, &vec![0; 65_000]); 256]), Refusal::File),
        (passes(1_000), Refusal::Scans),
        (passes(51), Refusal::Scans),
        (webp_of(&[(b"VP8X", vec![0, 0, 0, 0, 0, 0, 16, 0, 0, 0])]), Refusal::Damaged),
    ];
    for (file, refusal) in table {
        let begun = Instant::now();
        for shape in [Shape::Icon, Shape::Header, Shape::Whole] {
            assert_eq!(import(&file, shape), Err(refusal.clone()));
        }
        assert!(begun.elapsed() < AT_ONCE, "{refusal:?} {:?}", begun.elapsed());
    }
}

#[test]
fn what_is_no_png_jpeg_or_webp_is_refused_by_its_first_bytes() {
    let table: [&[u8]; 14] = [
        b"",
        b"\x89PNG",
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<?xml version=\"1.0\"?><svg/>",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"\0\0\0\x18ftypavif\0\0\0\0",
        b"II*\0\x08\0\0\0",
        b"BM\x9a\0\0\0",
        b"\0\0\x01\0\x01\0",
        b"%PDF-1.4\n\x89PNG\r\n\x1a\n",
        b"{\"type\":\"Person\"}",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"<html>\xff\xd8\xff",
    ];
    for file in table {
        assert_eq!(import(file, Shape::Icon), Err(Refusal::Format), "{:?}", String::from_utf8_lossy(file));
    }
}

#[test]
fn of_a_film_only_the_first_picture_is_kept() {
    for film in [animated_png(5_000), animated_webp()] {
        let picture = import(&film, Shape::Whole).unwrap();
        let first = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
        assert!(first.get_pixel(0, 0)[0] > 150 && first.get_pixel(0, 0)[2] < 50, "red, not blue");
        assert!(!["acTL", "fdAT", "ANIM", "ANMF"].iter().any(|part| contains(&picture.bytes, part)));
    }
}

#[test]
fn a_packed_profile_is_not_unpacked_beyond_what_a_profile_needs() {
    // 16 MB of zeros, as a PNG packs them
    let zeros = chunks(&file(&DynamicImage::new_luma8(4_096, 4_096), ImageFormat::Png));
    let packed: Vec<u8> = zeros.into_iter().filter(|(name, _)| name == b"IDAT").flat_map(|(_, data)| data).collect();
    assert!(packed.len() < 200_000);
    let profile = |data: &[u8]| png_with(&[(b"iCCP", [b"p\0\0", data].concat())]);
    let bomb = profile(&packed);
    let begun = Instant::now();
    let mut opened = opened(&bomb, ImageFormat::Png).ok().unwrap();
    assert_eq!(opened.icc_profile().unwrap(), None);
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    assert_eq!(size(&import(&bomb, Shape::Whole).unwrap()), (60, 40));
}

/// Everything that says more than pixels, in each kind of file.
fn talkative() -> Vec<(&'static str, Vec<u8>)> {
    let exif = with_exif(&[0xFF, 0xD8])[6..].to_vec();
    let tiff = exif[6..].to_vec();
    let page = b"<html><script>alert(1)</script>PK\x03\x04".to_vec();
    let mut with_page = file(&flag(60, 40), ImageFormat::Png);
    with_page.extend(&page);
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), b"<x:xmpmeta>Ana GPS</x:xmpmeta>"].concat();
    let preview = with_exif(&passes(100));
    vec![
        ("JPEG with EXIF", jpeg_with(&[segment(0xE1, &exif)])),
        ("JPEG with XMP", jpeg_with(&[segment(0xE1, &xmp)])),
        ("JPEG with IPTC", jpeg_with(&[segment(0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0Ana")])),
        ("JPEG with a profile", jpeg_with(&[segment(0xE2, b"ICC_PROFILE\0\x01\x01Ana")])),
        ("JPEG with 9 MB of comments", jpeg_with(&vec![segment(0xFE, &b"Ana ".repeat(16_000)); 140])),
        ("JPEG with a preview", jpeg_with(&[segment(0xE1, &preview[..preview.len().min(60_000)])])),
        ("JPEG that is JavaScript", jpeg_with(&[segment(0xFE, b"*/=alert(1)/*<script>")])),
        ("PNG with EXIF", png_with(&[(b"eXIf", tiff.clone())])),
        ("PNG with words", png_with(&[(b"tEXt", b"Author\0Ana".to_vec()), (b"tIME", vec![7, 234, 1, 1, 1, 1, 1])])),
        ("PNG with XMP", png_with(&[(b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), b"Ana GPS"].concat())])),
        ("PNG and a page", with_page),
        (
            "WebP with all of it",
            webp_of(&[
                webp_head(0b10_1100),
                (b"ICCP", b"ICC_PROFILE Ana".to_vec()),
                (b"VP8L", webp_pixels([200, 0, 0])),
                (b"EXIF", tiff),
                (b"XMP ", b"Ana GPS".to_vec()),
            ]),
        ),
    ]
}

#[test]
fn nothing_but_pixels_is_left_of_a_file() {
    for (what, file) in talkative() {
        for shape in [Shape::Icon, Shape::Header, Shape::Whole] {
            let sizes = super::super::import(&file, shape).unwrap_or_else(|why| panic!("{what}: {why}"));
            for picture in [sizes.large, sizes.small] {
                for trace in ["Exif", "GPS", "Ana", "ICC_PROFILE", "ns.adobe.com", "Photoshop", "script", "PK\x03\x04"] {
                    assert!(!contains(&picture.bytes, trace), "{what}: {trace}");
                }
                assert!(exif::Reader::new().read_from_container(&mut Cursor::new(&picture.bytes)).is_err(), "{what}");
                assert_bare(what, &picture);
            }
        }
    }
}

/// Only the parts that a picture cannot be without.
fn assert_bare(what: &str, picture: &Picture) {
    if picture.media_type == "image/png" {
        let chunks = chunks(&picture.bytes);
        let known: [&[u8; 4]; 3] = [b"IHDR", b"IDAT", b"IEND"];
        assert!(chunks.iter().all(|(name, _)| known.contains(&name)), "{what}: {chunks:?}");
        return;
    }
    // APP0 (JFIF), tables, frame, scan
    let mut rest = &picture.bytes[2..];
    while rest[1] != 0xDA {
        assert!(rest[0] == 0xFF && [0xE0, 0xDB, 0xC0, 0xC4].contains(&rest[1]), "{what}: marker {:x}", rest[1]);
        assert!(rest[1] != 0xE0 || &rest[4..8] == b"JFIF", "{what}");
        rest = &rest[2 + usize::from(u16::from_be_bytes([rest[2], rest[3]]))..];
    }
}
