//! A mission as the list of a `.plan`: simple items, and between them what was read and still stands for the same.

use serde_json::{Value, json};

use super::Item;
use super::plan::Numbered;

const DO_JUMP: u16 = 177;

/// An entry of a plan's list: what it stands for, each with its doJumpId, and how it is written.
pub(super) struct Part<'t> {
    pub(super) items: Vec<Numbered>,
    pub(super) text: &'t str,
}

impl Part<'_> {
    /// Whether it stands for these; where jumps go is another question.
    fn is(&self, items: &[Item]) -> bool {
        let plain = |item: &Item| match item.command {
            DO_JUMP => Item { params: [0.0, item.params[1], item.params[2], item.params[3]], ..*item },
            _ => *item,
        };
        self.items.len() == items.len()
            && self.items.iter().zip(items).all(|((_, own), item)| same_item(&plain(own), &plain(item)))
    }
}

/// The list: the parts at its beginning and at its end that stand for the same items are as they were, what is between them is
/// written as simple items.
pub(super) fn list(parts: &[Part<'_>], mission: &[Item]) -> String {
    let (front, behind) = parts.split_at(alike(parts, mission));
    let begin = count(front);
    let back = &behind[behind.len() - alike_from_behind(behind, &mission[begin..])..];
    let end = mission.len() - count(back);

    let ids = |parts: &[Part<'_>]| {
        parts.iter().flat_map(|part| part.items.iter().map(|(id, _)| id.map(usize::from))).collect::<Vec<_>>()
    };
    let old = ids(parts);
    let last = old.iter().flatten().max().copied().unwrap_or_default();
    let fresh = (1..=end - begin).map(|more| Some(last + more));
    let new: Vec<Option<usize>> = ids(front).into_iter().chain(fresh).chain(ids(back)).collect();
    let target = |item: &Item, ids: &[Option<usize>]| jump(item).and_then(|to| ids.get(to).copied().flatten());
    let simple_at = |at: usize| simple(&mission[at], new[at], target(&mission[at], &new)).to_string();
    let kept = |parts: &[Part<'_>], mut at: usize| {
        let mut texts = Vec::new();
        for part in parts {
            let led_elsewhere = |((_, was), is): (&Numbered, &Item)| target(was, &old) != target(is, &new);
            let turned = part.items.len() == 1 && part.items.iter().zip(&mission[at..]).any(led_elsewhere);
            texts.push(if turned { simple_at(at) } else { part.text.to_owned() });
            at += part.items.len();
        }
        texts
    };
    let mut texts = kept(front, 0);
    texts.extend((begin..end).map(simple_at));
    texts.extend(kept(back, end));
    format!("[{}]", texts.join(",\n"))
}

fn count(parts: &[Part<'_>]) -> usize {
    parts.iter().map(|part| part.items.len()).sum()
}

fn alike(parts: &[Part<'_>], mission: &[Item]) -> usize {
    let mut rest = mission;
    let stands = |part: &&Part<'_>| {
        let Some((own, more)) = rest.split_at_checked(part.items.len()) else { return false };
        rest = more;
        part.is(own)
    };
    parts.iter().take_while(stands).count()
}

fn alike_from_behind(parts: &[Part<'_>], mission: &[Item]) -> usize {
    let mut rest = mission;
    let stands = |part: &&Part<'_>| {
        let Some(begin) = rest.len().checked_sub(part.items.len()) else { return false };
        let (more, own) = rest.split_at(begin);
        rest = more;
        part.is(own)
    };
    parts.iter().rev().take_while(stands).count()
}

/// The place in the list that a jump leads to.
pub(super) fn jump(item: &Item) -> Option<usize> {
    // A place in a list of 65,535 at most.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (item.command == DO_JUMP && item.params[0].is_finite()).then_some(item.params[0] as usize)
}

/// A simple item; `target` is the doJumpId that it jumps to, where it jumps.
pub(super) fn simple(item: &Item, id: Option<usize>, target: Option<usize>) -> Value {
    let finite = |value: f64| value.is_finite().then_some(value);
    let [a, b, c, d] = item.params.map(|param| json!(finite(f64::from(param))));
    let a = if item.command == DO_JUMP { json!(target) } else { a };
    let [x, y] =
        if item.frame == 2 { [item.x, item.y].map(f64::from) } else { [item.x, item.y].map(|e7| f64::from(e7) / 1e7) };
    json!({
        "type": "SimpleItem",
        "autoContinue": item.autocontinue,
        "command": item.command,
        "frame": item.frame,
        "doJumpId": id,
        "params": [a, b, c, d, x, y, finite(f64::from(item.z))],
    })
}

/// Equal, not-a-number being equal to itself.
pub(super) fn same(a: &[Item], b: &[Item]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_item(a, b))
}

fn same_item(a: &Item, b: &Item) -> bool {
    let number = |a: f32, b: f32| a == b || a.is_nan() && b.is_nan();
    let params = a.params.iter().zip(b.params).all(|(a, b)| number(*a, b));
    params && number(a.z, b.z) && Item { params: [0.0; 4], z: 0.0, ..*a } == Item { params: [0.0; 4], z: 0.0, ..*b }
}
