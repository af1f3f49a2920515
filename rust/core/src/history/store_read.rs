//! Reading what the store holds, within a scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::assemble::{RowsSpec, assemble_rows};
use super::buckets::SeriesBlock;
use super::cells::{KeyCells, RowId, RunCells, Span, Stream};
use super::key_facts::KeyFacts;
use super::manifest::Shelf;
use super::names::escape;
use super::parts::{Part, shows};
use super::run_state::Attempt;
use super::segment::{KeyEntry, Segment};
use super::series::{STEP_AXIS, SeriesSpec, bucket_series};
use super::shelves::Shelved;
use super::store::{HistoryStore, locked};
use super::tail::{StreamTail, Tail};
use crate::error::Result;

const ALL: (i64, i64) = (i64::MIN, i64::MAX);

/// What a reader sees of one run: segments, oldest first, then what is in memory.
#[derive(Debug)]
struct RunView {
    run: u64,
    files: Vec<Arc<Segment>>,
    memory: RunCells,
}

/// A scope as one stream sees it: only history is cut by steps, other streams have none.
pub(super) fn seen_scope(scope: &[Span], stream: Stream) -> Vec<Span> {
    let uncut = |span: &Span| Span { last_step: i64::MAX, ..*span };
    match stream {
        Stream::History => scope.to_vec(),
        Stream::Events => scope.iter().map(uncut).collect(),
        // Numbers of different runs would mix.
        Stream::Console | Stream::Aside => {
            let last = scope.last().map(|span| span.run);
            scope.iter().filter(|span| Some(span.run) == last).map(uncut).collect()
        }
    }
}

fn runs_of(scope: &[Span]) -> Vec<u64> {
    let mut runs: Vec<u64> = Vec::new();
    for span in scope {
        if !runs.contains(&span.run) {
            runs.push(span.run);
        }
    }
    runs
}

fn shelf_of(stream: Stream) -> Shelf {
    match stream {
        Stream::History => Shelf::History,
        Stream::Events => Shelf::Events,
        Stream::Console | Stream::Aside => Shelf::Texts,
    }
}

fn stream_tail(tail: &Tail, stream: Stream) -> &StreamTail {
    if stream == Stream::Events { &tail.events } else { &tail.history }
}

/// Where a run's cells of a kind lie at one moment, oldest first.
pub(super) struct Places<T> {
    pub(super) files: Vec<Arc<Shelved>>,
    /// Tails that don't grow any more, to be looked through while lines come in.
    sealed: Vec<Arc<Tail>>,
    /// What was taken of the one that grows.
    hot: T,
}

impl<T> Places<T> {
    /// The same of all tails.
    pub(super) fn in_memory(self, take: impl Fn(&Tail) -> T) -> impl Iterator<Item = T> {
        self.sealed.into_iter().map(move |tail| take(&tail)).chain(std::iter::once(self.hot))
    }
}

impl HistoryStore {
    /// The highest step that is seen, -1 without rows.
    ///
    /// # Errors
    /// `Invalid` if a run is not open; so for all reads. `Io` or `Damaged` if a file can't be read.
    pub fn last_step(&self, scope: &[Span]) -> Result<i64> {
        let (known, cut) = self.known_last_step(scope)?;
        let mut last = known;
        for view in self.views(&cut, Stream::History, Some(&[STEP_AXIS.into()]), ALL)? {
            for span in cut.iter().filter(|span| span.run == view.run) {
                view.each_step(*span, |step| last = last.max(step))?;
            }
        }
        Ok(last)
    }

    /// The highest step that is seen if nothing has to be read for it, which is so at once.
    ///
    /// # Errors
    /// `Invalid` if a run is not open.
    pub fn last_step_at_hand(&self, scope: &[Span]) -> Result<Option<i64>> {
        let (known, cut) = self.known_last_step(scope)?;
        Ok(Some(known).filter(|_| cut.is_empty()))
    }

    /// The highest step of spans that are seen whole, and the others that may reach further.
    fn known_last_step(&self, scope: &[Span]) -> Result<(i64, Vec<Span>)> {
        let (known, mut cut) = self.known(scope)?;
        let last = known.iter().map(|attempt| attempt.last_step).max().unwrap_or(-1);
        cut.retain(|span| span.last_step > last);
        Ok((last, cut))
    }

    /// How many rows are seen.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn row_count(&self, scope: &[Span], stream: Stream) -> Result<u64> {
        let (mut count, cut) = self.known_row_count(scope, stream)?;
        for view in self.views(&cut, stream, Some(&[STEP_AXIS.into()]), ALL)? {
            for span in cut.iter().filter(|span| span.run == view.run) {
                view.each_step(*span, |_| count += 1)?;
            }
        }
        Ok(count)
    }

    /// How many rows are seen if nothing has to be read for it, which is so at once.
    ///
    /// # Errors
    /// `Invalid` if a run is not open.
    pub fn row_count_at_hand(&self, scope: &[Span], stream: Stream) -> Result<Option<u64>> {
        let (known, cut) = self.known_row_count(scope, stream)?;
        Ok(Some(known).filter(|_| cut.is_empty()))
    }

    /// The rows of spans that are seen whole, and the others.
    fn known_row_count(&self, scope: &[Span], stream: Stream) -> Result<(u64, Vec<Span>)> {
        let (known, cut) = self.known(&seen_scope(scope, stream))?;
        let of_stream = |Attempt { rows: [history, events], .. }: &Attempt| {
            if stream == Stream::Events { *events } else { *history }
        };
        Ok((known.iter().map(of_stream).sum(), cut))
    }

    /// Where the attempts of spans that are seen whole stand, and the spans that are cut.
    fn known(&self, scope: &[Span]) -> Result<(Vec<Attempt>, Vec<Span>)> {
        let (mut known, mut cut) = (Vec::new(), Vec::new());
        for span in scope {
            let attempt = locked(&*self.opened(span.run)?).attempt(span.attempt);
            if attempt.last_step <= span.last_step { known.push(attempt) } else { cut.push(*span) }
        }
        Ok((known, cut))
    }

    /// Keys by name.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn keys(&self, scope: &[Span], stream: Stream) -> Result<Vec<KeyFacts>> {
        let scope = seen_scope(scope, stream);
        let mut found: BTreeMap<Arc<str>, KeyFacts> = BTreeMap::new();
        for view in self.views(&scope, stream, None, ALL)? {
            view.add_keys(&scope, &mut found)?;
        }
        Ok(found.into_values().filter(|facts| facts.numbers + facts.others > 0).collect())
    }

    /// Rows as JSON text, in order of step, then of writing.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn rows(&self, scope: &[Span], spec: &RowsSpec<'_>) -> Result<Vec<String>> {
        let scope = seen_scope(scope, spec.stream);
        let names = spec.keys.map(|keys| {
            let spellings = keys.iter().flat_map(|key| [key.clone(), escape(key)]);
            spellings.map(Into::into).collect::<BTreeSet<Arc<str>>>().into_iter().collect::<Vec<_>>()
        });
        // Steps alone are no key where rows have none of their own; every key tells of rows.
        let names = names.filter(|names| names.iter().any(|name| **name != *"_step"));
        let steps = (spec.min_step, spec.max_step.saturating_sub(1));
        // Every row of history has a cell, so that so many rows are that many answers.
        let all = names.is_none() && !spec.thin && spec.stream == Stream::History;
        let first = spec.limit.filter(|_| all);
        let views = runs_of(&scope)
            .into_iter()
            .map(|run| {
                let steps = (steps.0, self.last_wanted(run, &scope, spec.stream, steps, first)?);
                self.view(run, spec.stream, names.as_deref(), steps)
            })
            .collect::<Result<Vec<_>>>()?;
        assemble_rows(&parts(&views), &scope, spec)
    }

    /// The step after which nothing in memory is wanted if only the first rows are.
    fn last_wanted(
        &self,
        run: u64,
        scope: &[Span],
        stream: Stream,
        steps: (i64, i64),
        limit: Option<usize>,
    ) -> Result<i64> {
        let Some(limit) = limit else { return Ok(steps.1) };
        let shown = |row: &&RowId| {
            (steps.0..=steps.1).contains(&row.step) && shows(scope, run, row.attempt, row.step)
        };
        let take = |tail: &Tail| -> Vec<i64> {
            stream_tail(tail, stream).rows().iter().filter(shown).map(|row| row.step).collect()
        };
        let places = self.places(run, stream, take)?;
        let mut found: Vec<i64> = places.in_memory(take).flatten().collect();
        if found.len() <= limit || limit == 0 {
            return Ok(steps.1);
        }
        Ok(*found.select_nth_unstable(limit - 1).1)
    }

    /// The points of a line, or buckets of them.
    ///
    /// # Errors
    /// See `last_step`; `Invalid` if the number of buckets is out of range.
    pub fn series(&self, scope: &[Span], stream: Stream, spec: &SeriesSpec<'_>) -> Result<SeriesBlock> {
        let scope = seen_scope(scope, stream);
        let views = self.views(&scope, stream, Some(&[spec.key.into(), spec.x.into()]), ALL)?;
        bucket_series(&parts(&views), &scope, spec)
    }

    /// What a reader sees of each run of a scope: cells in memory of some keys or of all.
    fn views(
        &self,
        scope: &[Span],
        stream: Stream,
        keys: Option<&[Arc<str>]>,
        steps: (i64, i64),
    ) -> Result<Vec<RunView>> {
        runs_of(scope).into_iter().map(|run| self.view(run, stream, keys, steps)).collect()
    }

    fn view(
        &self,
        run: u64,
        stream: Stream,
        keys: Option<&[Arc<str>]>,
        steps: (i64, i64),
    ) -> Result<RunView> {
        let wanted = |row: &RowId| (steps.0..=steps.1).contains(&row.step);
        let take = |tail: &Tail| -> RunCells {
            let tail = stream_tail(tail, stream);
            match keys {
                None => tail.read_all(&wanted),
                Some(keys) => keys.iter().map(|key| (key.clone(), tail.read(key, &wanted))).collect(),
            }
        };
        let places = self.places(run, stream, take)?;
        let files = places.files.iter().map(|shelved| shelved.segment()).collect::<Result<_>>()?;
        let mut memory = RunCells::new();
        for (name, cells) in places.in_memory(take).flatten() {
            merge(&mut memory, name, cells);
        }
        Ok(RunView { run, files, memory })
    }

    /// Where a run's cells lie. What is taken of the tail that grows is taken while nothing can come
    /// in; the tail is small.
    pub(super) fn places<T>(
        &self,
        run: u64,
        stream: Stream,
        take: impl FnOnce(&Tail) -> T,
    ) -> Result<Places<T>> {
        // No compaction may move cells between the look at the files and that at memory.
        let _gate = self.gate.read();
        let shared = self.opened(run)?;
        let state = locked(&shared);
        let files = self.shelved(shelf_of(stream), state.project, run);
        Ok(Places { files, sealed: state.sealed.clone(), hot: take(&state.hot) })
    }
}

impl RunView {
    /// All places of the run, in order of writing.
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let files = self.files.iter().map(|segment| Part::File { run: self.run, segment });
        files.chain(std::iter::once(Part::Memory { run: self.run, cells: &self.memory }))
    }

    /// Hand out the step of each row of history that a span sees: every row has one.
    fn each_step(&self, span: Span, mut take: impl FnMut(i64)) -> Result<()> {
        for part in self.parts() {
            part.steps(STEP_AXIS, (i64::MIN, span.last_step), &[span], &mut take)?;
        }
        Ok(())
    }

    fn add_keys(&self, scope: &[Span], found: &mut BTreeMap<Arc<str>, KeyFacts>) -> Result<()> {
        let mut put = |name: &Arc<str>, add: &dyn Fn(&mut KeyFacts)| {
            add(found.entry(name.clone()).or_insert_with(|| KeyFacts::new(name.clone())));
        };
        for segment in &self.files {
            for entry in segment.keys(self.run) {
                if self.sees_all(entry, scope) {
                    put(&entry.name, &|facts| facts.add(entry.numbers.as_ref(), entry.side.as_ref()));
                } else {
                    let cells = self.shown(segment.read(self.run, &entry.name, ALL)?, scope);
                    put(&entry.name, &|facts| facts.add_cells(&cells));
                }
            }
        }
        for (name, cells) in &self.memory {
            let hidden = |row: &RowId| !shows(scope, self.run, row.attempt, row.step);
            if cells.numbers.rows.iter().chain(cells.side.iter().map(|(row, _)| row)).any(hidden) {
                let shown = self.shown(cells.clone(), scope);
                put(name, &|facts| facts.add_cells(&shown));
            } else {
                put(name, &|facts| facts.add_cells(cells));
            }
        }
        Ok(())
    }

    fn sees_all(&self, entry: &KeyEntry, scope: &[Span]) -> bool {
        entry.places().all(|place| {
            let (low, high) = place.attempts;
            (low..=high).all(|attempt| shows(scope, self.run, attempt, place.last_step))
        })
    }

    fn shown(&self, cells: KeyCells, scope: &[Span]) -> KeyCells {
        let sees = |row: &RowId| shows(scope, self.run, row.attempt, row.step);
        let mut shown = KeyCells::default();
        let mut exact = cells.numbers.exact.into_iter().peekable();
        for (at, (row, value)) in cells.numbers.rows.into_iter().zip(cells.numbers.values).enumerate() {
            let whole = exact.next_if(|(position, _)| *position as usize == at);
            if sees(&row) {
                let place = super::batch::position(shown.numbers.rows.len());
                shown.numbers.exact.extend(whole.map(|(_, value)| (place, value)));
                shown.numbers.rows.push(row);
                shown.numbers.values.push(value);
            }
        }
        shown.side = cells.side.into_iter().filter(|(row, _)| sees(row)).collect();
        shown
    }
}

fn parts(views: &[RunView]) -> Vec<Part<'_>> {
    views.iter().flat_map(RunView::parts).collect()
}
/// Put cells of a key under those that are there, in order of rows.
pub(super) fn merge(found: &mut RunCells, name: Arc<str>, mut cells: KeyCells) {
    if cells.numbers.rows.is_empty() && cells.side.is_empty() {
        return;
    }
    let known = found.entry(name).or_default();
    let offset = super::batch::position(known.numbers.values.len());
    let late =
        known.numbers.rows.last().zip(cells.numbers.rows.first()).is_some_and(|(last, first)| first < last);
    known.numbers.rows.append(&mut cells.numbers.rows);
    known.numbers.values.append(&mut cells.numbers.values);
    known.numbers.exact.extend(cells.numbers.exact.into_iter().map(|(at, value)| (at + offset, value)));
    if late {
        sort_numbers(known);
    }
    let late = known.side.last().zip(cells.side.first()).is_some_and(|((last, _), (first, _))| first < last);
    known.side.append(&mut cells.side);
    if late {
        known.side.sort_by_key(|(row, _)| *row);
    }
}

fn sort_numbers(cells: &mut KeyCells) {
    let numbers = std::mem::take(&mut cells.numbers);
    let mut exact = numbers.exact.into_iter().peekable();
    let mut all: Vec<(RowId, f64, Option<i64>)> = Vec::with_capacity(numbers.rows.len());
    for (at, (row, value)) in numbers.rows.into_iter().zip(numbers.values).enumerate() {
        let whole = exact.next_if(|(position, _)| *position as usize == at).map(|(_, value)| value);
        all.push((row, value, whole));
    }
    all.sort_by_key(|(row, _, _)| *row);
    for (row, value, whole) in all {
        let at = super::batch::position(cells.numbers.values.len());
        cells.numbers.exact.extend(whole.map(|value| (at, value)));
        cells.numbers.rows.push(row);
        cells.numbers.values.push(value);
    }
}
