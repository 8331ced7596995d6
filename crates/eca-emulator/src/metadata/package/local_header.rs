//! The header before an entry's content, which the zip's directory repeats (APPNOTE.TXT 6.3.10,
//! section 4.3.7). Readers of streams take it, this org the directory: both have to say the same.

/// The flag for sizes and checksum behind the content (section 4.4.4).
const SIZES_FOLLOW: u16 = 8;
/// The value of a size that is in an extra field.
const ZIP64: u32 = u32::MAX;

/// A header. Sizes and checksum that it leaves open are `None`.
pub(super) struct LocalHeader<'a> {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) checksum: Option<u32>,
    pub(super) compressed_size: Option<u32>,
    pub(super) size: Option<u32>,
    pub(super) name: &'a [u8],
}

impl<'a> LocalHeader<'a> {
    /// Reads the header at the start of these bytes; `None` when there is none.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (fixed, rest) = bytes.split_first_chunk::<30>()?;
        if !fixed.starts_with(b"PK\x03\x04") {
            return None;
        }
        let two = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let four = |at: usize| u32::from(two(at)) | u32::from(two(at + 2)) << 16;
        let flags = two(6);
        let known = |value: u32| (value != 0 || flags & SIZES_FOLLOW == 0).then_some(value);
        let size = |at: usize| known(four(at)).filter(|size| *size != ZIP64);
        Some(Self {
            flags,
            method: two(8),
            checksum: known(four(14)),
            compressed_size: size(18),
            size: size(22),
            name: rest.get(..usize::from(two(26)))?,
        })
    }
}
