//! Regular expressions that anybody may send: a search takes time that grows with the text alone.

use regex::{Regex, RegexBuilder};

use crate::error::{CoreError, Result};

/// A pattern may take so much when it is compiled: a server keeps hundreds of them.
const PROGRAM_BYTES: usize = 256 << 10;
/// What a search may remember of the states it was in.
const CACHE_BYTES: usize = 1 << 20;
/// Groups may lie in each other so deep.
const DEEPEST: u32 = 64;

/// A regular expression, compiled.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compile a pattern.
    ///
    /// # Errors
    /// `Invalid`, with the reason: it can't be read, is too large, or needs to look around or back.
    pub fn new(pattern: &str) -> Result<Self> {
        let mut builder = RegexBuilder::new(pattern);
        builder.size_limit(PROGRAM_BYTES).dfa_size_limit(CACHE_BYTES).nest_limit(DEEPEST);
        builder.build().map(Self).map_err(|error| CoreError::Invalid(reason(&error)))
    }

    /// Whether it matches anywhere in a text.
    #[must_use]
    pub fn search(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "it is too large, because of its repeats or classes".into(),
        // The last line says what is wrong, those before it show where.
        other => {
            let told = other.to_string();
            let last = told.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_that_would_search_for_ever_elsewhere_is_done_at_once() {
        let text = "x".repeat(1 << 20);

        for pattern in [".*.*.*.*!", "(x+x+)+y", "(x|x)*$y"] {
            assert!(!Pattern::new(pattern).unwrap().search(&text));
        }
    }

    #[test]
    fn what_people_write_is_small_enough() {
        for (pattern, text) in [
            (r"^(?i)[\w-]+_v\d{1,3}$", "Résumé_V12"),
            (r"\w+-\w+-\d+", "a bright-sun-7"),
            (r"^(adam|sgd).*(lr|rate)\s*=\s*\d+\.?\d*e?-?\d*$", "adam rate = 1e-3"),
            (r"^.{10,200}x$", "0123456789x"),
        ] {
            assert!(Pattern::new(pattern).unwrap().search(text), "{pattern}");
        }
    }

    #[test]
    fn what_it_does_not_do_is_said_in_a_sentence() {
        let told = |pattern: &str| Pattern::new(pattern).unwrap_err().to_string();

        assert!(told("a(?=b)").contains("look-around"), "{}", told("a(?=b)"));
        assert!(told(r"(a)\1").contains("backreferences"), "{}", told(r"(a)\1"));
        assert!(told("(").contains("unclosed group"), "{}", told("("));
        assert!(told(r"\w{100}{100}").contains("too large"), "{}", told(r"\w{100}{100}"));
        assert!(!told("(").contains('\n'));
    }

    proptest! {
        #[test]
        fn any_text_finds_itself(text in ".{0,20}", before in ".{0,9}", after in ".{0,9}") {
            let pattern = Pattern::new(&regex::escape(&text)).unwrap();
            let around = format!("{before}{text}{after}");
            prop_assert!(pattern.search(&around));
            prop_assert_eq!(pattern.search(&before), before.contains(&text));
        }

        #[test]
        fn no_pattern_makes_it_panic(pattern in r"[ab.*+?|()\[\]{}0-9,^$\\wdsbZ-]{0,12}", text in "[ab01 ]{0,12}") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let _ = pattern.search(&text);
            }
        }
    }
}
