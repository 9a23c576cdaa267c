//! Pictures of groups: taken in safely, or made where none is given. Knows no noun and no folder; everything here takes
//! processor time, so it is called away from the request path.

mod pattern;

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops,
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
}

/// A picture as we serve it: made anew from its pixels, so that nothing else of the file is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
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
    #[error("this picture is damaged and cannot be opened")]
    Damaged,
}

const MAX_FILE: usize = 10 * 1024 * 1024;
const MAX_SIDE: u32 = 8_192;
const MAX_PIXELS: u64 = 25_000_000;
/// What decoding may allocate, in bytes, the pixels included.
const MAX_MEMORY: u64 = 64 * 1024 * 1024;
/// An opaque picture that is larger as PNG becomes a JPEG, in bytes.
const LARGE_PNG: usize = 150_000;
const JPEG_QUALITY: u8 = 85;

/// Reads a file that someone gave, first frame only, crops and shrinks it, and writes it anew.
///
/// # Errors
/// What is no picture, too big, or damaged; sizes are read and checked before any pixel is.
pub fn import(file: &[u8], shape: Shape) -> Result<Picture, Refusal> {
    if file.len() > MAX_FILE {
        return Err(Refusal::File);
    }
    let format = format_of(file)?;
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.no_limits();
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::Damaged)?;
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
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    decoder.set_limits(limits).map_err(|_| Refusal::Memory)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Damaged)?;
    written(shaped(&picture, shape, orientation), format)
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

/// The middle of the picture in the shape's proportions, upright as the camera meant it.
fn shaped(picture: &DynamicImage, shape: Shape, orientation: Orientation) -> DynamicImage {
    let ((wide, high), grows) = match shape {
        Shape::Icon => ((400, 400), true),
        Shape::Header => ((1500, 500), false),
    };
    let lies = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (wide, high) = if lies { (high, wide) } else { (wide, high) };
    let (width, height) = picture.dimensions();
    let kept_width = width.min(scaled(height, wide, high));
    let kept_height = height.min(scaled(width, high, wide));
    let middle = imageops::crop_imm(picture, (width - kept_width) / 2, (height - kept_height) / 2, kept_width, kept_height);
    let small = if kept_width >= wide {
        imageops::thumbnail(&*middle, wide, high)
    } else if grows {
        imageops::resize(&*middle, wide, high, imageops::FilterType::CatmullRom)
    } else {
        middle.to_image()
    };
    let mut upright = DynamicImage::ImageRgba8(small);
    upright.apply_orientation(orientation);
    upright
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
    Ok(Picture { bytes, media_type: "image/jpeg" })
}

fn png(picture: &DynamicImage) -> Result<Picture, Refusal> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(|_| Refusal::Damaged)?;
    Ok(Picture { bytes, media_type: "image/png" })
}

#[cfg(test)]
mod tests;
