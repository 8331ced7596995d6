//! Certificates of the org: a file with the certificate, and one about it.

use eca_model::Position;
use eca_model::types::Certificate;

use crate::context::Context;
use crate::findings::Findings;
use crate::{Profile, Rule, RuleId, Severity};

pub(crate) static CERT_PAIR: Rule = Rule {
    id: RuleId(1307),
    name: "cert-pair",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a certificate of the org is a pair of files, Name.crt and Name.crt-meta.xml, with a key of 2048 or 4096 bits",
    explanation: "The one file holds the certificate, the other its label and key size. A pair that was torn apart by a \
        rename, or by an ignore rule for *.crt, fails the deploy with a message of the packaging tool that names neither \
        file. Orgs make keys of 2048 and 4096 bits.",
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
