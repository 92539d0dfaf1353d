//! Provides the lines of a stream of any length, one at a time and without holding a long one.

use std::io::{BufRead, ErrorKind};

/// The longest line that is kept, bytes. HTTP.sys cuts a URI at 4,096 bytes.
pub(crate) const LINE_BYTES_MAX: usize = 1 << 20;

/// Hands each line, without its end, to `take`; `None` stands for a line over [`LINE_BYTES_MAX`].
///
/// # Errors
/// As the reader; lines before the error have been handed over.
pub(crate) fn each_line(
    reader: &mut impl BufRead,
    mut take: impl FnMut(Option<&[u8]>),
) -> std::io::Result<()> {
    let (mut carry, mut dropping) = (Vec::new(), false);
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            break;
        }
        let mut at = 0;
        while let Some(length) = memchr::memchr(b'\n', &buffer[at..]) {
            let part = &buffer[at..at + length];
            at += length + 1;
            if dropping || carry.len() + part.len() > LINE_BYTES_MAX {
                take(None);
            } else if carry.is_empty() {
                take(Some(part));
            } else {
                carry.extend_from_slice(part);
                take(Some(&carry));
            }
            carry.clear();
            dropping = false;
        }
        let rest = &buffer[at..];
        if dropping || carry.len() + rest.len() > LINE_BYTES_MAX {
            dropping = true;
            carry.clear();
        } else {
            carry.extend_from_slice(rest);
        }
        let read = buffer.len();
        reader.consume(read);
    }
    match (dropping, carry.is_empty()) {
        (true, _) => take(None),
        (false, false) => take(Some(&carry)),
        (false, true) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    fn lengths(reader: impl Read) -> Vec<Option<usize>> {
        let mut seen = Vec::new();
        let mut reader = BufReader::with_capacity(7, reader);
        each_line(&mut reader, |line| seen.push(line.map(<[u8]>::len))).unwrap();
        seen
    }

    #[test]
    fn lines_are_whole_whatever_the_buffer() {
        for (text, wanted, why) in [
            ("", vec![], "nothing"),
            ("ab\ncd", vec![Some(2), Some(2)], "the last line has no end"),
            ("\n\n", vec![Some(0), Some(0)], "blank lines are lines"),
            ("0123456789abcdef\nx\n", vec![Some(16), Some(1)], "longer than the buffer"),
        ] {
            assert_eq!(lengths(text.as_bytes()), wanted, "{why}");
        }
    }

    #[test]
    fn a_line_too_long_is_told_and_not_held() {
        let long = std::io::repeat(b'x').take(3 * LINE_BYTES_MAX as u64);
        assert_eq!(lengths(long.chain(&b"\nab\n"[..])), [None, Some(2)]);
        let unended = std::io::repeat(b'x').take(LINE_BYTES_MAX as u64 + 1);
        assert_eq!(lengths(unended), [None]);
    }
}
