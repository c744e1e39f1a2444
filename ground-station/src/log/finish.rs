//! `log finish`: drafts of flights that nobody saw the end of.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::arguments::Finish;
use super::files::{Folder, Journal};
use super::pretty;

/// Makes them; what to print, and whether every one could be made.
pub(super) fn finish(args: &Finish) -> Result<(String, bool)> {
    let dir = args.drafts.dir()?;
    let (mut drafts, mut left) = (Vec::new(), Vec::new());
    for path in Folder::look(&dir)?.journals {
        let ended = Journal::take_up(&path).and_then(|(journal, mut replayed)| {
            let entry = replayed.ended.or_else(|| replayed.drafter.end());
            journal.finish(entry.with_context(|| format!("{} says nothing of a flight; remove it", path.display()))?)
        });
        match ended {
            Ok(draft) => drafts.push(draft),
            Err(error) => left.push(format!("{error:#}")),
        }
    }
    let well = left.is_empty();
    if args.json {
        return Ok((pretty(&json!({"drafts": drafts, "left": left}))?, well));
    }
    let made =
        drafts.iter().map(|path| format!("{}: drafted; enter it with `skyseal-ground log add`\n", path.display()));
    let left = left.iter().map(|why| format!("left as it is: {why}\n"));
    let text: String = made.chain(left).collect();
    Ok((if text.is_empty() { format!("nothing in {} is unfinished\n", dir.display()) } else { text }, well))
}
