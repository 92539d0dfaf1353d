//! Provides a bound on what a compressed source grows to, however many members it has.

use std::io::{Error, Read, Result};

/// What is unpacked of one source, bytes. A log of this length would take HTTP.sys months.
pub(super) const UNPACKED_BYTES_MAX: u64 = 16 << 30;

/// A stream that fails where it grows beyond what is left.
pub(super) struct Budget<'a, R> {
    reader: R,
    left: &'a mut u64,
}

impl<'a, R> Budget<'a, R> {
    /// A stream that may take what is left.
    pub(super) fn new(reader: R, left: &'a mut u64) -> Self {
        Self { reader, left }
    }
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let most = buffer.len().min(usize::try_from(*self.left).unwrap_or(usize::MAX));
        if most > 0 || buffer.is_empty() {
            let read = self.reader.read(&mut buffer[..most])?;
            *self.left -= read as u64;
            return Ok(read);
        }
        match self.reader.read(&mut [0])? {
            0 => Ok(0),
            _ => Err(Error::other(spent())),
        }
    }
}

/// That a source has grown too far, as a clause.
pub(super) fn spent() -> String {
    format!("unpacks to over {} GiB, and the rest was not read", UNPACKED_BYTES_MAX >> 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_share_what_is_left() {
        let mut left = 5;
        let mut read = |text: &str| {
            let mut bytes = Vec::new();
            let failed = Budget::new(text.as_bytes(), &mut left).read_to_end(&mut bytes).is_err();
            (bytes.len(), failed)
        };
        assert_eq!(read("abc"), (3, false), "the first");
        assert_eq!(read("de"), (2, false), "exactly what is left");
        assert_eq!(read(""), (0, false), "nothing is not too much");
        assert_eq!(read("f"), (0, true), "one too much");
    }
}
