//! What calendars say in many words, as Markdown: HTML becomes marks, and what programs add of their own is left out.

use crate::text;

/// As much as an agenda may have, in characters.
const LONGEST: usize = 20_000;
/// Shown behind what was cut.
const CUT: &str = " …";

/// Markdown of a description, which may be HTML; the second value tells whether something had to be left out.
pub fn markdown(description: &str) -> (Option<String>, bool) {
    let description = without_joining_block(description);
    let markdown = if is_html(&description) { of_html(&description) } else { plain(&description) };
    let count = markdown.chars().count();
    if count == 0 {
        return (None, !description.trim().is_empty());
    }
    if count <= LONGEST {
        return (Some(markdown), false);
    }
    let kept: String = markdown.chars().take(LONGEST - CUT.chars().count()).collect();
    (Some(format!("{}{CUT}", kept.trim_end())), true)
}

/// Is this HTML, as Google, Outlook and Gancio put into descriptions?
pub fn is_html(text: &str) -> bool {
    const SIGNS: [&str; 24] = [
        "<br",
        "<p>",
        "<p ",
        "</p>",
        "<b>",
        "</b>",
        "<i>",
        "<u>",
        "<ul",
        "<ol",
        "<li",
        "<a ",
        "<div",
        "<span",
        "<strong",
        "<em>",
        "<h1",
        "<h2",
        "<h3",
        "<html",
        "<body",
        "<blockquote",
        "<pre",
        "<!doctype",
    ];
    let small = text.to_ascii_lowercase();
    SIGNS.iter().any(|sign| small.contains(sign))
}

/// Google puts how to dial in, with numbers and codes, between two rows of such signs.
fn without_joining_block(text: &str) -> String {
    let is_fence = |line: &str| line.trim_start().starts_with("-::~:~::~");
    if !text.contains("-::~:~::~") {
        return text.to_owned();
    }
    let spread = text.replace("<br>-::~", "\n-::~").replace("::-<br>", "::-\n");
    let lines: Vec<&str> = spread.lines().collect();
    let (first, last) = (lines.iter().position(|line| is_fence(line)), lines.iter().rposition(|line| is_fence(line)));
    let kept = lines.iter().enumerate().filter(|(place, _)| !(first..=last).contains(&Some(*place)));
    kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
}

/// Lines of people, without what a program could obey and without spaces that would make a line a block of code.
fn plain(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    let kept: String = lines.chars().filter(|c| matches!(c, '\n') || !is_odd(*c)).collect();
    tidy(kept.lines().map(|line| line.trim_start_matches([' ', '\u{a0}'])))
}

fn is_odd(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn tidy<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut tidy = String::new();
    let mut empty = 0;
    for line in lines.map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.trim().to_owned()
}

/// HTML as the Markdown that means the same. It passes the sanitiser first, so that only known tags are left.
fn of_html(html: &str) -> String {
    // what the sanitiser would drop, as what it keeps
    const ALIKE: [(&str, &str); 14] = [
        ("<b>", "<strong>"),
        ("</b>", "</strong>"),
        ("<i>", "<em>"),
        ("</i>", "</em>"),
        ("<h1>", "<h2>"),
        ("</h1>", "</h2>"),
        ("</div>", "</div><br>"),
        ("</tr>", "</tr><br>"),
        ("</td>", "</td> "),
        ("<B>", "<strong>"),
        ("</B>", "</strong>"),
        ("<I>", "<em>"),
        ("</I>", "</em>"),
        ("</DIV>", "</DIV><br>"),
    ];
    let alike =
        ALIKE.iter().fold(html.replace(['\r', '\n'], if html.contains("<pre") { "\n" } else { " " }), |html, (from, to)| {
            html.replace(from, to)
        });
    let clean = text::sanitize(&alike);
    let mut made = Made::default();
    let mut parts = clean.split('<');
    made.words(parts.next().unwrap_or_default());
    for part in parts {
        let (tag, words) = part.split_once('>').unwrap_or((part, ""));
        made.tag(tag);
        made.words(words);
    }
    let kept: String = made.text.chars().filter(|c| *c == '\n' || !is_odd(*c)).collect();
    tidy(kept.lines().map(|line| line.trim_start_matches([' ', '\u{a0}'])))
}

#[derive(Default)]
struct Made {
    text: String,
    /// Where the link that is open leads, and where its words began.
    link: Option<(String, usize)>,
}

impl Made {
    fn words(&mut self, html: &str) {
        let words = unescaped(html);
        for c in words.chars() {
            // what would be a mark of Markdown stays the sign it is; # stays, so that hashtags are found
            if matches!(c, '*' | '_' | '`' | '[' | ']' | '\\' | '<' | '~') && self.link.is_none() {
                self.text.push('\\');
            }
            self.text.push(c);
        }
    }

    fn tag(&mut self, tag: &str) {
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        match name {
            "br" => self.text.push('\n'),
            "p" | "/p" | "ul" | "/ul" | "ol" | "/ol" | "/h2" | "/h3" | "/h4" | "/pre" | "/blockquote" => {
                self.text.push_str("\n\n")
            }
            "h2" => self.text.push_str("\n\n## "),
            "h3" | "h4" => self.text.push_str("\n\n### "),
            "li" => self.text.push_str("\n- "),
            "strong" => self.text.push_str("**"),
            "em" => self.text.push('*'),
            "/strong" => self.close("**"),
            "/em" => self.close("*"),
            "a" => self.link = address(tag).map(|address| (address, self.text.len())),
            "/a" => self.end_link(),
            _ => {}
        }
    }

    /// Ends emphasis behind the last letter: marks after a space would be shown as they are. An empty pair is taken back.
    fn close(&mut self, mark: &str) {
        let trimmed = self.text.trim_end_matches([' ', '\n', '\u{a0}']).len();
        let rest = self.text.split_off(trimmed);
        match self.text.strip_suffix(mark).map(str::len) {
            Some(before) => self.text.truncate(before),
            None => self.text.push_str(mark),
        }
        self.text.push_str(&rest);
    }

    /// `[words](address)`, or the address alone where the words are no other.
    fn end_link(&mut self) {
        let Some((address, begun)) = self.link.take() else { return };
        let words = if self.text.is_char_boundary(begun) { self.text.split_off(begun) } else { String::new() };
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = |words: &str| words.trim_end_matches('/') == address.trim_end_matches('/');
        if words.is_empty() || same(&words) || same(&format!("https://{words}")) || same(&format!("http://{words}")) {
            self.text.push_str(&address);
        } else {
            let words = words.replace(['[', ']', '\\'], " ");
            self.text.push_str(&format!("[{words}]({})", address.replace('(', "%28").replace(')', "%29")));
        }
    }
}

/// Of an `a` that came out of the sanitiser. Google leads through itself; what it hides is taken instead.
fn address(tag: &str) -> Option<String> {
    let address = unescaped(tag.split_once("href=\"")?.1.split_once('"')?.0);
    let url = url::Url::parse(&address).ok()?;
    let hidden = || url.query_pairs().find(|(name, _)| name == "q").map(|(_, value)| value.into_owned());
    let leads_through = matches!(url.host_str(), Some("www.google.com" | "google.com")) && url.path() == "/url";
    let found = if leads_through { hidden().and_then(|inner| url::Url::parse(&inner).ok()) } else { None };
    let found = found.unwrap_or(url);
    matches!(found.scheme(), "http" | "https" | "mailto").then(|| found.into())
}

fn unescaped(html: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    pairs.iter().fold(html.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
#[path = "prose_tests.rs"]
mod tests;
