//! A folder's entries, asked for by their number until there is no more.

use super::{ACK, Action, END_OF_FILE, Failure, LIST_DIRECTORY, NAK, Packet, by_path, code, exchange::Exchange};
use crate::{frames::Frame, request::Ends};

/// Most entries of a folder.
pub const MAX_ENTRIES: usize = 10_000;

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Bytes.
        size: u32,
    },
    /// A folder in it.
    Folder {
        /// Its name.
        name: String,
    },
}

/// One folder listed. It ends in [`Action::Listed`] or [`Action::Failed`] within bounded time.
#[derive(Debug)]
pub struct ListFolder {
    exchange: Exchange,
    path: String,
    entries: Vec<Entry>,
    /// Entries so far, those included that the vehicle skips.
    count: u32,
}

impl ListFolder {
    /// Starts; the action is the first message.
    ///
    /// # Errors
    /// [`Failure::Path`].
    pub fn start(ends: Ends, path: &str, now_ns: u64) -> Result<(Self, Action), Failure> {
        let mut exchange = Exchange::new(ends, now_ns);
        let first = exchange.ask(by_path(LIST_DIRECTORY, path, 0)?, now_ns);
        Ok((Self { exchange, path: path.to_owned(), entries: Vec::new(), count: 0 }, Action::Send(first)))
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.exchange.is_over()
    }

    /// Takes any frame; those that do not concern it are left alone.
    pub fn frame(&mut self, frame: &Frame, now_ns: u64) -> Option<Action> {
        let packet = self.exchange.heard(frame, now_ns)?;
        if !self.exchange.is_answer(&packet) {
            return None;
        }
        match packet.opcode {
            ACK if !packet.data.is_empty() => self.more(&packet, now_ns),
            ACK => self.end(Ok(())),
            NAK if code(&packet) == END_OF_FILE => self.end(Ok(())),
            NAK => self.end(Err(Failure::Refused(code(&packet)))),
            _ => None,
        }
    }

    /// Asks again when the vehicle is silent. Call at least every 50 ms.
    pub fn poll(&mut self, now_ns: u64) -> Option<Action> {
        match self.exchange.poll(now_ns)? {
            Ok(again) => Some(Action::Send(again)),
            Err(_) => self.end(Err(Failure::Timeout)),
        }
    }

    fn more(&mut self, packet: &Packet, now_ns: u64) -> Option<Action> {
        for entry in packet.data.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            self.count += 1;
            self.entries.extend(parse(entry));
        }
        if usize::try_from(self.count).is_ok_and(|count| count > MAX_ENTRIES) {
            return self.end(Err(Failure::TooMany));
        }
        match by_path(LIST_DIRECTORY, &self.path, self.count) {
            Ok(next) => Some(Action::Send(self.exchange.ask(next, now_ns))),
            Err(failure) => self.end(Err(failure)),
        }
    }

    fn end(&mut self, how: Result<(), Failure>) -> Option<Action> {
        self.exchange.end();
        Some(match how {
            Ok(()) => Action::Listed(std::mem::take(&mut self.entries)),
            Err(failure) => Action::Failed(failure),
        })
    }
}

/// `Fname\tsize`, `Dname`; `S` is an entry that the vehicle does not tell.
fn parse(entry: &[u8]) -> Option<Entry> {
    let (kind, rest) = entry.split_first()?;
    let text = String::from_utf8_lossy(rest);
    match kind {
        b'F' => {
            let (name, size) = text.split_once('\t').unwrap_or((&text, "0"));
            Some(Entry::File { name: name.to_owned(), size: size.parse().unwrap_or(0) })
        }
        b'D' => Some(Entry::Folder { name: text.into_owned() }),
        _ => None,
    }
}
