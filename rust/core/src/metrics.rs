//! The rules of `define_metric`: which summary a metric has, which other metric is its axis.

use std::collections::HashMap;

use crate::paths::{NO_PATH, PathId, Paths};
use crate::value::Value;

/// Kinds of summary, in the order of the fields of `MetricSummary`.
const KINDS: [(&str, u8); 8] = [
    ("min", MIN),
    ("max", MAX),
    ("mean", MEAN),
    ("best", BEST),
    ("last", LAST),
    ("none", NONE),
    ("copy", COPY),
    ("first", FIRST),
];

/// Smallest value.
pub const MIN: u8 = 1;
/// Largest value.
pub const MAX: u8 = 2;
/// Mean of all values.
pub const MEAN: u8 = 4;
/// Smallest or largest value, by the goal.
pub const BEST: u8 = 8;
/// Last value, in a dict.
pub const LAST: u8 = 16;
/// No summary at all.
pub const NONE: u8 = 32;
/// The plain last value.
pub const COPY: u8 = 64;
/// First value.
pub const FIRST: u8 = 128;

/// What was defined for one metric or one glob.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Bits of the summary kinds; none means the plain last value.
    pub kinds: u8,
    /// The axis, if one is named.
    pub step_metric: Option<PathId>,
    /// Whether the axis's last value is put into rows that lack it.
    pub step_sync: bool,
    /// Whether charts leave the metric out by default.
    pub hidden: bool,
    /// Whether `best` means the largest value.
    pub maximize: bool,
    goal: Option<Box<str>>,
}

impl Rule {
    fn read(metric: &Value, paths: &mut Paths) -> Self {
        let on =
            |part: &str, name: &str| metric.get(part).and_then(|p| p.get(name)) == Some(&Value::Bool(true));
        let goal = metric.get("goal").and_then(Value::text).filter(|goal| *goal != "GOAL_UNSET");
        let step = metric.get("step_metric").and_then(Value::text).filter(|name| !name.is_empty());
        Self {
            kinds: KINDS.iter().filter(|(name, _)| on("summary", name)).map(|(_, bit)| bit).sum(),
            step_metric: step.map(|name| paths.of_dotted(name)),
            step_sync: on("options", "step_sync"),
            hidden: on("options", "hidden"),
            maximize: goal == Some("GOAL_MAXIMIZE"),
            goal: goal.map(Into::into),
        }
    }

    fn merge(&mut self, newer: Self) {
        self.kinds |= newer.kinds;
        self.step_metric = newer.step_metric.or(self.step_metric);
        self.step_sync |= newer.step_sync;
        self.hidden |= newer.hidden;
        if newer.goal.is_some() {
            self.maximize = newer.maximize;
            self.goal = newer.goal;
        }
    }

    /// The record of a metric that a glob brought about.
    fn derived_record(&self, name: String, paths: &Paths) -> Value {
        let flag = |name: &str| (name.into(), Value::Bool(true));
        let mut options = Vec::new();
        options.extend(self.step_sync.then(|| flag("step_sync")));
        options.extend(self.hidden.then(|| flag("hidden")));
        let kinds =
            KINDS.iter().filter(|(_, bit)| self.kinds & bit != 0).map(|(name, _)| flag(name)).collect();
        let mut metric: Vec<(Box<str>, Value)> = vec![("name".into(), Value::Str(name.into()))];
        metric.extend(
            self.step_metric.map(|path| ("step_metric".into(), Value::Str(paths.dotted(path).into()))),
        );
        metric.push(("options".into(), Value::Dict(options)));
        metric.push(("summary".into(), Value::Dict(kinds)));
        metric.extend(self.goal.clone().map(|goal| ("goal".into(), Value::Str(goal))));
        metric.push(("_control".into(), Value::Dict(vec![flag("overwrite")])));
        metric.push(flag("expanded_from_glob"));
        Value::Dict(vec![("metric".into(), Value::Dict(metric))])
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Unasked,
    Plain,
    Ruled(u32),
}

/// All rules of a run, and the last values of the metrics they use as axes.
#[derive(Default)]
pub struct Metrics {
    rules: Vec<Rule>,
    exact: HashMap<PathId, u32>,
    globs: Vec<(Box<str>, Rule)>,
    known: Vec<Known>,
    axes: HashMap<PathId, Value>,
}

impl Metrics {
    /// Whether there is no rule, so that rows need no look at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.globs.is_empty()
    }

    /// Take in a `metric` record.
    pub fn define(&mut self, metric: &Value, paths: &mut Paths) {
        let overwrite = metric.get("_control").and_then(|c| c.get("overwrite")) == Some(&Value::Bool(true));
        let rule = Rule::read(metric, paths);
        if let Some(axis) = rule.step_metric {
            self.axes.entry(axis).or_insert(Value::Int(0));
        }
        let text = |field: &str| metric.get(field).and_then(Value::text).filter(|name| !name.is_empty());
        if let Some(name) = text("name") {
            let path = paths.of_dotted(name);
            self.define_exact(path, rule, overwrite);
        } else if let Some(glob) = text("glob_name") {
            self.define_glob(glob.strip_suffix('*').unwrap_or(glob), rule, overwrite);
        }
        self.known.clear();
    }

    fn define_exact(&mut self, path: PathId, rule: Rule, overwrite: bool) {
        let index = *self.exact.entry(path).or_insert_with(|| {
            self.rules.push(Rule::default());
            u32::try_from(self.rules.len() - 1).unwrap_or(NO_PATH)
        });
        if let Some(old) = self.rules.get_mut(index as usize) {
            if overwrite { *old = rule } else { old.merge(rule) }
        }
    }

    fn define_glob(&mut self, prefix: &str, rule: Rule, overwrite: bool) {
        match self.globs.iter_mut().find(|(old, _)| &**old == prefix) {
            Some((_, old)) if overwrite => *old = rule,
            Some((_, old)) => old.merge(rule),
            None => self.globs.push((prefix.into(), rule)),
        }
    }

    /// The rule of a path, if it has one.
    #[must_use]
    pub fn rule(&self, path: PathId) -> Option<&Rule> {
        self.exact.get(&path).and_then(|index| self.rules.get(*index as usize))
    }

    /// Forget the summary kinds of a path: it was written by hand. `none` stays, as in the original.
    pub fn drop_kinds(&mut self, path: PathId) {
        if let Some(rule) = self.exact.get(&path).and_then(|index| self.rules.get_mut(*index as usize)) {
            rule.kinds &= NONE;
        }
    }

    /// The rule of a logged path; a first match of a glob defines it and returns its record.
    pub fn resolve(&mut self, path: PathId, paths: &mut Paths) -> (Option<&Rule>, Option<Value>) {
        let mut derived = None;
        if self.known_of(path) == Known::Unasked {
            derived = self.expand(path, paths);
            let known = self.exact.get(&path).map_or(Known::Plain, |index| Known::Ruled(*index));
            self.remember(path, known);
        }
        let Known::Ruled(index) = self.known_of(path) else { return (None, derived) };
        (self.rules.get(index as usize), derived)
    }

    fn known_of(&self, path: PathId) -> Known {
        self.known.get(path as usize).copied().unwrap_or(Known::Unasked)
    }

    fn remember(&mut self, path: PathId, known: Known) {
        let at = path as usize;
        if self.known.len() <= at {
            self.known.resize(at + 1, Known::Unasked);
        }
        if let Some(slot) = self.known.get_mut(at) {
            *slot = known;
        }
    }

    fn expand(&mut self, path: PathId, paths: &mut Paths) -> Option<Value> {
        if self.exact.contains_key(&path) || paths.internal(path) || self.globs.is_empty() {
            return None;
        }
        let name = paths.dotted(path);
        // The original takes any matching glob; the longest prefix is the one that was meant.
        let matching = self.globs.iter().filter(|(prefix, _)| name.starts_with(&**prefix));
        let rule = matching.max_by_key(|(prefix, _)| prefix.len()).map(|(_, rule)| rule.clone())?;
        let record = rule.derived_record(name, paths);
        let known = std::mem::take(&mut self.known);
        self.define_exact(path, rule, true);
        self.known = known;
        Some(record)
    }

    /// The last value of an axis.
    #[must_use]
    pub fn axis(&self, path: PathId) -> Value {
        self.axes.get(&path).cloned().unwrap_or(Value::Int(0))
    }

    /// Note a logged number, if its path is an axis.
    pub fn note_axis(&mut self, path: PathId, value: &Value) {
        if value.number().is_some()
            && let Some(last) = self.axes.get_mut(&path)
        {
            last.clone_from(value);
        }
    }
}
