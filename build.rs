//! Makes `/about/safety` complete, or nothing: every column of the tables says in every language what it is for, every table how
//! long it is kept, and nothing is said about columns that are not there. One line in each `src/words/*/safety.ftl`.

use std::{collections::BTreeSet, env, fs, path::Path, process::exit};

const SCHEMA: &str = "src/db/schema.rs";
const WORDS: &str = "src/words";

/// Tables and their columns, in order.
type Tables = Vec<(String, Vec<String>)>;

fn main() {
    println!("cargo::rerun-if-changed={SCHEMA}");
    println!("cargo::rerun-if-changed={WORDS}");
    let tables = tables(&read(SCHEMA));
    let expected: BTreeSet<String> = messages_for(&tables).into_iter().map(|(message, _)| message).collect();
    let mut faults = Vec::new();
    for file in safety_files() {
        let said = messages(&read(&file));
        for (message, what) in messages_for(&tables).into_iter().filter(|(message, _)| !said.contains(message)) {
            faults.push(format!("{file} does not say anything about {what}: add a line `{message} = …`"));
        }
        for message in said.difference(&expected) {
            faults.push(format!("{file} says `{message}`, but {SCHEMA} has no such table or column: take the line away"));
        }
    }
    if !faults.is_empty() {
        faults.iter().for_each(|fault| println!("cargo::error={fault}"));
        exit(1);
    }
    let folder = env::var("OUT_DIR").unwrap_or_default();
    if let Err(error) =
        fs::write(Path::new(&folder).join("tables.rs"), format!("&{tables:?}").replace("[(", "[(").replace(", [", ", &["))
    {
        println!("cargo::error=the tables cannot be written down: {error}");
        exit(1);
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| {
        println!("cargo::error={path} cannot be read: {error}");
        exit(1)
    })
}

/// `src/words/en/safety.ftl` and its like: a language without such a file has said nothing.
fn safety_files() -> Vec<String> {
    let folders = fs::read_dir(WORDS).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    let mut files: Vec<String> = folders.map(|folder| format!("{}/safety.ftl", folder.path().display())).collect();
    files.sort();
    files
}

/// What `diesel::table!` says: a line `name (key) {`, then a line `column -> Type,` for each column.
fn tables(schema: &str) -> Tables {
    let mut tables: Tables = Vec::new();
    let mut in_table = false;
    for line in schema.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with('#')) {
        if line.contains("table! {") {
            in_table = true;
        } else if in_table && line.ends_with('{') {
            let name = line.split([' ', '(', '{']).next().unwrap_or_default();
            tables.push((name.to_owned(), vec![]));
        } else if let (true, Some((column, _)), Some((_, columns))) = (in_table, line.split_once(" -> "), tables.last_mut()) {
            columns.push(column.to_owned());
        } else if line == "}" && tables.last().is_some_and(|(_, columns)| !columns.is_empty()) {
            in_table = false;
        }
    }
    tables
}

/// Each message that must be there, and what it is about.
fn messages_for(tables: &Tables) -> Vec<(String, String)> {
    let name = |text: &str| text.replace('_', "-");
    let mut messages = Vec::new();
    for (table, columns) in tables {
        messages.push((format!("kept-{}", name(table)), format!("how long rows of {table} are kept")));
        let column =
            |column: &String| (format!("stored-{}--{}", name(table), name(column)), format!("the column {table}.{column}"));
        messages.extend(columns.iter().map(column));
    }
    messages
}

/// The messages `stored-…` and `kept-…` of a file, as far as they say anything.
fn messages(text: &str) -> BTreeSet<String> {
    let said = text.lines().filter_map(|line| line.split_once('=')).filter(|(_, words)| !words.trim().is_empty());
    let names = said.map(|(name, _)| name.trim().to_owned());
    names.filter(|name| name.starts_with("stored-") || name.starts_with("kept-")).collect()
}
