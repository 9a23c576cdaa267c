//! What is left of other servers' HTML.

use proptest::prelude::*;

use super::*;

/// Fails when `html` holds anything that acts: an element, attribute or address outside the short lists.
pub(in crate::text) fn assert_inert(html: &str) {
    for part in html.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("an open tag in {html}"));
        let (name, attributes) = tag.trim_start_matches('/').split_once(' ').unwrap_or((tag.trim_start_matches('/'), ""));
        assert!(ELEMENTS.contains(&name), "<{name}> in {html}");
        for attribute in attributes.split("\" ").filter(|attribute| !attribute.is_empty()) {
            let (key, value) = attribute.split_once("=\"").unwrap_or_else(|| panic!("{attribute} in {html}"));
            let value = value.trim_end_matches('"');
            match key {
                "href" => assert!(
                    ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
                    "{value} in {html}"
                ),
                "class" => assert!(value.split(' ').all(|class| CLASSES.contains(&class)), "{value} in {html}"),
                "rel" => assert!(value.split(' ').all(|word| RELATIONS.contains(&word)), "{value} in {html}"),
                "lang" => assert!(is_language(value), "{value} in {html}"),
                _ => panic!("{key} in {html}"),
            }
        }
    }
}

#[test]
fn nothing_that_acts_is_left() {
    let link = |text: &str| format!("<a rel=\"nofollow noopener noreferrer\">{text}</a>");
    let table = [
        ("<script>alert(1)</script>a", "a".to_owned()),
        ("<ScRiPt src=//evil>alert(1)</sCrIpT>a", "a".into()),
        ("<svg onload=alert(1)>a</svg>", "a".into()),
        ("<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=x onerror=alert(1)>\">", "".into()),
        ("<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">", "<p></p>\"&gt;".into()),
        ("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "\"&gt;".into()),
        ("<iframe srcdoc=\"<script>x</script>\"></iframe>a", "a".into()),
        ("<object data=x></object><embed src=x><applet>a</applet>", "a".into()),
        ("<form action=/x><input autofocus onfocus=x><button>a</button></form>", "a".into()),
        ("<base href=//evil><meta http-equiv=refresh content=0><link rel=stylesheet href=x>a", "a".into()),
        ("<style>@import 'x'</style><p style=\"position:fixed\" id=csrf class=\"admin-badge\" onclick=x>a</p>", "<p>a</p>".into()),
        ("<details open ontoggle=x><summary>a</summary></details>", "a".into()),
        ("<img src=https://evil.example/x.png alt=x>a", "a".into()),
        ("<span class=\"admin-badge h-card  mention\" lang=\"es\">a</span>", "<span class=\"h-card mention\" lang=\"es\">a</span>".into()),
        ("<p lang='\"><script>'>a</p>", "<p>a</p>".into()),
        ("<a href=\"javascript:alert(1)\">a</a>", link("a")),
        ("<a href=\"java\tscript:alert(1)\">a</a>", link("a")),
        ("<a href=\"&#x6A;avascript:alert(1)\">a</a>", link("a")),
        ("<a href=\" \u{1}javascript:alert(1)\">a</a>", link("a")),
        ("<a href=\"vbscript:x\">a</a>", link("a")),
        ("<a href=\"data:text/html,<script>x</script>\">a</a>", link("a")),
        ("<a href=\"blob:https://us.example/x\">a</a>", link("a")),
        ("<a href=\"//evil.example\">a</a>", link("a")),
        ("<a href=\"/admin/delete\">a</a>", link("a")),
        ("<a href=\"https:evil\">a</a>", link("a")),
        ("<a href=\"https://us.example@evil.example\" target=_top ping=x>a</a>", link("a")),
        (
            "<a href='https://a.example/?a=1&b=\"2' rel='me opener tag' class='u-url mention x' download>@<span>a</span></a>",
            "<a href=\"https://a.example/?a=1&amp;b=%222\" class=\"u-url mention\" rel=\"nofollow noopener noreferrer\">@<span>a</span></a>".into(),
        ),
        ("<p>a<br>b</p><blockquote><pre><code>c &lt; d</code></pre></blockquote>", "<p>a<br>b</p><blockquote><pre><code>c &lt; d</code></pre></blockquote>".into()),
        ("a & b < c \u{a0}", "a &amp; b &lt; c &nbsp;".into()),
        ("<p>a", "<p>a</p>".into()),
        ("<b>a</b><u>b</u><h1>c</h1><h2>d</h2>", "abc<h2>d</h2>".into()),
    ];
    for (html, expected) in table {
        let clean = sanitize(html);
        assert_eq!(clean, expected, "{html}");
        assert_inert(&clean);
        assert_eq!(sanitize(&clean), clean, "a second time: {html}");
    }
}

#[test]
fn what_is_too_long_or_too_deep_does_not_reach_the_parser() {
    assert_eq!(sanitize(&"<b>".repeat(100_000)), "");
    assert_eq!(sanitize(&"x".repeat(MAX_BYTES + 1)), "");
    assert_eq!(sanitize(&"x".repeat(MAX_BYTES)).len(), MAX_BYTES);
    let deep = format!("{}a &lt;i&gt; b{}", "<b>".repeat(5_000), "</b>".repeat(5_000));
    assert_eq!(sanitize(&deep), "<p>a &lt;i&gt; b</p>");
    assert_eq!(sanitize(&sanitize(&deep)), sanitize(&deep));
    assert_eq!(sanitize(&"<b><script".repeat(2_000)), "<p></p>");
}

#[test]
fn the_worst_that_fits_takes_little_time() {
    // unoptimised parsers take their time: there only growth without bounds is caught
    let (bytes, limit) = if cfg!(debug_assertions) { (MAX_BYTES / 4, 5_000) } else { (MAX_BYTES, 200) };
    let many = |element: &str| -> String { (0..300).map(|n| format!("<{element} x{n}>")).collect() };
    let worst = [
        format!("<p>{}</p>{}", many("b"), "<p>x</p>".repeat(299)),
        format!("<p>{}</p>{}", many("a"), "<p>x</p>".repeat(299)),
        "<table>".repeat(600),
        format!("{}{}", "<div>".repeat(599), "</p>".repeat(bytes / 4 - 800)),
        format!("{}{}", "<i>".repeat(599), "</b></i>".repeat(bytes / 8 - 300)),
        "&".repeat(bytes),
        "<".repeat(bytes),
        "<!--".repeat(bytes / 4),
        format!("<p {}>", "a ".repeat(bytes / 2 - 4)),
    ];
    for html in worst {
        assert!(html.len() <= MAX_BYTES);
        let begun = std::time::Instant::now();
        let clean = sanitize(&html);
        assert!(begun.elapsed().as_millis() < limit, "{:?} for {}", begun.elapsed(), html.get(..60).unwrap_or(&html));
        assert_eq!(sanitize(&clean), clean);
    }
}

#[test]
fn words_of_html_keep_their_lines() {
    let table = [
        ("<p>a<br>b</p><p>c &amp; &lt;d&gt;</p>", "a\nb\n\nc & <d>"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
        ("<p>x <a href=\"https://a.example/>\">y</a></p>", "x y"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<script>x</script>", ""),
    ];
    for (html, expected) in table {
        assert_eq!(plain_of_html(html), expected, "{html}");
    }
}

#[test]
fn escaped_text_is_only_text() {
    assert_eq!(escape("<a href=\"x\" title='y'>&amp;"), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
    assert_eq!(unescape(&escape("<&lt;\"'&amp;#39;>")), "<&lt;\"'&amp;#39;>");
}

fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        prop::sample::select(vec![
            "<a href=\"",
            "<a href='",
            "\"",
            "'",
            ">",
            "<",
            "</",
            "javascript:",
            "https://a.example/",
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<script>",
            "</script>",
            "<svg>",
            "<math>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<table>",
            "<mglyph>",
            "<mtext>",
            "<img src=x onerror=y>",
            "<span class=\"",
            "mention ",
            "<li>",
            "<ul>",
            "</ul>",
            "<h2>",
            "<title>",
            "<textarea>",
            "<template>",
            "<noscript>",
            "<select>",
            "<option>",
            "<annotation-xml encoding=text/html>",
            "&lt;",
            "&#x6A;",
            "&",
            "mailto:",
            "lang=en ",
            " rel=me ",
            "\0",
            "\u{a0}",
            "<pre>\n",
            "<a>",
            "</a>",
            "<em>",
            "</em>",
            "<blockquote>",
            "<plaintext>",
            "<frameset>",
            "<body x>",
            "<br>",
            "</br>",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
}

#[test]
fn links_within_links_settle() {
    for html in [
        "<a><table><a href=\"\"<pre>\n",
        "<a><table><a>x</table>",
        "<a href=https://a.example><table><tr><a href=https://b.example>b",
    ] {
        let clean = sanitize(html);
        assert_eq!(sanitize(&clean), clean, "{html}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_in_is_inert_and_stays_as_it_is(html in scraps()) {
        let clean = sanitize(&html);
        assert_inert(&clean);
        prop_assert_eq!(sanitize(&clean), clean);
        let _ = plain_of_html(&html);
    }
}
