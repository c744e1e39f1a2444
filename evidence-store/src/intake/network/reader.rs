//! A file of the aircraft, read on from where a cut left it.

use super::connection::{Connection, Failed};
use crate::intake::SourceError;
use bytes::{Buf as _, Bytes};
use hyper::Response;
use hyper::body::Incoming;
use hyper::header::CONTENT_RANGE;
use std::io::{self, Read};

/// Longest explanation of a refusal, in bytes.
const MAX_REFUSAL_BYTES: usize = 64 * 1024;

/// Reads a file; when the connection is cut, asks again for the rest. Progress buys new tries.
pub(super) struct FileReader<'a> {
    connection: &'a mut Connection,
    target: String,
    /// The next byte.
    at: u64,
    /// Its length, by the first answer.
    bytes: u64,
    body: Option<Incoming>,
    piece: Bytes,
    tries: u32,
}

impl<'a> FileReader<'a> {
    /// Opens a file at byte `from`; none when there is no such file.
    pub(super) fn open(connection: &'a mut Connection, target: String, from: u64) -> Result<Option<Self>, SourceError> {
        let mut reader =
            Self { connection, target, at: from, bytes: u64::MAX, body: None, piece: Bytes::new(), tries: 0 };
        match reader.ask()? {
            Found::Body => Ok(Some(reader)),
            Found::Nothing => Ok(None),
        }
    }

    /// Asks for the file from `at` on, and again when the connection is cut.
    fn ask(&mut self) -> Result<Found, SourceError> {
        loop {
            let done = match self.connection.file(&self.target, self.at) {
                Ok(response) => self.take(response)?,
                Err(failed) => Err(failed),
            };
            match done {
                Ok(found) => return Ok(found),
                Err(failed) => self.tries = self.connection.again(self.tries, failed)?,
            }
        }
    }

    fn take(&mut self, response: Response<Incoming>) -> Result<Result<Found, Failed>, SourceError> {
        let status = response.status().as_u16();
        let length = match status {
            200 if self.at == 0 => response.body_length(),
            206 => self.range(&response)?,
            404 => return Ok(Ok(Found::Nothing)),
            // A range that begins where the file ends: nothing is left.
            416 => self.at,
            _ => {
                return match self.connection.rest(response, MAX_REFUSAL_BYTES) {
                    Ok(answer) => Err(answer.refused()),
                    Err(failed) => Ok(Err(failed)),
                };
            }
        };
        if self.bytes != u64::MAX && length != self.bytes {
            let reason = format!("it had {} bytes and has {length} now", self.bytes);
            return Err(SourceError::Protocol { what: "the file changed while it was read", reason });
        }
        self.bytes = length;
        self.body = (status != 416).then(|| response.into_body());
        Ok(Ok(Found::Body))
    }

    /// The whole length that an answer over a part states; the part must be the one asked for.
    fn range(&self, response: &Response<Incoming>) -> Result<u64, SourceError> {
        let said = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let total = said
            .strip_prefix(&format!("bytes {}-", self.at))
            .and_then(|rest| rest.split_once('/'))
            .and_then(|(_, total)| total.parse().ok());
        total.ok_or_else(|| SourceError::Protocol {
            what: "the aircraft sends another part of the file than asked for",
            reason: format!("from {} on was asked for, {said:?} came", self.at),
        })
    }
}

enum Found {
    Body,
    Nothing,
}

/// The length of a whole file's answer.
trait BodyLength {
    fn body_length(&self) -> u64;
}

impl BodyLength for Response<Incoming> {
    fn body_length(&self) -> u64 {
        hyper::body::Body::size_hint(self.body()).exact().unwrap_or(0)
    }
}

impl Read for FileReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            if self.at >= self.bytes || buffer.is_empty() {
                return Ok(0);
            }
            let Some(body) = &mut self.body else {
                match self.ask().map_err(io::Error::other)? {
                    Found::Body => continue,
                    Found::Nothing => return Err(io::ErrorKind::NotFound.into()),
                }
            };
            match self.connection.piece(body) {
                Ok(Some(piece)) => {
                    self.piece = piece;
                    self.tries = 0;
                }
                // Ended early, with or without an error: the rest is asked for.
                ended => {
                    self.body = None;
                    let failed = ended.err().unwrap_or(Failed::Silent);
                    self.tries = self.connection.again(self.tries, failed).map_err(io::Error::other)?;
                }
            }
        }
        let taken = self.piece.len().min(buffer.len());
        self.piece.copy_to_slice(&mut buffer[..taken]);
        self.at += taken as u64;
        Ok(taken)
    }
}
