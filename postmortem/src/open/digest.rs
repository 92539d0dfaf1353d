//! Provides the SHA-256 of inputs, so that whoever reads a report can tell which files it was made of.
//!
//! A file is hashed on a thread of its own while it is parsed: both read the same pages, so that the
//! disk is read once, and hashing (1.5 GB/s and more where the processor has SHA instructions) keeps
//! pace with the parsers. Standard input can only be hashed as it passes.

use std::fs::File;
use std::io::Read;

use sha2::{Digest as _, Sha256};

use super::Source;

/// What a file is read by, bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// The hash of what was read so far.
#[derive(Default)]
pub(crate) struct Digest {
    hasher: Sha256,
    ended: bool,
}

impl Digest {
    /// In lower-case hexadecimal; `None` where the end was not reached.
    pub(crate) fn end(self) -> Option<String> {
        self.ended.then(|| hex(&self.hasher.finalize()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a file; `None` for standard input, a pipe, and what cannot be read to its end.
pub(crate) fn of(source: &Source) -> Option<String> {
    match source {
        Source::File(path) => of_reader(File::open(path).ok()?),
        Source::Held(_, bytes) => of_reader(bytes.as_slice()),
        Source::Stdin | Source::Pipe(_) => None,
    }
}

fn of_reader(mut reader: impl Read) -> Option<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match reader.read(&mut buffer).ok()? {
            0 => return Some(hex(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// A reader that hashes what passes, where that is wanted.
pub(crate) struct Digesting<'a, R> {
    pub(crate) inner: R,
    pub(crate) digest: Option<&'a mut Digest>,
}

impl<R: Read> Read for Digesting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(digest) = &mut self.digest {
            digest.hasher.update(&buffer[..read]);
            digest.ended |= read == 0 && !buffer.is_empty();
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn what_passes_is_hashed_if_all_of_it_passed() {
        assert_eq!(of(&Source::Held("x".into(), b"abc".to_vec())).as_deref(), Some(ABC));
        let mut digest = Digest::default();
        let mut reader = Digesting { inner: &b"abc"[..], digest: Some(&mut digest) };
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), digest.end().as_deref()), ("abc", Some(ABC)));
        let mut digest = Digest::default();
        let mut reader = Digesting { inner: &b"abc"[..], digest: Some(&mut digest) };
        reader.read_exact(&mut [0; 2]).unwrap();
        assert_eq!(digest.end(), None, "a part of it is not the file");
    }
}
