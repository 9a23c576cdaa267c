//! What people may type, or worse.

/// Which fields refuse it at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Nowhere,
    /// Where one line is wanted.
    InLines,
    Everywhere,
}

#[derive(Clone, Copy, Debug)]
pub struct Payload {
    pub text: &'static str,
    pub refused: Refused,
}

impl Payload {
    pub fn has_lines(&self) -> bool {
        self.text.contains(['\n', '\r', '\u{85}', '\u{b}', '\u{c}', '\u{2028}'])
    }

    /// As it can lie in a database: whatever the door refuses may have come in another way.
    pub fn fit_for(&self, database: &str) -> String {
        // PostgreSQL takes no NUL
        if database == "postgres" { self.text.replace('\0', "") } else { self.text.to_owned() }
    }
}

const fn nowhere(text: &'static str) -> Payload {
    Payload { text, refused: Refused::Nowhere }
}

const fn in_lines(text: &'static str) -> Payload {
    Payload { text, refused: Refused::InLines }
}

const fn everywhere(text: &'static str) -> Payload {
    Payload { text, refused: Refused::Everywhere }
}

pub const PAYLOADS: [Payload; 30] = [
    nowhere("</script></script x><!--<script><script>alert(1)</script>"),
    nowhere("</title></style></textarea></pre><script src=//evil.example/x.js>"),
    nowhere("\"><img src=x onerror=alert(1)>"),
    nowhere("' onmouseover='alert(1)' x='"),
    nowhere("` onfocus=alert(1) autofocus tabindex=0 "),
    nowhere("<!-- --!><svg/onload=alert(1)>"),
    nowhere("<math><table><mglyph><style><!--</style><img title=\"--><img src onerror=x>\">"),
    nowhere("]]><x y=\"z\"/>&lt;b&gt;&amp;#60;&#x3c;script&#62;&quot;"),
    nowhere("{\"@type\":\"Person\",\"x\":\"\\\",\\u0000\\u003c/script\"}"),
    nowhere("=cmd|'/C calc'!A0 +1 -1 @SUM(1)"),
    nowhere("{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {% raw %} {$x} [[x]]"),
    nowhere("%s%n%x %00%0d%0aSet-Cookie:%20a=b %3Cscript%3E"),
    nowhere("'; DROP TABLE groups;-- \" OR 1=1 \\"),
    nowhere("../../../etc/passwd%2f..\\..\\x; filename=evil.exe"),
    nowhere(";VALUE=URI:https://evil.example/,a;b\\;c\\,d\\n\\N\\\\"),
    nowhere("# a * b > c 1. d _e_ **f** ~~g~~ `h` [i](j) ![k](https://evil.example/l.png) <b>m</b> \\"),
    nowhere("[x](javascript:alert(1)) <javascript:alert(1)> [y](data:,x) [z](//a.example)"),
    nowhere("@ana@a.example https://a.example/\"onclick=x www.a.example mailto:a@a.example"),
    nowhere("\u{feff}\u{200f}\u{200b}خبز للجميع\u{61c} שלום\u{200e}"),
    nowhere("e\u{301}👩‍👩‍👧‍👦🇨🇺 厨房 \u{fdfd} \u{e0041}"),
    nowhere("noncharacters \u{fffe}\u{ffff}\u{1fffe}\u{fdd0} end"),
    in_lines("a\r\nBEGIN:VALARM\r\nEND:VALARM\r\nb"),
    in_lines("a\nEND:VEVENT\nBEGIN:VEVENT\rb"),
    in_lines("a\r\nSet-Cookie: a=b\r\n\r\n<html><script>alert(1)</script>"),
    in_lines("a\tb\n\n    code\n> quoted\n- item\n\n<div onclick=x>\n\n```\nfence"),
    in_lines("a\u{2028}BEGIN:VALARM\u{2029}b"),
    in_lines("\u{202e}gnp.exe\u{202c} \u{2066}\u{2067}\u{2068}x"),
    everywhere("a\0b"),
    everywhere("\u{1b}]0;gone\u{7}\u{1b}[2J\u{1b}[31mx\u{9b}1my\u{8}\u{7f}"),
    everywhere("a\u{85}ATTACH:file:///etc/passwd\u{b}b\u{c}c\u{1f}"),
];
