//! The short name of a group, proposed from its name, whatever script that is in.

use crate::members::handle::latin;

const LONGEST: usize = 30;

/// Plain letters and digits, with an underscore between words; empty where nothing of the name can be said so.
pub fn propose(name: &str) -> String {
    let mut short = String::new();
    for word in latin(name).split('_').filter(|word| !word.is_empty()) {
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
        ] {
            let proposed = propose(name);
            assert_eq!(proposed, short, "{name}");
            assert!(is_handle(&proposed), "{name}: {proposed}");
        }
        for name in ["🍲", "مطبخ الساحة", "厨房", "Кухня", "المطبخ", "x".repeat(90).as_str()] {
            assert!(is_handle(&propose(name)), "{name}: {}", propose(name));
        }
        assert_eq!(propose("!!!"), "");
    }
}
