//! A verification that somebody watches: how much is read, and whether to go on.

use std::io::{self, Read};
use std::sync::Arc;

/// Hears of the bytes of sealed files as they are read, from several threads, and may end it: an error of theirs becomes
/// [`super::VerifyError::Io`], and there is no verdict.
#[derive(Clone)]
pub struct Watched(Arc<dyn Fn(u64) -> io::Result<()> + Send + Sync>);

impl Watched {
    /// `read` is called with the number of bytes of each block.
    pub fn new(read: impl Fn(u64) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

/// Tells whoever watches of what is read through it.
pub(super) struct Told<'a, R> {
    pub(super) input: R,
    pub(super) watched: Option<&'a Watched>,
}

impl<R: Read> Read for Told<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if let Some(Watched(tell)) = self.watched {
            tell(read as u64)?;
        }
        Ok(read)
    }
}
