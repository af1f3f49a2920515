//! Numbers counted into bins of equal width, block by block, so that nothing is copied whole.
//!
//! Bins are chosen as `torch.histc` chooses them: by one division in the numbers' own precision,
//! not by comparing with the edges. The loops have no branches on values, for the compiler to
//! turn them into vector instructions.

use crate::error::{CoreError, Result};

/// The most bins that one histogram has.
pub const MOST_BINS: usize = 4096;
/// How many numbers a caller that copies does well to hand over at once: they stay in the cache.
pub const BLOCK: usize = 2048;

/// Lanes that are kept apart when extremes are sought: two registers of AVX2.
const LANES: usize = 16;
/// Copies of the counts, so that neighbours of equal value need not wait for each other.
const COPIES: usize = 4;
/// What is counted in 32 bits before it is carried over.
const CARRY: u32 = 1 << 30;

/// The numbers that can be counted: `f32` and `f64`.
pub trait Number: Copy + PartialOrd + Into<f64> + Send + Sync + sealed::Arithmetic {}

impl Number for f32 {}
impl Number for f64 {}

mod sealed {
    /// What the loops need, in the number's own precision.
    pub trait Arithmetic: Copy {
        const INFINITY: Self;
        const NEG_INFINITY: Self;
        fn finite(self) -> bool;
        fn small(number: f32) -> Self;
        fn minus(self, other: Self) -> Self;
        fn times(self, other: Self) -> Self;
        /// `self` divided by `other`, cut to a whole number; what is no number is 0.
        fn whole_quotient(self, other: Self) -> u32;
        /// The nearest number to a double.
        fn rounded(number: f64) -> Self;
    }

    macro_rules! arithmetic {
        ($kind:ty) => {
            impl Arithmetic for $kind {
                const INFINITY: Self = <$kind>::INFINITY;
                const NEG_INFINITY: Self = <$kind>::NEG_INFINITY;

                #[inline]
                fn finite(self) -> bool {
                    self.is_finite()
                }

                #[inline]
                fn small(number: f32) -> Self {
                    number.into()
                }

                #[inline]
                fn minus(self, other: Self) -> Self {
                    self - other
                }

                #[inline]
                fn times(self, other: Self) -> Self {
                    self * other
                }

                #[inline]
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                fn whole_quotient(self, other: Self) -> u32 {
                    // By way of i32: vector units convert to that directly.
                    (self / other) as i32 as u32
                }

                #[inline]
                #[allow(clippy::cast_possible_truncation, clippy::cast_lossless)]
                fn rounded(number: f64) -> Self {
                    number as $kind
                }
            }
        };
    }

    arithmetic!(f32);
    arithmetic!(f64);
}

/// The smallest and the largest of the finite numbers seen so far, and how many there were.
#[derive(Clone, Copy, Debug)]
pub struct Extent<T> {
    least: [T; LANES],
    greatest: [T; LANES],
    finite: u64,
}

impl<T: Number> Extent<T> {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { least: [T::INFINITY; LANES], greatest: [T::NEG_INFINITY; LANES], finite: 0 }
    }

    /// Take in more numbers; NaN and infinities are passed over.
    pub fn take(&mut self, block: &[T]) {
        let (groups, rest) = block.as_chunks::<LANES>();
        for part in groups.chunks(CARRY as usize) {
            let mut finite = [0_u32; LANES];
            for group in part {
                self.take_group(group, &mut finite);
            }
            self.finite += finite.iter().map(|count| u64::from(*count)).sum::<u64>();
        }
        let mut last = [T::INFINITY; LANES];
        for (lane, number) in last.iter_mut().zip(rest) {
            *lane = *number;
        }
        let mut finite = [0_u32; LANES];
        self.take_group(&last, &mut finite);
        self.finite += finite.iter().map(|count| u64::from(*count)).sum::<u64>();
    }

    #[inline]
    fn take_group(&mut self, group: &[T; LANES], finite: &mut [u32; LANES]) {
        for (((number, least), greatest), finite) in
            group.iter().zip(&mut self.least).zip(&mut self.greatest).zip(finite)
        {
            let counts = number.finite();
            let low = if counts { *number } else { T::INFINITY };
            let high = if counts { *number } else { T::NEG_INFINITY };
            *least = if low < *least { low } else { *least };
            *greatest = if high > *greatest { high } else { *greatest };
            *finite += u32::from(counts);
        }
    }

    /// The smallest and the largest; None if nothing was finite.
    #[must_use]
    pub fn bounds(&self) -> Option<(T, T)> {
        let least = self.least.iter().fold(T::INFINITY, |a, b| if *b < a { *b } else { a });
        let greatest = self.greatest.iter().fold(T::NEG_INFINITY, |a, b| if *b > a { *b } else { a });
        (self.finite > 0).then_some((least, greatest))
    }

    /// How many were finite.
    #[must_use]
    pub const fn finite(&self) -> u64 {
        self.finite
    }
}

impl<T: Number> Default for Extent<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts of equal bins between two bounds, both of which belong to a bin.
#[derive(Clone, Debug)]
pub struct Counter<T> {
    least: T,
    greatest: T,
    /// What numbers are multiplied by before anything else: 1, but for ranges that overflow.
    scale: T,
    scaled_least: T,
    scaled_range: T,
    factor: T,
    last: u32,
    /// One count more than there are bins, for what lies outside.
    recent: Vec<[u32; COPIES]>,
    recently: u32,
    totals: Vec<u64>,
}

impl<T: Number> Counter<T> {
    /// Between `least` and `greatest`; if they are equal, there is one bin in place of `bins`.
    ///
    /// # Errors
    /// A bound is not finite, the bounds are in the wrong order, or there are no bins or more than
    /// [`MOST_BINS`].
    pub fn new(least: T, greatest: T, bins: usize) -> Result<Self> {
        if !(least.finite() && greatest.finite() && least <= greatest) {
            return Err(CoreError::Invalid(format!(
                "a histogram needs two finite bounds in order, not {} and {}",
                least.into(),
                greatest.into()
            )));
        }
        let bins = checked_bins(bins)?;
        let bins = if least < greatest { bins } else { 1 };
        // A few thousand: exact in every precision.
        #[allow(clippy::cast_precision_loss)]
        let factor = T::small(bins as f32);
        let overflows = !greatest.minus(least).times(factor).finite();
        let scale = T::small(if overflows { 1.0 / 65_536.0 } else { 1.0 });
        let scaled_least = least.times(scale);
        Ok(Self {
            least,
            greatest,
            scale,
            scaled_least,
            scaled_range: greatest.times(scale).minus(scaled_least),
            factor,
            last: u32::try_from(bins - 1).unwrap_or(0),
            recent: vec![[0; COPIES]; bins + 1],
            recently: 0,
            totals: vec![0; bins],
        })
    }

    /// Count more numbers; NaN and what lies outside the bounds is passed over.
    pub fn take(&mut self, block: &[T]) {
        let mut places = [0_u32; BLOCK];
        for part in block.chunks(BLOCK) {
            for (place, number) in places.iter_mut().zip(part) {
                *place = self.place(*number);
            }
            for group in places.get(..part.len()).unwrap_or(&[]).chunks(COPIES) {
                for (copy, place) in group.iter().enumerate() {
                    if let Some(count) = self.recent.get_mut(*place as usize).and_then(|at| at.get_mut(copy))
                    {
                        *count += 1;
                    }
                }
            }
            self.recently += u32::try_from(part.len()).unwrap_or(CARRY);
            if self.recently >= CARRY {
                self.carry();
            }
        }
    }

    #[inline]
    fn place(&self, number: T) -> u32 {
        let above = number.times(self.scale).minus(self.scaled_least);
        let place = above.times(self.factor).whole_quotient(self.scaled_range).min(self.last);
        let inside = number >= self.least && number <= self.greatest;
        if inside { place } else { self.last + 1 }
    }

    fn carry(&mut self) {
        for (total, recent) in self.totals.iter_mut().zip(&mut self.recent) {
            *total += recent.iter().map(|count| u64::from(*count)).sum::<u64>();
            *recent = [0; COPIES];
        }
        self.recently = 0;
    }

    /// The counts, and the edges: one more, in the numbers' own precision.
    #[must_use]
    pub fn finish(mut self) -> Histogram {
        self.carry();
        Histogram { edges: edges(self.least, self.greatest, self.totals.len()), counts: self.totals }
    }
}

fn checked_bins(bins: usize) -> Result<usize> {
    if (1..=MOST_BINS).contains(&bins) {
        return Ok(bins);
    }
    Err(CoreError::Invalid(format!("a histogram has 1 to {MOST_BINS} bins, not {bins}")))
}

/// Edges in equal steps, each rounded once.
fn edges<T: Number>(least: T, greatest: T, bins: usize) -> Vec<f64> {
    let (least, greatest): (f64, f64) = (least.into(), greatest.into());
    // A few thousand: exact.
    #[allow(clippy::cast_precision_loss)]
    let edge = |at: usize| {
        let part = at as f64 / bins as f64;
        // Each term by itself is finite, whatever the difference is.
        T::rounded(least * (1.0 - part) + greatest * part).into()
    };
    let mut all: Vec<f64> = (0..=bins).map(edge).collect();
    // As they were given: `-0.0` and all.
    if let [first, .., last] = all.as_mut_slice() {
        (*first, *last) = (least, greatest);
    }
    all
}

/// How often numbers fell between neighbouring edges.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// One count for each bin.
    pub counts: Vec<u64>,
    /// Where bins begin, and where the last one ends.
    pub edges: Vec<f64>,
}

/// Count a whole slice; the bounds are those of its finite numbers unless they are given.
///
/// Returns None if there are no bounds: nothing is finite.
///
/// # Errors
/// As [`Counter::new`].
pub fn histogram<T: Number>(values: &[T], bins: usize, bounds: Option<(T, T)>) -> Result<Option<Histogram>> {
    checked_bins(bins)?;
    let found = bounds.or_else(|| {
        let mut extent = Extent::new();
        extent.take(values);
        extent.bounds()
    });
    let Some((least, greatest)) = found else {
        return Ok(None);
    };
    let mut counter = Counter::new(least, greatest, bins)?;
    counter.take(values);
    Ok(Some(counter.finish()))
}
