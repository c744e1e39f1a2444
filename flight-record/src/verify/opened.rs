//! Opening a sealed file: age, as far as its chunks authenticate, into whoever looks at the plain bytes.

use super::ahead::Ahead;
use super::identities::Identities;
use crate::digest::{Counted, Extent};
use std::io::{self, BufRead as _, Read};

/// age works in chunks of so many plain bytes.
const CHUNK_BYTES: usize = 64 * 1024;
const MAGIC: &[u8] = b"age-encryption.org/v1\n";
const END_OF_HEADER: &[u8] = b"\n--- ";
/// The header's MAC in unpadded base64.
const MAC_CHARACTERS: usize = 43;

/// Takes plain bytes in their order.
pub trait Plain {
    /// The next bytes.
    ///
    /// # Errors
    /// The reader's own trouble (a full disk), not the file's.
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// How far a file opened.
pub enum Opened {
    /// To its end.
    Whole(Extent),
    /// Up to the last chunk that authenticates.
    Partly(Extent, String),
    /// None of the identities fits.
    NoIdentity,
    /// It is no age file.
    Refused(String),
}

/// Opens the sealed file that `input` gives: every chunk is handed on as soon as it authenticates, none before.
///
/// # Errors
/// When `plain` fails, or the file cannot be read.
pub fn open(input: impl Read, identities: &Identities, plain: &mut impl Plain) -> io::Result<Opened> {
    let mut input = Ahead::new(input);
    while !has_bounded_header(input.fill_buf()?) && input.look_further()? {}
    if !has_bounded_header(input.fill_buf()?) {
        return Ok(Opened::Refused("it does not begin with an age header".to_owned()));
    }
    let decryptor = match age::Decryptor::new_buffered(input) {
        Ok(decryptor) => decryptor,
        Err(error) => {
            return Ok(Opened::Refused(format!("its age header is refused: {error}")));
        }
    };
    let mut reader = match decryptor.decrypt(identities.iter()) {
        Ok(reader) => reader,
        Err(age::DecryptError::NoMatchingKeys) => return Ok(Opened::NoIdentity),
        Err(error) => {
            return Ok(Opened::Refused(format!("its age header is refused: {error}")));
        }
    };
    let mut counted = Counted::default();
    let mut buffer = zeroize::Zeroizing::new(vec![0; CHUNK_BYTES]);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(Opened::Whole(counted.extent())),
            Ok(read) => {
                counted.update(&buffer[..read]);
                plain.take(&buffer[..read])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Opened::Partly(counted.extent(), error.to_string())),
        }
    }
}

/// Whether the header ends in sight, so that reading it line by line takes no more than that.
fn has_bounded_header(start: &[u8]) -> bool {
    let end = start.windows(END_OF_HEADER.len()).position(|window| window == END_OF_HEADER);
    let newline = end.and_then(|end| start.get(end + END_OF_HEADER.len() + MAC_CHARACTERS));
    start.starts_with(MAGIC) && newline == Some(&b'\n')
}
