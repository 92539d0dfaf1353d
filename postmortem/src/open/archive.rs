//! Provides the members of a source: itself, or what gzip or zip hold.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use super::budget::{Budget, UNPACKED_BYTES_MAX, spent};
use super::digest::{Digest, Digesting};
use super::{Member, Source, fill};

/// A zip in a stream is kept whole, since its index stands at its end, bytes.
const STREAMED_ZIP_BYTES_MAX: u64 = 256 << 20;
/// Members taken of one zip. Chosen: as the files of a folder.
const MEMBERS_MAX: usize = 10_000;
/// Bytes that tell what a file is packed as.
const MAGIC_BYTES: u64 = 4;
/// What one open file is read by, bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// What takes in the members of a source.
type Take<'a> = &'a mut dyn FnMut(Member<'_>);

/// Hands each member of a source to `take`. What can be read only once is hashed as it passes.
///
/// # Errors
/// Where the source cannot be opened or is a broken archive, as a clause behind its name.
pub(crate) fn each_member(
    source: &Source,
    digest: Option<&mut Digest>,
    take: Take<'_>,
) -> Result<(), String> {
    let name = source.name();
    let open = |path: &Path| File::open(path).map_err(|e| format!("cannot be opened: {e}"));
    match source {
        Source::File(path) => of_file(name, path, open(path)?, take),
        Source::Pipe(path) => of_stream(name, Digesting { inner: open(path)?, digest }, take),
        Source::Stdin => {
            of_stream(name, Digesting { inner: std::io::stdin().lock(), digest }, take)
        }
        Source::Held(_, bytes) => of_stream(name, bytes.as_slice(), take),
    }
}

fn of_file(name: String, path: &Path, mut file: File, take: Take<'_>) -> Result<(), String> {
    let (magic, failed) = fill(&mut file, MAGIC_BYTES);
    if let Some(error) = failed.or_else(|| file.rewind().err()) {
        return Err(format!("cannot be read: {error}"));
    }
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
    match Packed::of(&magic) {
        Packed::Not => take(Member { name, reader: &mut reader, path: Some(path) }),
        Packed::Gzip => gzip(name, reader, take),
        Packed::Zip => return zip(&name, reader, take),
    }
    Ok(())
}

fn of_stream(name: String, mut stream: impl Read, take: Take<'_>) -> Result<(), String> {
    let (magic, failed) = fill(&mut stream, MAGIC_BYTES);
    if let Some(error) = failed {
        return Err(format!("cannot be read: {error}"));
    }
    let packed = Packed::of(&magic);
    let mut whole = Cursor::new(magic).chain(stream);
    match packed {
        Packed::Not => take(Member { name, reader: &mut whole, path: None }),
        Packed::Gzip => gzip(name, whole, take),
        Packed::Zip => {
            let (bytes, failed) = fill(&mut whole, STREAMED_ZIP_BYTES_MAX + 1);
            if let Some(error) = failed {
                return Err(format!("breaks off: {error}"));
            }
            if bytes.len() as u64 > STREAMED_ZIP_BYTES_MAX {
                let most = STREAMED_ZIP_BYTES_MAX >> 20;
                return Err(format!("is a zip archive of over {most} MiB: give it as a file"));
            }
            return zip(&name, Cursor::new(bytes), take);
        }
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

fn gzip(name: String, reader: impl Read, take: Take<'_>) {
    let mut left = UNPACKED_BYTES_MAX;
    let mut unpacked = Budget::new(flate2::read::MultiGzDecoder::new(reader), &mut left);
    take(Member { name, reader: &mut unpacked, path: None });
}

fn zip(name: &str, reader: impl Read + Seek, take: Take<'_>) -> Result<(), String> {
    let mut archive =
        zip::ZipArchive::new(reader).map_err(|e| format!("is a broken zip archive: {e}"))?;
    let members = archive.len();
    let mut left = UNPACKED_BYTES_MAX;
    for at in 0..members.min(MEMBERS_MAX) {
        let known = archive.name_for_index(at).and_then(Result::ok);
        let known = known.map_or_else(|| at.to_string(), |n| n.to_string());
        if is_hidden(&known) {
            continue;
        }
        let name = format!("{name}!{known}");
        match archive.by_index(at) {
            Ok(file) if file.is_dir() => {}
            Ok(file) => {
                let mut unpacked = Budget::new(file, &mut left);
                take(Member { name, reader: &mut unpacked, path: None });
            }
            Err(error) => {
                // A reader that fails at once tells it in the member's own name.
                let mut failing = Failing(format!("member cannot be opened: {error}"));
                take(Member { name, reader: &mut failing, path: None });
            }
        }
        if left == 0 {
            return Err(spent());
        }
    }
    if members > MEMBERS_MAX {
        return Err(format!("holds {members} members, of which {MEMBERS_MAX} were read"));
    }
    Ok(())
}

/// Whether a member is passed over, as hidden files of a folder are: those that macOS adds begin with a
/// dot as well.
fn is_hidden(member: &str) -> bool {
    member.rsplit(['/', '\\']).find(|part| !part.is_empty()).is_some_and(|n| n.starts_with('.'))
}

struct Failing(String);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other(self.0.clone()))
    }
}
