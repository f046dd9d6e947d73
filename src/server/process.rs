//! What the operating system says of this process, as metrics. Linux alone tells it in files.

use std::fs;

use crate::server::exposition::MetricFamily;

/// Ticks of the kernel's clock a second, as it counts them for programs.
const TICKS: f64 = 100.0;

/// Returns memory, CPU time and open files; without samples where they are not known.
pub(crate) fn families() -> Vec<MetricFamily> {
    let memory = MetricFamily::gauge(
        "process_resident_memory_bytes",
        "Memory that the process has in use.",
    );
    let cpu = MetricFamily::counter(
        "process_cpu_seconds_total",
        "CPU time that the process has used.",
    );
    let files = MetricFamily::gauge(
        "process_open_fds",
        "Files and sockets that the process has open.",
    );
    let most = MetricFamily::gauge(
        "process_max_fds",
        "The most files and sockets that the process may have open.",
    );
    vec![
        sampled(memory, resident_bytes()),
        sampled(cpu, cpu_seconds()),
        sampled(files, open_files()),
        sampled(most, max_files()),
    ]
}

fn sampled(family: MetricFamily, value: Option<f64>) -> MetricFamily {
    match value {
        Some(value) => family.with(&[], value),
        None => family,
    }
}

/// Returns the number after a word that begins a line.
fn number_after(file: &str, word: &str) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}

fn resident_bytes() -> Option<f64> {
    number_after("/proc/self/status", "VmRSS:").map(|kib| kib * 1024.0)
}

fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold blanks.
    let (_, fields) = text.rsplit_once(") ")?;
    let ticks: Vec<f64> = fields
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    Some(ticks.iter().sum::<f64>() / TICKS)
}

fn open_files() -> Option<f64> {
    let n_files = fs::read_dir("/proc/self/fd").ok()?.count();
    u32::try_from(n_files).ok().map(f64::from)
}

fn max_files() -> Option<f64> {
    number_after("/proc/self/limits", "Max open files")
}
