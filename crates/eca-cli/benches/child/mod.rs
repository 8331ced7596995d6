//! A child process, its time and its peak memory.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How a child process ended, and what it cost.
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) time: Duration,
    /// In kB, or 0 where the system does not tell it.
    pub(crate) peak: u32,
}

impl Run {
    /// Runs a command without stdin.
    pub(crate) fn new(command: &mut Command) -> std::io::Result<Self> {
        let start = Instant::now();
        let mut child = command.stdin(Stdio::null()).spawn()?;
        let mut peak = 0;
        let status = loop {
            peak = peak.max(peak_memory(&child));
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_micros(500));
        };
        let time = start.elapsed();
        Ok(Self { status, time, peak })
    }
}

/// `VmHWM` of proc(5). It is gone when the program has ended, so the last half millisecond does not
/// count.
fn peak_memory(child: &Child) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.unwrap_or(0)
}
