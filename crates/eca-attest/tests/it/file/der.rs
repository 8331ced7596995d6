//! Writes DER that no tool writes.

/// One DER value.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = u32::try_from(content.len()).unwrap().to_be_bytes();
    let zeros = len.iter().take_while(|byte| **byte == 0).count().min(3);
    let mut out = vec![tag];
    if content.len() > 127 {
        out.push(0x80 | u8::try_from(4 - zeros).unwrap());
    }
    out.extend_from_slice(&len[zeros..]);
    out.extend_from_slice(&content);
    out
}

/// An INTEGER.
pub(crate) fn number(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    let sign: &[u8] = if bytes[zeros] > 0x7f { &[0] } else { &[] };
    tlv(2, &[sign, &bytes[zeros..]])
}

const PBES2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const SCRYPT: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
const HMAC_SHA512: &[u8] = b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x0b";
const AES_256_CBC: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";

fn pbes2(kdf: &[u8]) -> Vec<u8> {
    let cipher = tlv(0x30, &[AES_256_CBC, &tlv(4, &[&[7; 16]])]);
    let algorithm = tlv(0x30, &[PBES2, &tlv(0x30, &[kdf, &cipher])]);
    tlv(0x30, &[&algorithm, &tlv(4, &[&[9; 1024]])])
}

/// An encrypted key whose PBKDF2 requires that many rounds.
pub(crate) fn pbkdf2(rounds: u64) -> Vec<u8> {
    pbkdf2_with_salt(rounds, &[1; 8])
}

/// An encrypted key whose PBKDF2 has that salt.
pub(crate) fn pbkdf2_with_salt(rounds: u64, salt: &[u8]) -> Vec<u8> {
    let prf = tlv(0x30, &[HMAC_SHA512, &[5, 0]]);
    let parameters = tlv(0x30, &[&tlv(4, &[salt]), &number(rounds), &prf]);
    pbes2(&tlv(0x30, &[PBKDF2, &parameters]))
}

/// An encrypted key whose scrypt requires that cost, block size and parallelization.
pub(crate) fn scrypt(cost: u64, block: u64, parallel: u64) -> Vec<u8> {
    scrypt_with_salt(cost, block, parallel, &[1; 8])
}

/// An encrypted key whose scrypt has that salt.
pub(crate) fn scrypt_with_salt(cost: u64, block: u64, parallel: u64, salt: &[u8]) -> Vec<u8> {
    let salt = tlv(4, &[salt]);
    let parameters = [&number(cost)[..], &number(block), &number(parallel)].concat();
    pbes2(&tlv(0x30, &[SCRYPT, &tlv(0x30, &[&salt, &parameters])]))
}
