//! The filter language beyond single cases (those are in `conformance/standard/filter`): what others expect of a
//! parser, segments of real tables, the plans of queries, and that SQL on both engines and evaluation in memory agree.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agree; // random filters over random records
mod cases; // cases of other parsers and checkers
mod explain; // explanations of random filters, and trees printed
pub mod filters; // the random filters
mod on_lists; // restrictions on lists, many on the same one
mod plans; // which index serves which filter
pub mod records; // the random records
mod tables; // segments of real tables

use std::path::PathBuf;

/// Reads a file of the folder that CLIENTELE_TEST_DATA names; says so when there is none.
fn data(path: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("CLIENTELE_TEST_DATA").map(PathBuf::from) else {
        println!("not run: CLIENTELE_TEST_DATA does not name a folder with {path}");
        return None;
    };
    Some(
        std::fs::read_to_string(folder.join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}")),
    )
}
