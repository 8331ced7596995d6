//! The changes between two API versions in the reflection table.

use eca_model::{ApiVersion, FieldKind, MetadataType, RecordSchema};

/// A line for each type, member and value that only one version has: `+` for the later version, `-`
/// for the earlier one.
pub(super) fn between(earlier: ApiVersion, later: ApiVersion) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in MetadataType::ALL {
        let schema = kind.schema();
        let (before, after) = (schema.is_in(earlier), schema.is_in(later));
        change(schema.name, before, after, &mut lines);
        if before && after {
            record(schema.name, schema.record, earlier, later, &mut lines);
        }
    }
    lines
}

fn record(
    place: &str,
    schema: &RecordSchema,
    earlier: ApiVersion,
    later: ApiVersion,
    lines: &mut Vec<String>,
) {
    for field in schema.fields {
        let place = format!("{place}.{}", field.element);
        let (before, after) = (field.is_in(earlier), field.is_in(later));
        change(&place, before, after, lines);
        if !(before && after) {
            continue;
        }
        match field.kind {
            FieldKind::Record(nested) => record(&place, nested, earlier, later, lines),
            FieldKind::Enumeration(enumeration) => {
                for value in enumeration.values {
                    let place = format!("{place}={}", value.text);
                    change(&place, value.is_in(earlier), value.is_in(later), lines);
                }
            }
            _ => {}
        }
    }
}

fn change(place: &str, before: bool, after: bool, lines: &mut Vec<String>) {
    match (before, after) {
        (false, true) => lines.push(format!("+ {place}")),
        (true, false) => lines.push(format!("- {place}")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_and_removals() {
        // Since and until of these members are checked against the WSDL files of these versions.
        let lines = between(ApiVersion::new(61), ApiVersion::new(62));
        for expected in [
            "+ ExtlClntAppOauthSettings.clientAssertionCertificate",
            "+ ExtlClntAppPushSettings",
        ] {
            assert!(
                lines.iter().any(|line| line == expected),
                "{expected}: {lines:#?}"
            );
        }
        let gone = between(ApiVersion::new(63), ApiVersion::new(64));
        let expected = "- ExtlClntAppOauthConfigurablePolicies.isNamedUserJwtEnabled";
        assert!(gone.iter().any(|line| line == expected), "{gone:#?}");
        assert_eq!(between(ApiVersion::new(66), ApiVersion::new(66)), [""; 0]);
        let back = between(ApiVersion::new(62), ApiVersion::new(61));
        assert_eq!(back.len(), lines.len());
        assert!(
            back.contains(&"- ExtlClntAppPushSettings".to_owned()),
            "{back:#?}"
        );
    }
}
