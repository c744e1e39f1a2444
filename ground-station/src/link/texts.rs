//! Long texts of a vehicle, which come in chunks of 50 bytes (STATUSTEXT's `id` and `chunk_seq`), put together. Pure.

use vehicle_link::frames::Frame;

use super::watch::text_of;

/// Where STATUSTEXT has the number of a text that is longer than one message, and the chunk's own.
const ID_AT: usize = 51;
const CHUNK_AT: usize = 53;
/// A chunk that is full has another behind it.
const FULL: usize = 50;
/// What came of a text is told when its next chunk is later than this.
const LATE_NS: u64 = 1_000_000_000;

/// Severity as in syslog, and words.
pub(crate) type Text = (u8, String);

/// The text whose chunks are arriving.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    id: u16,
    next: u8,
    text: Text,
    heard_ns: u64,
}

impl Texts {
    /// Takes a STATUSTEXT; gives what has become whole by it, in the order in which it was said. A text with a chunk missing comes as far
    /// as it came.
    pub(crate) fn take(&mut self, frame: &Frame, now_ns: u64) -> Vec<Text> {
        let payload = frame.payload();
        let (severity, id, chunk) = (payload.u8(0), payload.u16(ID_AT), payload.u8(CHUNK_AT));
        let words = text_of(frame).unwrap_or_default();
        let last = id == 0 || chunk == u8::MAX || !is_full(frame);
        let mut whole = Vec::new();
        let text = match self.begun.take() {
            Some(Begun { id: begun, next, mut text, .. }) if begun == id && next == chunk => {
                text.1.push_str(&words);
                text
            }
            other => {
                whole.extend(other.map(|begun| begun.text));
                (severity, words)
            }
        };
        if last {
            whole.push(text);
        } else {
            self.begun = Some(Begun { id, next: chunk.wrapping_add(1), text, heard_ns: now_ns });
        }
        whole.into_iter().map(trimmed).filter(|(_, words)| !words.is_empty()).collect()
    }

    /// The text whose next chunk did not come.
    pub(crate) fn late(&mut self, now_ns: u64) -> Option<Text> {
        let late = self.begun.take_if(|begun| now_ns.saturating_sub(begun.heard_ns) > LATE_NS)?;
        Some(trimmed(late.text))
    }
}

fn is_full(frame: &Frame) -> bool {
    let text: Vec<u8> = frame.payload().bytes().iter().skip(1).take(FULL).copied().collect();
    text.len() == FULL && !text.contains(&0)
}

/// PX4 ends with a tab what it says in its events too.
fn trimmed((severity, words): Text) -> Text {
    (severity, words.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vehicle_link::frames::{Body, Encoder};

    fn frame(severity: u8, words: &str, id: u16, chunk: u8) -> Frame {
        let mut payload = [0; 54];
        payload[0] = severity;
        payload[1..=words.len()].copy_from_slice(words.as_bytes());
        payload[ID_AT..CHUNK_AT].copy_from_slice(&id.to_le_bytes());
        payload[CHUNK_AT] = chunk;
        Encoder::new(1, 1).encode_body(&Body::raw(253, &payload).unwrap())
    }

    const FIFTY: &str = "RTL: start return at 151 m (9 m above destination)";

    #[test]
    fn a_long_text_is_told_once_it_is_whole() {
        let mut texts = Texts::default();
        assert_eq!(texts.take(&frame(6, FIFTY, 6, 0), 0), []);
        assert_eq!(texts.take(&frame(6, " and on\t", 6, 1), 1), [(6, format!("{FIFTY} and on"))]);
        assert_eq!(texts.take(&frame(4, "short", 0, 0), 2), [(4, "short".to_owned())]);
        assert_eq!(texts.take(&frame(4, FIFTY, 0, 0), 2), [(4, FIFTY.to_owned())], "without a number it is whole");
        assert_eq!(texts.take(&frame(6, FIFTY, 7, 0), 3), []);
        assert_eq!(texts.take(&frame(6, "", 7, 1), 3), [(6, FIFTY.to_owned())], "an empty end");
    }

    #[test]
    fn what_came_is_told_where_a_chunk_is_lost() {
        let mut texts = Texts::default();
        assert_eq!(texts.take(&frame(6, FIFTY, 6, 0), 0), []);
        assert_eq!(texts.take(&frame(2, "other", 0, 0), 1), [(6, FIFTY.to_owned()), (2, "other".to_owned())]);
        assert_eq!(texts.take(&frame(6, FIFTY, 8, 0), 2), []);
        let after_a_gap = texts.take(&frame(6, "end", 8, 2), 3);
        assert_eq!(after_a_gap, [(6, FIFTY.to_owned()), (6, "end".to_owned())]);
        assert_eq!(texts.take(&frame(6, FIFTY, 9, 0), 10), []);
        assert_eq!(texts.late(10 + LATE_NS), None);
        assert_eq!(texts.late(11 + LATE_NS), Some((6, FIFTY.to_owned())));
        assert_eq!(texts.late(u64::MAX), None);
    }

    #[test]
    fn a_text_ends_with_the_last_chunk_that_can_be_counted() {
        let mut texts = Texts::default();
        for chunk in 0..255 {
            assert_eq!(texts.take(&frame(6, FIFTY, 3, chunk), 0), []);
        }
        let whole = texts.take(&frame(6, FIFTY, 3, 255), 0);
        assert_eq!(whole.iter().map(|(_, words)| words.len()).collect::<Vec<_>>(), [256 * FULL]);
    }
}
