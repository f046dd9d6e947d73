//! How a customer's counts will change if nothing is written: affiliations and claims start and end at midnight.
//!
//! Pure. What the counts count is defined in `store::record::in_force`.

use std::collections::BTreeSet;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::validity::{CountChange, CountForecast};
use crate::pb;
use crate::store::record::in_force;

/// The most future days for which the counts of one customer are computed.
const MAX_DAYS: usize = 100;
/// The most affiliations evaluated for one customer, summed over those days.
const MAX_COUNTED: usize = 10_000;

/// Computes how the counts of a customer change after now, given all its live affiliations.
pub fn forecast(
    customer: &pb::Customer,
    affiliations: &[pb::Affiliation],
    now: Micros,
) -> Result<CountForecast, Error> {
    let mut forecast = CountForecast::default();
    let mut last = (customer.contact_count, customer.decision_maker_count);
    let midnights: BTreeSet<Micros> = affiliations.iter().flat_map(midnights).collect();
    let ahead = midnights.into_iter().filter(|midnight| *midnight > now);
    for (i, midnight) in ahead.enumerate() {
        if i == MAX_DAYS || i * affiliations.len() > MAX_COUNTED {
            forecast.known_until = Some(midnight);
            break;
        }
        let day = clock::date_of(midnight);
        let contacts = in_force::contact_count(affiliations, &day);
        let deciders = in_force::decision_maker_count(customer.kind(), affiliations, &day);
        let count = |count: usize| i32::try_from(count).map_err(Error::internal);
        let counts = (count(contacts)?, count(deciders)?);
        if counts != last {
            last = counts;
            forecast.changes.push(CountChange {
                from: midnight,
                contacts: counts.0,
                decision_makers: counts.1,
            });
        }
    }
    Ok(forecast)
}

/// Returns the midnights at which an affiliation or one of its claims starts or ends.
fn midnights(affiliation: &pb::Affiliation) -> impl Iterator<Item = Micros> {
    let of_claims = affiliation
        .buying_roles
        .iter()
        .flat_map(|claim| [claim.start_date, claim.end_date]);
    [affiliation.start_date, affiliation.end_date]
        .into_iter()
        .chain(of_claims)
        .flatten()
        .filter_map(|date| clock::midnight(&date))
}
