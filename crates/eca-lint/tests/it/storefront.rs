//! The example project.

use std::path::Path;

use eca_lint::{FIRST_PARTY_CERTIFICATE, lint};
use eca_model::Project;
use eca_model::types::ExtlClntAppOauthSettings;

use crate::fixture;

fn storefront() -> Project {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
    eca_model::Project::load(&folder).unwrap()
}

/// After a deploy and a retrieve, only values that the org generates differ.
#[test]
fn is_written_as_an_org_writes_it() {
    let project = storefront();
    for component in project.components() {
        let document = component.file().document();
        let mut without_comments = document.text().to_owned();
        while let Some(start) = without_comments.find("<!--") {
            let end = without_comments.find("-->").unwrap() + "-->".len();
            let start = without_comments[..start].rfind('\n').unwrap();
            without_comments.replace_range(start..end, "");
        }
        assert_eq!(
            without_comments,
            eca_model::canonical(document),
            "{}",
            component.path()
        );
        let version = project.api_version().unwrap();
        for field in component.kind().schema().record.fields {
            if field.always_retrieved && field.is_in(version) {
                let element = document.root().child(field.element);
                assert!(element.is_some(), "{}: {}", component.path(), field.element);
            }
        }
    }
}

#[test]
fn lacks_only_the_certificate_of_a_first_party_app() {
    let project = storefront();
    assert_eq!(project.components().len(), 9);
    assert!(project.api_version().is_some());
    // The app itself says that it is one, with or without the profile.
    for options in [fixture::options(), fixture::first_party()] {
        let report = lint(&project, &options);
        let (rest, apart) = report.split(&[FIRST_PARTY_CERTIFICATE]);
        assert!(rest.is_clean(), "{rest:#?}");
        assert_eq!(apart.findings().len(), 1, "{apart:#?}");
    }
}

#[test]
fn is_a_first_party_app_once_the_certificate_is_there() {
    let (_, body) = fixture::CERTIFICATES[0];
    let mut project = storefront();
    project
        .edit(
            "Storefront_oauth",
            |settings: &mut ExtlClntAppOauthSettings| {
                settings.client_assertion_certificate = Some(body.trim().to_owned());
            },
        )
        .unwrap();
    let report = lint(&project, &fixture::first_party());
    assert!(report.is_clean(), "{report:#?}");
}
