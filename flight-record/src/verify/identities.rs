//! The age identities that open a flight's files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAX_FILE_BYTES: u64 = 1 << 20;

/// age X25519 identities.
pub struct Identities(Vec<age::x25519::Identity>);

/// Why a file of identities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentitiesError {
    /// It cannot be read.
    #[error("cannot read the identities in {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A line is no identity.
    #[error("{path}, line {line}: not an age identity (AGE-SECRET-KEY-1…)")]
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// There is none.
    #[error("{path} holds no identity")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Identities {
    /// Reads a file in the form of `age-keygen`: one identity a line, `#` begins a comment.
    ///
    /// # Errors
    /// When it cannot be read, holds anything else, or holds none.
    pub fn read(path: &Path) -> Result<Self, IdentitiesError> {
        let mut text = Zeroizing::new(String::new());
        let plain = std::fs::metadata(path).and_then(|found| match found.is_file() {
            true => Ok(()),
            // A pipe or a device might never end.
            false => Err(io::Error::other("not a regular file; copy it into one")),
        });
        plain
            .and_then(|()| File::open(path))
            .and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text))
            .map_err(|source| IdentitiesError::Io { path: path.to_owned(), source })?;
        let identities: Vec<_> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(at, line)| {
                let bad = |_| IdentitiesError::BadLine { path: path.to_owned(), line: at + 1 };
                line.trim().parse().map_err(bad)
            })
            .collect::<Result<_, _>>()?;
        if identities.is_empty() { Err(IdentitiesError::Empty { path: path.to_owned() }) } else { Ok(Self(identities)) }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|identity| identity as &dyn age::Identity)
    }
}
