//! `--image F --alt T`: pictures on the command line, read, checked and kept.

use std::io::Read;

use clap::Args;
use serde_json::{Value, json};

use crate::{
    app::{App, Here},
    error::{Error, Result},
    media::{self, Fresh, Kept},
    pictures::{self, Shape},
};

pub use crate::city::pictures::settle;

/// Each `--image` goes with the `--alt` of the same place in the order.
#[derive(Args, Clone, Default)]
pub struct Images {
    /// A picture (PNG, JPEG or WebP) with its --alt; up to four times
    #[arg(long = "image", value_name = "FILE")]
    images: Vec<String>,
    /// What the picture shows, in words, for people who do not see it
    #[arg(long = "alt", value_name = "TEXT")]
    alts: Vec<String>,
}

/// What becomes of the pictures that something has.
#[derive(Args, Clone, Default)]
pub struct NewImages {
    #[command(flatten)]
    images: Images,
    /// Take all pictures away (--image gives all of them anew)
    #[arg(long, conflicts_with_all = ["images", "alts"])]
    no_images: bool,
}

impl Images {
    /// Opens them, one after the other, and keeps them. They are as good as forgotten until a row shows them.
    pub async fn keep(&self, app: &App) -> Result<Vec<Fresh>> {
        if self.images.len() > media::AT_MOST {
            return Err(media::Refusal::Many.into());
        }
        if self.images.len() != self.alts.len() {
            return Err(match self.images.is_empty() {
                true => Error::invalid("--alt describes a picture: give the picture, too, with --image FILE"),
                false => media::Refusal::Alt.into(),
            });
        }
        self.alts.iter().try_for_each(|alt| media::check_alt(alt))?;
        let mut fresh = Vec::new();
        for (file, alt) in self.images.iter().zip(&self.alts) {
            fresh.push(take_in(file, Shape::Whole, alt).await?);
        }
        app.media.keep(&fresh).await?;
        Ok(fresh)
    }
}

impl NewImages {
    /// What is new, and what is shown from now on (`None`: what was shown before). Descriptions alone are for the pictures there are.
    pub async fn keep(&self, app: &App, before: &[Kept]) -> Result<(Vec<Fresh>, Option<Vec<Kept>>)> {
        let alts = &self.images.alts;
        if self.images.images.is_empty() && !alts.is_empty() && !before.is_empty() {
            alts.iter().try_for_each(|alt| media::check_alt(alt))?;
            if alts.len() != before.len() {
                return Err(Error::refused(format!(
                    "there are {} pictures: describe each of them, in their order",
                    before.len()
                )));
            }
            return Ok((vec![], Some(before.iter().zip(alts).map(|(picture, alt)| picture.described_as(alt)).collect())));
        }
        let fresh = self.images.keep(app).await?;
        let shown = (self.no_images || !fresh.is_empty()).then(|| kept(&fresh));
        Ok((fresh, shown))
    }
}

/// Reads a picture that somebody gave and makes it anew.
pub async fn take_in(file: &str, shape: Shape, alt: &str) -> Result<Fresh> {
    let mut bytes = Vec::new();
    let most = u64::try_from(pictures::MAX_FILE).unwrap_or(u64::MAX) + 1;
    std::fs::File::open(file)
        .and_then(|open| open.take(most).read_to_end(&mut bytes))
        .map_err(|e| Error::invalid(format!("{file:?} cannot be read: {e}")))?;
    media::take_in(bytes, shape, alt).await.map_err(|why| match why {
        Error::Refused(why) => Error::refused(format!("{file}: {why}")),
        other => other,
    })
}

pub fn kept(fresh: &[Fresh]) -> Vec<Kept> {
    fresh.iter().map(|fresh| fresh.kept.clone()).collect()
}

/// One line each, below a text.
pub fn lines(here: &Here, pictures: &[Kept]) -> String {
    pictures.iter().map(|picture| format!("\nPicture: {} ({})", here.origin.url(&picture.large.path()), picture.alt)).collect()
}

pub fn described(here: &Here, picture: &Kept) -> Value {
    let file = |file: &media::File| {
        json!({
            "url": here.origin.url(&file.path()),
            "mediaType": file.media_type(),
            "width": file.width,
            "height": file.height,
        })
    };
    json!({ "alt": picture.alt, "large": file(&picture.large), "small": file(&picture.small) })
}
