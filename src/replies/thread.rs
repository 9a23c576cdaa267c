//! In which order what was said below a post is read: each answer after what it answers.

use std::collections::HashMap;

/// One voice of a conversation: what it is called by those who answer it, and what it answers.
pub struct Voice<T> {
    pub name: String,
    pub answers: String,
    pub said: T,
}

/// Further in nobody can tell who answers whom; deeper answers stand beside each other.
const DEEPEST: usize = 3;

/// Every voice once, with how far in it stands; `voices` come in the order in which they were said. Whoever answers something that
/// is not shown stands at the outermost level.
pub fn arrange<T>(voices: Vec<Voice<T>>) -> Vec<(usize, T)> {
    let places: HashMap<&str, usize> = voices.iter().enumerate().map(|(place, voice)| (voice.name.as_str(), place)).collect();
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut first = Vec::new();
    for (place, voice) in voices.iter().enumerate() {
        match places.get(voice.answers.as_str()) {
            // said before its answer, which also rules out circles
            Some(&answered) if answered < place => below.entry(answered).or_default().push(place),
            _ => first.push(place),
        }
    }
    let mut order = Vec::with_capacity(voices.len());
    let mut waiting: Vec<(usize, usize)> = first.into_iter().rev().map(|place| (0, place)).collect();
    while let Some((depth, place)) = waiting.pop() {
        order.push((depth.min(DEEPEST), place));
        waiting.extend(below.remove(&place).into_iter().flatten().rev().map(|answer| (depth + 1, answer)));
    }
    let mut said: Vec<Option<T>> = voices.into_iter().map(|voice| Some(voice.said)).collect();
    order.into_iter().filter_map(|(depth, place)| Some((depth, said.get_mut(place)?.take()?))).collect()
}

/// Cuts a list into pages of at most `most` items and, but for single large ones, `room` bytes.
pub fn pages<T>(items: Vec<T>, most: usize, room: usize, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut pages: Vec<Vec<T>> = Vec::new();
    let mut left = 0;
    for item in items {
        let needed = size(&item);
        match pages.last_mut().filter(|page| page.len() < most && needed <= left) {
            Some(page) => {
                left -= needed;
                page.push(item);
            }
            None => {
                left = room.saturating_sub(needed);
                pages.push(vec![item]);
            }
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(name: &str, answers: &str) -> Voice<String> {
        Voice { name: name.into(), answers: answers.into(), said: name.into() }
    }

    fn shown(voices: Vec<Voice<String>>) -> String {
        arrange(voices).iter().map(|(depth, name)| format!("{}{name}", "-".repeat(*depth))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn answers_follow_what_they_answer() {
        let voices = [("a", "post"), ("b", "post"), ("a1", "a"), ("b1", "b"), ("a2", "a"), ("a11", "a1"), ("c", "hidden")];
        assert_eq!(shown(voices.iter().map(|(name, to)| voice(name, to)).collect()), "a -a1 --a11 -a2 b -b1 c");
    }

    #[test]
    fn circles_and_endless_chains_end() {
        assert_eq!(shown(vec![voice("a", "b"), voice("b", "a"), voice("c", "c")]), "a -b c");
        let chain = (0..10_000).map(|n: i32| voice(&n.to_string(), &(n - 1).to_string())).collect();
        let arranged = arrange(chain);
        assert_eq!((arranged.len(), arranged.last().map(|(depth, _)| *depth)), (10_000, Some(DEEPEST)));
    }

    #[test]
    fn pages_are_full_in_number_or_in_bytes() {
        let cut = |sizes: &[usize]| pages(sizes.to_vec(), 3, 10, |size| *size);
        assert_eq!(cut(&[1, 1, 1, 1]), vec![vec![1, 1, 1], vec![1]]);
        assert_eq!(cut(&[6, 5, 99, 1]), vec![vec![6], vec![5], vec![99], vec![1]]);
        assert!(cut(&[]).is_empty());
    }
}
