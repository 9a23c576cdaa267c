//! The rules of the house, checked: who may use whom.

use std::{collections::HashMap, fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Doors may use everything, whatever stands where in the map.
fn is_a_door(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(name, "access.rs" | "pages.rs" | "calendar.rs" | "feed.rs" | "api.rs" | "wire.rs")
        || ["consequences", "cli", "inbox", "documents", "routes", "worker", "backup", "doctor", "care", "main.rs", "lib.rs"]
            .iter()
            .any(|door| path.starts_with(door))
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(format!("{ROOT}/src")).expect("below src").display().to_string();
            found.push(shown);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    sources(Path::new(&format!("{ROOT}/src")), &mut paths);
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(format!("{ROOT}/src/{path}")).expect("text"))).collect()
}

/// The modules of the map, with their places in it.
fn map() -> HashMap<String, usize> {
    let lib = fs::read_to_string(format!("{ROOT}/src/lib.rs")).expect("lib.rs");
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned));
    names.enumerate().map(|(place, name)| (name, place)).collect()
}

/// Names of modules of the crate that a file uses outside its tests.
fn used(text: &str, map: &HashMap<String, usize>) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut used = Vec::new();
    for after in code.split("crate::").skip(1) {
        let names: Vec<&str> = match after.strip_prefix('{') {
            // the top level of `use crate::{a, b::{…}, c}`
            Some(list) => {
                let (mut depth, mut start, mut names) = (0, 0, Vec::new());
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => {
                            names.push(&list[start..at]);
                            break;
                        }
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            names.push(&list[start..at]);
                            start = at + 1;
                        }
                        _ => {}
                    }
                }
                names
            }
            None => vec![after],
        };
        for name in names {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if map.contains_key(&name) {
                used.push(name);
            }
        }
    }
    used
}

#[test]
fn types_stores_and_actions_use_only_what_stands_above_them() {
    let map = map();
    // knots of the ground that are meant: the way out of the city needs the city's actors and their network, and whatever is
    // said has its consequences
    let meant = [
        ("app.rs", "federation"),
        ("app.rs", "actors"),
        ("actors", "federation"),
        ("blocks", "follows"),
        ("blocks/actions.rs", "consequences"),
        ("federation/say.rs", "consequences"),
    ];
    let mut wrong = Vec::new();
    for (path, text) in all_sources() {
        let own = path.split(['/', '.']).next().unwrap_or_default().to_owned();
        let Some(place) = map.get(&own) else { continue };
        for name in used(&text, &map) {
            let allowed =
                map[&name] <= *place || is_a_door(&path) || meant.iter().any(|(from, to)| path.starts_with(from) && name == *to);
            if !allowed {
                wrong.push(format!("{path} uses {name}, which stands below it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_nouns_type_knows_neither_database_nor_web() {
    for (path, text) in all_sources() {
        let noun = path
            .split_once('/')
            .and_then(|(folder, file)| Some((folder.strip_suffix('s')?.to_owned(), file.strip_suffix(".rs")?.to_owned())));
        if noun.is_some_and(|(folder, file)| folder == file) {
            for far in ["diesel::", "actix_web", "askama", "activitypub_federation", "crate::db"] {
                assert!(!text.contains(far), "{path} knows {far}");
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in all_sources() {
        assert!(text.starts_with("//! "), "{path} does not begin with a sentence about itself");
        assert!(!text.contains("macro_rules!"), "{path} has a language of its own");
    }
}

#[test]
fn both_databases_have_the_same_changes() {
    let names = |kind: &str| {
        let mut names: Vec<String> = fs::read_dir(format!("{ROOT}/migrations/{kind}"))
            .expect("migrations")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn what_takes_something_is_registered_with_who_may_send_it() {
    // servers sign what they send, which their inbox checks
    let registers = ["members/access.rs", "inbox/request.rs"];
    for (path, text) in all_sources() {
        let takes = ["web::post", "web::put", "web::delete", "web::patch", "web::method", "guard::Post"];
        assert!(
            registers.contains(&path.as_str()) || !takes.iter().any(|way| text.contains(way)),
            "{path} takes something past members/access.rs"
        );
    }
}
