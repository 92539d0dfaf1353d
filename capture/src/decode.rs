//! Provides the way from a file's bytes to text: UTF-8, UTF-16, windows-1252 and the code pages of
//! Russian, told by byte order mark, zero bytes, validity and runs of letters. What is no text is refused with what it seems to be instead.

use std::borrow::Cow;

use encoding_rs::{Encoding, IBM866, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};

/// How much of a file is looked at to tell what it is.
const SAMPLE_BYTES: usize = 64 * 1024;

/// So many bytes beyond ASCII in a row are a word of letters that are none of Latin's.
const RUN_BYTES: usize = 3;

/// First bytes of what people save beside text, and what to say of it.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "is gzip data"),
    (b"PK\x03\x04", "is a zip archive"),
    (b"ElfFile\0", "is a binary event log (.evtx): export it as text or XML"),
    (b"\x30\0\0\0LfLe", "is a binary event log (.evt): export it as text"),
    (b"regf", "is a binary registry hive: export it as text"),
    (b"PAGEDU", "is a kernel memory dump: the output of !vm and !poolused is wanted"),
    (b"MDMP", "is a process dump"),
    (b"MZ\x90", "is a Windows program"),
    (b"\x7fELF", "is a Linux program"),
    (b"\x89PNG", "is a PNG image: the text on it is wanted"),
    (b"\xff\xd8\xff", "is a JPEG image: the text on it is wanted"),
    (b"%PDF", "is a PDF document"),
];

/// Text, and what it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text without byte order mark and zero bytes; borrowed where it stood there as UTF-8.
    pub text: Cow<'a, str>,
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE`, `windows-1252`, `windows-1251` or `IBM866`.
    pub encoding: &'static str,
}

/// Why bytes are no text, as a clause: `is gzip data`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotText {
    /// The clause.
    pub reason: String,
}

/// Reads bytes as text. Bytes that their encoding cannot hold become U+FFFD.
///
/// # Errors
/// Where they are known as something else, or over 2 % of their first 64 KiB are control characters.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, NotText> {
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(NotText { reason: (*what).to_owned() });
    }
    let (encoding, mark_bytes) = encoding(bytes);
    let (text, _) = encoding.decode_without_bom_handling(&bytes[mark_bytes..]);
    if let Some(reason) = junk(&text) {
        return Err(NotText { reason });
    }
    let text = if memchr::memchr(0, text.as_bytes()).is_some() {
        // A log that was open when its host went down ends in a block of zeros.
        Cow::Owned(text.replace('\0', ""))
    } else {
        text
    };
    Ok(Decoded { text, encoding: encoding.name() })
}

/// Reads a part of a text of 8 bits whose encoding was told by its beginning, such as whole lines of
/// a long log.
pub fn part<'a>(bytes: &'a [u8], encoding: &str) -> Cow<'a, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if encoding == WINDOWS_1252.name() => {
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The encoding, and how many bytes its mark takes.
fn encoding(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some(marked) = Encoding::for_bom(bytes) {
        return marked;
    }
    let found = unmarked_utf_16(bytes).unwrap_or_else(|| eight_bit(bytes));
    (found, 0)
}

/// UTF-16 of text that is mostly ASCII has a zero in every other byte, always on the same side.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes[..bytes.len().min(SAMPLE_BYTES)].as_chunks::<2>();
    let zeros = |side: usize| pairs.iter().filter(|pair| pair[side] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let (many, few) = (pairs.len() / 4, pairs.len() / 50);
    if second > many && first <= few {
        Some(UTF_16LE)
    } else if first > many && second <= few {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// UTF-8 also where a few bytes spoil it: a raw URI in a log, or the file's end within a character.
fn eight_bit(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes[..bytes.len().min(16 * SAMPLE_BYTES)].utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good > bad { UTF_8 } else { cyrillic(bytes).unwrap_or(WINDOWS_1252) }
}

/// Cyrillic words are runs of bytes beyond ASCII; in languages of Latin letters such bytes stand
/// alone. The two code pages of Russian Windows have their small letters in different places.
fn cyrillic(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let (mut beyond, mut in_runs, mut letters_1251, mut letters_866) = (0, 0, 0, 0);
    for run in sample.split(u8::is_ascii).filter(|run| !run.is_empty()) {
        beyond += run.len();
        if run.len() < RUN_BYTES {
            continue;
        }
        in_runs += run.len();
        letters_1251 += run.iter().filter(|byte| matches!(byte, 0xc0..=0xff | 0xa8 | 0xb8)).count();
        letters_866 += run.iter().filter(|byte| matches!(byte, 0x80..=0xaf | 0xe0..=0xf1)).count();
    }
    let is_cyrillic = in_runs * 4 > beyond * 3 && letters_1251.max(letters_866) * 10 > in_runs * 9;
    is_cyrillic.then_some(if letters_866 > letters_1251 { IBM866 } else { WINDOWS_1251 })
}

/// Why this is no text. A run of zeros counts once, and a stray few are forgiven.
fn junk(text: &str) -> Option<String> {
    let (mut seen, mut odd, mut last) = (0_usize, 0_usize, ' ');
    for c in text.chars().take(SAMPLE_BYTES) {
        seen += 1;
        // Form feed, the escape of colours, and what DOS ends a file with are text.
        let known = matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b' | '\x1a' | '\x08');
        odd += usize::from(c.is_control() && !known && !(c == '\0' && last == '\0'));
        last = c;
    }
    (odd > 4 && odd * 50 > seen)
        .then(|| format!("is no text: {odd} of its first {seen} characters are control characters"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn text_is_read_in_every_encoding_of_windows() {
        let german = "Größe: 1\r\n";
        let ascii = "  TCP    0.0.0.0:80   0.0.0.0:0   LISTENING\r\n";
        let marked = |mark: &str, text: &str| format!("{mark}{text}").into_bytes();
        for (bytes, encoding, text, why) in [
            (vec![], "UTF-8", "", "an empty file is empty text"),
            (marked("", german), "UTF-8", german, "UTF-8"),
            (marked("\u{feff}", german), "UTF-8", german, "UTF-8 with its mark"),
            (
                utf_16("\u{feff}Größe", u16::to_le_bytes),
                "UTF-16LE",
                "Größe",
                "as PowerShell writes",
            ),
            (utf_16("\u{feff}Größe", u16::to_be_bytes), "UTF-16BE", "Größe", "the other order"),
            (utf_16(ascii, u16::to_le_bytes), "UTF-16LE", ascii, "a mark is missing"),
            (utf_16(ascii, u16::to_be_bytes), "UTF-16BE", ascii, "the same, the other order"),
            (b"Gr\xf6\xdfe: 1\x80".to_vec(), "windows-1252", "Größe: 1€", "as Notepad wrote"),
            (b"\xc3\xb6\xc3\xb6 %\xff".to_vec(), "UTF-8", "öö %\u{fffd}", "a raw byte in a log"),
            (b"a \xc3\xb6\xc3".to_vec(), "windows-1252", "a Ã¶Ã", "as much for as against"),
            (
                b"\xcf\xe0\xec\xff\xf2\xfc: 1".to_vec(),
                "windows-1251",
                "Память: 1",
                "Russian, as Notepad wrote",
            ),
            (
                b"\x8f\xa0\xac\xef\xe2\xec: 1".to_vec(),
                "IBM866",
                "Память: 1",
                "the same from a console",
            ),
            (
                b"\xc4\xd6\xdc\xdf und Gr\xfc\xdfe, na\xefve Stra\xdfen".to_vec(),
                "windows-1252",
                "ÄÖÜß und Grüße, naïve Straßen",
                "letters beyond ASCII beside each other now and then",
            ),
            (b"row\r\n\0\0\0\0\0\0\0\0".to_vec(), "UTF-8", "row\r\n", "a log cut by a power loss"),
        ] {
            let decoded = decode(&bytes).unwrap_or_else(|e| panic!("{why}: {e}"));
            assert_eq!((decoded.text.as_ref(), decoded.encoding), (text, encoding), "{why}");
        }
    }

    #[test]
    fn plain_utf_8_is_not_copied() {
        assert!(matches!(decode("ö".as_bytes()).unwrap().text, Cow::Borrowed("ö")));
    }

    #[test]
    fn what_is_no_text_is_told() {
        let noise: Vec<u8> =
            (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for (bytes, word) in [
            (&b"\x1f\x8b\x08\0"[..], "gzip"),
            (b"PK\x03\x04\x14\0", "zip"),
            (b"ElfFile\0\0", "evtx"),
            (&noise, "control characters"),
        ] {
            let reason = decode(bytes).unwrap_err().reason;
            assert!(reason.contains(word), "{reason}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_text_or_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            match decode(&bytes) {
                Ok(decoded) => prop_assert!(!decoded.text.contains('\0')),
                Err(why) => prop_assert!(!why.reason.is_empty()),
            }
        }
    }
}
