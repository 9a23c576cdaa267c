//! Pictures: taken in safely and written anew in two sizes, or made where a group gave none. Knows no noun and no folder;
//! everything here takes processor time, so it is called away from the request path.

mod pattern;

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, Limits,
    codecs::{
        jpeg::{JpegDecoder, JpegEncoder},
        png::PngDecoder,
        webp::WebPDecoder,
    },
    imageops,
    metadata::Orientation,
};

pub use pattern::{Colours, PALETTES, generated_header, generated_icon, palette_of};

/// What a picture is for, and so its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 400×400.
    Icon,
    /// Three times as wide as high, at most 1500×500.
    Header,
    /// In its own proportions, at most 1600 on the longer side.
    Whole,
}

impl Shape {
    /// Of the smaller one of the two sizes: what its longer side has at most.
    const fn small(self) -> u32 {
        match self {
            Self::Icon => 160,
            Self::Header => 750,
            Self::Whole => 640,
        }
    }
}

/// A picture as we serve it: made anew from its pixels, so that nothing else of the file is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    pub width: u32,
    pub height: u32,
}

/// One picture in two sizes; both are the same where it is small by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub large: Picture,
    pub small: Picture,
}

impl Picture {
    /// For the name of a file.
    pub fn extension(&self) -> &'static str {
        if self.media_type == "image/jpeg" { "jpg" } else { "png" }
    }
}

/// Why a picture is not taken. The text is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("a picture is a PNG, JPEG or WebP file, and this is none")]
    Format,
    #[error("a picture file has at most 10 MB")]
    File,
    #[error("a picture has at most 25 million pixels and 8,192 on a side: this one has {0}×{1}")]
    Pixels(u32, u32),
    #[error("this picture needs too much memory to be opened: save it smaller, with 8 bits for each colour")]
    Memory,
    #[error("this JPEG is built up in too many passes: save it again as an ordinary one")]
    Scans,
    #[error("this picture is damaged and cannot be opened")]
    Damaged,
}

/// Bytes of a file; whoever reads one can stop behind them.
pub const MAX_FILE: usize = 10 * 1024 * 1024;
const MAX_SIDE: u32 = 8_192;
const MAX_PIXELS: u64 = 25_000_000;
/// What decoding may allocate, in bytes, the pixels included.
const MAX_MEMORY: u64 = 64 * 1024 * 1024;
/// What a PNG may unpack beside its pixels, in bytes: colour profiles are compressed, and unpacked with the header.
const MAX_BESIDE: u64 = 4 * 1024 * 1024;
/// Each pass over a progressive JPEG works through the whole picture; programs write about ten.
const MAX_SCANS: usize = 50;
/// The longer side of a whole picture.
const WHOLE: u32 = 1_600;
/// An opaque picture that is larger as PNG becomes a JPEG, in bytes.
const LARGE_PNG: usize = 150_000;
const JPEG_QUALITY: u8 = 85;

/// Reads a file that someone gave, first frame only, crops and shrinks it, and writes it anew.
///
/// # Errors
/// What is no picture, too big, or damaged; sizes are read and checked before any pixel is.
pub fn import(file: &[u8], shape: Shape) -> Result<Sizes, Refusal> {
    if file.len() > MAX_FILE {
        return Err(Refusal::File);
    }
    let format = format_of(file)?;
    let mut decoder = opened(file, format)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::Pixels(width, height));
    }
    if width == 0 || height == 0 {
        return Err(Refusal::Damaged);
    }
    if decoder.total_bytes() > MAX_MEMORY {
        return Err(Refusal::Memory);
    }
    if format == ImageFormat::Jpeg && scans(file) > MAX_SCANS {
        return Err(Refusal::Scans);
    }
    decoder.set_limits(at_most(MAX_MEMORY)).map_err(|_| Refusal::Memory)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Damaged)?;
    let picture = shaped(picture, shape, orientation);
    let small = within(&picture, shape.small()).map(|small| written(small, format)).transpose()?;
    let large = written(picture, format)?;
    Ok(Sizes { small: small.unwrap_or_else(|| large.clone()), large })
}

/// Reads the header only.
fn opened(file: &[u8], format: ImageFormat) -> Result<Box<dyn ImageDecoder + '_>, Refusal> {
    let file = Cursor::new(file);
    let decoder: Box<dyn ImageDecoder> = match format {
        ImageFormat::Png => Box::new(PngDecoder::with_limits(file, at_most(MAX_BESIDE)).map_err(|_| Refusal::Damaged)?),
        ImageFormat::Jpeg => Box::new(JpegDecoder::new(file).map_err(|_| Refusal::Damaged)?),
        ImageFormat::WebP => Box::new(WebPDecoder::new(file).map_err(|_| Refusal::Damaged)?),
        _ => return Err(Refusal::Format),
    };
    Ok(decoder)
}

fn at_most(bytes: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}

/// How many passes a JPEG says it has; segments are stepped over, for a camera's preview is a JPEG within one.
fn scans(jpeg: &[u8]) -> usize {
    let (mut rest, mut scans) = (jpeg, 0);
    while let Some(at) = rest.iter().position(|byte| *byte == 0xFF) {
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest {
            // a byte of the picture, a restart, the beginning or the end: nothing follows that belongs to it
            [0x00 | 0x01 | 0xD0..=0xD9 | 0xFF, ..] => {}
            [kind, high, low, ..] => {
                scans += usize::from(*kind == 0xDA);
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(1 + length..).unwrap_or_default();
            }
            _ => break,
        }
    }
    scans
}

/// By the first bytes only: names and types that came with a file prove nothing.
fn format_of(file: &[u8]) -> Result<ImageFormat, Refusal> {
    match file {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Ok(ImageFormat::Png),
        [0xFF, 0xD8, 0xFF, ..] => Ok(ImageFormat::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(ImageFormat::WebP),
        _ => Err(Refusal::Format),
    }
}

/// The picture in its shape, upright as the camera meant it.
fn shaped(picture: DynamicImage, shape: Shape, orientation: Orientation) -> DynamicImage {
    let mut upright = match shape {
        Shape::Icon => middle(&picture, (400, 400), true, orientation),
        Shape::Header => middle(&picture, (1500, 500), false, orientation),
        Shape::Whole => DynamicImage::ImageRgba8(within(&picture, WHOLE).unwrap_or(picture).into_rgba8()),
    };
    upright.apply_orientation(orientation);
    upright
}

/// Shrunk, unless it fits already.
fn within(picture: &DynamicImage, side: u32) -> Option<DynamicImage> {
    (picture.width().max(picture.height()) > side).then(|| picture.thumbnail(side, side))
}

/// The middle of the picture in these proportions, which are those of the picture held upright.
fn middle(picture: &DynamicImage, (wide, high): (u32, u32), grows: bool, orientation: Orientation) -> DynamicImage {
    let lies = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (wide, high) = if lies { (high, wide) } else { (wide, high) };
    let (width, height) = picture.dimensions();
    let kept_width = width.min(scaled(height, wide, high));
    let kept_height = height.min(scaled(width, high, wide));
    let middle = imageops::crop_imm(picture, (width - kept_width) / 2, (height - kept_height) / 2, kept_width, kept_height);
    DynamicImage::ImageRgba8(if kept_width >= wide {
        imageops::thumbnail(&*middle, wide, high)
    } else if grows {
        imageops::resize(&*middle, wide, high, imageops::FilterType::CatmullRom)
    } else {
        middle.to_image()
    })
}

/// `length` × `numerator` / `denominator`, at least 1.
fn scaled(length: u32, numerator: u32, denominator: u32) -> u32 {
    let length = u64::from(length) * u64::from(numerator) / u64::from(denominator.max(1));
    u32::try_from(length).unwrap_or(u32::MAX).max(1)
}

/// Photographs as JPEG, drawings and what one can see through as PNG.
fn written(picture: DynamicImage, came_as: ImageFormat) -> Result<Picture, Refusal> {
    let opaque = picture.as_rgba8().is_some_and(|pixels| pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX));
    if !opaque {
        return png(&picture);
    }
    let picture = DynamicImage::ImageRgb8(picture.into_rgb8());
    if came_as != ImageFormat::Jpeg {
        let drawing = png(&picture)?;
        if drawing.bytes.len() <= LARGE_PNG {
            return Ok(drawing);
        }
    }
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)).map_err(|_| Refusal::Damaged)?;
    Ok(Picture { bytes, media_type: "image/jpeg", width: picture.width(), height: picture.height() })
}

fn png(picture: &DynamicImage) -> Result<Picture, Refusal> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(|_| Refusal::Damaged)?;
    Ok(Picture { bytes, media_type: "image/png", width: picture.width(), height: picture.height() })
}

#[cfg(test)]
mod tests;
