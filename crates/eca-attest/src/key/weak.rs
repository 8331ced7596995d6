//! RSA keys that can be broken although they are long enough.

use std::fmt;

/// Why an RSA key is weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// The key has the form of those of certain smart cards and TPMs (CVE-2017-15361, "ROCA").
    Roca,
    /// The primes differ by 2^(bits/2 - 100) or less (FIPS 186-5, appendix A.1.3), so that Fermat's
    /// method finds them.
    ClosePrimes,
    /// The public exponent is even, or less than 3.
    Exponent,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Roca => "it has the form of CVE-2017-15361 (ROCA)",
            Self::ClosePrimes => "its primes are close to each other",
            Self::Exponent => "its public exponent is even or less than 3",
        })
    }
}

/// The primes by which "The Return of Coppersmith's Attack" (Nemec and others, CCS 2017) recognizes
/// a key: those for which the powers of 65537 are not all remainders. Another key has the form with
/// a probability of about 2^-28.
const MARKERS: [u16; 17] = [
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
];

/// The weakness of a key, if it has one. The numbers are big-endian.
pub(crate) fn weakness(n: &[u8], e: &[u8], p: &[u8], q: &[u8]) -> Option<Weakness> {
    let e = trimmed(e);
    let is_odd = e.last().is_some_and(|last| last % 2 == 1);
    if !is_odd || e == [1] {
        return Some(Weakness::Exponent);
    }
    if MARKERS
        .iter()
        .all(|prime| is_power(remainder(n, *prime), *prime))
    {
        return Some(Weakness::Roca);
    }
    let bits = 8 * trimmed(n).len();
    (difference_bits(p, q) + 100 <= bits / 2).then_some(Weakness::ClosePrimes)
}

fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn remainder(number: &[u8], divisor: u16) -> u16 {
    let divisor = u32::from(divisor);
    let remainder = number
        .iter()
        .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % divisor);
    u16::try_from(remainder).unwrap_or_default()
}

/// Whether a remainder is a power of 65537.
fn is_power(remainder: u16, prime: u16) -> bool {
    let (prime, generator) = (u32::from(prime), 65_537 % u32::from(prime));
    let mut power = 1;
    for _ in 0..prime {
        if power == u32::from(remainder) {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

/// The length in bits of the difference of two numbers.
fn difference_bits(a: &[u8], b: &[u8]) -> usize {
    let (a, b) = (trimmed(a), trimmed(b));
    let (large, small) = if (a.len(), a) >= (b.len(), b) {
        (a, b)
    } else {
        (b, a)
    };
    let mut borrow = 0;
    let mut bits = 0;
    // From the last byte to the first.
    for (index, byte) in large.iter().rev().enumerate() {
        let other = small.iter().rev().nth(index).copied().unwrap_or_default();
        let difference = i16::from(*byte) - i16::from(other) - borrow;
        borrow = i16::from(difference < 0);
        let digit = u8::try_from(difference.rem_euclid(256)).unwrap_or_default();
        if digit != 0 {
            bits = 8 * index + 8 - digit.leading_zeros() as usize;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::{Weakness, difference_bits, weakness};

    #[test]
    fn differences() {
        for (a, b, bits) in [
            (&[1, 0][..], &[0xff][..], 1),
            (&[0xff], &[1, 0], 1),
            (&[5], &[0, 5], 0),
            (&[0x80, 0, 1], &[1], 24),
            (&[], &[], 0),
        ] {
            assert_eq!(difference_bits(a, b), bits, "{a:?} - {b:?}");
        }
    }

    #[test]
    fn exponents() {
        let (n, p, q) = ([0x80; 256], [0xf0; 128], [0x80; 128]);
        for (e, expected) in [
            (&[1, 0, 1][..], None),
            (&[3], None),
            (&[0, 1], Some(Weakness::Exponent)),
            (&[4], Some(Weakness::Exponent)),
            (&[], Some(Weakness::Exponent)),
        ] {
            assert_eq!(weakness(&n, e, &p, &q), expected, "{e:?}");
        }
    }
}
