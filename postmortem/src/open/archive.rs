//! Provides the members of a source: itself, or what gzip or zip hold.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};

use super::{Member, Source, fill};

/// Standard input that turns out to be a zip is kept whole, since its index stands at its end, bytes.
const STDIN_ZIP_BYTES_MAX: u64 = 256 << 20;
/// Members taken of one zip. Chosen: as the files of a folder.
const MEMBERS_MAX: usize = 10_000;
/// What one open file is read by, bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// Hands each member of a source to `take`.
///
/// # Errors
/// Where the source cannot be opened or is a broken archive, as a clause behind its name.
pub(crate) fn each_member(source: &Source, take: &mut dyn FnMut(Member<'_>)) -> Result<(), String> {
    let name = source.name();
    match source {
        Source::File(path) => {
            let open = || File::open(path).map_err(|e| format!("cannot be opened: {e}"));
            let mut magic = Vec::new();
            open()?.take(4).read_to_end(&mut magic).map_err(|e| format!("cannot be read: {e}"))?;
            let file = BufReader::with_capacity(BUFFER_BYTES, open()?);
            match Packed::of(&magic) {
                Packed::Zip => zip(&name, file, take),
                packed => plain_or_gzip(packed, name, file, take),
            }
        }
        Source::Stdin => {
            let mut stdin = std::io::stdin().lock();
            let magic = fill(&mut stdin, 4).map_err(|e| format!("cannot be read: {e}"))?;
            let packed = Packed::of(&magic);
            let mut whole = Cursor::new(magic).chain(stdin);
            if packed == Packed::Zip {
                let bytes = fill(&mut whole, STDIN_ZIP_BYTES_MAX);
                let bytes = bytes.map_err(|e| format!("cannot be read: {e}"))?;
                return zip(&name, Cursor::new(bytes), take);
            }
            plain_or_gzip(packed, name, whole, take)
        }
        Source::Held(_, bytes) => match Packed::of(&bytes[..bytes.len().min(4)]) {
            Packed::Zip => zip(&name, Cursor::new(bytes), take),
            packed => plain_or_gzip(packed, name, bytes.as_slice(), take),
        },
    }
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
) -> Result<(), String> {
    if packed == Packed::Gzip {
        let mut inflated = flate2::read::MultiGzDecoder::new(reader);
        take(Member { name, reader: &mut inflated, inflated: true });
    } else {
        take(Member { name, reader: &mut reader, inflated: false });
    }
    Ok(())
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
            Ok(mut file) => take(Member { name, reader: &mut file, inflated: true }),
            Err(error) => {
                // A reader that fails at once tells it in the member's own name.
                let mut failing = Failing(format!("member cannot be opened: {error}"));
                take(Member { name, reader: &mut failing, inflated: true });
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
