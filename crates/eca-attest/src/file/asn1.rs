//! Parses DER one level at a time.

use std::borrow::Cow;
use std::error::Error;

use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::{AnyRef, BitStringRef, UintRef};
use pkcs8::der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::file::ber::BerError;
use crate::file::detect::Format;
use crate::key::error::KeyError;

/// One DER value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Der<'a>(AnyRef<'a>, &'a [u8]);

/// A value is not the expected one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DerError {
    /// The bytes are not DER.
    #[error(transparent)]
    Syntax(#[from] pkcs8::der::Error),
    /// The value has another type.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A number has more bytes than expected.
    #[error("a number is too long")]
    TooLong,
}

/// A key store cannot be read.
pub(crate) enum StoreError {
    Structure(Box<dyn Error + Send + Sync>),
    Key(KeyError),
}

impl StoreError {
    /// The error of a store of that format.
    pub(crate) fn into_key_error(self, format: Format) -> KeyError {
        match self {
            StoreError::Structure(source) => KeyError::Malformed { format, source },
            StoreError::Key(error) => error,
        }
    }
}

impl From<DerError> for StoreError {
    fn from(error: DerError) -> Self {
        StoreError::Structure(error.into())
    }
}

impl From<BerError> for StoreError {
    fn from(error: BerError) -> Self {
        StoreError::Structure(error.into())
    }
}

impl From<KeyError> for StoreError {
    fn from(error: KeyError) -> Self {
        StoreError::Key(error)
    }
}

impl<'a> Der<'a> {
    /// Parses exactly one value.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Der<'a>, DerError> {
        Ok(Der(AnyRef::from_der(bytes)?, bytes))
    }

    /// The whole value with tag and length.
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.1
    }

    /// The first `N` members of a sequence, which are required, and the rest.
    pub(crate) fn members<const N: usize>(self) -> Result<([Der<'a>; N], Vec<Der<'a>>), DerError> {
        let mut first = self.sequence()?;
        if first.len() < N {
            return Err(DerError::Missing("a member of a sequence"));
        }
        let rest = first.split_off(N);
        let first = first.try_into();
        first
            .map(|first| (first, rest))
            .map_err(|_| DerError::Missing("a member of a sequence"))
    }

    /// All members of a sequence.
    pub(crate) fn sequence(self) -> Result<Vec<Der<'a>>, DerError> {
        match self.0.tag() {
            Tag::Sequence => Der::all(self.0.value()),
            _ => Err(DerError::Missing("a sequence")),
        }
    }

    /// All members of a set.
    pub(crate) fn set(self) -> Result<Vec<Der<'a>>, DerError> {
        match self.0.tag() {
            Tag::Set => Der::all(self.0.value()),
            _ => Err(DerError::Missing("a set")),
        }
    }

    pub(crate) fn octets(self) -> Result<&'a [u8], DerError> {
        match self.0.tag() {
            Tag::OctetString => Ok(self.0.value()),
            _ => Err(DerError::Missing("an octet string")),
        }
    }

    /// The value inside of an explicit `[0]`.
    pub(crate) fn explicit(self) -> Result<Der<'a>, DerError> {
        Der::new(self.context(true)?)
    }

    /// The bytes of an implicit `[0]`: primitive, or constructed as in BER.
    pub(crate) fn implicit_octets(self) -> Result<Cow<'a, [u8]>, DerError> {
        if let Ok(whole) = self.context(false) {
            return Ok(Cow::Borrowed(whole));
        }
        let pieces = Der::all(self.context(true)?)?;
        let pieces: Vec<_> = pieces
            .into_iter()
            .map(Der::octets)
            .collect::<Result<_, _>>()?;
        Ok(Cow::Owned(pieces.concat()))
    }

    pub(crate) fn oid(self) -> Result<ObjectIdentifier, DerError> {
        Ok(ObjectIdentifier::try_from(self.0)?)
    }

    pub(crate) fn small_number(self) -> Result<u32, DerError> {
        Ok(u32::try_from(self.0)?)
    }

    /// The bytes of a bit string without unused bits.
    pub(crate) fn bits(self) -> Result<&'a [u8], DerError> {
        let bits = BitStringRef::try_from(self.0)?;
        bits.as_bytes()
            .ok_or(DerError::Missing("a bit string of whole bytes"))
    }

    /// A positive number, padded with leading zeros to `N` bytes.
    pub(crate) fn fixed<const N: usize>(self) -> Result<[u8; N], DerError> {
        let number: UintRef<'_> = self.0.decode_as()?;
        let number = number.as_bytes();
        let mut out = [0; N];
        let start = N.checked_sub(number.len());
        let place = start.and_then(|start| out.get_mut(start..));
        place.ok_or(DerError::TooLong)?.copy_from_slice(number);
        Ok(out)
    }

    /// A string of UTF-16 units.
    pub(crate) fn bmp_string(self) -> Result<String, DerError> {
        if self.0.tag() != Tag::BmpString {
            return Err(DerError::Missing("a BMP string"));
        }
        let units = self.0.value().chunks_exact(2);
        let units = units.filter_map(|unit| unit.try_into().ok().map(u16::from_be_bytes));
        let text: String = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        Ok(text)
    }

    pub(crate) fn algorithm(self) -> Result<AlgorithmIdentifierRef<'a>, DerError> {
        Ok(self.0.decode_as()?)
    }

    fn all(bytes: &'a [u8]) -> Result<Vec<Der<'a>>, DerError> {
        let mut reader = SliceReader::new(bytes)?;
        let mut all = Vec::new();
        while !reader.is_finished() {
            let rest = reader.remaining_len();
            let start = bytes.len() - usize::try_from(rest)?;
            let any = AnyRef::decode(&mut reader)?;
            let end = bytes.len() - usize::try_from(reader.remaining_len())?;
            all.push(Der(any, bytes.get(start..end).unwrap_or_default()));
        }
        Ok(all)
    }

    fn context(self, constructed: bool) -> Result<&'a [u8], DerError> {
        let number = TagNumber(0);
        if self.0.tag()
            == (Tag::ContextSpecific {
                constructed,
                number,
            })
        {
            Ok(self.0.value())
        } else {
            Err(DerError::Missing("a tagged value"))
        }
    }
}
