//! How open items get onto an agenda, and off it again, without touching what others wrote there.

/// `- soup`, with what belongs to it indented below.
fn item(text: &str) -> String {
    let mut lines = text.lines();
    let mut item = format!("- {}", lines.next().unwrap_or_default());
    for line in lines {
        item.push('\n');
        if !line.is_empty() {
            item.push_str("  ");
            item.push_str(line);
        }
    }
    item
}

/// A heading and the items below it.
pub fn block(heading: &str, items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|text| item(text)).collect();
    format!("## {heading}\n\n{}", items.join("\n"))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Where the lines of an item begin.
fn at(agenda: &[String], item: &str) -> Option<usize> {
    let wanted = lines(item);
    agenda.windows(wanted.len()).position(|window| window == wanted.as_slice())
}

/// The agenda with some items below a heading of theirs, which is made or taken away as it is needed.
pub fn put(agenda: &str, heading: &str, remove: &[String], add: &[String]) -> Option<String> {
    let mut lines = lines(agenda);
    let heading_line = format!("## {heading}");
    let begins = lines.iter().position(|line| *line == heading_line);
    let (before, mut section, after) = match begins {
        Some(begins) => {
            let mut rest = lines.split_off(begins);
            let ends = rest.iter().skip(1).position(|line| line.starts_with('#')).map_or(rest.len(), |at| at + 1);
            let after = rest.split_off(ends);
            (lines, rest.split_off(1), after)
        }
        None => (lines, vec![], vec![]),
    };
    for text in remove {
        let item = item(text);
        if let Some(begins) = at(&section, &item) {
            section.drain(begins..begins + item.lines().count());
        }
    }
    let stays: Vec<&String> = add.iter().filter(|text| at(&section, &item(text)).is_none()).collect();
    while section.last().is_some_and(String::is_empty) {
        section.pop();
    }
    section.extend(stays.into_iter().flat_map(|text| item(text).lines().map(str::to_owned).collect::<Vec<_>>()));
    let trimmed = |lines: &[String]| lines.join("\n").trim_matches('\n').to_owned();
    let section = trimmed(&section);
    let section = if section.trim().is_empty() { String::new() } else { format!("{heading_line}\n\n{section}") };
    let parts = [trimmed(&before), section, trimmed(&after)];
    let agenda = parts.iter().filter(|part| !part.trim().is_empty()).cloned().collect::<Vec<_>>().join("\n\n");
    (!agenda.trim().is_empty()).then_some(agenda)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn items_are_put_below_their_heading_once_and_taken_away_again() {
        let first = put("", "Left", &[], &texts(&["pots", "bread\nfrom where?"])).unwrap();
        assert_eq!(first, "## Left\n\n- pots\n- bread\n  from where?");
        let second = put("* menu", "Left", &[], &texts(&["pots"])).unwrap();
        assert_eq!(second, "* menu\n\n## Left\n\n- pots");
        assert_eq!(put(&second, "Left", &[], &texts(&["pots"])).as_deref(), Some(second.as_str()), "no doubles");
        let other = put(&second, "Left", &texts(&["pots"]), &texts(&["spoons"])).unwrap();
        assert_eq!(other, "* menu\n\n## Left\n\n- spoons");
        assert_eq!(put(&other, "Left", &texts(&["spoons"]), &[]).as_deref(), Some("* menu"));
        assert_eq!(put(&first, "Left", &texts(&["pots", "bread\nfrom where?"]), &[]), None);
    }

    #[test]
    fn what_others_wrote_stays() {
        let agenda = "# Tuesday\n\n- pots\n\n## Left\n\nPlease look at these:\n- pots\n- mine\n\n## Later\n\n- pots";
        let put = put(agenda, "Left", &texts(&["pots", "gone"]), &texts(&["spoons"])).unwrap();
        assert_eq!(put, "# Tuesday\n\n- pots\n\n## Left\n\nPlease look at these:\n- mine\n- spoons\n\n## Later\n\n- pots");
    }
}
