//! Buckets of a line: what is kept of many points that fall on a few pixels.

/// The columns of an answer with every point.
pub const RAW_COLUMNS: &[&str] = &["x", "y"];
/// The columns of an answer with buckets.
pub const BUCKET_COLUMNS: &[&str] =
    &["x", "last", "first", "min", "x_min", "max", "x_max", "mean", "count", "finite"];

/// The points of one bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// How many, NaN and infinities included.
    pub count: u64,
    /// How many are finite.
    pub finite: u64,
    /// Place of the first in the order of rows.
    pub first_at: i64,
    /// Its value.
    pub first: f64,
    /// Place of the last in the order of rows.
    pub last_at: i64,
    /// Its x.
    pub last_x: f64,
    /// Its value.
    pub last: f64,
    /// The smallest finite value.
    pub min: f64,
    /// Its x; the smallest of several.
    pub min_x: f64,
    /// The largest finite value.
    pub max: f64,
    /// Its x; the smallest of several.
    pub max_x: f64,
    /// The sum of the finite values.
    pub sum: f64,
}

impl Bucket {
    /// No points.
    pub const EMPTY: Self = Self {
        count: 0,
        finite: 0,
        first_at: i64::MAX,
        first: f64::NAN,
        last_at: i64::MIN,
        last_x: f64::NAN,
        last: f64::NAN,
        min: f64::NAN,
        min_x: f64::NAN,
        max: f64::NAN,
        max_x: f64::NAN,
        sum: 0.0,
    };

    /// Add a point. Of points at one place the first one to come stays the first, and the last
    /// one is the last.
    #[inline]
    pub fn add(&mut self, at: i64, x: f64, value: f64) {
        self.count += 1;
        if self.count == 1 || at < self.first_at {
            (self.first_at, self.first) = (at, value);
        }
        if self.count == 1 || at >= self.last_at {
            (self.last_at, self.last_x, self.last) = (at, x, value);
        }
        if value.is_finite() {
            self.finite += 1;
            self.sum += value;
            self.lower(value, x);
            self.raise(value, x);
        }
    }

    #[inline]
    #[allow(clippy::float_cmp)]
    fn lower(&mut self, value: f64, x: f64) {
        if self.min.is_nan() || value < self.min || (value == self.min && x < self.min_x) {
            (self.min, self.min_x) = (value, x);
        }
    }

    #[inline]
    #[allow(clippy::float_cmp)]
    fn raise(&mut self, value: f64, x: f64) {
        if self.max.is_nan() || value > self.max || (value == self.max && x < self.max_x) {
            (self.max, self.max_x) = (value, x);
        }
    }

    /// Add all points of another bucket.
    pub fn join(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 || other.first_at < self.first_at {
            (self.first_at, self.first) = (other.first_at, other.first);
        }
        if self.count == 0 || other.last_at >= self.last_at {
            (self.last_at, self.last_x, self.last) = (other.last_at, other.last_x, other.last);
        }
        if other.finite > 0 {
            self.lower(other.min, other.min_x);
            self.raise(other.max, other.max_x);
        }
        self.count += other.count;
        self.finite += other.finite;
        self.sum += other.sum;
    }

    #[allow(clippy::cast_precision_loss)]
    fn mean(&self) -> f64 {
        if self.finite == 0 { f64::NAN } else { self.sum / self.finite as f64 }
    }

    #[allow(clippy::cast_precision_loss)]
    fn columns(&self) -> [f64; 10] {
        let (count, finite) = (self.count as f64, self.finite as f64);
        let Self { first, last, last_x, min, min_x, max, max_x, .. } = *self;
        [last_x, last, first, min, min_x, max, max_x, self.mean(), count, finite]
    }
}

/// Buckets of equal width over steps.
///
/// The width is an eighth to a sixteenth of a power of two's multiple, and the first edge a
/// multiple of that power: so every bucket is made of whole cells of a rollup, and the edges stay
/// where they are while a run grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The first edge.
    pub start: i128,
    /// The width.
    pub width: i128,
    /// Every edge is a multiple of two to this.
    pub exponent: u32,
}

impl Grid {
    /// At most `buckets` buckets that hold all steps from `low` to `high`.
    #[must_use]
    pub fn over(low: i64, high: i64, buckets: usize) -> Self {
        let (low, high) = (i128::from(low), i128::from(high));
        let buckets = i128::try_from(buckets.max(1)).unwrap_or(1);
        let least = (high - low).max(0) / buckets + 1;
        // The start may lie before `low` by less than a power, so the last of 16 is kept in hand.
        let exponent = least.ilog2().saturating_sub(3);
        let power = 1_i128 << exponent;
        let start = low.div_euclid(power) * power;
        let powers = (high - start).max(0) / (buckets * power) + 1;
        Self { start, width: powers * power, exponent }
    }

    /// Which bucket a step falls into.
    #[must_use]
    pub fn bucket(&self, step: i64) -> usize {
        usize::try_from((i128::from(step) - self.start) / self.width).unwrap_or(0)
    }

    /// The first step after a bucket.
    #[must_use]
    pub fn end(&self, bucket: usize) -> i64 {
        let end = self.start + self.width * (i128::try_from(bucket).unwrap_or(0) + 1);
        i64::try_from(end).unwrap_or(i64::MAX)
    }
}

/// The answer to a request for a line.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesBlock {
    /// The names of the columns.
    pub columns: &'static [&'static str],
    /// How many values each has.
    pub length: usize,
    /// How many points the range holds.
    pub points: u64,
    /// The columns, one after the other, as little-endian doubles.
    pub data: Vec<u8>,
}

impl SeriesBlock {
    /// Every point.
    #[must_use]
    pub fn raw(points: &[(f64, f64)]) -> Self {
        let mut data = Vec::with_capacity(points.len() * 16);
        data.extend(points.iter().flat_map(|(x, _)| x.to_le_bytes()));
        data.extend(points.iter().flat_map(|(_, y)| y.to_le_bytes()));
        Self { columns: RAW_COLUMNS, length: points.len(), points: points.len() as u64, data }
    }

    /// All buckets that are not empty.
    #[must_use]
    pub fn of(buckets: &[Bucket]) -> Self {
        let rows: Vec<[f64; 10]> =
            buckets.iter().filter(|bucket| bucket.count > 0).map(Bucket::columns).collect();
        let mut data = Vec::with_capacity(rows.len() * 80);
        for column in 0..BUCKET_COLUMNS.len() {
            let values = rows.iter().filter_map(|row| row.get(column));
            values.for_each(|value| data.extend_from_slice(&value.to_le_bytes()));
        }
        let points = buckets.iter().map(|bucket| bucket.count).sum();
        Self { columns: BUCKET_COLUMNS, length: rows.len(), points, data }
    }
}
