//! Numbers counted between edges, with the very counts that `numpy.histogram` gives.
//!
//! numpy works out where a number should fall, in three roundings, and then compares it with the
//! edges beside that place. So the bin it chooses is the true one (`edges[i] <= x < edges[i + 1]`,
//! the last edge included) wherever its estimate is off by one at most. Both that estimate and
//! ours are monotone in `x`, as every rounding is: what they give at the edges bounds what they
//! give between them. [`Edges`] measures it there, once, and is not made where it is too much; then
//! numpy has to count. Where it is little, a number whose place is not near an edge needs no
//! comparison at all, and the others one.

mod lanes;

use lanes::Level;
pub use lanes::Number;

/// The most bins that are counted here.
pub const MOST_BINS: usize = 4096;
/// How many numbers a caller that copies does well to hand over at once: they stay in the cache.
pub const BLOCK: usize = 2048;

/// Copies of the counts, so that neighbours of equal value need not wait for each other; eight took a
/// fifth longer.
const COPIES: usize = 4;
/// What is counted in 32 bits before it is carried over.
const CARRY: u32 = 1 << 30;
/// How far from an edge, in bins, a number can be whose comparison is with that edge alone.
const MOST_GUARD: f64 = 0.25;
/// How far numpy's estimate may be from an edge at that edge: half of what would change a bin, as
/// its versions multiply and divide in different orders.
const MOST_DEVIATION: f64 = 0.5;

/// Edges between which numbers can be counted without asking numpy.
#[derive(Clone, Debug, PartialEq)]
pub struct Edges {
    all: Vec<f64>,
    scale: f64,
    guard: f64,
}

impl Edges {
    /// Take edges in nearly equal steps, as numpy made them.
    ///
    /// Returns None if they are too many, not finite, not in order, or too close to each other for
    /// their own precision.
    #[must_use]
    pub fn new(all: Vec<f64>) -> Option<Self> {
        let (first, last) = (*all.first()?, *all.last()?);
        let bins = all.len() - 1;
        let in_order = all.is_sorted_by(|one, next| one < next) && all.iter().all(|edge| edge.is_finite());
        if !in_order || !(1..=MOST_BINS).contains(&bins) {
            return None;
        }
        let scale = whole(bins) / (last - first);
        let position = |edge: &f64| lanes::position(*edge, first, scale) + 0.5;
        let guard = farthest(all.iter().map(position));
        // Twice the least step of a position: what is compared with the guard is rounded, too.
        let guard = guard + whole(bins + 1) * f64::EPSILON;
        (scale.is_finite() && guard < MOST_GUARD).then_some(Self { all, scale, guard })
    }

    /// Make the edges that numpy makes between two doubles, or between two whole numbers.
    ///
    /// Returns None where numpy has to make them and count.
    #[must_use]
    pub fn uniform(extent: Extent, bins: usize) -> Option<Self> {
        if !(1..=MOST_BINS).contains(&bins) {
            return None;
        }
        // One number by itself lies in the middle of a range of 1.
        let Extent { least, greatest, range } = if extent.least < extent.greatest || extent.range > 0.0 {
            extent
        } else {
            let (least, greatest) = (extent.least - 0.5, extent.greatest + 0.5);
            Extent { least, greatest, range: greatest - least }
        };
        let step = (greatest - least) / whole(bins);
        // So small a step makes numpy divide in another order.
        if step == 0.0 {
            return None;
        }
        let mut all: Vec<f64> = (0..bins).map(|at| whole(at) * step + least).collect();
        all.push(greatest);
        let divided = farthest(all.iter().map(|edge| (edge - least) / range * whole(bins)));
        let multiplied = farthest(all.iter().map(|edge| (edge - least) * (whole(bins) / range)));
        // A comparison with NaN must fail.
        let agreed = divided < MOST_DEVIATION && multiplied < MOST_DEVIATION;
        if agreed { Self::new(all) } else { None }
    }

    /// The edges: one more than there are bins.
    #[must_use]
    pub fn all(&self) -> &[f64] {
        &self.all
    }

    /// How many bins lie between them.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.all.len() - 1
    }

    fn first(&self) -> f64 {
        self.all.first().copied().unwrap_or(f64::NAN)
    }

    fn last(&self) -> f64 {
        self.all.last().copied().unwrap_or(f64::NAN)
    }
}

/// Count one for each place; a place that is none is passed over.
fn add(counts: &mut [[u32; COPIES]], places: &[u32]) {
    let (groups, rest) = places.as_chunks::<COPIES>();
    for group in groups {
        for (copy, place) in group.iter().enumerate() {
            if let Some(count) = counts.get_mut(*place as usize) {
                // `copy` is below `COPIES`, which the compiler sees.
                #[allow(clippy::indexing_slicing)]
                {
                    count[copy] += 1;
                }
            }
        }
    }
    for place in rest {
        if let Some([count, ..]) = counts.get_mut(*place as usize) {
            *count += 1;
        }
    }
}

/// The largest distance between positions and the whole numbers that they should be.
fn farthest(positions: impl Iterator<Item = f64>) -> f64 {
    let distances = positions.enumerate().map(|(at, position)| (position - whole(at)).abs());
    // `f64::max` would pass over NaN, which must stay.
    distances.fold(0.0_f64, |most, distance| if most.is_nan() || distance <= most { most } else { distance })
}

/// A count of bins as a double: a few thousand, so it is exact.
#[allow(clippy::cast_precision_loss)]
fn whole(count: usize) -> f64 {
    count as f64
}

/// Between what numbers lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The smallest, as a double.
    pub least: f64,
    /// The greatest, as a double.
    pub greatest: f64,
    /// Their difference; of whole numbers it is taken before they are made doubles.
    pub range: f64,
}

/// The smallest and the greatest of the numbers seen so far.
#[derive(Clone, Debug)]
pub struct Extremes<T> {
    level: Level,
    lanes: lanes::Extremes<T>,
}

impl<T: Number> Extremes<T> {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { level: Level::found(), lanes: lanes::Extremes::new() }
    }

    /// Take in more numbers.
    pub fn take(&mut self, block: &[T]) {
        lanes::widen(self.level, &mut self.lanes, block);
    }

    /// Between what they lie; None if there were none, or one was not finite.
    #[must_use]
    pub fn extent(&self) -> Option<Extent> {
        let (least, greatest) = self.lanes.bounds()?;
        Some(Extent { least: least.double(), greatest: greatest.double(), range: T::range(least, greatest) })
    }
}

impl<T: Number> Default for Extremes<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts of the bins between edges.
#[derive(Clone, Debug)]
pub struct Bins<'e> {
    edges: &'e Edges,
    /// Whether numbers may lie outside; they are passed over, as is NaN.
    open: bool,
    level: Level,
    places: Vec<u32>,
    recent: Vec<[u32; COPIES]>,
    recently: u32,
    totals: Vec<u64>,
}

impl<'e> Bins<'e> {
    /// All empty. `open` says that numbers may lie outside the edges.
    #[must_use]
    pub fn new(edges: &'e Edges, open: bool) -> Self {
        let bins = edges.bins();
        Self {
            edges,
            open,
            level: Level::found(),
            places: vec![0; BLOCK],
            recent: vec![[0; COPIES]; bins],
            recently: 0,
            totals: vec![0; bins],
        }
    }

    /// Count more numbers.
    pub fn take<T: Number>(&mut self, block: &[T]) {
        let ruler = lanes::Ruler {
            first: self.edges.first(),
            last: self.edges.last(),
            scale: self.edges.scale,
            guard: self.edges.guard,
            edges: &self.edges.all,
        };
        for part in block.chunks(BLOCK) {
            let places = self.places.get_mut(..part.len()).unwrap_or(&mut []);
            lanes::place(self.level, &ruler, self.open, part, places);
            add(&mut self.recent, places);
            self.recently += u32::try_from(part.len()).unwrap_or(CARRY);
            if self.recently >= CARRY {
                self.carry();
            }
        }
    }

    fn carry(&mut self) {
        for (total, recent) in self.totals.iter_mut().zip(&mut self.recent) {
            *total += recent.iter().map(|count| u64::from(*count)).sum::<u64>();
            *recent = [0; COPIES];
        }
        self.recently = 0;
    }

    /// One count for each bin.
    #[must_use]
    pub fn finish(mut self) -> Vec<u64> {
        self.carry();
        self.totals
    }
}
