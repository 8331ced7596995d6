//! The two headers of a file in a zip (APPNOTE.TXT 6.3.10, sections 4.3.7 and 4.3.12).
//!
//! One is before the content, the other in the directory at the end of the zip. This crate reads
//! the directory; programs that read a zip as a stream read the headers before the contents.

/// The length of the header before the content, and of the one in the directory, without names. The
/// latter has the version of its writer first, so that its fields are two bytes further back.
const LOCAL: usize = 30;
const CENTRAL: usize = 46;
const VERSION_OF_WRITER: usize = 2;

/// General purpose bit 3: CRC and sizes are behind the content and 0 in the header before it, as
/// Java writes zips.
const HAS_DATA_DESCRIPTOR: u16 = 1 << 3;
/// A size that is in an extra field (section 4.5.3).
const IN_EXTRA_FIELD: u32 = u32::MAX;

/// What both headers have.
struct Header<'a> {
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u32,
    uncompressed: u32,
    name: &'a [u8],
}

/// What the headers at these offsets of the zip say differently; `None` when they agree.
pub(super) fn difference(zip: &[u8], central: u64, local: u64) -> Option<&'static str> {
    let header = |offset: u64| zip.get(usize::try_from(offset).ok()?..);
    let central = header(central).and_then(|bytes| Header::read(bytes, VERSION_OF_WRITER, CENTRAL));
    let local = header(local).and_then(|bytes| Header::read(bytes, 0, LOCAL));
    let (Some(central), Some(local)) = (central, local) else {
        return Some("lengths");
    };
    let is_open = |value: u32| local.flags & HAS_DATA_DESCRIPTOR != 0 && value == 0;
    let sizes_differ = |local: u32, central: u32| {
        local != central && !is_open(local) && local != IN_EXTRA_FIELD && central != IN_EXTRA_FIELD
    };
    Some(if local.name != central.name {
        "names"
    } else if local.flags != central.flags {
        "flags"
    } else if local.method != central.method {
        "compression methods"
    } else if local.crc != central.crc && !is_open(local.crc) {
        "checksums"
    } else if sizes_differ(local.compressed, central.compressed) {
        "compressed sizes"
    } else if sizes_differ(local.uncompressed, central.uncompressed) {
        "sizes"
    } else {
        return None;
    })
}

impl<'a> Header<'a> {
    /// The fields start this many bytes later than in the header before the content; the name
    /// starts at `name`.
    fn read(bytes: &'a [u8], later: usize, name: usize) -> Option<Self> {
        let short = |offset: usize| {
            let bytes = bytes.get(later + offset..)?.first_chunk()?;
            Some(u16::from_le_bytes(*bytes))
        };
        let long = |offset: usize| {
            let bytes = bytes.get(later + offset..)?.first_chunk()?;
            Some(u32::from_le_bytes(*bytes))
        };
        Some(Self {
            flags: short(6)?,
            method: short(8)?,
            crc: long(14)?,
            compressed: long(18)?,
            uncompressed: long(22)?,
            name: bytes.get(name..name + usize::from(short(26)?))?,
        })
    }
}
