//! Provides the way from names on a command line to open readers: files, folders, standard input,
//! and what is inside gzip and zip. Everything is bounded, and what is left out is told.

mod archive;
mod blocks;
mod budget;
mod digest;
mod walk;

use std::io::{Error, Read};
use std::path::{Path, PathBuf};

pub(crate) use archive::each_member;
pub(crate) use blocks::{BLOCK_BYTES, Block, LINE_BYTES_MAX, each_block};
pub(crate) use digest::{Digest, of as digest_of};
pub(crate) use walk::{Found, find};

/// Where one input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// A pipe that this process was started with, by its path.
    Pipe(PathBuf),
    /// Standard input.
    Stdin,
    /// Bytes that are at hand, under this name.
    Held(String, Vec<u8>),
}

impl Source {
    /// The name it is told by.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Pipe(path) => path.display().to_string(),
            Self::Stdin => "-".into(),
            Self::Held(name, _) => name.clone(),
        }
    }
}

/// One readable stream: a file, or a member of an archive.
pub(crate) struct Member<'a> {
    /// The file, with the member of an archive behind `!`.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) reader: &'a mut dyn Read,
    /// Where a file on disk can be opened once more and read at any place.
    pub(crate) path: Option<&'a Path>,
}

/// Reads until so many bytes are held or the stream ends; the error that ended it comes second.
pub(crate) fn fill(reader: &mut dyn Read, most: u64) -> (Vec<u8>, Option<Error>) {
    let mut bytes = Vec::new();
    let failed = reader.take(most).read_to_end(&mut bytes).err();
    (bytes, failed)
}
