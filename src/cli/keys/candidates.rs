//! The records that a bare name may mean. LookUp forgives typos and finds people by a part of their data; to write to
//! somebody, or to report on them, the text has to be their name.

use anyhow::anyhow;

use crate::cli::session::Session;
use crate::cli::table::printable;
use crate::fold::words;
use crate::pb;
use crate::pb::look_up_request::Kind as LookUpKind;

/// The most people or firms that an error lists.
const MAX_LISTED: usize = 10;
/// The most people or firms that a text is compared with.
const MAX_RESULTS: i32 = 50;

pub(crate) struct Candidates<'a> {
    text: &'a str,
    results: Vec<pb::LookUpResult>,
}

impl<'a> Candidates<'a> {
    pub(crate) async fn find(
        session: &Session,
        text: &'a str,
        kind: LookUpKind,
    ) -> anyhow::Result<Candidates<'a>> {
        let request = pb::LookUpRequest {
            text: text.to_owned(),
            kinds: vec![kind.into()],
            max_results: MAX_RESULTS,
            ..Default::default()
        };
        let answer: pb::LookUpResponse = session.call("LookUp", &request).await?;
        Ok(Candidates {
            text,
            results: answer.results,
        })
    }

    /// Tells whether the text is the name of anybody.
    pub(crate) fn has_name(&self) -> bool {
        self.named().next().is_some()
    }

    /// Returns the only record that the text can mean: the only match, if the text is its name, or the only one with
    /// exactly that name. `None` if nobody has the name; an error if several do.
    pub(crate) fn only_one(&self) -> anyhow::Result<Option<String>> {
        let exact = self.results.iter().filter(|result| self.is_exact(result));
        if let Some(one) = single(exact) {
            return Ok(Some(name(one)));
        }
        match (self.named().next(), self.results.len()) {
            (None, _) => Ok(None),
            (Some(one), 1) => Ok(Some(name(one))),
            _ => Err(self.ambiguous()),
        }
    }

    /// Returns the only one with that name who works at a customer; if nobody of that name works there, the only one that
    /// the text can mean.
    pub(crate) fn only_one_at(&self, customer: Option<&str>) -> anyhow::Result<String> {
        let works_there = |result: &&pb::LookUpResult| {
            result
                .affiliations
                .iter()
                .any(|at| Some(at.customer.as_str()) == customer)
        };
        let there: Vec<&pb::LookUpResult> = self.named().filter(works_there).collect();
        match &there[..] {
            [] => self.only_one()?.ok_or_else(|| self.no_match()),
            [one] => Ok(name(one)),
            several => {
                let exact = several.iter().filter(|result| self.is_exact(result));
                single(exact)
                    .map(|one| name(one))
                    .ok_or_else(|| self.ambiguous())
            }
        }
    }

    /// Returns those whose name the text is: it has every word of the text, and without a typo.
    fn named(&self) -> impl Iterator<Item = &pb::LookUpResult> {
        let wanted = words(self.text);
        self.results.iter().filter(move |result| {
            let own = words(&result.display_name);
            result.matches.iter().all(|found| found.typo_count == 0)
                && wanted.iter().all(|word| own.contains(word))
        })
    }

    fn is_exact(&self, result: &pb::LookUpResult) -> bool {
        result.display_name.to_lowercase() == self.text.to_lowercase()
    }

    fn ambiguous(&self) -> anyhow::Error {
        anyhow!(
            "{:?} is ambiguous: use one of these names: {}",
            self.text,
            self.names()
        )
    }

    pub(crate) fn no_match(&self) -> anyhow::Error {
        match self.suggestion("; did you mean ") {
            suggestion if suggestion.is_empty() => anyhow!("no match for {:?}", self.text),
            suggestion => anyhow!("nobody is called {:?}{suggestion}", self.text),
        }
    }

    pub(crate) fn suggestion(&self, question: &str) -> String {
        if self.results.is_empty() {
            String::new()
        } else {
            format!("{question}{}?", self.names())
        }
    }

    pub(crate) fn names(&self) -> String {
        let listed = self.results.iter().take(MAX_LISTED);
        let listed = listed.map(|one| format!("{} ({})", name(one), printable(&one.display_name)));
        listed.collect::<Vec<_>>().join(", ")
    }
}

/// Returns the first of exactly one.
fn single<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let one = all.next()?;
    all.next().is_none().then_some(one)
}

fn name(result: &pb::LookUpResult) -> String {
    format!("{}{}", result.customer, result.contact)
}
