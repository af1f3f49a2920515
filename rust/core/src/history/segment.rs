//! Segments: the files at rest that hold many runs' cells, written once and never changed.
//!
//! `<name>.parquet` has the numbers, `<name>.side.parquet` everything else, `<name>.roll.parquet`
//! rollups of the numbers, which may be missing and can be remade. A half with nothing in it has
//! no file; each says of the other whether it is there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{CoreError, Result};
use crate::history::buckets::Bucket;
use crate::history::cells::{KeyCells, Numbers, RowId, RunCells, Side};
use crate::history::found::{ATTEMPT, Found, STEP, Wanted};
use crate::history::key_index::{Index, NumberFacts, Place, SideFacts};
use crate::history::parquet_read::Table;
use crate::history::parquet_write::{FileFacts, Kind, NumbersFile, SideFile, make_folder, sync_folder};
use crate::history::rollup::{LEAST_NUMBERS, Rollups, write_rollups};

/// What a shared text takes beside its bytes and the place that it is named in.
const ARC_BYTES: usize = 16;

const VALUE: usize = 6;
const EXACT: usize = 7;
const KIND_COLUMN: usize = 6;
const JSON: usize = 7;

/// What was written of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentFacts {
    /// The segment's name in its folder.
    pub name: String,
    /// Its files.
    pub files: Vec<FileFacts>,
    /// Its runs, ascending.
    pub runs: Vec<u64>,
    /// How many numbers it holds.
    pub numbers: u64,
    /// How many other cells it holds.
    pub others: u64,
}

impl SegmentFacts {
    /// The size of all its files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// Write a segment of runs' cells and make it durable.
///
/// The folder is made if it is missing. A segment without cells writes no file.
///
/// # Errors
/// `Io`. Nothing stays of what was written.
pub fn write_segment(dir: &Path, name: &str, runs: &BTreeMap<u64, RunCells>) -> Result<SegmentFacts> {
    let mut writer = SegmentWriter::create(dir, name)?;
    for (run, keys) in runs {
        for (key, cells) in keys {
            writer.numbers(*run, key, &cells.numbers)?;
            writer.side(*run, key, &cells.side)?;
        }
    }
    writer.finish()
}

/// Writes a segment key by key, in order of run and name.
pub(super) struct SegmentWriter {
    dir: PathBuf,
    facts: SegmentFacts,
    numbers: NumbersFile,
    side: SideFile,
    /// A key is long enough for rollups.
    long: bool,
}

impl SegmentWriter {
    pub(super) fn create(dir: &Path, name: &str) -> Result<Self> {
        make_folder(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            facts: SegmentFacts { name: name.to_owned(), ..SegmentFacts::default() },
            numbers: NumbersFile::create(dir, name)?,
            side: SideFile::create(dir, name)?,
            long: false,
        })
    }

    fn note(&mut self, run: u64) {
        if self.facts.runs.last() != Some(&run) {
            self.facts.runs.push(run);
        }
    }

    /// Append numbers of a key, in order of rows.
    pub(super) fn numbers(&mut self, run: u64, key: &Arc<str>, numbers: &Numbers) -> Result<()> {
        if numbers.rows.is_empty() {
            return Ok(());
        }
        self.note(run);
        self.facts.numbers += numbers.rows.len() as u64;
        self.long |= self.numbers.push(run, key, numbers)? >= LEAST_NUMBERS;
        Ok(())
    }

    /// Append other cells of a key, in order of rows.
    pub(super) fn side(&mut self, run: u64, key: &Arc<str>, cells: &[(RowId, Side)]) -> Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        self.note(run);
        self.facts.others += cells.len() as u64;
        self.side.push(run, key, cells)
    }

    /// Make everything durable, or leave nothing: the next try has another name, and what each left
    /// behind would fill a disk that is full already.
    pub(super) fn finish(self) -> Result<SegmentFacts> {
        let (dir, name) = (self.dir.clone(), self.facts.name.clone());
        let finished = self.finish_files();
        if finished.is_err() {
            remove_segment(&dir, &name);
        }
        finished
    }

    fn finish_files(self) -> Result<SegmentFacts> {
        let mut facts = self.facts;
        let (numbers, side) = (!self.numbers.is_empty(), !self.side.is_empty());
        facts.files.extend(self.side.finish(numbers)?);
        facts.files.extend(self.numbers.finish(side)?);
        if self.long {
            facts.files.extend(write_rollups(&self.dir, &facts.name)?);
        }
        sync_folder(&self.dir)?;
        Ok(facts)
    }
}

/// Remove a segment's files, as far as that is possible: what stays is found unreferenced at the next
/// start.
pub(super) fn remove_segment(dir: &Path, name: &str) {
    for kind in [Kind::Numbers, Kind::Side, Kind::Roll] {
        let _ = std::fs::remove_file(dir.join(kind.file_name(name)));
    }
}

/// What a segment knows of one key of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyEntry {
    /// The key's name, dotted and escaped.
    pub name: Arc<str>,
    /// Its numbers, if it has any.
    pub numbers: Option<NumberFacts>,
    /// Its other cells, if it has any.
    pub side: Option<SideFacts>,
}

impl KeyEntry {
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        let numbers = self.numbers.iter().map(|facts| &facts.place);
        numbers.chain(self.side.iter().map(|facts| &facts.place))
    }

    fn bytes(&self) -> u64 {
        let kinds = self.side.iter().flat_map(|facts| &facts.kinds).map(|kind| kind.len() + ARC_BYTES);
        (size_of::<Self>() + self.name.len() + ARC_BYTES + kinds.sum::<usize>()) as u64
    }
}

/// Steps and values of one key, and the attempt of each where they differ.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// The steps.
    pub steps: Vec<i64>,
    /// The values.
    pub values: Vec<f64>,
    /// The attempts.
    pub attempts: Attempts,
}

/// The attempts of rows.
#[derive(Clone, Debug)]
pub enum Attempts {
    /// All rows are of one.
    All(u16),
    /// One for each row.
    Each(Vec<u16>),
}

impl Default for Attempts {
    fn default() -> Self {
        Self::All(0)
    }
}

impl Attempts {
    /// The attempt of a row.
    #[must_use]
    pub fn at(&self, row: usize) -> u16 {
        match self {
            Self::All(attempt) => *attempt,
            Self::Each(attempts) => attempts.get(row).copied().unwrap_or_default(),
        }
    }
}

/// An open segment. Any number of threads may read it at once.
pub struct Segment {
    numbers: Option<Table>,
    side: Option<Table>,
    rollups: Option<Rollups>,
    keys: BTreeMap<u64, Vec<KeyEntry>>,
    index_bytes: u64,
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment")
            .field("runs", &self.keys.len())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

impl Segment {
    /// Open the segment `name` in a folder, and check that it holds together.
    ///
    /// # Errors
    /// `Damaged`, if a file is missing or not what it should be; `Invalid`, with a sentence for
    /// the user, if it is of a newer format.
    pub fn open(dir: &Path, name: &str) -> Result<Self> {
        let numbers = Table::open::<NumberFacts>(&dir.join(Kind::Numbers.file_name(name)), Kind::Numbers)?;
        let side = Table::open::<SideFacts>(&dir.join(Kind::Side.file_name(name)), Kind::Side)?;
        let lost = match (&numbers, &side) {
            (None, None) => true,
            (Some((table, _)), None) | (None, Some((table, _))) => table.has_other(),
            (Some(_), Some(_)) => false,
        };
        if lost {
            return Err(CoreError::Damaged(format!(
                "{}: a file of segment {name} is missing",
                dir.display()
            )));
        }
        let (numbers, number_index) =
            numbers.map_or((None, Vec::new()), |(table, index)| (Some(table), index));
        let (side, side_index) = side.map_or((None, Vec::new()), |(table, index)| (Some(table), index));
        let rollups = numbers.as_ref().and_then(|_| Rollups::open(dir, name));
        let keys = entries(number_index, side_index);
        let index_bytes = keys.values().flatten().map(KeyEntry::bytes).sum();
        Ok(Self { numbers, side, rollups, keys, index_bytes })
    }

    /// The runs that have cells here, ascending.
    pub fn runs(&self) -> impl Iterator<Item = u64> + '_ {
        self.keys.keys().copied()
    }

    /// A run's keys, by name.
    #[must_use]
    pub fn keys(&self, run: u64) -> &[KeyEntry] {
        self.keys.get(&run).map(Vec::as_slice).unwrap_or_default()
    }

    /// One key of a run.
    #[must_use]
    pub fn key(&self, run: u64, name: &str) -> Option<&KeyEntry> {
        let keys = self.keys(run);
        keys.get(keys.binary_search_by(|key| key.name.as_ref().cmp(name)).ok()?)
    }

    /// The size of its files, rollups left out.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        [&self.numbers, &self.side].into_iter().flatten().map(Table::bytes).sum()
    }

    /// What its index takes in memory, about; laid out in its files it takes less.
    #[must_use]
    pub fn index_bytes(&self) -> u64 {
        self.index_bytes
    }

    /// Read a key's cells between two steps, inclusive. A key that is not here has none.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn read(&self, run: u64, key: &str, steps: (i64, i64)) -> Result<KeyCells> {
        let Some(entry) = self.key(run, key) else { return Ok(KeyCells::default()) };
        let cells = self.read_entries(std::iter::once(entry), Wanted::Between(steps.0, steps.1))?;
        Ok(cells.into_values().next().unwrap_or_default())
    }

    /// Read the cells of some of a run's keys, or of all, between two steps, inclusive. Pages that
    /// hold several of the keys are decoded once.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn read_keys(&self, run: u64, keys: Option<&[Arc<str>]>, steps: (i64, i64)) -> Result<RunCells> {
        let wanted = Wanted::Between(steps.0, steps.1);
        match keys {
            None => self.read_entries(self.keys(run).iter(), wanted),
            Some(names) => self.read_entries(self.named(run, names).into_iter(), wanted),
        }
    }

    /// Read the cells of some of a run's keys at some steps, ascending.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn read_at(&self, run: u64, keys: &[Arc<str>], steps: &[i64]) -> Result<RunCells> {
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return Ok(RunCells::new()) };
        let (mut cells, mut some, mut rows) = (RunCells::new(), Vec::new(), 0);
        // All steps of a key are looked through: few large keys at once, or many small ones, which
        // share pages.
        for entry in self.named(run, keys) {
            some.push(entry);
            rows += self.rows_near(run, &entry.name, (*first, *last));
            if rows > BATCH_ROWS as u64 {
                cells.append(&mut self.read_entries(some.drain(..), Wanted::At(steps))?);
                rows = 0;
            }
        }
        cells.append(&mut self.read_entries(some.into_iter(), Wanted::At(steps))?);
        Ok(cells)
    }

    fn named(&self, run: u64, names: &[Arc<str>]) -> Vec<&KeyEntry> {
        let mut names: Vec<&Arc<str>> = names.iter().collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().filter_map(|name| self.key(run, name)).collect()
    }

    fn read_entries<'a>(
        &self,
        entries: impl Iterator<Item = &'a KeyEntry>,
        wanted: Wanted<'_>,
    ) -> Result<RunCells> {
        let entries: Vec<&KeyEntry> = entries.collect();
        let mut cells = RunCells::new();
        if let Some(table) = &self.numbers {
            read_numbers(table, &entries, wanted, &mut cells)?;
        }
        if let Some(table) = &self.side {
            read_side(table, &entries, wanted, &mut cells)?;
        }
        Ok(cells)
    }

    /// Hand out the points of a key between two steps, inclusive, in order, a row group at a time.
    ///
    /// # Errors
    /// `Io`, `Damaged`, and whatever `take` returns.
    pub fn points(
        &self,
        run: u64,
        key: &str,
        steps: (i64, i64),
        mut take: impl FnMut(Points) -> Result<()>,
    ) -> Result<()> {
        let place = self.key(run, key).and_then(|entry| entry.numbers.as_ref()).map(|facts| &facts.place);
        let (Some(place), Some(table)) = (place, &self.numbers) else { return Ok(()) };
        batches(&table.narrow(STEP, place.first_row..place.end(), steps))
            .try_for_each(|rows| take(points_of(table, place, rows, steps)?))
    }

    /// How many numbers a key may have between two steps at most, told from the page index.
    pub(super) fn rows_near(&self, run: u64, key: &str, steps: (i64, i64)) -> u64 {
        let [numbers, _] = self.cells_near(run, key, steps);
        numbers.map_or(0, |(near, _)| near)
    }

    /// How many numbers and how many other cells a key may have between two steps at most, told from
    /// the page index, and where all of them lie.
    pub(super) fn cells_near(&self, run: u64, key: &str, steps: (i64, i64)) -> [Option<(u64, &Place)>; 2] {
        self.halves(run, key).map(|half| {
            let (table, place) = half?;
            let rows = table.narrow(STEP, place.first_row..place.end(), steps);
            Some((rows.end - rows.start, place))
        })
    }

    /// Where a key's numbers and its other cells lie, and in which file.
    fn halves(&self, run: u64, key: &str) -> [Option<(&Table, &Place)>; 2] {
        let entry = self.key(run, key);
        let numbers = entry.and_then(|entry| entry.numbers.as_ref()).map(|facts| &facts.place);
        let side = entry.and_then(|entry| entry.side.as_ref()).map(|facts| &facts.place);
        [self.numbers.as_ref().zip(numbers), self.side.as_ref().zip(side)]
    }

    /// A key's rollups for buckets whose edges are multiples of two to `exponent`, between two steps;
    /// `None` if there are none.
    pub(super) fn rollup(
        &self,
        run: u64,
        key: &str,
        exponent: u32,
        steps: (i64, i64),
    ) -> Result<Option<Vec<Bucket>>> {
        let facts = self.key(run, key).and_then(|entry| entry.numbers.as_ref());
        let (Some(facts), Some(rollups)) = (facts, &self.rollups) else { return Ok(None) };
        rollups.cells(run, key, facts, exponent, steps)
    }

    /// Hand out step and attempt of each of a key's cells that may lie between two steps.
    pub(super) fn steps(
        &self,
        run: u64,
        key: &str,
        steps: (i64, i64),
        mut take: impl FnMut(i64, u16),
    ) -> Result<()> {
        for (table, place) in self.halves(run, key).into_iter().flatten() {
            for rows in batches(&table.narrow(STEP, place.first_row..place.end(), steps)) {
                let ranges = std::slice::from_ref(&rows);
                let attempts = attempts(table, place, ranges)?;
                let read = table.int64(STEP, ranges)?;
                read.into_iter().enumerate().for_each(|(at, step)| take(step, attempts.at(at)));
            }
        }
        Ok(())
    }
}

/// Rows decoded at once: some pages of values, so that what is held stays small.
const BATCH_ROWS: usize = 1 << 18;

fn points_of(table: &Table, place: &Place, rows: Range<u64>, steps: (i64, i64)) -> Result<Points> {
    let all = table.int64(STEP, std::slice::from_ref(&rows))?;
    let from = all.partition_point(|step| *step < steps.0);
    let to = all.partition_point(|step| *step <= steps.1).max(from);
    let rows = rows.start + from as u64..rows.start + to as u64;
    let ranges = std::slice::from_ref(&rows);
    let attempts = attempts(table, place, ranges)?;
    let values = table.double(VALUE, ranges)?;
    let mut steps = all;
    steps.truncate(to);
    steps.drain(..from);
    Ok(Points { steps, values, attempts })
}

fn attempts(table: &Table, place: &Place, ranges: &[Range<u64>]) -> Result<Attempts> {
    if place.attempts.0 == place.attempts.1 {
        return Ok(Attempts::All(place.attempts.0));
    }
    Ok(Attempts::Each(table.int16(ATTEMPT, ranges)?))
}

fn batches(rows: &Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
    let end = rows.end;
    (rows.start..end).step_by(BATCH_ROWS).map(move |from| from..end.min(from + BATCH_ROWS as u64))
}

/// The two indexes as one, by run and name.
fn entries(numbers: Index<NumberFacts>, side: Index<SideFacts>) -> BTreeMap<u64, Vec<KeyEntry>> {
    let mut runs: BTreeMap<u64, BTreeMap<Arc<str>, KeyEntry>> = BTreeMap::new();
    let blank = |name: &Arc<str>| KeyEntry { name: name.clone(), numbers: None, side: None };
    for (run, keys) in numbers {
        let run = runs.entry(run).or_default();
        for (name, facts) in keys {
            run.entry(name.clone()).or_insert_with(|| blank(&name)).numbers = Some(facts);
        }
    }
    for (run, keys) in side {
        let run = runs.entry(run).or_default();
        for (name, facts) in keys {
            run.entry(name.clone()).or_insert_with(|| blank(&name)).side = Some(facts);
        }
    }
    runs.into_iter().map(|(run, keys)| (run, keys.into_values().collect())).collect()
}

fn read_numbers(
    table: &Table,
    entries: &[&KeyEntry],
    wanted: Wanted<'_>,
    cells: &mut RunCells,
) -> Result<()> {
    let facts = || entries.iter().filter_map(|entry| Some((&entry.name, entry.numbers.as_ref()?)));
    let places: Vec<_> = facts().map(|(name, facts)| (name, &facts.place)).collect();
    let found = Found::locate(table, &places, wanted)?;
    let rows = found.row_ids(table)?;
    let values = table.double(VALUE, found.ranges())?;
    let any_exact = facts().any(|(_, facts)| facts.exact > 0);
    let exact = if any_exact { table.sparse(EXACT, found.ranges())? } else { Vec::new() };
    found.hand_out(|name, own| {
        let numbers = &mut cells.entry(name.clone()).or_default().numbers;
        numbers.rows.extend_from_slice(rows.get(own.clone()).unwrap_or_default());
        numbers.values.extend_from_slice(values.get(own.clone()).unwrap_or_default());
        let exact = exact.get(exact.partition_point(|(at, _)| *at < own.start)..).unwrap_or_default();
        let exact = exact.iter().take_while(|(at, _)| *at < own.end);
        numbers
            .exact
            .extend(exact.filter_map(|(at, value)| Some((u32::try_from(at - own.start).ok()?, *value))));
    });
    Ok(())
}

fn read_side(table: &Table, entries: &[&KeyEntry], wanted: Wanted<'_>, cells: &mut RunCells) -> Result<()> {
    let places = entries.iter().filter_map(|entry| Some((&entry.name, &entry.side.as_ref()?.place)));
    let found = Found::locate(table, &places.collect::<Vec<_>>(), wanted)?;
    let rows = found.row_ids(table)?;
    let kinds = table.text(KIND_COLUMN, found.ranges())?;
    let texts = table.text(JSON, found.ranges())?;
    let mut sides = rows.into_iter().zip(kinds.iter().zip(texts).map(|(kind, text)| side(kind, text)));
    found.hand_out(|name, own| {
        let cells = &mut cells.entry(name.clone()).or_default().side;
        cells.extend(sides.by_ref().take(own.len()));
    });
    Ok(())
}

fn side(kind: &str, text: Arc<str>) -> Side {
    match (kind, text.as_ref()) {
        ("null", _) => Side::Null,
        ("bool", text) => Side::Bool(text == "true"),
        _ => Side::Json(text),
    }
}
