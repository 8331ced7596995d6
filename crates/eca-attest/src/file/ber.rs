//! Converts BER to DER (ITU-T X.690, sections 8 and 10). Old exports of Windows, NSS and Java
//! libraries have indefinite lengths and constructed octet strings.
//!
//! The BER mode of the crate `der` (0.8.3) is not sufficient. It reads indefinite lengths, and
//! octet strings of one level of segments with an indefinite length. It refuses constructed octet
//! strings with a definite length (`24 07 04 02 …`), nested segments, and lengths with more bytes
//! than needed (`30 83 00 00 02 …`). It misreads nested segments with a definite length: the inner
//! tags become content. `AnyRef` does not distinguish a constructed string from a primitive one.

use zeroize::Zeroizing;

/// More than any key store has: bags in bags in content infos are below twenty levels.
const MAX_DEPTH: usize = 32;
/// Room for a tag and a length in up to five bytes, before the length is known.
const HEADER_ROOM: usize = 6;

const CONSTRUCTED: u8 = 0x20;
const OCTETS: u8 = 0x04;
const CONSTRUCTED_OCTETS: u8 = OCTETS | CONSTRUCTED;
const INDEFINITE: u8 = 0x80;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

/// The bytes are not BER.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BerError {
    #[error("the input ends too early")]
    TooShort,
    #[error("{0} bytes follow after the end of the value")]
    TrailingData(usize),
    #[error("a value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("a tag has several bytes")]
    LongTag,
    #[error("a length is not valid")]
    Length,
    #[error("a segment of an octet string has another type")]
    Segment,
}

/// The value in DER: definite lengths in their shortest form, primitive octet strings. The content
/// of an octet string is not changed.
///
/// The work is linear in the length of the input times the depth, which is limited. The output is
/// allocated once: growing would leave unwiped copies of a key in memory.
pub(crate) fn to_der(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, BerError> {
    let room = bytes.len() + (MAX_DEPTH + 1) * HEADER_ROOM;
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    let mut input = bytes;
    value(&mut input, MAX_DEPTH, &mut out)?;
    match input.len() {
        0 => Ok(out),
        rest => Err(BerError::TrailingData(rest)),
    }
}

/// The content of a value, by its length.
#[derive(Clone, Copy)]
enum Content<'a> {
    Definite(&'a [u8]),
    /// Values up to the end-of-contents octets.
    Indefinite,
}

fn value(input: &mut &[u8], depth: usize, out: &mut Vec<u8>) -> Result<(), BerError> {
    let (tag, content) = header(input)?;
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_ROOM]);
    let new_tag = match (tag, content) {
        (CONSTRUCTED_OCTETS, content) => {
            members(input, content, depth, &mut |input, depth| {
                segment(input, depth, out)
            })?;
            OCTETS
        }
        (tag, Content::Definite(content)) if tag & CONSTRUCTED == 0 => {
            out.extend_from_slice(content);
            tag
        }
        (tag, content) => {
            members(input, content, depth, &mut |input, depth| {
                value(input, depth, out)
            })?;
            tag
        }
    };
    close(start, new_tag, out)
}

/// A segment of a constructed octet string, which may be constructed too.
fn segment(input: &mut &[u8], depth: usize, out: &mut Vec<u8>) -> Result<(), BerError> {
    match header(input)? {
        (OCTETS, Content::Definite(content)) => {
            out.extend_from_slice(content);
            Ok(())
        }
        (CONSTRUCTED_OCTETS, content) => members(input, content, depth, &mut |input, depth| {
            segment(input, depth, out)
        }),
        _ => Err(BerError::Segment),
    }
}

type Member<'f> = dyn FnMut(&mut &[u8], usize) -> Result<(), BerError> + 'f;

fn members(
    input: &mut &[u8],
    content: Content<'_>,
    depth: usize,
    member: &mut Member<'_>,
) -> Result<(), BerError> {
    let depth = depth.checked_sub(1).ok_or(BerError::TooDeep)?;
    match content {
        Content::Definite(mut content) => {
            while !content.is_empty() {
                member(&mut content, depth)?;
            }
        }
        Content::Indefinite => {
            while !input.starts_with(&END_OF_CONTENTS) {
                member(input, depth)?;
            }
            take(input, END_OF_CONTENTS.len())?;
        }
    }
    Ok(())
}

fn header<'a>(input: &mut &'a [u8]) -> Result<(u8, Content<'a>), BerError> {
    let tag = byte(input)?;
    if tag & 0x1f == 0x1f {
        return Err(BerError::LongTag);
    }
    let content = match byte(input)? {
        INDEFINITE if tag & CONSTRUCTED != 0 => Content::Indefinite,
        INDEFINITE | 0xff => return Err(BerError::Length),
        len if len < INDEFINITE => Content::Definite(take(input, usize::from(len))?),
        len_of_len => {
            let digits = take(input, usize::from(len_of_len & 0x7f))?;
            // A length may have any number of leading zeros.
            let len = digits.iter().try_fold(0_usize, |len, &digit| {
                let len = len.checked_mul(256)?;
                len.checked_add(usize::from(digit))
            });
            Content::Definite(take(input, len.ok_or(BerError::TooShort)?)?)
        }
    };
    Ok((tag, content))
}

/// Writes tag and length before the content that begins at `start`.
fn close(start: usize, tag: u8, out: &mut Vec<u8>) -> Result<(), BerError> {
    let content = start + HEADER_ROOM;
    let len = out.len() - content;
    let digits = u32::try_from(len)
        .map_err(|_| BerError::Length)?
        .to_be_bytes();
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = digits.get(zeros..).unwrap_or_default();
    let mut header = vec![tag];
    match digits {
        [] => header.push(0),
        [short] if *short < INDEFINITE => header.push(*short),
        long => {
            header.push(INDEFINITE | u8::try_from(long.len()).map_err(|_| BerError::Length)?);
            header.extend_from_slice(long);
        }
    }
    out.copy_within(content.., start + header.len());
    out.truncate(start + header.len() + len);
    out[start..start + header.len()].copy_from_slice(&header);
    Ok(())
}

fn byte(input: &mut &[u8]) -> Result<u8, BerError> {
    let (first, rest) = input.split_first().ok_or(BerError::TooShort)?;
    *input = rest;
    Ok(*first)
}

fn take<'a>(input: &mut &'a [u8], len: usize) -> Result<&'a [u8], BerError> {
    let (taken, rest) = input.split_at_checked(len).ok_or(BerError::TooShort)?;
    *input = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &[u8], expected: Result<&[u8], BerError>) {
        let found = to_der(input);
        let found = found.as_ref().map(|der| der.as_slice());
        assert_eq!(found.map_err(|error| *error), expected);
        if let Ok(der) = to_der(input) {
            assert!(
                der.capacity() <= input.len() + 33 * HEADER_ROOM,
                "the output grew"
            );
            assert_eq!(to_der(&der).as_ref(), Ok(&der), "DER is not changed");
        }
    }

    #[test]
    fn lengths() {
        check(b"\x30\x00", Ok(b"\x30\x00"));
        check(b"\x30\x80\x00\x00", Ok(b"\x30\x00"));
        check(b"\x30\x80\x05\x00\x00\x00", Ok(b"\x30\x02\x05\x00"));
        check(b"\x30\x83\x00\x00\x02\x05\x00", Ok(b"\x30\x02\x05\x00"));
        let zeros = [&[0x02, 0x8a][..], &[0; 9], &[1, 7]].concat();
        check(&zeros, Ok(b"\x02\x01\x07"));
        let long = [&[0x04, 0x82, 0, 0xc8][..], &[9; 200]].concat();
        check(&long, Ok(&[&[0x04, 0x81, 0xc8][..], &[9; 200]].concat()));
        check(b"", Err(BerError::TooShort));
        check(b"\x30", Err(BerError::TooShort));
        check(b"\x30\x01", Err(BerError::TooShort));
        check(b"\x30\x80", Err(BerError::TooShort));
        check(b"\x30\x80\x05\x00", Err(BerError::TooShort));
        check(b"\x30\x80\x05\x00\x00", Err(BerError::TooShort));
        check(b"\x04\x80\x00\x00", Err(BerError::Length));
        check(b"\x04\xff", Err(BerError::Length));
        let endless = [&[0x04, 0x89][..], &[0xff; 9]].concat();
        check(&endless, Err(BerError::TooShort));
        check(b"\x05\x00\x00", Err(BerError::TrailingData(1)));
        check(b"\x1f\x81\x00\x00", Err(BerError::LongTag));
    }

    #[test]
    fn constructed_strings() {
        let segments = b"\x24\x80\x04\x02ab\x24\x05\x04\x01c\x04\x00\x04\x01d\x00\x00";
        check(segments, Ok(b"\x04\x04abcd"));
        check(b"\x24\x00", Ok(b"\x04\x00"));
        check(b"\x24\x02\x05\x00", Err(BerError::Segment));
        check(b"\xa0\x80\x04\x01x\x00\x00", Ok(b"\xa0\x03\x04\x01x"));
        // The content of a string is not changed.
        check(b"\x04\x04\x30\x80\x00\x00", Ok(b"\x04\x04\x30\x80\x00\x00"));
    }

    #[test]
    fn depth() {
        let nested = |levels: usize| {
            let open = [0x30, 0x80].repeat(levels);
            [open, [0, 0].repeat(levels)].concat()
        };
        assert!(to_der(&nested(MAX_DEPTH)).is_ok());
        check(&nested(MAX_DEPTH + 1), Err(BerError::TooDeep));
        let strings = [0x24, 0x80].repeat(1 << 19);
        check(&strings, Err(BerError::TooDeep));
    }
}
