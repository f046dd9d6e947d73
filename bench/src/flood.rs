//! Floods of the real program: answers that nobody takes, requests without an end, sockets that say nothing. Printed are
//! the memory of its process before, at most and after, and what others got meanwhile.
//!
//! Each lasts as long as it is told to, on a new server with a SQLite file; only the transport matters. The attacks are
//! those of `tests/pressure`, which holds that the guards are there.

#[path = "../../tests/pressure/attack.rs"]
mod attack;

use std::time::{Duration, Instant};

use self::attack::{AttackTarget, Outcomes, SHED};
use crate::calls::Server;

const MIB: u64 = 1 << 20;
/// What the process may have in an attack, in MiB; 256 of them may wait.
const MOST: u64 = 400;
/// How long the process may take to give memory back.
const SETTLES: Duration = Duration::from_secs(90);

/// Plays each flood for a time.
pub async fn run(time: Duration) -> anyhow::Result<()> {
    flood(
        "answers, no room in windows",
        async |target, end| {
            target
                .unread_answers(0, move |_| Instant::now() > end)
                .await
        },
        time,
    )
    .await?;
    flood(
        "answers, windows of 65,535",
        async |target, end| {
            target
                .unread_answers(65_535, move |_| Instant::now() > end)
                .await
        },
        time,
    )
    .await?;
    flood(
        "1,200 requests without an end",
        async |target, end| {
            target
                .unfinished_requests(1_200, move |_| Instant::now() > end)
                .await
        },
        time,
    )
    .await?;
    flood("1,100 silent sockets", silent, time).await
}

async fn flood(
    name: &str,
    attack: impl AsyncFn(AttackTarget, Instant) -> Outcomes,
    time: Duration,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let program = std::env::current_exe()?.with_file_name("clientele");
    let url = format!("sqlite://{}", folder.path().join("flood.db").display());
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database-url", &url];
    let server = Server::start(&program, &arguments, &[])?;
    let target = AttackTarget {
        address: server.address()?,
        process: server.process(),
    };
    target.fill().await;
    target.use_normally().await;
    let before = target.memory();
    target.forget_peak();
    let attack = attack(target, Instant::now() + time);
    let (outcomes, mut others) = target.beside(attack).await;
    let (peak, slowest) = (target.peak(), others.all_but_one_in(100));
    let ended = Instant::now();
    target.shrinks_to(before + before / 5, SETTLES).await;
    println!(
        "flood, {name}, {} s: {} MiB before, {} MiB at most (bar {MOST}), {} MiB {:.1} s after (bar {}); {} calls shed, by \
         status {outcomes:?}; of others {} of {} answered, 99 % within {:.0} ms",
        time.as_secs(),
        before / MIB,
        peak / MIB,
        target.memory() / MIB,
        ended.elapsed().as_secs_f64(),
        (before + before / 5) / MIB,
        outcomes.get(SHED).unwrap_or(&0),
        others.took.len(),
        others.asked,
        slowest.as_secs_f64() * 1e3,
    );
    Ok(())
}

/// Keeps 1,100 silent sockets.
async fn silent(target: AttackTarget, end: Instant) -> Outcomes {
    tokio::select! {
        () = target.silent_sockets(1_100) => {}
        () = tokio::time::sleep_until(end.into()) => {}
    }
    Outcomes::new()
}
