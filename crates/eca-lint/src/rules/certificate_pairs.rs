//! Certificates of the org: a file with the certificate, and one with its metadata.

use eca_attest::KeyAlgorithm;
use eca_model::types::Certificate;
use eca_model::{CertificateUse, Position};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static CERT_PAIR: Rule = Rule {
    id: RuleId(1307),
    name: "cert-pair",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a certificate of the org is a pair of files, Name.crt and Name.crt-meta.xml, with a key of 2048 or 4096 bits",
    explanation: "One file holds the certificate, the other its label and key size. A pair that was split by a \
        rename, or by an ignore rule for *.crt, fails the deploy with a message of the packaging tool that names \
        neither file. Orgs generate keys of 2048 and 4096 bits; a size other than the key's shows that the two \
        files belong to different certificates.",
    source: "Metadata API Developer Guide, Certificate",
    pair: include_str!("../../pairs/ECA1307-cert-pair.txt"),
    check: cert_pair,
};

const KEY_SIZES: [i32; 2] = [2048, 4096];

fn cert_pair(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, certificate) in context.project.of_type::<Certificate>() {
        if component.content().is_none() {
            let beside = component.path().trim_end_matches("-meta.xml");
            findings
                .at(
                    component.path(),
                    Position::START,
                    format!("the certificate itself is missing: there is no {beside}"),
                )
                .help("retrieve the certificate again; both files come together");
        }
        if let Some(size) = certificate
            .key_size
            .filter(|size| !KEY_SIZES.contains(size))
        {
            findings
                .at_element(
                    component,
                    "keySize",
                    format!("a key of {size} bits is not possible"),
                )
                .help("use 2048 or 4096");
        }
    }
    let mut last = "";
    for entry in context
        .certificates
        .iter()
        .filter(|entry| entry.purpose == CertificateUse::Org)
    {
        // The first certificate of a chain is the org's own.
        let is_first = std::mem::replace(&mut last, entry.path) != entry.path;
        let key_size = entry
            .component
            .typed::<Certificate>()
            .and_then(|about| about.key_size);
        let key = entry
            .certificate
            .as_ref()
            .ok()
            .map(eca_attest::Certificate::key_algorithm);
        let (true, Some(key_size), Some(KeyAlgorithm::Rsa { bits })) = (is_first, key_size, key)
        else {
            continue;
        };
        if i64::from(key_size) != i64::from(*bits) {
            findings
                .at_element(
                    entry.component,
                    "keySize",
                    format!(
                        "keySize is {key_size}, but the key of {} has {bits} bits",
                        entry.path
                    ),
                )
                .help("retrieve the certificate again; both files come together");
        }
    }
    for file in context.project.unpaired() {
        findings
            .at(
                &file.path,
                Position::START,
                format!("the certificate has no {}-meta.xml beside it", file.path),
            )
            .help("retrieve the certificate again; both files come together");
    }
}
