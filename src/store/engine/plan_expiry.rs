//! When a connection to PostgreSQL discards its plans.
//!
//! PostgreSQL keeps the plan of a prepared statement until it counts the rows of a table again: a minute later, or
//! never if autovacuum is off. To a plan made while a table was nearly empty, every index that begins with the tenant
//! looks as good as the key, and once the table has grown it reads the whole tenant. So a plan lives no longer than
//! [`MAX_AGE`]: in that time no table grows out of proportion. Making a new plan for each call instead was measured
//! at five times the cost of reading one customer.

use std::time::Duration;

use sqlx::pool::PoolConnectionMetadata;
use sqlx::{Executor, PgConnection};

/// How long plans are kept; twice as long if the connection is busy when the time is up.
const MAX_AGE: Duration = Duration::from_secs(5);

/// Discards the plans of a connection that is about to be lent, if their time is up.
pub(crate) async fn forget_old(
    conn: &mut PgConnection,
    lent: PoolConnectionMetadata,
) -> Result<bool, sqlx::Error> {
    if is_over(lent.age, lent.idle_for) {
        conn.execute("discard plans").await?;
    }
    Ok(true)
}

/// Says whether a span of [`MAX_AGE`] in the life of a connection has ended since it was given back. Counted this
/// way, nothing has to be remembered per connection.
pub(crate) fn is_over(age: Duration, idle_for: Duration) -> bool {
    let span = |at: Duration| at.as_nanos() / MAX_AGE.as_nanos();
    span(age) > span(age.saturating_sub(idle_for))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_go_once_in_each_span_of_a_connection() {
        // Lent briefly every tenth of a second, for a minute.
        let idle_for = Duration::from_millis(99);
        let lent = (1..=600).map(|i| Duration::from_millis(100 * i));
        let gone: Vec<u64> = lent
            .filter(|age| is_over(*age, idle_for))
            .map(|age| age.as_secs())
            .collect();
        assert_eq!(gone, (1..=12).map(|i| 5 * i).collect::<Vec<u64>>());
    }

    #[test]
    fn plans_of_a_connection_that_lay_idle_are_gone() {
        assert!(is_over(
            Duration::from_secs(3_600),
            Duration::from_secs(3_000)
        ));
        assert!(is_over(Duration::from_secs(6), Duration::from_secs(5)));
        assert!(!is_over(Duration::from_secs(4), Duration::from_secs(4)));
    }
}
