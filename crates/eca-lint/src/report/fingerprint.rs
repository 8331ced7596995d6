//! An identity of a finding that survives moved lines.

use std::collections::BTreeMap;

use crate::engine::finding::Finding;

/// A number for each finding, computed from rule, file and message. Equal ones are counted, so that
/// every finding of a report has its own number.
pub(crate) fn fingerprints(findings: &[&Finding]) -> Vec<String> {
    let mut seen: BTreeMap<(u16, &str, &str), u32> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let key = (
                finding.rule.id().number(),
                &*finding.path,
                &*finding.message,
            );
            let count = seen.entry(key).or_default();
            *count += 1;
            let text = format!(
                "{}\n{}\n{}\n{count}",
                finding.rule.id(),
                finding.path,
                finding.message
            );
            format!("{:016x}", fnv1a(text.as_bytes()))
        })
        .collect()
}

/// FNV-1a with 64 bits: small, and the same in every version of this program.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    /// From the reference test vectors of FNV (RFC 9923).
    #[test]
    fn vectors() {
        assert_eq!(super::fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(super::fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
