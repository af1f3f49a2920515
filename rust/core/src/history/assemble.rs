//! Rows as they were logged, put together again from the cells of their keys.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::Result;
use crate::history::cells::{RunCells, Span, Stream};
use crate::history::names::escape;
use crate::history::parts::{Part, all_names, shows};
use crate::history::row_text::{Entry, Layout, entries_of};
use crate::history::series::STEP_AXIS;
use crate::history::step_set::{StepSet, evenly};
use crate::history::windows::Windows;

/// Cells that are held at once.
const WINDOW_CELLS: u64 = 1 << 18;
/// Cells that are read at least, however few rows are asked for.
const LEAST_CELLS: u64 = 1 << 12;

/// Which rows, and what of them.
#[derive(Clone, Copy, Debug)]
pub struct RowsSpec<'a> {
    /// Which stream they are of: rows of `History` have a `_step`, also where it was not kept as a
    /// key.
    pub stream: Stream,
    /// Only rows that have all of these, and only these of them. A name is an escaped key, or the
    /// literal one that it spells.
    pub keys: Option<&'a [String]>,
    /// The first step.
    pub min_step: i64,
    /// The step to stop before.
    pub max_step: i64,
    /// How many rows at most: the first ones; with `thin` evenly spaced ones.
    pub limit: Option<usize>,
    /// Rows of one step are merged, the later value of a key winning.
    pub thin: bool,
}

/// Return rows as JSON text, in order of step, then of writing.
///
/// # Errors
/// `Io`, `Damaged`.
pub fn assemble_rows(parts: &[Part<'_>], scope: &[Span], spec: &RowsSpec<'_>) -> Result<Vec<String>> {
    if spec.limit == Some(0) || spec.min_step >= spec.max_step {
        return Ok(Vec::new());
    }
    let parts: Vec<Part<'_>> =
        parts.iter().filter(|part| scope.iter().any(|span| span.run == part.run())).copied().collect();
    let Some(layout) = layout(&parts, spec) else { return Ok(Vec::new()) };
    let rows = Rows { parts: &parts, scope, spec, layout: &layout.0, read: &layout.1 };
    match spec.limit {
        Some(limit) if spec.thin => rows.thinned(limit),
        limit => rows.first(limit.unwrap_or(usize::MAX)),
    }
}

/// The keys that rows are made of, and those to be read for it; `None` if a wanted key is nowhere.
fn layout(parts: &[Part<'_>], spec: &RowsSpec<'_>) -> Option<(Layout, Vec<Arc<str>>)> {
    let known = all_names(parts);
    let step = (spec.stream == Stream::History).then_some(STEP_AXIS);
    let Some(wanted) = spec.keys else {
        let mut names: BTreeSet<Arc<str>> = known.iter().cloned().collect();
        names.extend(step.map(Arc::from));
        return Some((Layout::new(names.into_iter().collect(), Vec::new(), step), known));
    };
    let is_known = |name: &str| known.binary_search_by(|other| other.as_ref().cmp(name)).is_ok();
    let mut choices: Vec<Vec<Arc<str>>> = Vec::new();
    for name in wanted {
        let is_step = step == Some(name.as_str());
        let spellings = BTreeSet::from([name.clone(), escape(name)]);
        let found = spellings.iter().filter(|name| is_known(name) || (is_step && *name == STEP_AXIS));
        let found: Vec<Arc<str>> = found.map(|name| name.as_str().into()).collect();
        if found.is_empty() {
            return None;
        }
        choices.push(found);
    }
    let names: BTreeSet<Arc<str>> = choices.iter().flatten().cloned().collect();
    let names: Vec<Arc<str>> = names.into_iter().collect();
    let place = |name: &Arc<str>| names.binary_search(name).ok();
    let needed = choices.iter().map(|found| found.iter().filter_map(place).collect()).collect();
    let mut read: Vec<Arc<str>> = names.iter().filter(|name| is_known(name)).cloned().collect();
    if read.is_empty() {
        // Steps alone are wanted and are no key here: every key tells of rows.
        read = known;
    }
    let step = step.filter(|step| names.iter().any(|name| name.as_ref() == *step));
    Some((Layout::new(names, needed, step), read))
}

struct Rows<'a> {
    parts: &'a [Part<'a>],
    scope: &'a [Span],
    spec: &'a RowsSpec<'a>,
    layout: &'a Layout,
    read: &'a [Arc<str>],
}

impl Rows<'_> {
    /// The steps asked for, inclusive.
    fn steps(&self) -> (i64, i64) {
        (self.spec.min_step, self.spec.max_step - 1)
    }

    /// The first rows, window after window until there are enough.
    fn first(&self, limit: usize) -> Result<Vec<String>> {
        let cells = (limit as u64).saturating_mul(self.read.len() as u64);
        let cells = cells.saturating_add(cells / 4).clamp(LEAST_CELLS, WINDOW_CELLS);
        let mut out = Vec::new();
        for steps in Windows::new(self.parts, self.scope, self.read, self.steps(), cells) {
            let cells =
                self.parts.iter().map(|part| part.read(self.read, steps)).collect::<Result<Vec<_>>>()?;
            self.write(&cells, limit, &mut out)?;
            if out.len() >= limit {
                break;
            }
        }
        Ok(out)
    }

    /// Evenly spaced rows, merged by step.
    fn thinned(&self, limit: usize) -> Result<Vec<String>> {
        let picked = evenly(&self.candidates()?.into_steps(), limit);
        let mut out = Vec::new();
        // Some hundred steps at once: what is held stays small.
        for steps in picked.chunks(1 << 10) {
            let cells =
                self.parts.iter().map(|part| part.read_at(self.read, steps)).collect::<Result<Vec<_>>>()?;
            self.write(&cells, limit, &mut out)?;
        }
        Ok(out)
    }

    /// The steps that have a merged row.
    fn candidates(&self) -> Result<StepSet> {
        let names = self.layout.names();
        let needed: Vec<Vec<Arc<str>>> = self
            .layout
            .needed()
            .iter()
            .map(|choices| choices.iter().filter_map(|key| names.get(*key).cloned()).collect())
            .filter(|choices: &Vec<Arc<str>>| choices.iter().all(|name| self.read.contains(name)))
            .collect();
        if needed.is_empty() {
            return self.steps_of(self.read);
        }
        let mut all: Option<StepSet> = None;
        for choices in needed {
            let here = self.steps_of(&choices)?;
            all = Some(match all {
                Some(before) => before.and(here),
                None => here,
            });
        }
        all.map_or_else(|| self.steps_of(self.read), Ok)
    }

    /// The steps at which any of some keys has a cell.
    fn steps_of(&self, keys: &[Arc<str>]) -> Result<StepSet> {
        let extents = self.parts.iter().flat_map(|part| part.extents(keys.iter(), self.scope));
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for extent in extents {
            (low, high) = (low.min(extent.first_step), high.max(extent.last_step));
        }
        let (low, high) = (low.max(self.spec.min_step), high.min(self.spec.max_step - 1));
        let mut steps = StepSet::new(low, high);
        if low > high {
            return Ok(steps);
        }
        // The fullest keys first: once every step has a row, the others can add nothing.
        let mut fullest: Vec<_> = keys
            .iter()
            .map(|key| {
                let extents =
                    self.parts.iter().flat_map(|part| part.extents(std::iter::once(key), self.scope));
                (extents.map(|extent| extent.count).sum::<u64>(), key)
            })
            .collect();
        fullest.sort_by(|a, b| b.cmp(a));
        for (_, key) in fullest {
            for part in self.parts {
                if steps.is_full() {
                    return Ok(steps);
                }
                part.steps(key, (low, high), self.scope, |step| steps.insert(step))?;
            }
        }
        Ok(steps)
    }

    /// Write the rows of some cells.
    fn write(&self, cells: &[Cow<'_, RunCells>], limit: usize, out: &mut Vec<String>) -> Result<()> {
        let mut entries = self.entries(cells);
        // Stable: of a cell that is in two parts the later one comes last, and stays.
        entries.sort_by_key(|entry| (entry.row, entry.rank));
        let same = |a: &Entry<'_>, b: &Entry<'_>| {
            if self.spec.thin { a.row.step == b.row.step } else { a.row == b.row && a.rank == b.rank }
        };
        let mut row = Vec::new();
        for group in entries.chunk_by(same) {
            if out.len() >= limit {
                break;
            }
            row.clear();
            row.extend_from_slice(group);
            out.extend(self.layout.text(&mut row)?);
        }
        Ok(())
    }

    fn entries<'c>(&self, cells: &'c [Cow<'_, RunCells>]) -> Vec<Entry<'c>> {
        let mut entries = Vec::new();
        for (part, cells) in self.parts.iter().zip(cells) {
            let run = part.run();
            let rank = self.scope.iter().position(|span| span.run == run).unwrap_or(0);
            for (name, cells) in cells.iter() {
                let key = self.layout.place(name);
                let all = entries_of(cells, rank, key);
                entries.extend(all.filter(|entry| shows(self.scope, run, entry.row.attempt, entry.row.step)));
            }
        }
        entries
    }
}
