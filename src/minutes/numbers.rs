//! Which number a decision has: it keeps it while its words are much the same, and no number is given twice.

use std::collections::HashSet;

use super::record::Decision;

/// Numbers what a text decides now. `before` is what it decided earlier, `last` the highest number there ever was; the second
/// value is the highest one from now on.
pub fn numbered(before: &[Decision], last: i64, texts: &[String]) -> (Vec<Decision>, i64) {
    let mut left: Vec<&Decision> = before.iter().collect();
    let mut numbers: Vec<Option<i64>> = vec![None; texts.len()];
    let mut keep = |alike: &dyn Fn(&str, &str) -> bool| {
        for (number, text) in numbers.iter_mut().zip(texts).filter(|(number, _)| number.is_none()) {
            if let Some(at) = left.iter().position(|decision| alike(&decision.text, text)) {
                *number = Some(left.remove(at).number);
            }
        }
    };
    keep(&|before, text| before == text);
    keep(&much_the_same);
    let mut last = last;
    let numbered = numbers.into_iter().zip(texts).map(|(number, text)| {
        let number = number.unwrap_or_else(|| {
            last += 1;
            last
        });
        Decision { number, text: text.clone() }
    });
    (numbered.collect(), last)
}

/// A word was mended: of all words of both, more than half are in both. Otherwise it is another decision, and whatever links to
/// the earlier one must not lead there.
fn much_the_same(one: &str, other: &str) -> bool {
    let words = |text: &str| -> HashSet<String> {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (one, other) = (words(one), words(other));
    2 * one.intersection(&other).count() > one.union(&other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_keeps_its_number_and_none_is_given_twice() {
        let of = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let numbers = |decisions: &[Decision]| decisions.iter().map(|decision| decision.number).collect::<Vec<_>>();
        let (first, last) = numbered(&[], 0, &of(&["We cook on Tuesday", "Ana keeps the keys", "No plastic"]));
        assert_eq!((numbers(&first), last), (vec![1, 2, 3], 3));
        // one is taken away, one is mended, one moves, one is new
        let (second, last) = numbered(&first, last, &of(&["No plastic", "We cook on Fridays in the church", "We march at noon"]));
        assert_eq!((numbers(&second), last), (vec![3, 4, 5], 5));
        let (second, last) = numbered(&first, 3, &of(&["No plastic", "We all cook on Tuesday", "We march at noon"]));
        assert_eq!((numbers(&second), last), (vec![3, 1, 4], 4));
        // what was the last one does not lend its number to another
        let (third, last) = numbered(&second, last, &of(&["Something else"]));
        assert_eq!((numbers(&third), last), (vec![5], 5));
        let twice = of(&["Same", "Same"]);
        assert_eq!(numbers(&numbered(&numbered(&[], 0, &twice).0, 2, &twice).0), [1, 2]);
    }
}
