//! What is counted of calls and connections, by method and code, for whoever watches the server.
//!
//! Owns the counters and their names. A method is counted under its name only if the API has it: a path may be any text.
//! How the text looks is in `exposition`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tonic::Code;

use crate::clock::{Clock, SECOND};
use crate::descriptors;
use crate::server::exposition::MetricFamily;
use crate::server::guard;
use crate::server::health::Answers;
use crate::server::memory::Budget;

/// The upper bounds of the histogram, in seconds; a last bucket has no bound.
const BOUNDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// How many status codes gRPC has.
const N_CODES: usize = 17;
/// The methods that stand in no proto of ours.
const OTHERS: [&str; 4] = [
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/// Every other path.
const UNKNOWN: &str = "unknown";

/// The counters of a server.
pub struct Metrics {
    methods: HashMap<String, MethodCounters>,
    unknown: MethodCounters,
    /// In seconds since 1970.
    started: i64,
    calls: Gauge,
    pub(crate) connections: Gauge,
    /// Connections that found no place.
    pub(crate) turned_away: Counter,
    /// Connections that did not come through the handshake of TLS.
    pub(crate) handshakes_failed: Counter,
    answers_reads: AtomicBool,
    answers_writes: AtomicBool,
    budget: OnceLock<Arc<Budget>>,
}

#[derive(Default)]
struct MethodCounters {
    by_code: [Counter; N_CODES],
    by_duration: [Counter; BOUNDS.len() + 1],
    micros: Counter,
}

/// Something that only grows.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many began, and how many of those have not ended.
#[derive(Default)]
pub(crate) struct Gauge {
    begun: Counter,
    ended: Counter,
}

/// One that has begun. It ends when this is dropped.
pub(crate) struct InProgress<'a>(&'a Gauge);

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.ended.add(1);
    }
}

impl Gauge {
    /// Counts one until what is returned is dropped.
    pub(crate) fn count(&self) -> InProgress<'_> {
        self.begun.add(1);
        InProgress(self)
    }

    fn now(&self) -> u64 {
        // In this order, so that the difference is not below 0.
        let ended = self.ended.get();
        self.begun.get().saturating_sub(ended)
    }
}

impl Metrics {
    /// Starts with nothing counted.
    pub fn start() -> Arc<Metrics> {
        let own = descriptors::pool()
            .services()
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|method| format!("{}/{}", method.parent_service().full_name(), method.name()));
        let methods = own.chain(OTHERS.map(str::to_owned));
        Arc::new(Metrics {
            methods: methods
                .map(|method| (method, MethodCounters::default()))
                .collect(),
            unknown: MethodCounters::default(),
            started: Clock::System.now() / SECOND,
            calls: Gauge::default(),
            connections: Gauge::default(),
            turned_away: Counter::default(),
            handshakes_failed: Counter::default(),
            answers_reads: AtomicBool::new(false),
            answers_writes: AtomicBool::new(false),
            budget: OnceLock::new(),
        })
    }

    /// Counts a call that begins.
    pub(crate) fn call_begins(&self) {
        self.calls.begun.add(1);
    }

    /// Counts a call that has ended.
    pub(crate) fn call_ended(&self, method: &str, code: Code, took: Duration) {
        let counters = self.methods.get(method).unwrap_or(&self.unknown);
        counters.by_code[code as usize].add(1);
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound);
        counters.by_duration[bucket.unwrap_or(BOUNDS.len())].add(1);
        counters
            .micros
            .add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.calls.ended.add(1);
    }

    /// Takes note of what health says.
    pub(crate) fn health_says(&self, answers: Answers) {
        self.answers_reads.store(answers.reads, Ordering::Relaxed);
        self.answers_writes.store(answers.writes, Ordering::Relaxed);
    }

    /// Returns what health says.
    pub(crate) fn answers(&self) -> Answers {
        Answers {
            reads: self.answers_reads.load(Ordering::Relaxed),
            writes: self.answers_writes.load(Ordering::Relaxed),
        }
    }

    /// Watches how much of a budget is used.
    pub(crate) fn watch_budget(&self, budget: &Arc<Budget>) {
        // It is that of the first server, of which there is one in a process.
        let _ = self.budget.set(Arc::clone(budget));
    }

    /// Returns all that is counted.
    pub(crate) fn families(&self) -> Vec<MetricFamily> {
        let mut families = self.of_calls();
        families.extend(self.of_connections());
        families.extend(self.of_the_process());
        families
    }

    fn called(&self) -> Vec<(&str, &MethodCounters)> {
        let known = self.methods.iter();
        let mut all: Vec<_> = known
            .map(|(method, counters)| (method.as_str(), counters))
            .chain([(UNKNOWN, &self.unknown)])
            .filter(|(_, counters)| counters.by_duration.iter().any(|count| count.get() > 0))
            .collect();
        all.sort_by_key(|(method, _)| *method);
        all
    }

    fn of_calls(&self) -> Vec<MetricFamily> {
        let mut ended = MetricFamily::counter(
            "clientele_calls_total",
            "Calls that have ended, by method and status code.",
        );
        let mut durations = MetricFamily::histogram(
            "clientele_call_duration_seconds",
            "How long calls took, from their headers to the end of the answer.",
        );
        for (method, counters) in self.called() {
            for (code, count) in counters.by_code.iter().enumerate() {
                if count.get() > 0 {
                    let code = format!("{:?}", Code::from_i32(i32::try_from(code).unwrap_or(2)));
                    ended = ended.with(&[("method", method), ("code", &code)], count.get());
                }
            }
            durations = counters.add_durations(method, durations);
        }
        let in_flight = MetricFamily::gauge(
            "clientele_calls_in_flight",
            "Calls that have begun and not ended, watches included.",
        );
        vec![
            ended,
            durations,
            in_flight.with(&[], self.calls.now()),
            MetricFamily::counter(
                "clientele_panics_total",
                "Panics that were caught. Each is a bug: please report it.",
            )
            .with(&[], guard::panics()),
        ]
    }

    fn of_connections(&self) -> Vec<MetricFamily> {
        let counter = |name, help, counter: &Counter| {
            MetricFamily::counter(name, help).with(&[], counter.get())
        };
        let budget = self.budget.get();
        vec![
            MetricFamily::gauge("clientele_connections", "Open connections.")
                .with(&[], self.connections.now()),
            counter(
                "clientele_connections_accepted_total",
                "Connections that were accepted.",
                &self.connections.begun,
            ),
            counter(
                "clientele_connections_turned_away_total",
                "Connections that were closed at once, because no place was left.",
                &self.turned_away,
            ),
            counter(
                "clientele_tls_handshakes_failed_total",
                "Connections whose TLS handshake failed or took too long.",
                &self.handshakes_failed,
            ),
            MetricFamily::gauge(
                "clientele_buffered_bytes",
                "Memory for requests that are arriving and answers that are being sent.",
            )
            .with(&[], budget.map_or(0, |budget| budget.used())),
            MetricFamily::gauge(
                "clientele_buffered_bytes_limit",
                "The most of that memory; calls beyond it are refused with OVERLOADED.",
            )
            .with(&[], budget.map_or(0, |budget| budget.most())),
        ]
    }

    fn of_the_process(&self) -> Vec<MetricFamily> {
        let answers = self.answers();
        vec![
            MetricFamily::gauge(
                "clientele_answers",
                "1 while health says SERVING, for reads and for writes.",
            )
            .with(&[("what", "reads")], u8::from(answers.reads))
            .with(&[("what", "writes")], u8::from(answers.writes)),
            MetricFamily::gauge("clientele_build_info", "The version that runs; always 1.")
                .with(&[("version", env!("CARGO_PKG_VERSION"))], 1),
            MetricFamily::gauge(
                "process_start_time_seconds",
                "When the process started, in seconds since 1970.",
            )
            .with(&[], self.started),
        ]
    }
}

impl MethodCounters {
    fn add_durations(&self, method: &str, mut durations: MetricFamily) -> MetricFamily {
        let mut so_far = 0;
        let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&self.by_duration) {
            so_far += count.get();
            let labels = [("method", method), ("le", &bound)];
            durations = durations.part("_bucket", &labels, so_far);
        }
        let seconds = Duration::from_micros(self.micros.get()).as_secs_f64();
        durations.part("_sum", &[("method", method)], seconds).part(
            "_count",
            &[("method", method)],
            so_far,
        )
    }
}
