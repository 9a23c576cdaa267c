//! What files people may give, and what becomes of them.

use image::{ImageBuffer, Rgb, Rgba};
use proptest::prelude::*;

use super::*;

mod hostile;

/// Left half red, right half blue.
fn flag(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(ImageBuffer::from_fn(
        width,
        height,
        |x, _| if x < width / 2 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) },
    ))
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The larger size of what becomes of a file.
fn import(file: &[u8], shape: Shape) -> Result<Picture, Refusal> {
    super::import(file, shape).map(|sizes| sizes.large)
}

fn size(picture: &Picture) -> (u32, u32) {
    image::load_from_memory(&picture.bytes).unwrap().dimensions()
}

/// A JPEG with an EXIF block: the camera held upright (orientation 6), a place, and a name.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    tiff.extend([0, 3]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    tiff.extend([0x01, 0x0F, 0, 2, 0, 0, 0, 4, b'A', b'n', b'a', 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 50]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend([0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(b"GPSLatitude");
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(tiff);
    let mut whole = jpeg[..2].to_vec();
    whole.extend([0xFF, 0xE1]);
    whole.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    whole.extend(exif);
    whole.extend(&jpeg[2..]);
    whole
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn pictures_are_cropped_to_the_middle_or_kept_whole_and_shrunk_but_never_enlarged() {
    let table = [
        (1000, 750, Shape::Icon, (400, 400)),
        (100, 50, Shape::Icon, (400, 400)),
        (8192, 1, Shape::Icon, (400, 400)),
        (1, 8192, Shape::Icon, (400, 400)),
        (1800, 1200, Shape::Header, (1500, 500)),
        (300, 300, Shape::Header, (300, 100)),
        (1, 8192, Shape::Header, (1, 1)),
        (8192, 1, Shape::Header, (3, 1)),
    ];
    for (width, height, shape, expected) in table {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let picture = import(&file(&flag(width, height), format), shape)
                .unwrap_or_else(|why| panic!("{width}×{height} {format:?}: {why}"));
            assert_eq!(size(&picture), expected, "{width}×{height} {format:?}");
            let is_png = format_of(&picture.bytes) == Ok(ImageFormat::Png);
            assert_eq!(picture.media_type, if is_png { "image/png" } else { "image/jpeg" });
        }
    }
    for (width, height, large, small) in [
        (4000, 3000, (1600, 1200), (640, 480)),
        (3000, 4000, (1200, 1600), (480, 640)),
        (1600, 100, (1600, 100), (640, 40)),
        (641, 641, (641, 641), (640, 640)),
        (640, 10, (640, 10), (640, 10)),
        (1, 1, (1, 1), (1, 1)),
        (8192, 1, (1600, 1), (640, 1)),
    ] {
        let sizes = super::import(&file(&flag(width, height), ImageFormat::Jpeg), Shape::Whole).unwrap();
        assert_eq!((size(&sizes.large), size(&sizes.small)), (large, small), "{width}×{height}");
        for picture in [&sizes.large, &sizes.small] {
            assert_eq!((picture.width, picture.height), size(picture));
        }
    }
    let seen_through = DynamicImage::ImageRgba8(ImageBuffer::from_pixel(500, 500, Rgba([1, 2, 3, 100])));
    assert_eq!(import(&file(&seen_through, ImageFormat::WebP), Shape::Icon).unwrap().media_type, "image/png");
}

#[test]
fn nothing_of_a_camera_is_left_but_the_way_it_was_held() {
    let photo = with_exif(&file(&flag(600, 400), ImageFormat::Jpeg));
    assert!(contains(&photo, "Exif") && contains(&photo, "GPS") && contains(&photo, "Ana"));
    assert!(exif::Reader::new().read_from_container(&mut Cursor::new(&photo)).is_ok(), "another reader finds it");
    for shape in [Shape::Icon, Shape::Header, Shape::Whole] {
        let picture = import(&photo, shape).unwrap();
        for trace in ["Exif", "GPS", "Ana", "ICC_PROFILE", "http://ns.adobe.com", "Photoshop"] {
            assert!(!contains(&picture.bytes, trace), "{trace}");
        }
        let upright = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
        let (middle, bottom) = (upright.width() / 2, upright.height() - 1);
        assert!(upright.get_pixel(middle, 0)[0] > 150 && upright.get_pixel(middle, bottom)[2] > 150, "red above, blue below");
        assert!(exif::Reader::new().read_from_container(&mut Cursor::new(&picture.bytes)).is_err(), "another reader finds none");
    }
}

#[test]
fn half_a_picture_is_refused_or_shown_but_never_breaks_us() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = file(&flag(64, 64), format);
        for kept in 12..whole.len() {
            match import(&whole[..kept], Shape::Header) {
                Ok(picture) => assert_eq!(size(&picture), (64, 21), "{format:?} {kept}"),
                Err(refusal) => assert_eq!(refusal, Refusal::Damaged, "{format:?} {kept}"),
            }
        }
        assert_eq!(import(&whole[..20], Shape::Header), Err(Refusal::Damaged));
    }
}

proptest! {
    #[test]
    fn a_broken_picture_never_breaks_us(at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), which in 0..3usize) {
        let format = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP][which];
        let mut bytes = file(&flag(40, 30), format);
        for (index, byte) in at {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(picture) = import(&bytes, Shape::Icon) {
            prop_assert_eq!(size(&picture), (400, 400));
        }
    }
}
