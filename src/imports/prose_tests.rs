//! Descriptions, and the Markdown they become.

use super::*;

fn becomes(description: &str) -> String {
    markdown(description).0.unwrap_or_default()
}

#[test]
fn html_becomes_the_markdown_that_means_the_same() {
    for (html, expected) in [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<b>bold</b> and <i>thin</i>", "**bold** and *thin*"),
        ("<b>bold </b>word", "**bold** word"),
        ("<b></b>word", "word"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<a href=\"https://a.example/x\">https://a.example/x</a>", "https://a.example/x"),
        ("<a href=\"https://a.example/\">here</a>", "[here](https://a.example/)"),
        ("<a href=\"https://a.example/x_(y)\">he]re</a>", "[he re](https://a.example/x_%28y%29)"),
        ("<a href=\"javascript:alert(1)\">here</a>", "here"),
        ("<a href=\"https://www.google.com/url?q=javascript:alert(1)&amp;sa=D\">x</a>", "x"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("2 * 3 * 4 [x](y) <br>#tag", "2 \\* 3 \\* 4 \\[x\\](y)\n#tag"),
        ("a<script>alert(1)</script><br>b", "a\nb"),
        ("<p>&lt;script&gt;</p>", "\\<script>"),
        ("<h1>Top</h1><p>a</p>", "## Top\n\na"),
    ] {
        assert_eq!(becomes(html), expected, "{html}");
    }
}

#[test]
fn plain_words_stay_as_they_are_without_what_programs_obey() {
    assert_eq!(becomes("a\r\nb\n\n\n\n    c \u{202e}d\u{7}\u{2028}e"), "a\nb\n\nc d\ne");
    assert_eq!(markdown(" \n "), (None, false));
    let (long, cut) = markdown(&"wörd ".repeat(5_000));
    assert!(cut && long.unwrap().chars().count() <= LONGEST);
}

#[test]
fn how_to_dial_in_is_left_out() {
    let fence = "-::~:~::~:~:~:~::~:~::-";
    for text in [format!("Soup\n\n{fence}\nPIN: 1234#\n{fence}"), format!("Soup<br><br>{fence}<br>PIN: 1234#<br>{fence}")] {
        assert_eq!(becomes(&text), "Soup");
    }
}
