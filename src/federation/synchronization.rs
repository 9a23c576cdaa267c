//! Whether two servers agree on who follows whom (FEP-8fcf): a digest of those on one server, said beside what is for followers only.

use aws_lc_rs::digest::{SHA256, digest};
use url::Url;

use crate::net::address;

/// The header it is said in.
pub const HEADER: &str = "collection-synchronization";
/// The part of `followers` that lives on the server that asks, below the group's id.
pub const PART: &str = "followers_synchronization";
/// Longer headers are not read, in bytes.
const LONGEST: usize = 4_096;

/// SHA-256 of every id, all of them under XOR, in hexadecimal digits.
pub fn digest_of<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = [0_u8; 32];
    for id in ids {
        for (whole, byte) in all.iter_mut().zip(digest(&SHA256, id.as_bytes()).as_ref()) {
            *whole ^= byte;
        }
    }
    all.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of the header.
pub fn header(collection: &Url, part: &Url, digest: &str) -> String {
    format!(r#"collectionId="{collection}", url="{part}", digest="{digest}""#)
}

/// What another server says of its followers here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where those on our server are listed.
    pub part: Url,
    /// In lower-case hexadecimal digits.
    pub digest: String,
}

/// `None` where it makes no sense.
pub fn read(header: &str) -> Option<Said> {
    if header.len() > LONGEST {
        return None;
    }
    let field = |name: &str| {
        let mut parts = header.split(',').filter_map(|part| part.trim().split_once('='));
        let value = parts.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())?;
        value.strip_prefix('"')?.strip_suffix('"')
    };
    let digest = field("digest")?.to_ascii_lowercase();
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let part = address::parse(field("url")?).ok()?;
    is_digest.then_some(Said { part, digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of FEP-8fcf.
    #[test]
    fn the_digest_is_that_of_the_fep() {
        let ids = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"];
        assert_eq!(digest_of(ids), "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f");
        assert_eq!(digest_of(ids.into_iter().rev()), digest_of(ids));
        assert_eq!(digest_of([]), "0".repeat(64));
    }

    #[test]
    fn what_is_said_is_read_again() {
        let [collection, part] =
            ["https://a.example/u/1/followers", "https://a.example/u/1/part?x=1"].map(|url| Url::parse(url).unwrap());
        let digest = digest_of(["https://b.example/u/2"]);
        assert_eq!(read(&header(&collection, &part, &digest)), Some(Said { part, digest }));
        for wrong in ["", "x", "digest=\"00\"", "url=\"https://a.example/\", digest=\"zz\"", "url=https://a.example/, digest=0"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
