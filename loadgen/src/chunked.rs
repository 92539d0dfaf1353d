//! Provides the decoder of chunked bodies (RFC 9112 §7.1): it counts and finds the end.

/// Where the decoder stands between two bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Size,
    Extension,
    Data,
    DataEnd,
    TrailerStart,
    Trailer,
}

/// A decoder of one chunked body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunked {
    at: At,
    digits: u8,
    left_bytes: u64,
}

impl Chunked {
    /// Takes the next bytes and gives how many of them belong to the body and whether it is whole.
    ///
    /// # Errors
    /// The bytes are not chunked coding.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(usize, bool), ()> {
        let mut i = 0;
        while i < bytes.len() {
            if self.at == At::Data {
                let step = self.left_bytes.min((bytes.len() - i) as u64);
                self.left_bytes -= step;
                i += step as usize;
                if self.left_bytes == 0 {
                    self.at = At::DataEnd;
                }
                continue;
            }
            let whole = self.byte(bytes[i])?;
            i += 1;
            if whole {
                return Ok((i, true));
            }
        }
        Ok((i, false))
    }

    /// Takes one byte outside chunk data; true at the end of the body.
    fn byte(&mut self, byte: u8) -> Result<bool, ()> {
        match (self.at, byte) {
            (At::Size, b'\n') | (At::Extension, b'\n') => self.end_of_size()?,
            (At::Size, b';' | b' ' | b'\t' | b'\r') => self.at = At::Extension,
            (At::Size, _) => self.digit(byte)?,
            (At::Extension, _) => {}
            (At::DataEnd, b'\r') => {}
            (At::DataEnd, b'\n') => *self = Self::default(),
            (At::DataEnd | At::Data, _) => return Err(()),
            (At::TrailerStart, b'\r') => {}
            (At::TrailerStart, b'\n') => return Ok(true),
            (At::TrailerStart, _) => self.at = At::Trailer,
            (At::Trailer, b'\n') => self.at = At::TrailerStart,
            (At::Trailer, _) => {}
        }
        Ok(false)
    }

    fn digit(&mut self, byte: u8) -> Result<(), ()> {
        let value = char::from(byte).to_digit(16).ok_or(())?;
        self.left_bytes = self.left_bytes.checked_mul(16).ok_or(())? + u64::from(value);
        self.digits = self.digits.saturating_add(1);
        Ok(())
    }

    fn end_of_size(&mut self) -> Result<(), ()> {
        if self.digits == 0 {
            return Err(());
        }
        self.at = if self.left_bytes == 0 { At::TrailerStart } else { At::Data };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (&'static str, Result<(usize, bool), ()>, &'static str);

    #[test]
    fn bodies_end_where_they_say() {
        let rows: &[Row] = &[
            ("0\r\n\r\n", Ok((5, true)), "an empty body"),
            ("3\r\nabc\r\n0\r\n\r\nrest", Ok((13, true)), "what follows is not the body's"),
            ("A\r\n0123456789\r\n0\r\n\r\n", Ok((20, true)), "sizes are hexadecimal"),
            ("3;name=value\r\nabc\r\n0\r\n\r\n", Ok((24, true)), "extensions are passed over"),
            ("0\r\nA: b\r\nC: d\r\n\r\n", Ok((17, true)), "trailers are passed over"),
            ("3\r\nab", Ok((5, false)), "a byte is missing"),
            ("xyz\r\n", Err(()), "no size"),
            ("\r\n", Err(()), "an empty size"),
            ("3\r\nabcd\r\n", Err(()), "longer than announced"),
            ("fffffffffffffffff\r\n", Err(()), "a size beyond 64 bits"),
        ];
        for (text, expected, why) in rows {
            assert_eq!(Chunked::default().push(text.as_bytes()), *expected, "{why}");
        }
    }
}
