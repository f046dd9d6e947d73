//! Texts that lists are sorted by, found along the index of their order.
//!
//! A text has one form as people read it, and that form is what the index holds. Texts that differ in case or accents
//! share it, so the field itself is compared as well.

use crate::filter::tree::{Comparison, Condition, Field, Operand, TextPattern};
use crate::store::read::filter::atom;
use crate::store::record::resource::Resource;
use crate::store::record::sort_key::as_read;
use crate::store::sql::statement::{Part, part};

/// Returns the condition that a text is the wanted one, or begins so; `None` if no index leads there.
pub fn found<R: Resource>(field: &Field, condition: &Condition) -> Option<Part> {
    let is_it = |path: &str| matches!(&field.path[..], [only] if only == path);
    let key = R::SORT_KEYS.iter();
    let key = key
        .into_iter()
        .find(|key| key.is_extra && is_it(key.path))?;
    let column = |name: &'static str| part!(":{table}.:{name}", table = R::KIND.collection(), name);
    let (text, order) = (column(key.path), column(key.column));
    let (candidates, meets) = match condition {
        Condition::Is(Comparison::Equal, Operand::Text(wanted)) if !wanted.is_empty() => (
            part!(":{order} = :wanted", order, wanted = as_read(wanted)),
            atom::compared(&text, Comparison::Equal, wanted.as_str()),
        ),
        Condition::Like(pattern, true) => (
            atom::like(&order, &start_as_read(pattern)?, true),
            atom::like(&text, pattern, true),
        ),
        _ => return None,
    };
    Some(part!("(:{candidates} and :{meets})", candidates, meets))
}

/// Returns the form that all texts with this start begin with. What other letters are read as depends on those after
/// them, so it ends before the first that is not ASCII.
fn start_as_read(pattern: &TextPattern) -> Option<TextPattern> {
    let n_ascii = pattern.part.bytes().take_while(u8::is_ascii).count();
    let is_start = !pattern.open_start && pattern.open_end && n_ascii > 0;
    is_start.then(|| TextPattern {
        part: as_read(&pattern.part[..n_ascii]),
        ..*pattern
    })
}
