//! An address as a picture that telephones read (ISO/IEC 18004).

use std::fmt::Write;

use askama::filters::Safe;
use qrcode::{Color, EcLevel, QrCode};

use crate::{
    error::{Error, Result},
    text,
};

/// White around it, in modules, without which many telephones see nothing.
const QUIET: usize = 4;

/// Drawn in SVG, dark on white whatever stands around it; `label` is read aloud instead.
pub fn svg(address: &str, label: &str) -> Result<Safe<String>> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(Error::broken)?;
    let size = code.width() + 2 * QUIET;
    let mut dark = String::new();
    for (row, modules) in code.to_colors().chunks(code.width()).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|left, right| left == right) {
            if run.first() == Some(&Color::Dark) {
                // writing to a string does not fail
                let _ = write!(dark, "M{} {}h{length}v1h-{length}z", column + QUIET, row + QUIET, length = run.len());
            }
            column += run.len();
        }
    }
    Ok(Safe(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"{}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path fill=\"#000\" d=\"{dark}\"/></svg>",
        text::escape(label)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_quiet_zone_and_a_name() {
        let Safe(svg) = svg("https://plaza.example/@kitchen", "a \"code\" <of> us").unwrap();
        // version 3 has 29 modules
        assert!(
            svg.contains("viewBox=\"0 0 37 37\"") && svg.contains("aria-label=\"a &quot;code&quot; &lt;of&gt; us\""),
            "{svg}"
        );
        assert!(svg.contains("d=\"M4 4h7v1h-7z"), "the finder begins after the quiet zone");
        assert!(super::svg(&"x".repeat(5_000), "").is_err(), "more than a code can hold");
    }
}
