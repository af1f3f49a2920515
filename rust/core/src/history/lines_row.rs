//! One line of history or events: a JSON object to flattened cells.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::batch::{Cell, KeyTable, ROOT, RowCells};
use super::cells::Side;
use super::scan::{Number, Scan};

/// Objects nested deeper than this are kept as JSON text.
const DEEPEST_KEY: usize = 64;

/// Read a line; false if it is no JSON object, and then `cells` is empty.
///
/// Of a name that comes twice in one object the last one counts, as everywhere in JSON.
pub fn parse_row(text: &str, keys: &mut KeyTable, cells: &mut RowCells) -> bool {
    keys.begin_line();
    cells.clear();
    let mut reader = RowReader {
        scan: Scan::new(text),
        keys,
        cells,
        last: ROOT,
        trusting: true,
        unescaped: String::new(),
        repeated: HashMap::default(),
    };
    let whole = reader.line().is_some();
    if whole {
        reader.drop_superseded();
    } else {
        cells.clear();
    }
    whole
}

struct RowReader<'a, 'k> {
    scan: Scan<'a>,
    keys: &'k mut KeyTable,
    cells: &'k mut RowCells,
    last: u32,
    /// The last key was the one that was predicted.
    trusting: bool,
    unescaped: String,
    /// Names that came again, and how many numbers and others there were then: cells of the name
    /// before that place don't count.
    repeated: HashMap<u32, (usize, usize), FixedState>,
}

impl RowReader<'_, '_> {
    fn line(&mut self) -> Option<()> {
        self.scan.space();
        if !self.scan.take(b'{') {
            return None;
        }
        self.scan.space();
        if !self.scan.take(b'}') {
            self.members(ROOT, 0)?;
        }
        self.scan.at_end().then_some(())
    }

    /// The members of an object that has some, and its end. True if it has a `_type`.
    fn members(&mut self, parent: u32, depth: usize) -> Option<bool> {
        let mut typed = false;
        loop {
            self.scan.space();
            let key = self.key(parent)?;
            let (again, is_type) = self.keys.see(key);
            typed |= is_type;
            if again {
                self.repeated.insert(key, (self.cells.numbers.len(), self.cells.others.len()));
            }
            self.scan.space();
            if !self.scan.take(b':') {
                return None;
            }
            self.scan.space();
            self.member(key, depth)?;
            self.scan.space();
            if !self.scan.take(b',') {
                return self.scan.take(b'}').then_some(typed);
            }
        }
    }

    /// Leave out cells whose name, or that of an object around them, came again after them: once for
    /// the whole line, because a line may repeat its names without end.
    fn drop_superseded(&mut self) {
        if self.repeated.is_empty() {
            return;
        }
        let (keys, repeated) = (&*self.keys, &self.repeated);
        let last_place = |key: u32| {
            let places = keys.path(key).filter_map(|key| repeated.get(&key));
            places.fold((0, 0), |last, place| (last.0.max(place.0), last.1.max(place.1)))
        };
        let mut at = 0;
        self.cells.numbers.retain(|(key, _)| {
            at += 1;
            at > last_place(*key).0
        });
        at = 0;
        self.cells.others.retain(|(key, _)| {
            at += 1;
            at > last_place(*key).1
        });
    }

    fn key(&mut self, parent: u32) -> Option<u32> {
        let predicted = self.keys.predicted(self.last, parent);
        if let Some((key, quoted)) = predicted.filter(|_| self.trusting)
            && self.scan.take_text(quoted)
        {
            self.last = key;
            return Some(key);
        }
        let predicted = predicted.map(|(key, _)| key);
        let from = self.scan.at();
        let (mut name, escaped) = self.scan.quoted()?;
        if escaped {
            self.unescaped.clear();
            let quoted = self.scan.slice(from..self.scan.at());
            Scan::new(quoted).unescape_into(&mut self.unescaped)?;
            name = &self.unescaped;
        }
        let key = self.keys.child(parent, name);
        // Some clients write keys in one order, others in any: then trying costs more than it saves.
        self.trusting = predicted == Some(key);
        self.keys.follow(self.last, key);
        self.last = key;
        Some(key)
    }

    fn member(&mut self, key: u32, depth: usize) -> Option<()> {
        let cell = match self.scan.peek() {
            b'{' if depth < DEEPEST_KEY => return self.object(key, depth),
            b'{' | b'[' | b'"' => self.json()?,
            b't' if self.scan.take_text("true") => Cell::Side(Side::Bool(true)),
            b'f' if self.scan.take_text("false") => Cell::Side(Side::Bool(false)),
            b'n' if self.scan.take_text("null") => Cell::Side(Side::Null),
            _ => return self.number(key),
        };
        self.cells.others.push((key, cell));
        Some(())
    }

    fn number(&mut self, key: u32) -> Option<()> {
        let from = self.scan.at();
        match self.scan.number()? {
            Number::Double(value) => self.cells.numbers.push((key, value)),
            Number::Exact(value) => self.cells.others.push((key, Cell::Exact(value))),
            Number::Huge => self.cells.others.push((key, self.text_from(from))),
        }
        Some(())
    }

    fn json(&mut self) -> Option<Cell> {
        let from = self.scan.at();
        self.scan.skip()?;
        Some(self.text_from(from))
    }

    fn text_from(&self, from: usize) -> Cell {
        Cell::Side(Side::Json(self.scan.slice(from..self.scan.at()).into()))
    }

    /// An object inside a row: flattened, but whole if it is empty or says its `_type`.
    fn object(&mut self, key: u32, depth: usize) -> Option<()> {
        let from = self.scan.at();
        let before = (self.cells.numbers.len(), self.cells.others.len());
        self.scan.take(b'{');
        self.scan.space();
        let whole = self.scan.take(b'}') || self.members(key, depth + 1)?;
        if whole {
            self.cells.numbers.truncate(before.0);
            self.cells.others.truncate(before.1);
            let text = self.text_from(from);
            self.cells.others.push((key, text));
        }
        Some(())
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss)] // small numbers, made here
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::json;
    use crate::value::Value;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<BTreeMap<String, Cell>> {
        read_with(&mut KeyTable::default(), text)
    }

    fn read_with(keys: &mut KeyTable, text: &str) -> Option<BTreeMap<String, Cell>> {
        let mut cells = RowCells::default();
        let whole = parse_row(text, keys, &mut cells);
        let numbers = cells.numbers.into_iter().map(|(key, value)| (key, Cell::Number(value)));
        let all: Vec<(u32, Cell)> = numbers.chain(cells.others).collect();
        let count = all.len();
        let named: BTreeMap<_, _> =
            all.into_iter().map(|(key, cell)| (keys.name(key).to_string(), cell)).collect();
        assert_eq!(named.len(), count, "a key has two cells: {text}");
        whole.then_some(named)
    }

    fn text(json: &str) -> Cell {
        Cell::Side(Side::Json(json.into()))
    }

    #[test]
    fn values_become_cells_of_their_kind() {
        let row = read(
            r#" {"i":1 ,"f":-2.5e-3,"n":null,"t":true,"s":"a\"b","l":[1,NaN,{"x":[]}],"e":{},
            "d":{"a":{"b":7},"a.b":8},"big":123456789012345678,"huge":1234567890123456789012,
            "img":{"sha":"x","_type":"image-file"},"nan":NaN,"inf":-Infinity} "#,
        )
        .unwrap();

        assert_eq!(row["i"], Cell::Number(1.0));
        assert_eq!(row["f"], Cell::Number(-0.0025));
        assert_eq!(row["n"], Cell::Side(Side::Null));
        assert_eq!(row["t"], Cell::Side(Side::Bool(true)));
        assert_eq!(row["s"], text(r#""a\"b""#));
        assert_eq!(row["l"], text(r#"[1,NaN,{"x":[]}]"#));
        assert_eq!(row["e"], text("{}"));
        assert_eq!(row["d.a.b"], Cell::Number(7.0));
        assert_eq!(row[r"d.a\.b"], Cell::Number(8.0));
        assert_eq!(row["big"], Cell::Exact(123_456_789_012_345_678));
        assert_eq!(row["huge"], text("1234567890123456789012"));
        assert_eq!(row["img"], text(r#"{"sha":"x","_type":"image-file"}"#));
        assert!(matches!(row["nan"], Cell::Number(x) if x.is_nan()));
        assert_eq!(row["inf"], Cell::Number(f64::NEG_INFINITY));
        assert_eq!(row.len(), 14);
    }

    #[test]
    fn of_a_name_that_comes_twice_the_last_counts() {
        let row = read(r#"{"a":{"b":1,"c":2},"x":1,"a":{"c":3},"x":"y","_type":"z"}"#).unwrap();

        assert_eq!(row["a.c"], Cell::Number(3.0));
        assert_eq!(row["x"], text(r#""y""#));
        assert_eq!(row["_type"], text(r#""z""#));
        assert_eq!(row.len(), 3);
        assert_eq!(read(r#"{"a":{"b":1},"a":2}"#).unwrap().len(), 1);
    }

    #[test]
    fn names_that_come_again_and_again_cost_no_more_than_others() {
        let names: Vec<String> = (0..40_000).map(|name| format!("\"n{name}\":0")).collect();
        let line = format!("{{{},{}\"k\":7}}", names.join(","), r#""k":1,"#.repeat(200_000));

        // In time that grows with the square it takes minutes.
        let row = read(&line).unwrap();

        assert_eq!((row.len(), &row["k"]), (40_001, &Cell::Number(7.0)));
    }

    #[test]
    fn a_name_may_come_again_inside_an_object_that_is_kept_whole() {
        let row = read(r#"{"a":{"x":1,"x":2,"_type":"t"},"b":1,"a":{"x":3},"c":2}"#).unwrap();

        assert_eq!(row.keys().collect::<Vec<_>>(), ["a.x", "b", "c"]);
        assert_eq!(row["a.x"], Cell::Number(3.0));
    }

    #[test]
    fn one_spelling_of_a_name_is_as_good_as_another() {
        let mut keys = KeyTable::default();
        let plain = read_with(&mut keys, r#"{"loss":1,"é":2}"#);

        assert_eq!(read_with(&mut keys, r#"{"lo\u0073s":1,"\u00e9":2}"#), plain);
    }

    #[test]
    fn a_line_that_is_no_object_leaves_nothing() {
        for line in
            ["", "1", "[]", "{", r#"{"a":1"#, r#"{"a":1,}"#, r#"{"a" 1}"#, r#"{"a":1}x"#, "{\"a\":\"\u{1}\"}"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn very_deep_objects_are_kept_as_text() {
        let depth = 200;
        let line = r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        let row = read(&line).unwrap();

        let (name, cell) = row.first_key_value().unwrap();
        assert_eq!(name.split('.').count(), DEEPEST_KEY + 1);
        assert!(matches!(cell, Cell::Side(Side::Json(text)) if text.ends_with('}')));
    }

    /// The slow way: a tree, then flattened.
    fn slow(line: &str) -> Option<BTreeMap<String, String>> {
        let Value::Dict(members) = json::parse(line).ok()? else { return None };
        let mut out = BTreeMap::new();
        flatten(&mut out, "", &members);
        Some(out)
    }

    fn flatten(out: &mut BTreeMap<String, String>, prefix: &str, members: &[(Box<str>, Value)]) {
        for (name, value) in members {
            let key = format!("{prefix}{}", name.replace('\\', r"\\").replace('.', r"\."));
            out.retain(|known, _| *known != key && !known.starts_with(&format!("{key}.")));
            match value {
                Value::Dict(inner) if !inner.is_empty() && value.get("_type").is_none() => {
                    flatten(out, &format!("{key}."), inner);
                }
                other => {
                    out.insert(key, other.to_json());
                }
            }
        }
    }

    fn as_text(cell: &Cell) -> String {
        match cell {
            Cell::Number(value) => Value::Float(*value).to_json(),
            Cell::Exact(value) => value.to_string(),
            Cell::Side(Side::Null) => "null".into(),
            Cell::Side(Side::Bool(value)) => value.to_string(),
            Cell::Side(Side::Json(text)) => json::parse(text).unwrap().to_json(),
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let name = || prop_oneof![r"[ab.\\]{1,2}", Just("_type".into()), Just("é\n".into())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-3_i64..1 << 52).prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            ".{0,5}".prop_map(|text| Value::Str(text.into())),
        ];
        let tree = leaf.prop_recursive(4, 24, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                proptest::collection::vec((name().prop_map(String::into), inner), 0..5).prop_map(Value::Dict),
            ]
        });
        proptest::collection::vec((r"[abc.]{1,2}".prop_map(String::into), tree), 0..8).prop_map(Value::Dict)
    }

    proptest! {
        #[test]
        fn it_reads_what_the_slow_reader_reads(rows in proptest::collection::vec(value(), 1..4)) {
            let mut keys = KeyTable::default();
            for row in rows {
                let line = row.to_json();
                let found = read_with(&mut keys, &line).unwrap();
                let found: BTreeMap<String, String> =
                    found.iter().map(|(key, cell)| (key.clone(), as_text(cell))).collect();
                let expected: BTreeMap<String, String> = slow(&line)
                    .unwrap()
                    .into_iter()
                    .map(|(key, text)| (key, json::parse(&text).map_or(text, |value| match value {
                        Value::Int(n) => Value::Float(n as f64).to_json(),
                        other => other.to_json(),
                    })))
                    .collect();
                prop_assert_eq!(found, expected, "{}", line);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in r#"[{}\[\]":,a\\u0-9eE.+\- ]{0,30}"#) {
            let found = read(&text);
            prop_assert!(found.is_none() || slow(&text).is_some(), "{}", text);
        }
    }
}
