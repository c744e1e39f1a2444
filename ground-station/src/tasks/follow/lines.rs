//! The whole lines of a file that grows, a bounded part at a time.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes read at once.
const PART_BYTES: u64 = 1 << 20;

/// A file that is followed.
#[derive(Debug)]
pub(super) struct Growing {
    path: PathBuf,
    /// Where the last whole line ended.
    at: u64,
    /// The file was seen to be so long, with no new whole line in it.
    looked: Option<u64>,
}

/// What lies behind where it was read last.
pub(super) enum More {
    /// Nothing new.
    Nothing,
    /// It is shorter than it was: another file under its name, from its beginning.
    Anew,
    /// Whole lines, with their newlines.
    Lines(Vec<u8>),
}

impl Growing {
    /// From its beginning.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, at: 0, looked: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The next whole lines; a line that is not finished waits.
    ///
    /// # Errors
    /// When it cannot be read, or a line does not end within `longest` bytes.
    pub(super) fn more(&mut self, longest: usize) -> io::Result<More> {
        let size = match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            other => other?.len(),
        };
        if size < self.at {
            (self.at, self.looked) = (0, None);
            return Ok(More::Anew);
        }
        if size == self.at || self.looked == Some(size) {
            return Ok(More::Nothing);
        }
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.at))?;
        let mut bytes = Vec::new();
        file.take(PART_BYTES.max(longest as u64 + 1)).read_to_end(&mut bytes)?;
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            if bytes.len() > longest {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than any may be"));
            }
            self.looked = Some(size);
            return Ok(More::Nothing);
        };
        bytes.truncate(end + 1);
        self.at += bytes.len() as u64;
        self.looked = None;
        Ok(More::Lines(bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lines(file: &mut Growing) -> String {
        match file.more(10).unwrap() {
            More::Lines(bytes) => String::from_utf8(bytes).unwrap(),
            More::Nothing => String::new(),
            More::Anew => "anew".to_owned(),
        }
    }

    #[test]
    fn lines_come_once_they_are_whole_and_a_shorter_file_is_another() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        let mut file = Growing::new(path.clone());
        assert_eq!(lines(&mut file), "", "there is none yet");
        std::fs::write(&path, "one\ntw").unwrap();
        assert_eq!([lines(&mut file), lines(&mut file)], ["one\n", ""]);
        let mut out = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        out.write_all(b"o\nthree\n").unwrap();
        assert_eq!([lines(&mut file), lines(&mut file)], ["two\nthree\n", ""]);
        std::fs::write(&path, "new\n").unwrap();
        assert_eq!([lines(&mut file), lines(&mut file)], ["anew", "new\n"]);
        std::fs::write(&path, "new\n0123456789a").unwrap();
        assert!(file.more(10).is_err(), "nobody writes such lines");
    }
}
