//! The loops of [`super`], one body each, compiled for the vector units that a machine may have.
//!
//! The bodies are plain code without branches on values, which the compiler turns into vector
//! instructions. One of the modules that may hold `unsafe`: to call what was compiled for a unit,
//! after it was looked for.
#![allow(unsafe_code)]

/// Numbers are looked at in groups of so many before it is asked whether one was near an edge.
const GROUP: usize = 64;
/// Lanes that are kept apart when extremes are sought.
const LANES: usize = 16;
/// Added to a small number, it leaves the nearest whole one in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
/// The place of what lies outside.
const NOWHERE: u32 = u32::MAX;

/// The numbers that can be counted; each is compared as the double that numpy makes of it.
pub trait Number: Copy + PartialOrd + Default + Send + Sync {
    /// What the smallest number is compared with first.
    const HIGHEST: Self;
    /// What the greatest number is compared with first.
    const LOWEST: Self;

    /// Whether all of its values are finite.
    const FINITE: bool;

    /// As a double, rounded to the nearest.
    fn double(self) -> f64;
    /// Zero, and NaN for what is not finite.
    fn nothing(self) -> f64;
    /// The greater less the smaller, as a double.
    fn range(least: Self, greatest: Self) -> f64;
}

macro_rules! floats {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            const HIGHEST: Self = <$kind>::INFINITY;
            const LOWEST: Self = <$kind>::NEG_INFINITY;
            const FINITE: bool = false;

            #[inline]
            fn double(self) -> f64 {
                self.into()
            }

            #[inline]
            fn nothing(self) -> f64 {
                (self * 0.0).into()
            }

            #[inline]
            fn range(least: Self, greatest: Self) -> f64 {
                (greatest - least).into()
            }
        }
    )*};
}

macro_rules! integers {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            const HIGHEST: Self = <$kind>::MAX;
            const LOWEST: Self = <$kind>::MIN;
            const FINITE: bool = true;

            #[inline]
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless)] // numpy rounds as well
            fn double(self) -> f64 {
                self as f64
            }

            #[inline]
            fn nothing(self) -> f64 {
                0.0
            }

            #[inline]
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless)]
            fn range(least: Self, greatest: Self) -> f64 {
                greatest.abs_diff(least) as f64
            }
        }
    )*};
}

floats!(f32, f64);
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Which vector units there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every machine of this kind has.
    Portable,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 with its instructions for doubles and whole numbers.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// What this machine has. (The answer is kept; asking again costs a load.)
    #[must_use]
    pub fn found() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }

    /// All that this machine can run: tests go through each.
    #[cfg(test)]
    pub fn all() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        let levels: &[Self] = match Self::found() {
            Self::Portable => &[Self::Portable],
            Self::Avx2 => &[Self::Portable, Self::Avx2],
            Self::Avx512 => &[Self::Portable, Self::Avx2, Self::Avx512],
        };
        #[cfg(not(target_arch = "x86_64"))]
        let levels = &[Self::Portable];
        levels.to_vec()
    }
}

/// A function that runs one body on the units of a level.
macro_rules! on_each_level {
    (
        $(#[$doc:meta])*
        $name:ident<T: Number>($($argument:ident: $kind:ty),*) = $body:ident
    ) => {
        $(#[$doc])*
        pub fn $name<T: Number>(level: Level, $($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2<T: Number>($($argument: $kind),*) {
                $body($($argument),*);
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
            fn avx512<T: Number>($($argument: $kind),*) {
                $body($($argument),*);
            }

            match level {
                Level::Portable => $body($($argument),*),
                // SAFETY: a level is made by `found`, which looks for these units.
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => unsafe { avx2($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => unsafe { avx512($($argument),*) },
            }
        }
    };
}

on_each_level! {
    /// Take more numbers into extremes.
    widen<T: Number>(extremes: &mut Extremes<T>, block: &[T]) = widen_any
}

on_each_level! {
    /// Tell the bin of each number; what lies outside gets none where `open`.
    place<T: Number>(ruler: &Ruler<'_>, open: bool, block: &[T], places: &mut [u32]) = place_any
}

/// Smallest and greatest numbers, many side by side.
#[derive(Clone, Debug)]
pub struct Extremes<T> {
    least: [T; LANES],
    greatest: [T; LANES],
    /// Zero as long as all is finite.
    nothing: [f64; LANES],
    some: bool,
}

impl<T: Number> Extremes<T> {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self { least: [T::HIGHEST; LANES], greatest: [T::LOWEST; LANES], nothing: [0.0; LANES], some: false }
    }

    /// The smallest and the greatest; None if there were none, or one was not finite.
    pub fn bounds(&self) -> Option<(T, T)> {
        let finite = self.nothing.iter().all(|sum| *sum == 0.0);
        let least = self.least.iter().fold(T::HIGHEST, |a, b| if *b < a { *b } else { a });
        let greatest = self.greatest.iter().fold(T::LOWEST, |a, b| if *b > a { *b } else { a });
        (self.some && finite).then_some((least, greatest))
    }

    #[inline(always)]
    #[allow(clippy::inline_always)] // into the body for each level
    fn group(&mut self, group: &[T; LANES]) {
        for (((number, least), greatest), nothing) in
            group.iter().zip(&mut self.least).zip(&mut self.greatest).zip(&mut self.nothing)
        {
            *least = if *number < *least { *number } else { *least };
            *greatest = if *number > *greatest { *number } else { *greatest };
            if !T::FINITE {
                *nothing += number.nothing();
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always)] // into the body for each level
fn widen_any<T: Number>(extremes: &mut Extremes<T>, block: &[T]) {
    let (groups, rest) = block.as_chunks::<LANES>();
    let mut local = extremes.clone();
    for group in groups {
        local.group(group);
    }
    if let Some(filler) = rest.first() {
        let mut last = [*filler; LANES];
        for (lane, number) in last.iter_mut().zip(rest) {
            *lane = *number;
        }
        local.group(&last);
    }
    local.some |= !block.is_empty();
    *extremes = local;
}

/// Where bins lie.
pub struct Ruler<'e> {
    /// The first edge.
    pub first: f64,
    /// The last edge.
    pub last: f64,
    /// Bins per unit.
    pub scale: f64,
    /// How near an edge a number must be compared with it.
    pub guard: f64,
    /// All edges.
    pub edges: &'e [f64],
}

/// Where a number lies, in bins, half a bin less: rounding that gives its bin.
#[inline(always)]
#[allow(clippy::inline_always)] // into the body for each level
pub fn position(number: f64, first: f64, scale: f64) -> f64 {
    (number - first) * scale - 0.5
}

#[inline(always)]
#[allow(clippy::inline_always)] // into the body for each level
fn place_any<T: Number>(ruler: &Ruler<'_>, open: bool, block: &[T], places: &mut [u32]) {
    for (numbers, places) in block.chunks(GROUP).zip(places.chunks_mut(GROUP)) {
        let near = if open {
            estimate::<T, true>(ruler, numbers, places)
        } else {
            estimate::<T, false>(ruler, numbers, places)
        };
        if near {
            compare(ruler, open, numbers, places);
        }
    }
}

/// Tell bins by positions alone, and whether one of the numbers was near an edge.
#[inline(always)]
#[allow(clippy::inline_always)] // into the body for each level
fn estimate<T: Number, const OPEN: bool>(ruler: &Ruler<'_>, numbers: &[T], places: &mut [u32]) -> bool {
    let most = 0.5 - ruler.guard;
    // As wide as a double, so that one mask does for both.
    let mut near = 0_u64;
    for (place, number) in places.iter_mut().zip(numbers) {
        let number = number.double();
        let position = position(number, ruler.first, ruler.scale);
        let shifted = position + MAGIC;
        #[allow(clippy::cast_possible_truncation)] // the low bits are what is sought
        let bin = shifted.to_bits() as u32;
        let off = (position - (shifted - MAGIC)).abs();
        let inside = !OPEN || (number >= ruler.first && number <= ruler.last);
        *place = if inside { bin } else { NOWHERE };
        near |= u64::from(inside && off > most);
    }
    near != 0
}

/// Tell bins by the nearest edge: a number lies on one side of it or the other.
#[inline(always)]
#[allow(clippy::inline_always)] // into the body for each level
fn compare<T: Number>(ruler: &Ruler<'_>, open: bool, numbers: &[T], places: &mut [u32]) {
    #[allow(clippy::cast_possible_truncation)] // a few thousand
    let bins = (ruler.edges.len() - 1) as u32;
    for (place, number) in places.iter_mut().zip(numbers) {
        let number = number.double();
        let shifted = position(number, ruler.first, ruler.scale) + 0.5 + MAGIC;
        #[allow(clippy::cast_possible_truncation)] // as above
        let nearest = (shifted.to_bits() as u32).min(bins);
        let below = ruler.edges.get(nearest as usize).is_some_and(|edge| number < *edge);
        let bin = nearest.wrapping_sub(u32::from(below)).min(bins - 1);
        let inside = !open || (number >= ruler.first && number <= ruler.last);
        *place = if inside { bin } else { NOWHERE };
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn placed(level: Level, numbers: &[f64], edges: &[f64], open: bool) -> Vec<u32> {
        let (first, last) = (edges[0], edges[edges.len() - 1]);
        #[allow(clippy::cast_precision_loss)]
        let scale = (edges.len() - 1) as f64 / (last - first);
        let mut places = vec![0; numbers.len()];
        place(level, &Ruler { first, last, scale, guard: 1e-9, edges }, open, numbers, &mut places);
        places
    }

    #[test]
    fn every_level_finds_the_same_places() {
        let edges = [0.0, 0.25, 0.5, 0.75, 1.0];
        let numbers: Vec<f64> = (0..1000_u32).map(|at| f64::from(at * 7919 % 1000) / 999.0).collect();
        let wider: Vec<f64> = numbers.iter().map(|number| number * 3.0 - 1.0).collect();
        for level in Level::all() {
            assert_eq!(
                placed(level, &numbers, &edges, false),
                placed(Level::Portable, &numbers, &edges, true)
            );
            let places = placed(level, &wider, &edges, true);
            assert_eq!(places, placed(Level::Portable, &wider, &edges, true));
            for (number, place) in wider.iter().zip(places) {
                let inside = (0.0..=1.0).contains(number);
                assert_eq!(place == NOWHERE, !inside);
            }
        }
    }

    #[test]
    fn every_level_finds_the_same_extremes() {
        let numbers: Vec<i64> = (0..1000_i64).map(|at| at * 7919 % 1000 - 500).collect();
        for level in Level::all() {
            let mut extremes = Extremes::new();
            widen(level, &mut extremes, &numbers);
            assert_eq!(extremes.bounds(), Some((-500, 499)));
        }
    }

    #[test]
    fn extremes_of_nothing_or_of_what_is_not_finite_are_none() {
        for numbers in [vec![], vec![1.0, f64::NAN], vec![f64::INFINITY; 40]] {
            let mut extremes = Extremes::new();
            widen(Level::found(), &mut extremes, &numbers);
            assert_eq!(extremes.bounds(), None);
        }
    }
}
