//! The `control` page of a run's folder: what its processes share, and the proof that its owner lives.

use crate::error::{CoreError, Result};
use crate::steps::StepCounter;
use crate::words::{Word, Words};

/// Bytes of the file.
pub const CONTROL_BYTES: usize = 4096;

const MAGIC: u64 = u64::from_le_bytes(*b"FRRLCTL\x01");
const AT_MAGIC: usize = 0;
const AT_OWNER: usize = 1;
const AT_STARTED_WALL: usize = 2;
const AT_STARTED_MONOTONIC: usize = 3;
const AT_CLOSED: usize = 4;
const AT_NEXT_STEP: usize = 8;

/// The page over a region.
pub struct Control<M: Words>(M);

impl<M: Words> Control<M> {
    /// Fill a zeroed region.
    pub fn create(memory: M, owner: u32, started_wall: f64, started_monotonic: f64) -> Self {
        memory.set(AT_OWNER, u64::from(owner));
        memory.set(AT_STARTED_WALL, started_wall.to_bits());
        memory.set(AT_STARTED_MONOTONIC, started_monotonic.to_bits());
        memory.set(AT_MAGIC, MAGIC);
        Self(memory)
    }

    /// Take up a page that was filled before.
    ///
    /// # Errors
    /// `Damaged` if it is none.
    pub fn open(memory: M) -> Result<Self> {
        if memory.get(AT_MAGIC) == MAGIC && memory.words().len() >= CONTROL_BYTES / 8 {
            return Ok(Self(memory));
        }
        Err(CoreError::Damaged("the control page is not whole".into()))
    }

    /// Wall clock of the run's start, seconds since the epoch; its earlier run time before that.
    #[must_use]
    pub fn started_wall(&self) -> f64 {
        f64::from_bits(self.0.get(AT_STARTED_WALL))
    }

    /// Monotonic clock of the run's start, seconds; its earlier run time before that.
    #[must_use]
    pub fn started_monotonic(&self) -> f64 {
        f64::from_bits(self.0.get(AT_STARTED_MONOTONIC))
    }

    /// Count steps and time from where the run stands, since it was begun before.
    pub fn start_at(&self, step: i64, runtime: f64) {
        self.raise(step);
        let earlier = |at: usize| self.0.set(at, (f64::from_bits(self.0.get(at)) - runtime).to_bits());
        earlier(AT_STARTED_WALL);
        earlier(AT_STARTED_MONOTONIC);
    }

    /// Count some seconds as no part of the run's time: nothing ran in them.
    pub fn leave_out(&self, seconds: f64) {
        let later = self.started_monotonic() + seconds.max(0.0);
        self.0.set(AT_STARTED_MONOTONIC, later.to_bits());
    }

    /// Note that the owner has finished.
    pub fn close(&self) {
        self.0.set(AT_CLOSED, 1);
    }

    /// Whether the owner has finished.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.0.get(AT_CLOSED) != 0
    }
}

#[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss)] // steps are kept as two's complement
impl<M: Words> StepCounter for Control<M> {
    fn next(&self) -> i64 {
        self.0.get(AT_NEXT_STEP) as i64
    }

    fn take(&self) -> i64 {
        self.0.word(AT_NEXT_STEP).map_or(0, |word| word.add(1)) as i64
    }

    fn raise(&self, step: i64) {
        if let Some(word) = self.0.word(AT_NEXT_STEP) {
            word.raise(step.max(0) as u64);
        }
    }
}
