//! Letters that stand for digits, by the keys of a phone: `1-800-flowers`.

use super::pasted::Letters;

/// The fewest letters that are read as digits.
const MIN_LETTERS: usize = 3;
/// The most letters that a word has more than the number has digits.
const MAX_SURPLUS: usize = 3;

/// Reads the letters of a number as keys; a number has three of them or more, in one word behind a digit. The first
/// reading has all letters, the others leave out the last ones, which are dialled for nothing.
pub(super) fn by_letters(number: &str, is_between: fn(char) -> bool) -> Vec<(String, Letters)> {
    let end = number.find(|c: char| !is_between(c) && !c.is_ascii_lowercase());
    let number = without_repetition(&number[..end.unwrap_or(number.len())]);
    let Some(start) = number.find(|c: char| c.is_ascii_lowercase()) else {
        return Vec::new();
    };
    let word = number[start..].trim_end();
    let n_letters = word.chars().filter(char::is_ascii_lowercase).count();
    if word.contains(' ') || n_letters < MIN_LETTERS {
        return Vec::new();
    }
    let digits: String = number.chars().filter_map(key_of).collect();
    let last = word.chars().rev().take_while(char::is_ascii_lowercase);
    let most = last.count().saturating_sub(1).min(MAX_SURPLUS);
    let cut = |n: usize| {
        let letters = if n == 0 { Letters::All } else { Letters::Cut };
        (digits[..digits.len() - n].to_owned(), letters)
    };
    (0..=most).map(cut).collect()
}

/// Leaves out digits in brackets that say a word once more: `877-222-vets (8387)`.
fn without_repetition(number: &str) -> &str {
    let Some((word, digits)) = number.rsplit_once('(') else {
        return number;
    };
    let keys: String = word.chars().filter_map(key_of).collect();
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let has_letters = word.contains(|c: char| c.is_ascii_lowercase());
    match has_letters && !digits.is_empty() && keys.ends_with(&digits) {
        true => word,
        false => number,
    }
}

fn key_of(c: char) -> Option<char> {
    Some(match c {
        '0'..='9' => c,
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        _ => return None,
    })
}
