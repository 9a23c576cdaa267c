//! Pictures for groups that gave none: a pattern of tiles in the city's colours, always the same for the same names.

use aws_lc_rs::digest::{SHA256, digest};

/// Colours that go together, as red, green and blue. White words stand well on `deep`, black ones on `pale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colours {
    pub deep: [u8; 3],
    pub bright: [u8; 3],
    pub warm: [u8; 3],
    pub pale: [u8; 3],
}

/// All there are; a city has one of them.
pub const PALETTES: [Colours; 8] = [
    Colours { deep: [0x8C, 0x1C, 0x13], bright: [0xE0, 0x4F, 0x39], warm: [0xF4, 0xB9, 0x42], pale: [0xFB, 0xE9, 0xD7] },
    Colours { deep: [0x0B, 0x4F, 0x6C], bright: [0x1C, 0x96, 0xC5], warm: [0xF7, 0xC1, 0x4A], pale: [0xE1, 0xF1, 0xF7] },
    Colours { deep: [0x1F, 0x4D, 0x2B], bright: [0x4B, 0xA0, 0x5A], warm: [0xF2, 0xC1, 0x4E], pale: [0xE8, 0xF3, 0xE1] },
    Colours { deep: [0x4A, 0x1D, 0x6B], bright: [0x96, 0x5A, 0xC9], warm: [0xF5, 0x9E, 0x6B], pale: [0xF1, 0xE6, 0xF8] },
    Colours { deep: [0x7A, 0x1F, 0x4F], bright: [0xD2, 0x48, 0x8B], warm: [0xF6, 0xC3, 0x6B], pale: [0xFA, 0xE4, 0xEE] },
    Colours { deep: [0x1B, 0x3A, 0x7A], bright: [0x4F, 0x7D, 0xDB], warm: [0xF0, 0x8A, 0x5D], pale: [0xE4, 0xEB, 0xFA] },
    Colours { deep: [0x0E, 0x55, 0x50], bright: [0x2A, 0xA1, 0x98], warm: [0xEF, 0xA0, 0x4F], pale: [0xDF, 0xF3, 0xF0] },
    Colours { deep: [0x6B, 0x3A, 0x0B], bright: [0xC9, 0x7B, 0x2A], warm: [0x3F, 0x8F, 0x8B], pale: [0xF8, 0xEC, 0xDC] },
];

/// Which of [`PALETTES`] a city has, by its name.
pub fn palette_of(city: &str) -> usize {
    Dice::of(&["colours", city]).roll(PALETTES.len())
}

fn colours(city: &str) -> &'static Colours {
    PALETTES.get(palette_of(city)).unwrap_or(&PALETTES[0])
}

/// A picture of 400×400 pixels, mirrored left to right so that it is recognised at a glance; PNG.
pub fn generated_icon(seed: &str, colour_seed: &str) -> Vec<u8> {
    let mut dice = Dice::of(&["icon", seed]);
    let half: Vec<Tile> = (0..8).map(|_| dice.tile()).collect();
    let tile = |row: usize, column: usize| {
        let tile = half.get(row * 2 + column.min(3 - column)).copied().unwrap_or_default();
        if column < 2 { tile } else { tile.mirrored() }
    };
    drawn(4, 4, 100, colours(colour_seed), tile)
}

/// A picture of 1500×500 pixels; PNG.
pub fn generated_header(seed: &str, colour_seed: &str) -> Vec<u8> {
    let mut dice = Dice::of(&["header", seed]);
    let tiles: Vec<Tile> = (0..12).map(|_| dice.tile()).collect();
    drawn(6, 2, 250, colours(colour_seed), |row, column| tiles.get(row * 6 + column).copied().unwrap_or_default())
}

/// One square of the pattern.
#[derive(Clone, Copy, Debug, Default)]
struct Tile {
    form: Form,
    /// Quarter turns.
    turned: usize,
    /// Which of the colours is behind and which in front; they differ.
    behind: usize,
    front: usize,
    flipped: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Form {
    #[default]
    Quarter,
    Leaf,
    Disc,
    Ring,
    Corner,
    Arch,
}

const FORMS: [Form; 8] =
    [Form::Quarter, Form::Quarter, Form::Quarter, Form::Leaf, Form::Disc, Form::Ring, Form::Corner, Form::Arch];

impl Tile {
    fn mirrored(self) -> Self {
        Self { flipped: !self.flipped, ..self }
    }

    /// How much of the pixel at (x, y) of a tile with this `side` lies inside the form: 0 to 1.
    fn covers(self, x: u32, y: u32, side: u32) -> f32 {
        let size = side as f32;
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let x = if self.flipped { size - x } else { x };
        let (x, y) = match self.turned % 4 {
            0 => (x, y),
            1 => (y, size - x),
            2 => (size - x, size - y),
            _ => (size - y, x),
        };
        let from = |cx: f32, cy: f32| ((x - cx * size).powi(2) + (y - cy * size).powi(2)).sqrt();
        // how far inside the edge, in pixels
        let inside = match self.form {
            Form::Quarter => size - from(0.0, 0.0),
            Form::Leaf => (size - from(0.0, 0.0)).min(size - from(1.0, 1.0)),
            Form::Disc => 0.36 * size - from(0.5, 0.5),
            Form::Ring => (size - from(0.0, 0.0)).min(from(0.0, 0.0) - 0.5 * size),
            Form::Corner => (size - x - y) / std::f32::consts::SQRT_2,
            Form::Arch => (0.5 * size - from(0.5, 1.0)).max(0.25 * size - from(0.5, 0.25)),
        };
        (inside + 0.5).clamp(0.0, 1.0)
    }
}

/// How many steps an edge takes from one colour to the other.
const STEPS: usize = 6;

/// As PNG with a palette. A grid of `columns` × `rows` tiles of `side` pixels.
fn drawn(columns: u32, rows: u32, side: u32, colours: &Colours, tile: impl Fn(usize, usize) -> Tile) -> Vec<u8> {
    let (width, height) = (columns * side, rows * side);
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    for y in 0..height {
        for column in 0..columns {
            let tile = tile((y / side) as usize, column as usize);
            pixels.extend((0..side).map(|x| {
                let step = (tile.covers(x, y % side, side) * STEPS as f32).round() as usize;
                palette_index(tile.behind % 4, tile.front % 4, step)
            }));
        }
    }
    // writing to memory does not fail, and there are as many pixels as we say
    encoded(width, height, palette(colours), &pixels).unwrap_or_default()
}

/// Every way from one of the four colours to another, in steps.
fn palette(colours: &Colours) -> Vec<u8> {
    let colours = [colours.deep, colours.bright, colours.warm, colours.pale];
    let ways = colours.iter().flat_map(|behind| colours.iter().map(move |front| (behind, front)));
    ways.flat_map(|(behind, front)| {
        (0..STEPS).flat_map(move |step| behind.iter().zip(front).map(move |(behind, front)| mixed(*behind, *front, step)))
    })
    .collect()
}

/// Where [`palette`] has the colour; the last step is the first of the way back.
fn palette_index(behind: usize, front: usize, step: usize) -> u8 {
    let (behind, front, step) = if step >= STEPS {
        (front, front, 0)
    } else if step == 0 {
        (behind, behind, 0)
    } else {
        (behind, front, step)
    };
    ((behind * 4 + front) * STEPS + step) as u8
}

fn mixed(behind: u8, front: u8, step: usize) -> u8 {
    let share = step as f32 / STEPS as f32;
    (f32::from(behind) + (f32::from(front) - f32::from(behind)) * share).round() as u8
}

fn encoded(width: u32, height: u32, palette: Vec<u8>, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

/// The same row of numbers for the same words.
struct Dice {
    state: u64,
}

impl Dice {
    fn of(words: &[&str]) -> Self {
        let hash = digest(&SHA256, words.join("\0").as_bytes());
        let state = hash.as_ref().iter().take(8).fold(0, |state, byte| (state << 8) | u64::from(*byte));
        Self { state }
    }

    /// 0 to `sides` - 1 (SplitMix64).
    fn roll(&mut self, sides: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 33) as usize % sides.max(1)
    }

    fn tile(&mut self) -> Tile {
        let behind = self.roll(4);
        Tile {
            form: FORMS.get(self.roll(FORMS.len())).copied().unwrap_or_default(),
            turned: self.roll(4),
            behind,
            front: behind + 1 + self.roll(3),
            flipped: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: [u8; 3]) -> f64 {
        let linear = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn words_can_be_read_on_every_citys_colours() {
        for colours in PALETTES {
            let on_white = 1.05 / (luminance(colours.deep) + 0.05);
            let on_black = (luminance(colours.pale) + 0.05) / 0.05;
            assert!(on_white >= 7.0 && on_black >= 7.0, "{colours:?}: {on_white} {on_black}");
        }
    }

    #[test]
    fn made_pictures_are_small_and_always_the_same() {
        for handle in ["kitchen", "k", "people_of_color", "legal2", "trees", "a", "b", "c", "d", "e"] {
            for (picture, size) in
                [(generated_icon(handle, "Boston"), (400, 400)), (generated_header(handle, "Boston"), (1500, 500))]
            {
                let read = image::load_from_memory_with_format(&picture, image::ImageFormat::Png).unwrap();
                assert_eq!((read.width(), read.height()), size);
                assert!(picture.len() <= 20_000, "{handle}: {}", picture.len());
            }
        }
        assert_eq!(generated_icon("kitchen", "Boston"), generated_icon("kitchen", "Boston"));
        assert_ne!(generated_icon("kitchen", "Boston"), generated_icon("medical", "Boston"));
        assert_ne!(generated_header("kitchen", "Boston"), generated_header("kitchen", "Madrid"));
    }
}
