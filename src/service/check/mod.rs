//! Validation: collects everything that is wrong with a request, and brings fields into the form they are kept in.
//!
//! Pure. The limits are those of the protos; which field has which is said in `service/<resource>.rs`.

pub mod common;
pub mod key;
pub mod text;

use crate::clock::Micros;
use crate::error::{Error, Violation};
use crate::mask::Mask;

/// Collects violations under the path of what is being checked.
#[derive(Debug, Default)]
pub struct Checker {
    path: Vec<String>,
    mask: Option<Mask>,
    now: Micros,
    violations: Vec<Violation>,
}

impl Checker {
    /// Starts with the path of the message, such as `customer`; empty for the request itself.
    pub fn new(path: &str) -> Checker {
        Checker::at(path, 0)
    }

    /// Starts the checks of a message some of whose rules depend on the time.
    pub fn at(path: &str, now: Micros) -> Checker {
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
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Asks for required fields only where the mask names them, from here on.
    pub fn only_required_in(&mut self, mask: Mask) {
        self.mask = Some(mask);
    }

    /// Checks that a required top-level field is not blank, unless a mask leaves it out.
    pub fn require_text(&mut self, field: &str, text: &str) {
        if self.mask.as_ref().is_none_or(|mask| mask.names(field)) {
            self.not_blank(field, text);
        }
    }

    /// Checks that a required top-level field is set, unless a mask leaves it out.
    pub fn require_set(&mut self, field: &str, is_set: bool) {
        if self.mask.as_ref().is_none_or(|mask| mask.names(field)) {
            self.ensure(is_set, field, "is required");
        }
    }

    /// Notes that a field is wrong.
    pub fn wrong(&mut self, field: &str, description: impl Into<String>) {
        self.wrong_because("FIELD_INVALID", field, description, None);
    }

    /// Notes that a field is wrong for a reason of its own, at an offset of its text.
    pub fn wrong_because(
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

    /// Notes that a field is wrong unless `holds`.
    pub fn ensure(&mut self, holds: bool, field: &str, description: &str) {
        if !holds {
            self.wrong(field, description);
        }
    }

    /// Notes that a list is empty or holds more than `most`.
    pub fn require_count<T>(&mut self, field: &str, list: &[T], most: usize) {
        let count = list.len();
        self.ensure(count > 0, field, &format!("is empty: give 1 to {most}"));
        self.ensure(
            count <= most,
            field,
            &format!("holds {count} elements, at most {most} fit"),
        );
    }

    /// Checks something that lies under a field.
    pub fn within(&mut self, field: impl Into<String>, check: impl FnOnce(&mut Checker)) {
        self.path.push(field.into());
        check(self);
        self.path.pop();
    }

    /// Checks the elements of a list, each under `field[i]`, and that there are at most `most`.
    pub fn each<T>(
        &mut self,
        field: &str,
        list: &mut [T],
        most: usize,
        mut check: impl FnMut(&mut Checker, &mut T),
    ) {
        if list.len() > most {
            self.wrong(
                field,
                format!("holds {} elements, at most {most} fit", list.len()),
            );
            return;
        }
        for (i, element) in list.iter_mut().enumerate() {
            self.within(format!("{field}[{i}]"), |checker| check(checker, element));
        }
    }

    /// Ends the checks: everything that is wrong, at once.
    pub fn finish(self) -> Result<(), Error> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.violations))
        }
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
