//! The records that a bare name may mean: what a person is told if the server finds nobody with that name, or several.

use anyhow::anyhow;

use crate::cli::session::Session;
use crate::cli::table::printable;
use crate::fold::has_words_of;
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
            limit: MAX_RESULTS,
            ..Default::default()
        };
        let answer: pb::LookUpResponse = session.call("LookUp", &request).await?;
        Ok(Candidates {
            text,
            results: answer.results,
        })
    }

    /// Says whether the text is the name of anybody.
    pub(crate) fn has_name(&self) -> bool {
        self.named().next().is_some()
    }

    /// Returns those whose name the text is: it has every word of the text, and without a typo.
    fn named(&self) -> impl Iterator<Item = &pb::LookUpResult> {
        self.results.iter().filter(|result| {
            result.matches.iter().all(|found| found.typo_count == 0)
                && has_words_of(&result.display_name, self.text)
        })
    }

    pub(crate) fn ambiguous(&self) -> anyhow::Error {
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

fn name(result: &pb::LookUpResult) -> String {
    format!("{}{}", result.customer, result.contact)
}
