//! Dotted key names: the names on the way to a value, joined by `.`.

/// The names that an escaped key is made of.
#[must_use]
pub fn split(key: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut characters = key.chars();
    while let Some(character) = characters.next() {
        match (character, names.last_mut()) {
            ('.', _) => names.push(String::new()),
            ('\\', Some(name)) => name.extend(characters.next()),
            (_, Some(name)) => name.push(character),
            (_, None) => {}
        }
    }
    names
}

/// The escaped key of a single name.
#[must_use]
pub fn escape(name: &str) -> String {
    name.replace('\\', "\\\\").replace('.', "\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_backslashes_in_names_stay_apart_from_nesting() {
        assert_eq!(split(r"a.b"), ["a", "b"]);
        assert_eq!(split(r"a\.b"), ["a.b"]);
        assert_eq!(split(r"a\\.b.\."), [r"a\", "b", "."]);
        assert_eq!(split(""), [""]);
        for name in ["", ".", r"\", r"a.\b", "..", r"\\."] {
            assert_eq!(split(&escape(name)), [name]);
        }
    }
}
