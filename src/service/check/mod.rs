//! Validation in three steps: fields are brought into the form in which they are kept (`normal`), everything that is
//! wrong with a request is collected, and what follows from a record alone is worked out.
//!
//! Pure. The limits are those of the protos; which field has which is said in `service/<resource>.rs`.

pub(crate) mod common;
pub(crate) mod key;
pub(crate) mod normal;
pub(crate) mod text;

use crate::clock::Micros;
use crate::error::{Error, Violation};
use crate::filter::FilterError;
use crate::mask::Mask;

/// Collects violations under the path of what is being checked.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    path: Vec<String>,
    mask: Option<Mask>,
    now: Micros,
    violations: Vec<Violation>,
}

impl Checker {
    /// Starts with the path of the message, such as `customer`; empty for the request itself.
    pub(crate) fn new(path: &str) -> Checker {
        Checker::at(path, 0)
    }

    /// Starts the checks of a message some of whose rules depend on the time.
    pub(crate) fn at(path: &str, now: Micros) -> Checker {
        let path = if path.is_empty() {
            Vec::new()
        } else {
            vec![path.to_owned()]
        };
        Checker {
            path,
            now,
            ..Checker::default()
        }
    }

    /// Returns the time of the checks.
    pub(crate) fn now(&self) -> Micros {
        self.now
    }

    /// Asks for required fields only where the mask names them, from here on.
    pub(crate) fn only_required_in(&mut self, mask: Mask) {
        self.mask = Some(mask);
    }

    /// Checks that a required top-level field is not blank, unless a mask leaves it out.
    pub(crate) fn require_text(&mut self, field: &str, text: &str) {
        if self.mask.as_ref().is_none_or(|mask| mask.names(field)) {
            self.not_blank(field, text);
        }
    }

    /// Checks that a required top-level field is set, unless a mask leaves it out.
    pub(crate) fn require_set(&mut self, field: &str, is_set: bool) {
        if self.mask.as_ref().is_none_or(|mask| mask.names(field)) {
            self.ensure(is_set, field, "is required");
        }
    }

    /// Notes that a field is wrong.
    pub(crate) fn wrong(&mut self, field: &str, description: impl Into<String>) {
        self.wrong_because("FIELD_INVALID", field, description, None);
    }

    /// Notes that a field is wrong for a reason of its own, at an offset of its text.
    pub(crate) fn wrong_because(
        &mut self,
        reason: &'static str,
        field: &str,
        description: impl Into<String>,
        offset: Option<usize>,
    ) {
        let field = self.path_of(field);
        self.violations.push(Violation {
            field,
            description: description.into(),
            reason,
            offset,
        });
    }

    /// Notes what is wrong with a filter, and where.
    pub(crate) fn wrong_filter(&mut self, field: &str, problem: &FilterError) {
        let described = format!("{} (at byte {})", problem.message, problem.offset);
        self.wrong_because("FILTER_INVALID", field, described, Some(problem.offset));
    }

    /// Notes that a field is wrong unless `holds`.
    pub(crate) fn ensure(&mut self, holds: bool, field: &str, description: &str) {
        if !holds {
            self.wrong(field, description);
        }
    }

    /// Notes that a list is empty or holds more than `most`.
    pub(crate) fn require_count<T>(&mut self, field: &str, list: &[T], most: usize) {
        let count = list.len();
        self.ensure(count > 0, field, &format!("is empty: give 1 to {most}"));
        self.ensure(
            count <= most,
            field,
            &format!("holds {count} elements, at most {most} fit"),
        );
    }

    /// Checks something that lies under a field.
    pub(crate) fn within<T>(
        &mut self,
        field: impl Into<String>,
        check: impl FnOnce(&mut Checker) -> T,
    ) -> T {
        self.path.push(field.into());
        let checked = check(self);
        self.path.pop();
        checked
    }

    /// Reads the elements of a list, at most `most` of them, each given its path `field[i]`. All of them are looked at,
    /// so that everything that is wrong is said.
    pub(crate) fn parse_each<T, P>(
        &mut self,
        field: &str,
        list: &[T],
        most: usize,
        mut parse: impl FnMut(&mut Checker, &str, &T) -> Option<P>,
    ) -> Option<Vec<P>> {
        let parsed: Vec<Option<P>> = list
            .iter()
            .take(most)
            .enumerate()
            .map(|(i, element)| parse(self, &format!("{field}[{i}]"), element))
            .collect();
        parsed.into_iter().collect()
    }

    /// Checks the elements of a list, each under `field[i]`, and that there are at most `most`.
    pub(crate) fn each<L: IntoIterator<IntoIter: ExactSizeIterator>>(
        &mut self,
        field: &str,
        list: L,
        most: usize,
        mut check: impl FnMut(&mut Checker, L::Item),
    ) {
        let elements = list.into_iter();
        let count = elements.len();
        if count > most {
            self.wrong(field, format!("holds {count} elements, at most {most} fit"));
            return;
        }
        for (i, element) in elements.enumerate() {
            self.within(format!("{field}[{i}]"), |checker| check(checker, element));
        }
    }

    /// Forgets what is wrong with another version of the message in the same way, in fields that may be forgiven.
    pub(crate) fn forgive(&mut self, other: &Checker, may_be: impl Fn(&str) -> bool) {
        self.violations
            .retain(|one| !(other.violations.contains(one) && may_be(&one.field)));
    }

    /// Says whether nothing is wrong so far.
    pub(crate) fn is_content(&self) -> bool {
        self.violations.is_empty()
    }

    /// Ends the checks: everything that is wrong, at once.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.violations))
        }
    }

    /// Ends the checks, and returns what was read of the request in their course. Whoever reads nothing says why.
    pub(crate) fn finish_with<T>(self, parsed: Option<T>) -> Result<T, Error> {
        self.finish()?;
        parsed.ok_or_else(|| Error::internal("a value did not parse and no check failed"))
    }

    fn path_of(&self, field: &str) -> String {
        let parts = self
            .path
            .iter()
            .map(String::as_str)
            .chain(Some(field).filter(|field| !field.is_empty()));
        parts.collect::<Vec<_>>().join(".")
    }
}
