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
use crate::history::cells::{KeyCells, Numbers, RowId, RunCells, Side};
use crate::history::key_index::{Index, NumberFacts, Place, SideFacts};
use crate::history::parquet_read::Table;
use crate::history::parquet_write::{FileFacts, Kind, NumbersFile, SideFile, make_folder, sync_folder};

const STEP: usize = 2;
const LINE: usize = 3;
const WRITER: usize = 4;
const ATTEMPT: usize = 5;
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
/// `Io`. Files that were finished before stay; nobody knows of them, and the same name may be
/// written again.
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
}

impl SegmentWriter {
    pub(super) fn create(dir: &Path, name: &str) -> Result<Self> {
        make_folder(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            facts: SegmentFacts { name: name.to_owned(), ..SegmentFacts::default() },
            numbers: NumbersFile::create(dir, name)?,
            side: SideFile::create(dir, name)?,
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
        self.numbers.push(run, key, numbers)
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

    /// Make everything durable.
    pub(super) fn finish(self) -> Result<SegmentFacts> {
        let mut facts = self.facts;
        let (numbers, side) = (!self.numbers.is_empty(), !self.side.is_empty());
        facts.files.extend(self.side.finish(numbers)?);
        facts.files.extend(self.numbers.finish(side)?);
        sync_folder(&self.dir)?;
        Ok(facts)
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
    keys: BTreeMap<u64, Vec<KeyEntry>>,
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment").field("runs", &self.keys.len()).field("bytes", &self.bytes()).finish()
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
        Ok(Self { numbers, side, keys: entries(number_index, side_index) })
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

    /// Read a key's cells between two steps, inclusive. A key that is not here has none.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn read(&self, run: u64, key: &str, steps: (i64, i64)) -> Result<KeyCells> {
        let Some(entry) = self.key(run, key) else { return Ok(KeyCells::default()) };
        let cells = self.read_entries(std::iter::once(entry), steps)?;
        Ok(cells.into_values().next().unwrap_or_default())
    }

    /// Read the cells of some of a run's keys, or of all, between two steps, inclusive. Pages that
    /// hold several of the keys are decoded once.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn read_keys(&self, run: u64, keys: Option<&[Arc<str>]>, steps: (i64, i64)) -> Result<RunCells> {
        match keys {
            None => self.read_entries(self.keys(run).iter(), steps),
            Some(names) => {
                let mut names: Vec<&Arc<str>> = names.iter().collect();
                names.sort_unstable();
                names.dedup();
                self.read_entries(names.into_iter().filter_map(|name| self.key(run, name)), steps)
            }
        }
    }

    fn read_entries<'a>(
        &self,
        entries: impl Iterator<Item = &'a KeyEntry> + Clone,
        steps: (i64, i64),
    ) -> Result<RunCells> {
        let mut cells = RunCells::new();
        if let Some(table) = &self.numbers {
            let places: Vec<_> =
                entries.clone().filter_map(|e| Some((&e.name, &e.numbers.as_ref()?.place))).collect();
            let found = Found::locate(table, &places, steps)?;
            let exact: u64 =
                entries.clone().filter_map(|e| e.numbers.as_ref()).map(|facts| facts.exact).sum();
            let rows = found.row_ids(table)?;
            let values = table.double(VALUE, &found.ranges)?;
            let exact = if exact == 0 { Vec::new() } else { table.sparse(EXACT, &found.ranges)? };
            found.hand_out(|name, rows_of| {
                let numbers = &mut cells.entry(name.clone()).or_default().numbers;
                numbers.rows.extend_from_slice(rows.get(rows_of.clone()).unwrap_or_default());
                numbers.values.extend_from_slice(values.get(rows_of.clone()).unwrap_or_default());
                let from = exact.partition_point(|(at, _)| *at < rows_of.start);
                let own =
                    exact.get(from..).unwrap_or_default().iter().take_while(|(at, _)| *at < rows_of.end);
                numbers.exact.extend(
                    own.filter_map(|(at, value)| Some((u32::try_from(at - rows_of.start).ok()?, *value))),
                );
            });
        }
        if let Some(table) = &self.side {
            let places: Vec<_> = entries.filter_map(|e| Some((&e.name, &e.side.as_ref()?.place))).collect();
            let found = Found::locate(table, &places, steps)?;
            let rows = found.row_ids(table)?;
            let kinds = table.text(KIND_COLUMN, &found.ranges)?;
            let texts = table.text(JSON, &found.ranges)?;
            let mut sides =
                rows.into_iter().zip(kinds.iter().zip(texts).map(|(kind, text)| side(kind, text)));
            found.hand_out(|name, rows_of| {
                let cells = &mut cells.entry(name.clone()).or_default().side;
                cells.extend(sides.by_ref().take(rows_of.len()));
            });
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
        let rows = table.narrow(STEP, place.first_row..place.end(), steps);
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + BATCH_ROWS);
            take(points_of(table, place, from..to, steps)?)?;
            from = to;
        }
        Ok(())
    }

    /// Whether everything between two steps of a key's numbers passes a test of attempt and step.
    pub(super) fn numbers_of(&self, run: u64, key: &str) -> Option<&NumberFacts> {
        self.key(run, key)?.numbers.as_ref()
    }

    /// Only the steps of a key's cells, numbers and others, between two steps.
    pub(super) fn steps(&self, entry: &KeyEntry, steps: (i64, i64)) -> Result<Vec<(i64, u16)>> {
        let mut out = Vec::new();
        let halves = [
            (self.numbers.as_ref(), entry.numbers.as_ref().map(|facts| &facts.place)),
            (self.side.as_ref(), entry.side.as_ref().map(|facts| &facts.place)),
        ];
        for (table, place) in halves {
            let (Some(table), Some(place)) = (table, place) else { continue };
            let found = Found::locate(table, &[(&entry.name, place)], steps)?;
            let attempts = found.column(table, ATTEMPT, |place| place.attempts)?;
            out.extend(found.steps.iter().copied().zip(attempts));
        }
        Ok(out)
    }
}

/// Rows decoded at once for a line: 8 pages of values, so that what is held stays small.
const BATCH_ROWS: u64 = 1 << 18;

fn points_of(table: &Table, place: &Place, rows: Range<u64>, steps: (i64, i64)) -> Result<Points> {
    let all = table.int64(STEP, std::slice::from_ref(&rows))?;
    let from = all.partition_point(|step| *step < steps.0);
    let to = all.partition_point(|step| *step <= steps.1).max(from);
    let ranges = [rows.start + from as u64..rows.start + to as u64];
    let attempts = if place.attempts.0 == place.attempts.1 {
        Attempts::All(place.attempts.0)
    } else {
        Attempts::Each(table.int16(ATTEMPT, &ranges)?)
    };
    let values = table.double(VALUE, &ranges)?;
    let mut steps = all;
    steps.truncate(to);
    steps.drain(..from);
    Ok(Points { steps, values, attempts })
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

fn side(kind: &str, text: Arc<str>) -> Side {
    match (kind, text.as_ref()) {
        ("null", _) => Side::Null,
        ("bool", text) => Side::Bool(text == "true"),
        _ => Side::Json(text),
    }
}

/// Rows of some keys in a step range, as ranges of the file's rows.
struct Found<'a> {
    keys: Vec<(&'a Arc<str>, &'a Place)>,
    /// One for each key, ascending; empty where no row is in the range.
    ranges: Vec<Range<u64>>,
    /// The steps of all rows.
    steps: Vec<i64>,
}

impl<'a> Found<'a> {
    /// `keys` come in the order of the file.
    fn locate(table: &Table, keys: &[(&'a Arc<str>, &'a Place)], steps: (i64, i64)) -> Result<Self> {
        let near: Vec<Range<u64>> = keys
            .iter()
            .map(|(_, place)| {
                let rows = place.first_row..place.end();
                if place.last_step < steps.0 || place.first_step > steps.1 {
                    return rows.start..rows.start;
                }
                if steps.0 <= place.first_step && place.last_step <= steps.1 {
                    return rows;
                }
                table.narrow(STEP, rows, steps)
            })
            .collect();
        let read = table.int64(STEP, &near)?;
        let (mut ranges, mut kept, mut rest) = (Vec::new(), Vec::new(), read.as_slice());
        for range in near {
            let count = usize::try_from(range.end - range.start).unwrap_or(0);
            let (own, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            rest = later;
            let from = own.partition_point(|step| *step < steps.0);
            let to = own.partition_point(|step| *step <= steps.1).max(from);
            kept.extend_from_slice(own.get(from..to).unwrap_or_default());
            ranges.push(range.start + from as u64..range.start + to as u64);
        }
        Ok(Self { keys: keys.to_vec(), ranges, steps: kept })
    }

    fn hand_out(&self, mut take: impl FnMut(&'a Arc<str>, Range<usize>)) {
        let mut from = 0;
        for ((name, _), range) in self.keys.iter().zip(&self.ranges) {
            let to = from + usize::try_from(range.end - range.start).unwrap_or(0);
            if from < to {
                take(name, from..to);
            }
            from = to;
        }
    }

    /// A column of small numbers; not read where the index says that all are equal.
    fn column(
        &self,
        table: &Table,
        column: usize,
        bounds: impl Fn(&Place) -> (u16, u16),
    ) -> Result<Vec<u16>> {
        let constant = self.keys.first().map(|(_, place)| bounds(place)).filter(|(low, high)| {
            low == high && self.keys.iter().all(|(_, place)| bounds(place) == (*low, *high))
        });
        match constant {
            Some((value, _)) => Ok(vec![value; self.steps.len()]),
            None => table.int16(column, &self.ranges),
        }
    }

    fn row_ids(&self, table: &Table) -> Result<Vec<RowId>> {
        let lines = table.int64(LINE, &self.ranges)?;
        let writers = self.column(table, WRITER, |place| place.writers)?;
        let attempts = self.column(table, ATTEMPT, |place| place.attempts)?;
        let places = lines.into_iter().zip(writers.into_iter().zip(attempts));
        Ok(self
            .steps
            .iter()
            .zip(places)
            .map(|(step, (line, (writer, attempt)))| RowId { step: *step, line, writer, attempt })
            .collect())
    }
}
