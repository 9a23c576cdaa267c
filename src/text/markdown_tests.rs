//! What Markdown becomes.

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::text::html::sanitize_own;

fn html(markdown: &str) -> String {
    let ana = Mention {
        handle: "ana@b.example".into(),
        uri: Url::parse("https://b.example/users/ana").unwrap(),
        url: Url::parse("https://b.example/@ana").unwrap(),
    };
    to_html(markdown, &[ana], &|tag| Url::parse("https://a.example/tags/").unwrap().join(tag).unwrap().into())
}

#[test]
fn markdown_becomes_html_as_the_fediverse_keeps_it() {
    let table = [
        ("Hello", "<p>Hello</p>"),
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("# A\n## B\n### C\n#### D", "<h2>A</h2><h3>B</h3><h4>C</h4><p><strong>D</strong></p>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>"),
        ("- a\n- b\n\n3. c", "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"),
        ("> a\n\n```js\nif (a < b) #x\n```", "<blockquote><p>a</p></blockquote><pre><code>if (a &lt; b) #x\n</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p><p>b</p>"),
        (
            "#Pots!",
            "<p><a href=\"https://a.example/tags/pots\" class=\"mention hashtag\" rel=\"tag\">#<span>Pots</span></a>!</p>",
        ),
        (
            "ask @Ana@B.example and @bo@c.example",
            "<p>ask <span class=\"h-card\"><a href=\"https://b.example/@ana\" class=\"u-url mention\">@<span>Ana</span></a></span> and @bo@c.example</p>",
        ),
        (
            "see https://c.example/?a=1&b=2.",
            "<p>see <a href=\"https://c.example/?a=1&amp;b=2\" rel=\"nofollow noopener noreferrer\">https://c.example/?a=1&amp;b=2</a>.</p>",
        ),
        ("[x](https://c.example \"t\")", "<p><a href=\"https://c.example/\" rel=\"nofollow noopener noreferrer\">x</a></p>"),
        (
            "<https://c.example/#x>",
            "<p><a href=\"https://c.example/#x\" rel=\"nofollow noopener noreferrer\">https://c.example/#x</a></p>",
        ),
        ("<ana@c.example>", "<p>ana@c.example</p>"),
        ("[x](mailto:ana@c.example)", "<p><a href=\"mailto:ana@c.example\" rel=\"nofollow noopener noreferrer\">x</a></p>"),
        (
            "![A pot](https://c.example/pot.png)",
            "<p><a href=\"https://c.example/pot.png\" rel=\"nofollow noopener noreferrer\">A pot</a></p>",
        ),
        (
            "![](https://c.example/p)",
            "<p><a href=\"https://c.example/p\" rel=\"nofollow noopener noreferrer\">https://c.example/p</a></p>",
        ),
        (
            "[![A](https://d.example)](https://c.example)",
            "<p><a href=\"https://c.example/\" rel=\"nofollow noopener noreferrer\">A</a></p>",
        ),
        (
            "[#x @ana@b.example](https://c.example)",
            "<p><a href=\"https://c.example/\" rel=\"nofollow noopener noreferrer\">#x @ana@b.example</a></p>",
        ),
        ("[x](javascript:alert(1)) [y](/admin) [z](//evil.example)", "<p>x y z</p>"),
        ("a <b onclick=x>b</b> <!-- c -->", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt; &lt;!-- c --&gt;</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ];
    for (markdown, expected) in table {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn what_is_named_is_found_in_words_only() {
    let text = "# #Kitchen\n#kitchen *#Pots* `#code` [#link](https://a.example/#x) https://a.example/#y <b title='#z'> \\\n\n    #block\n\n![#alt](https://a.example)";
    assert_eq!(tags_in(text), ["kitchen", "pots"]);
    let text = "@ana@b.example, @ANA@b.example `@c@d.example` [@e@f.example](https://a.example) **@g@h.example** https://a.example/@i@j.example";
    assert_eq!(mentions_in(text), ["ana@b.example", "g@h.example"]);
    let many: String = (0..100).map(|n| format!("#t{n} @u{n}@h.example ")).collect();
    assert_eq!((tags_in(&many).len(), mentions_in(&many).len()), (MAX_TAGS, MAX_MENTIONS));
}

#[test]
fn plain_text_keeps_words_and_lines() {
    let text = "# Pots\nWe *need*\nthem [now](https://a.example) & `here`:\n\n- big\n- small\n\n> ![A pot](https://a.example/p)\n\n<b>x</b>";
    assert_eq!(to_plain(text), "Pots\n\nWe need\nthem now & here:\n\n- big\n- small\n\nA pot\n\n<b>x</b>");
    assert_eq!(to_plain("  \n"), "");
}

#[test]
fn plain_text_passes_through_markdown_unchanged() {
    for text in [
        "Soup & <b>bread</b> &amp; *tea*",
        "# 1. Pots_and_pans [x](https://a.example)",
        "- a",
        "> b",
        "`c` ~~d~~ \\ ---",
        "1) x",
        "Küche, 18:00–20:00 · Plaza",
    ] {
        assert_eq!(to_plain(&escape_markdown(text)), text);
    }
    assert_eq!(escape_markdown(" a\n\nb "), "a b");
}

#[test]
fn work_grows_with_the_length_of_the_text_and_not_faster() {
    let nasty = [
        "[",
        "](",
        "*a",
        "**",
        "_a_",
        "`",
        "> ",
        "- ",
        "<",
        "<a ",
        "![",
        "@",
        "@a@",
        "#",
        "# ",
        "https://",
        "&",
        "\\",
        "1. ",
        "\n",
        "a\n>",
        "~~",
        "h@#",
        "(",
        "http://a)",
    ];
    for token in nasty {
        let time = |times: usize| {
            let text = token.repeat(times);
            let begun = std::time::Instant::now();
            let _ = (to_html(&text, &[], &|_| String::new()), tags_in(&text), to_plain(&text));
            begun.elapsed()
        };
        let (short, long) = (time(500).min(time(500)), time(2_000));
        assert!(long <= short * 12 + std::time::Duration::from_millis(50), "{token:?}: {short:?}, four times as much {long:?}");
    }
}

#[test]
fn depth_is_bounded() {
    for markdown in [">".repeat(5_000), "- ".repeat(5_000), format!("{}x", "*a **b ".repeat(2_000))] {
        let html = html(&markdown);
        let (mut depth, mut deepest) = (0i32, 0);
        for part in html.split('<').skip(1) {
            depth += if part.starts_with('/') {
                -1
            } else if part.starts_with("br>") {
                0
            } else {
                1
            };
            deepest = deepest.max(depth);
        }
        assert!(deepest <= MAX_DEPTH as i32 + 3, "{deepest}");
    }
}

fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        prop::sample::select(vec![
            "[x](",
            ")",
            "<",
            ">",
            "\"",
            "'",
            "javascript:",
            "https://a.example/",
            "#tag",
            "@ana@b.example",
            "`",
            "```\n",
            "\n",
            "\n\n",
            "> ",
            "- ",
            "![",
            "](",
            "<script>",
            "</p>",
            "<svg onload=x>",
            "&lt;",
            "&#x6A;",
            "&",
            "**",
            "_",
            "~~",
            "\\",
            "    ",
            "# ",
            "<!--",
            "-->",
            "data:text/html,",
            "mailto:a@b",
            "\u{202e}",
            "\u{a0}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ];
    prop::collection::vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
}

proptest! {
    #[test]
    fn whatever_is_written_the_page_is_safe_and_cleaning_it_again_changes_nothing(markdown in scraps()) {
        let html = html(&markdown);
        crate::text::html::tests::assert_inert(&html);
        prop_assert_eq!(sanitize_own(&html), html.clone());
        prop_assert_eq!(crate::text::sanitize(&crate::text::sanitize(&html)), crate::text::sanitize(&html));
        let _ = (tags_in(&markdown), mentions_in(&markdown), to_plain(&markdown));
    }
}
