//! The list of installed Python distributions, read from their metadata folders.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use crate::error::{CoreError, Result};

/// Write `name==version` lines of the distributions on the search paths, in the order found; the
/// first of a name counts, as for imports. Returns how many.
///
/// # Errors
/// `Io` if the target can't be written; folders that can't be read are passed over.
pub fn write_requirements(search_paths: &[String], target: &Path) -> Result<usize> {
    let mut text = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (name, version) in search_paths.iter().flat_map(|path| distributions(Path::new(path))) {
        if seen.insert(name.to_lowercase().replace(['_', '.'], "-")) {
            let _ = writeln!(text, "{name}=={version}");
        }
    }
    fs::write(target, &text).map_err(|e| CoreError::io(target, e))?;
    Ok(seen.len())
}

fn distributions(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let metadata = |name: &str| match Path::new(name).extension()?.to_str()? {
        "dist-info" => Some("METADATA"),
        "egg-info" => Some("PKG-INFO"),
        _ => None,
    };
    entries
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| {
            let file = metadata(entry.file_name().to_str()?)?;
            name_and_version(&entry.path().join(file))
        })
        .collect()
}

fn name_and_version(metadata: &Path) -> Option<(String, String)> {
    let (mut name, mut version) = (None, None);
    for line in BufReader::new(fs::File::open(metadata).ok()?).lines() {
        let line = line.ok()?;
        if let Some(value) = line.strip_prefix("Name: ") {
            name = Some(value.trim().to_owned());
        } else if let Some(value) = line.strip_prefix("Version: ") {
            version = Some(value.trim().to_owned());
        }
        if line.is_empty() || (name.is_some() && version.is_some()) {
            break;
        }
    }
    Some((name?, version?))
}
