//! Provides a stream of any length as blocks of whole lines, without holding a long one.

use std::io::{Error, ErrorKind, Read, Result};

/// The longest line that is kept, bytes. HTTP.sys cuts a URI at 4,096 bytes.
pub(crate) const LINE_BYTES_MAX: usize = 1 << 20;
/// The usual block, bytes: it stays in a processor's second-level cache while it is read.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;

/// A piece of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block<'a> {
    /// Whole lines; only the last of a stream may lack its end.
    Lines(&'a [u8]),
    /// In place of a line over [`LINE_BYTES_MAX`].
    TooLong,
}

/// Hands a stream over in blocks of about `bytes`. Lines may be cut apart where `cut` says, which is
/// given whole lines and is followed unless it says 0 and there is no room for more of them.
///
/// # Errors
/// As the reader; whole lines before the error have been handed over.
pub(crate) fn each_block(
    reader: &mut impl Read,
    bytes: usize,
    cut: fn(&[u8]) -> usize,
    take: &mut dyn FnMut(Block<'_>),
) -> Result<()> {
    let mut buffer = vec![0; bytes];
    let (mut held, mut dropping) = (0, false);
    loop {
        let (read, failed) = fill_up(reader, &mut buffer[held..]);
        held += read;
        let ended = failed.is_some() || held < buffer.len();
        let mut from = 0;
        if dropping {
            let end = memchr::memchr(b'\n', &buffer[..held]);
            from = end.map_or(held, |end| end + 1);
            dropping = end.is_none();
        }
        let lines = &buffer[from..held];
        let whole = match failed {
            None if ended => lines.len(),
            _ => memchr::memrchr(b'\n', lines).map_or(0, |end| end + 1),
        };
        let mut at = if ended { whole } else { cut(&lines[..whole]) };
        if at == 0 && from == 0 && !ended {
            if buffer.len() <= LINE_BYTES_MAX {
                buffer.resize((2 * buffer.len()).clamp(1, LINE_BYTES_MAX + 1), 0);
                continue;
            }
            at = whole;
            if whole == 0 {
                take(Block::TooLong);
                (held, dropping) = (0, true);
                continue;
            }
        }
        if at > 0 {
            take(Block::Lines(&lines[..at]));
        }
        buffer.copy_within(from + at..held, 0);
        held -= from + at;
        if ended {
            return failed.map_or(Ok(()), Err);
        }
    }
}

/// Fills a buffer; less is the end of the stream, or comes with the error that ended it.
fn fill_up(reader: &mut impl Read, buffer: &mut [u8]) -> (usize, Option<Error>) {
    let mut held = 0;
    while held < buffer.len() {
        match reader.read(&mut buffer[held..]) {
            Ok(0) => break,
            Ok(read) => held += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (held, Some(error)),
        }
    }
    (held, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the lines of a stream; `None` for one that is too long.
    fn lengths(mut reader: impl Read, block: usize) -> Vec<Option<usize>> {
        let mut seen = Vec::new();
        each_block(&mut reader, block, <[u8]>::len, &mut |block| match block {
            Block::TooLong => seen.push(None),
            Block::Lines(lines) => {
                let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
                seen.extend(lines.split(|b| *b == b'\n').map(|line| Some(line.len())));
            }
        })
        .unwrap();
        seen
    }

    #[test]
    fn lines_are_whole_whatever_the_block() {
        for (text, wanted, why) in [
            ("", vec![], "nothing"),
            ("ab\ncd", vec![Some(2), Some(2)], "the last line has no end"),
            ("\n\n", vec![Some(0), Some(0)], "blank lines are lines"),
            ("0123456789abcdef\nx\n", vec![Some(16), Some(1)], "longer than the block"),
        ] {
            for block in 1..20 {
                assert_eq!(lengths(text.as_bytes(), block), wanted, "{why}, block of {block}");
            }
        }
    }

    #[test]
    fn a_line_too_long_is_told_and_not_held() {
        let x = |bytes: usize| std::io::repeat(b'x').take(bytes as u64);
        for block in [7, LINE_BYTES_MAX + 1] {
            let long = x(3 * LINE_BYTES_MAX).chain(&b"\nab\n"[..]);
            assert_eq!(lengths(long, block), [None, Some(2)]);
            assert_eq!(lengths(x(LINE_BYTES_MAX + 1), block), [None], "without an end");
            let longest = x(LINE_BYTES_MAX).chain(&b"\n"[..]);
            assert_eq!(lengths(longest, block), [Some(LINE_BYTES_MAX)], "the longest");
        }
    }

    #[test]
    fn an_error_loses_no_whole_line() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> Result<usize> {
                Err(Error::other("torn"))
            }
        }
        let mut seen = Vec::new();
        let mut reader = (&b"ab\ncd\nhal"[..]).chain(Fails);
        let ended = each_block(&mut reader, 4, <[u8]>::len, &mut |block| {
            if let Block::Lines(lines) = block {
                seen.extend_from_slice(lines);
            }
        });
        assert_eq!((seen.as_slice(), ended.is_err()), (&b"ab\ncd\n"[..], true));
    }
}
