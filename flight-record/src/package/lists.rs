//! The manifests of a bag: `<sha256>  <path>` a line, sorted; `%`, CR and LF in paths as RFC 8493 §2.1.3 writes them.

use crate::digest::Sha256;
use std::collections::BTreeMap;

/// Files by path in the bag.
pub(super) type List = BTreeMap<String, Sha256>;

/// Longest manifest read, in bytes: 100,000 files of the longest path.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// The text of a manifest.
pub(super) fn text(list: &List) -> String {
    list.iter().map(|(path, digest)| format!("{digest}  {}\n", encoded(path))).collect()
}

/// Reads a manifest that must be spelled as [`text`] spells it; the first line that is not.
pub(super) fn read(text: &str) -> Result<List, usize> {
    let mut list = List::new();
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let entry = line.strip_suffix('\n').and_then(|line| line.split_once("  ")).and_then(|(digest, path)| {
            let path = path.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
            Some((path, digest.parse::<Sha256>().ok()?))
        });
        let (path, digest) = entry.ok_or(at + 1)?;
        let sorted = list.last_key_value().is_none_or(|(last, _)| *last < path);
        if !sorted || format!("{digest}  {}\n", encoded(&path)) != line {
            return Err(at + 1);
        }
        list.insert(path, digest);
    }
    Ok(list)
}

fn encoded(path: &str) -> String {
    path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_has_one_spelling() {
        let digest = Sha256::of(b"x");
        let list: List = ["data/a", "data/100%", "data/%0A"].map(|path| (path.to_owned(), digest)).into();
        let good = text(&list);
        assert!(good.contains("data/100%25\n") && good.contains("data/%250A\n"));
        assert_eq!(read(&good), Ok(list));
        for (bad, line) in [
            (good.replace("  data/a", " data/a"), 3),
            (good.replace("  data/a", "  *data/a").replace("*data/a", "data/%a"), 3),
            (good.trim_end().to_owned(), 3),
            (good.lines().rev().map(|line| format!("{line}\n")).collect(), 2),
            (format!("{good}{}", good.lines().last().unwrap()), 4),
            (good.to_uppercase(), 1),
        ] {
            assert_eq!(read(&bad), Err(line), "{bad}");
        }
    }
}
