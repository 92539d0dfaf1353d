//! Provides the members of a source: itself, or what gzip or zip hold.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};

use super::digest::{Digest, Digesting};
use super::{Member, Source, fill};

/// Standard input that turns out to be a zip is kept whole, since its index stands at its end, bytes.
const STDIN_ZIP_BYTES_MAX: u64 = 256 << 20;
/// Members taken of one zip. Chosen: as the files of a folder.
const MEMBERS_MAX: usize = 10_000;
/// Bytes that tell what a file is packed as.
const MAGIC_BYTES: u64 = 4;
/// What one open file is read by, bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// Hands each member of a source to `take`. Standard input, which can be read only once, is hashed as it
/// passes.
///
/// # Errors
/// Where the source cannot be opened or is a broken archive, as a clause behind its name.
pub(crate) fn each_member(
    source: &Source,
    digest: Option<&mut Digest>,
    take: &mut dyn FnMut(Member<'_>),
) -> Result<(), String> {
    let name = source.name();
    let unread = |e: std::io::Error| format!("cannot be read: {e}");
    match source {
        Source::File(path) => {
            let mut file = File::open(path).map_err(|e| format!("cannot be opened: {e}"))?;
            let magic = fill(&mut file, MAGIC_BYTES).map_err(unread)?;
            file.rewind().map_err(unread)?;
            let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
            match Packed::of(&magic) {
                Packed::Zip => return zip(&name, file, take),
                Packed::Gzip => gzip(name, file, take),
                Packed::Not => {
                    take(Member { name, reader: &mut file, path: Some(path), inflated: false });
                }
            }
        }
        Source::Stdin => {
            let mut stdin = Digesting { inner: std::io::stdin().lock(), digest };
            let magic = fill(&mut stdin, MAGIC_BYTES).map_err(unread)?;
            let packed = Packed::of(&magic);
            let mut whole = Cursor::new(magic).chain(stdin);
            if packed == Packed::Zip {
                let bytes = fill(&mut whole, STDIN_ZIP_BYTES_MAX).map_err(unread)?;
                return zip(&name, Cursor::new(bytes), take);
            }
            plain_or_gzip(packed, name, whole, take);
        }
        Source::Held(_, bytes) => match Packed::of(bytes) {
            Packed::Zip => return zip(&name, Cursor::new(bytes), take),
            packed => plain_or_gzip(packed, name, bytes.as_slice(), take),
        },
    }
    Ok(())
}

/// What the first bytes say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packed {
    Not,
    Gzip,
    Zip,
}

impl Packed {
    fn of(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => Self::Zip,
            _ => Self::Not,
        }
    }
}

fn plain_or_gzip(
    packed: Packed,
    name: String,
    mut reader: impl Read,
    take: &mut dyn FnMut(Member<'_>),
) {
    if packed == Packed::Gzip {
        gzip(name, reader, take);
    } else {
        take(Member { name, reader: &mut reader, path: None, inflated: false });
    }
}

fn gzip(name: String, reader: impl Read, take: &mut dyn FnMut(Member<'_>)) {
    let mut inflated = flate2::read::MultiGzDecoder::new(reader);
    take(Member { name, reader: &mut inflated, path: None, inflated: true });
}

fn zip(
    name: &str,
    reader: impl Read + Seek,
    take: &mut dyn FnMut(Member<'_>),
) -> Result<(), String> {
    let mut archive =
        zip::ZipArchive::new(reader).map_err(|e| format!("is a broken zip archive: {e}"))?;
    let members = archive.len();
    for at in 0..members.min(MEMBERS_MAX) {
        let known = archive.name_for_index(at).and_then(Result::ok);
        let known = known.map_or_else(|| at.to_string(), |n| n.to_string());
        let name = format!("{name}!{known}");
        match archive.by_index(at) {
            Ok(file) if file.is_dir() => {}
            Ok(mut file) => take(Member { name, reader: &mut file, path: None, inflated: true }),
            Err(error) => {
                // A reader that fails at once tells it in the member's own name.
                let mut failing = Failing(format!("member cannot be opened: {error}"));
                take(Member { name, reader: &mut failing, path: None, inflated: true });
            }
        }
    }
    if members > MEMBERS_MAX {
        return Err(format!("holds {members} members, of which {MEMBERS_MAX} were read"));
    }
    Ok(())
}

struct Failing(String);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other(self.0.clone()))
    }
}
