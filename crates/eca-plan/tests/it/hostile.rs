//! Text that an org or a pull request chose.

use eca_model::{ComponentName, FieldPath, FieldValue, Snapshot};
use eca_plan::{Facts, Heading, PlanOptions, markdown, plan, text};

use crate::sides::{APP, snapshot};

#[test]
fn no_text_leaves_its_place() {
    for hostile in [
        "\u{1b}[2Jgone",
        "a\nrisks: none",
        "a\u{202e}b",
        "</summary></details><img src=x>",
        "```\n**bold** @everyone",
        "-->",
        "::set-output name=x::y",
        "\u{200b}\u{feff}",
    ] {
        let mut desired = snapshot(APP);
        let app = desired.components.values_mut().next().unwrap();
        app.app = Some(hostile.to_owned());
        app.fields.insert(
            FieldPath::new("description"),
            FieldValue::Text(hostile.to_owned()),
        );
        let component = app.clone();
        let name = ComponentName::new("ExternalClientApplication", hostile);
        desired.components.insert(name, component);
        let plan = plan(
            None,
            &desired,
            &Snapshot::default(),
            &Facts::new(),
            &PlanOptions::default(),
        );
        let heading = Heading::new().org(hostile).next(hostile);
        let shown = text(&plan, &heading);
        let comment = markdown(&plan, &heading);
        for line in [&shown, &comment].into_iter().flat_map(|text| text.lines()) {
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(
                !line.contains(['\u{202e}', '\u{200b}', '\u{feff}']),
                "{line:?}"
            );
            assert!(
                !line.starts_with("risks") && !line.starts_with("::"),
                "{line:?}"
            );
        }
        // Outside of the fences no tag and no mention is left.
        let mut fence = None;
        for line in comment.lines() {
            match fence {
                Some(end) if line == end => fence = None,
                Some(_) => {}
                None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
                None => {
                    assert!(
                        !line.contains("<img") && !line.contains("@everyone"),
                        "{line}"
                    );
                    assert_eq!(
                        line.matches("-->").count(),
                        usize::from(line.starts_with("<!--"))
                    );
                }
            }
        }
        assert_eq!(fence, None, "{comment}");
    }
}

#[test]
fn a_long_value_is_shortened() {
    let certificate = format!("MIID{}END", "x".repeat(2_000));
    let side =
        format!("ExtlClntAppGlobalOauthSettings:Shop_g <certificate>{certificate}</certificate>");
    let plan = plan(
        None,
        &snapshot(&side),
        &Snapshot::default(),
        &Facts::new(),
        &PlanOptions::default(),
    );
    let shown = text(&plan, &Heading::new());
    assert!(
        shown.contains("MIIDxxxx") && shown.contains("xEND (2007 characters)"),
        "{shown}"
    );
    assert!(
        shown.lines().all(|line| line.chars().count() < 200),
        "{shown}"
    );
}
