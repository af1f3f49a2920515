//! The body of a `file_stream` request: which lines of which file, and what else it says.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::{Number, Scan};
use crate::error::{CoreError, Result};

/// Bodies beyond this are refused: positions in them are kept in 32 bits.
const LARGEST_BODY: usize = 1 << 30;

/// Line numbers beyond this are refused, so that none can overflow.
const LAST_LINE: i64 = 1 << 60;

/// Lines of one file, in order, the first of them numbered `offset`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Number of the first line.
    pub offset: i64,
    spans: Vec<Range<u32>>,
}

impl Chunk {
    /// The numbers of its lines.
    #[must_use]
    pub fn range(&self) -> Range<i64> {
        self.offset..self.offset + i64::try_from(self.spans.len()).unwrap_or(0)
    }
}

/// What a request says. Texts lie one after the other in one buffer.
#[derive(Debug, Default)]
pub struct Body {
    texts: String,
    /// `wandb-history.jsonl`
    pub history: Chunk,
    /// `wandb-events.jsonl`
    pub events: Chunk,
    /// `output.log`
    pub console: Chunk,
    summary: Option<Range<u32>>,
    /// The run is about to be stopped by its machine.
    pub preempting: bool,
    /// This is the run's last request.
    pub complete: bool,
    /// How the run ended.
    pub exit_code: Option<i64>,
    /// Files whose upload has ended.
    pub uploaded: Vec<String>,
}

impl Body {
    /// Read a body. Members and files that it doesn't know are passed over.
    ///
    /// # Errors
    /// `Invalid` if it is no JSON object, or lines are given without a usable number.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > LARGEST_BODY {
            return Err(unreadable("it is larger than 1 GiB"));
        }
        // Bytes that are no UTF-8 are replaced: the rest of the line is worth more than a refusal.
        let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let mut body = Self { texts: String::with_capacity(text.len()), ..Self::default() };
        let mut scan = Scan::new(&text);
        body.read(&mut scan)
            .ok_or_else(|| unreadable(&format!("it stops being JSON at byte {}", scan.at())))?;
        for chunk in [&body.history, &body.events, &body.console] {
            if !(0..=LAST_LINE).contains(&chunk.offset) {
                return Err(unreadable("a file's `offset` is missing or out of range"));
            }
        }
        Ok(body)
    }

    /// A line of a chunk by its number.
    #[must_use]
    pub fn line(&self, chunk: &Chunk, number: i64) -> &str {
        let at = usize::try_from(number - chunk.offset).ok();
        at.and_then(|at| chunk.spans.get(at)).map_or("", |span| self.text(span))
    }

    /// The text of `wandb-summary.json`.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.summary.as_ref().map(|span| self.text(span))
    }

    fn text(&self, span: &Range<u32>) -> &str {
        self.texts.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn read(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        scan.space();
        members(scan, |scan, name| {
            match name {
                "files" => self.files(scan)?,
                "preempting" => self.preempting = flag(scan)?,
                "complete" => self.complete = flag(scan)?,
                "exitcode" => {
                    self.exit_code = integer(scan);
                    scan.skip()?;
                }
                "uploaded" => self.uploaded = self.uploads(scan)?,
                _ => scan.skip()?,
            }
            Some(())
        })?;
        scan.at_end().then_some(())
    }

    fn files(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        if scan.peek() != b'{' {
            return scan.skip();
        }
        members(scan, |scan, name| {
            match name {
                "wandb-history.jsonl" => self.history = self.chunk(scan)?,
                "wandb-events.jsonl" => self.events = self.chunk(scan)?,
                "output.log" => self.console = self.chunk(scan)?,
                "wandb-summary.json" => self.summary = self.chunk(scan)?.spans.pop().or(self.summary.take()),
                _ => scan.skip()?,
            }
            Some(())
        })
    }

    fn chunk(&mut self, scan: &mut Scan<'_>) -> Option<Chunk> {
        let mut chunk = Chunk { offset: -1, spans: Vec::new() };
        members(scan, |scan, name| {
            match name {
                "offset" => {
                    chunk.offset = integer(scan).unwrap_or(-1);
                    scan.skip()?;
                }
                "content" => chunk.spans = self.content(scan)?,
                _ => scan.skip()?,
            }
            Some(())
        })?;
        if chunk.spans.is_empty() {
            chunk.offset = 0;
        }
        Some(chunk)
    }

    fn content(&mut self, scan: &mut Scan<'_>) -> Option<Vec<Range<u32>>> {
        let mut spans = Vec::new();
        items(scan, |scan| {
            spans.push(self.content_line(scan)?);
            Some(())
        })?;
        Some(spans)
    }

    /// One line: a text; anything else stands for itself.
    fn content_line(&mut self, scan: &mut Scan<'_>) -> Option<Range<u32>> {
        let from = position(&self.texts);
        if scan.peek() == b'"' {
            scan.unescape_into(&mut self.texts)?;
        } else {
            let start = scan.at();
            scan.skip()?;
            self.texts.push_str(scan.slice(start..scan.at()));
        }
        Some(from..position(&self.texts))
    }

    fn uploads(&mut self, reader: &mut Scan<'_>) -> Option<Vec<String>> {
        let mut names = Vec::new();
        items(reader, |reader| {
            let span = self.content_line(reader)?;
            names.push(self.text(&span).to_owned());
            Some(())
        })?;
        Some(names)
    }
}

fn unreadable(why: &str) -> CoreError {
    CoreError::Invalid(format!("the request's body can't be read: {why}; nothing of it was kept"))
}

fn position(texts: &str) -> u32 {
    u32::try_from(texts.len()).unwrap_or(u32::MAX)
}

/// The members of an object; names have no escapes in what clients write, and pass as they stand.
fn members<'a>(scan: &mut Scan<'a>, mut member: impl FnMut(&mut Scan<'a>, &str) -> Option<()>) -> Option<()> {
    listed(scan, b'{', |scan| {
        let (name, _) = scan.quoted()?;
        scan.space();
        if !scan.take(b':') {
            return None;
        }
        scan.space();
        member(scan, name)
    })
}

/// The items of a list; a single value counts as a list of it, `null` as an empty one.
fn items<'a>(scan: &mut Scan<'a>, mut item: impl FnMut(&mut Scan<'a>) -> Option<()>) -> Option<()> {
    match scan.peek() {
        b'[' => listed(scan, b'[', item),
        b'n' => scan.skip(),
        _ => item(scan),
    }
}

fn listed<'a>(
    scan: &mut Scan<'a>,
    opener: u8,
    mut item: impl FnMut(&mut Scan<'a>) -> Option<()>,
) -> Option<()> {
    if !scan.take(opener) {
        return None;
    }
    scan.space();
    if scan.take(opener + 2) {
        return Some(());
    }
    loop {
        scan.space();
        item(scan)?;
        scan.space();
        if !scan.take(b',') {
            return scan.take(opener + 2).then_some(());
        }
    }
}

fn flag(scan: &mut Scan<'_>) -> Option<bool> {
    let on = scan.peek() == b't';
    scan.skip()?;
    Some(on)
}

/// The whole number that comes next, which is not passed over; none if it is something else.
#[allow(clippy::cast_possible_truncation)] // bounded before
fn integer(scan: &Scan<'_>) -> Option<i64> {
    match scan.clone().number()? {
        Number::Double(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(value as i64),
        Number::Exact(value) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;
    use proptest::prelude::*;

    fn lines(body: &Body, chunk: &Chunk) -> Vec<String> {
        chunk.range().map(|number| body.line(chunk, number).to_owned()).collect()
    }

    #[test]
    fn a_whole_request_is_read_in_any_order() {
        let body = Body::parse(
            br#" {"exitcode": 3, "files": {
            "output.log": {"content": ["a\tb", "\u00e9"], "offset": 7},
            "wandb-summary.json": {"offset": 0, "content": ["{\"x\":NaN}"]},
            "other.jsonl": {"offset": 0, "content": [NaN, {"deep": [1]}]},
            "wandb-history.jsonl": {"offset": 3, "content": ["{\"loss\":0.5}", {"bare": 1}]}},
            "uploaded": ["config.yaml"], "complete": true, "dropped": 0, "failed": false} "#,
        )
        .unwrap();

        assert_eq!(body.history.range(), 3..5);
        assert_eq!(lines(&body, &body.history), [r#"{"loss":0.5}"#, r#"{"bare": 1}"#]);
        assert_eq!(lines(&body, &body.console), ["a\tb", "é"]);
        assert_eq!(body.summary(), Some(r#"{"x":NaN}"#));
        assert_eq!((body.complete, body.exit_code, body.preempting), (true, Some(3), false));
        assert_eq!(body.uploaded, ["config.yaml"]);
    }

    #[test]
    fn a_heartbeat_is_empty_and_readable() {
        let body = Body::parse(b"{}").unwrap();

        assert!(body.history.range().is_empty() && body.summary().is_none() && !body.complete);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let body =
            Body::parse(b"{\"files\":{\"output.log\":{\"offset\":0,\"content\":[\"a\xffb\"]}}}").unwrap();

        assert_eq!(lines(&body, &body.console), ["a\u{fffd}b"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_reason() {
        let no_offset = r#"{"files":{"output.log":{"content":["a"]}}}"#;
        let far = r#"{"files":{"output.log":{"offset":9223372036854775807,"content":["a"]}}}"#;
        for text in ["", "[]", "null", "{", r#"{"files":{"output.log":[]}}"#, "{}x", no_offset, far] {
            let told = Body::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with("the request's body can't be read: "), "{text}: {told}");
        }
        assert!(Body::parse(&vec![b'{'; 1_000_000]).is_err());
    }

    proptest! {
        #[test]
        fn lines_come_out_as_they_went_in(
            history in proptest::collection::vec(".*", 0..5),
            console in proptest::collection::vec(".*", 0..5),
            offset in 0_i64..1 << 50,
        ) {
            let file = |lines: &[String]| Value::Dict(vec![
                ("content".into(), Value::List(lines.iter().map(|line| line.as_str().into()).collect())),
                ("offset".into(), Value::Int(offset)),
            ]);
            let text = Value::Dict(vec![("files".into(), Value::Dict(vec![
                ("wandb-history.jsonl".into(), file(&history)),
                ("output.log".into(), file(&console)),
            ]))]).to_json();

            let body = Body::parse(text.as_bytes()).unwrap();

            prop_assert_eq!(lines(&body, &body.history), history);
            prop_assert_eq!(lines(&body, &body.console), console);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Body::parse(&bytes);
        }
    }
}
