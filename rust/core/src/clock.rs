//! The two clocks of a run.

use rustix::time::{ClockId, Timespec, clock_gettime};

/// Seconds since the epoch, as the machine's clock says.
#[must_use]
pub fn wall() -> f64 {
    seconds(clock_gettime(ClockId::Realtime))
}

/// Seconds since some point before the machine started: never steps, one for all processes.
#[must_use]
pub fn monotonic() -> f64 {
    seconds(clock_gettime(ClockId::Monotonic))
}

#[allow(clippy::cast_precision_loss)] // a double holds microseconds of this era exactly enough
fn seconds(time: Timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
