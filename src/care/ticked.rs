//! Lists of which several are ticked at once: page by page, and all of a page by one link, for whoever has no script.

use serde::Deserialize;

/// On one page, which stays light enough for a bad connection.
pub const PAGE: i64 = 40;

/// Which page, and how it comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Handle of the last one on the page before.
    pub after: String,
    /// Everything on it is ticked.
    ticked: String,
    /// Only accounts that nobody welcomed yet.
    new: String,
}

/// The ways on from such a page.
pub struct Turn {
    pub is_ticked: bool,
    /// The same with everything ticked.
    pub all: String,
    /// Only accounts that nobody welcomed yet.
    pub only_new: String,
    /// Where there are more.
    pub next: Option<String>,
    /// Behind the path of a form, so that this page can be shown again.
    pub query: String,
}

impl Asked {
    pub fn is_only_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// Cuts off what is beyond the page, of which `rows` hold one more. `ticks_new`: only those who are new are ever all ticked.
    pub fn turn<T>(&self, path: &str, rows: &mut Vec<T>, ticks_new: bool, handle: impl Fn(&T) -> &str) -> Turn {
        let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let last = rows.last().filter(|_| more).map(handle);
        let may_tick = !ticks_new || self.is_only_new();
        Turn {
            is_ticked: may_tick && !self.ticked.is_empty(),
            all: address(path, ticks_new, true, if may_tick { &self.after } else { "" }),
            only_new: address(path, true, false, ""),
            query: address("", self.is_only_new(), false, &self.after),
            next: last.map(|last| address(path, self.is_only_new(), false, last)),
        }
    }
}

fn address(path: &str, new: bool, ticked: bool, after: &str) -> String {
    let yes = |is: bool| if is { "yes" } else { "" };
    let fields = [("new", yes(new)), ("ticked", yes(ticked)), ("after", after)];
    let said = fields.into_iter().filter(|(_, value)| !value.is_empty());
    format!("{path}?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish())
}

/// What a form is told that was sent with nothing ticked.
pub const NOTHING: &str = "care-refused-nothing-ticked";
