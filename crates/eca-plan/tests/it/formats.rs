//! The renderings of one plan that has everything, as golden files.

use std::fmt::Write as _;

use eca_plan::{
    Facts, Heading, MARKDOWN_LIMIT, Plan, PlanOptions, Tokens, Unreadable, markdown, text,
};
use expect_test::expect_file;

use crate::sides::{planned, snapshot};

fn everything() -> Plan {
    let last = "
        ExternalClientApplication:Shop <contactEmail>a@acme.example</contactEmail><description>old</description><label>Shop</label>
        ExtlClntAppGlobalOauthSettings:Shop_global <certificate>MIIDOLD</certificate>
        ExtlClntAppOauthSettings:Shop_oauth <commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>
        ExtlClntAppOauthConfigurablePolicies:Shop_policy <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
        ExternalClientApplication:Old <label>Old</label>";
    let desired = "
        ExternalClientApplication:Shop <contactEmail>b@acme.example</contactEmail><label>Shop</label>
        ExtlClntAppGlobalOauthSettings:Shop_global <certificate>MIIDNEW</certificate><consumerSecret>hunter2</consumerSecret>
        ExtlClntAppOauthSettings:Shop_oauth <commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>
        ExtlClntAppOauthConfigurablePolicies:Shop_policy <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
        ExternalClientApplication:Till <label>Till</label>
        NamedCredential:Ledger <label>Ledger</label>";
    let actual = "
        ExternalClientApplication:Shop <contactEmail>a@acme.example</contactEmail><description>old</description><label>Store</label><iconUrl>https://acme.example/i.png</iconUrl>
        ExtlClntAppGlobalOauthSettings:Shop_global <certificate>MIIDOLD</certificate><isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>
        ExtlClntAppOauthSettings:Shop_oauth <commaSeparatedOauthScopes>Api,Web</commaSeparatedOauthScopes>
        ExtlClntAppOauthConfigurablePolicies:Shop_policy <refreshTokenPolicyType>Infinite</refreshTokenPolicyType>
        ExternalClientApplication:Old <label>Old</label>
        ExternalClientApplication:Byhand <label>By hand</label>";
    let mut facts = Facts::new();
    facts.tokens.insert(
        "Shop".to_owned(),
        Tokens {
            count: 1,
            users: 1,
            last_used: None,
        },
    );
    facts.unreadable.insert(
        "NamedCredential:Ledger".parse().unwrap(),
        Unreadable {
            reason: "the user may not see it".to_owned(),
            remedy: Some("give the user View Setup and Configuration".to_owned()),
        },
    );
    let plan = planned(last, desired, actual, &facts, &PlanOptions::default());
    plan.with_sources(|component, path| {
        let is_email = path == "contactEmail";
        is_email.then(|| format!("eca.toml:14 ({})", component.name))
    })
}

fn conflict() -> Plan {
    let side = |label: &str| format!("ExternalClientApplication:Shop <label>{label}</label>");
    planned(
        &side("a"),
        &side("b"),
        &side("c"),
        &Facts::new(),
        &PlanOptions::default(),
    )
}

fn heading() -> Heading {
    Heading::new()
        .org("prod-de")
        .next("eca apply --org prod-de")
}

#[test]
fn golden_files() {
    let plan = everything();
    expect_file!["golden/everything.txt"].assert_eq(&text(&plan, &heading()));
    expect_file!["golden/everything.md"].assert_eq(&markdown(&plan, &heading()));
    let json = serde_json::to_string_pretty(&plan).unwrap() + "\n";
    assert!(!json.contains("hunter2"));
    expect_file!["golden/everything.json"].assert_eq(&json);
    let read: Plan = serde_json::from_str(&json).unwrap();
    assert_eq!(read, plan);
    expect_file!["golden/conflict.txt"].assert_eq(&text(&conflict(), &heading()));
    expect_file!["golden/conflict.md"].assert_eq(&markdown(&conflict(), &heading()));
}

#[test]
fn another_version_is_refused() {
    let json = serde_json::to_string(&conflict()).unwrap();
    let newer = json.replace("eca/plan/1", "eca/plan/2");
    let error = serde_json::from_str::<Plan>(&newer)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(
            "the plan is of version \"eca/plan/2\", and this program reads eca/plan/1"
        ),
        "{error}"
    );
}

#[test]
fn a_comment_has_room_for_many_apps() {
    let apps = |count: usize, label: &str| {
        let mut side = String::new();
        for number in 0..count {
            writeln!(
                side,
                "ExternalClientApplication:App{number:04} <label>{label}</label>"
            )
            .unwrap();
        }
        side
    };
    for (count, label) in [
        (21, "b".to_owned()),
        (400, "b".to_owned()),
        (3_000, "ü".repeat(99)),
        (19, "`".repeat(90)),
    ] {
        let plan = planned(
            &apps(count, "a"),
            &apps(count, &label),
            &apps(count, "a"),
            &Facts::new(),
            &PlanOptions::default(),
        );
        let comment = markdown(&plan, &heading());
        assert!(
            comment.len() <= MARKDOWN_LIMIT,
            "{count}: {}",
            comment.len()
        );
        let folds = comment.matches("<details>").count();
        assert_eq!(folds, comment.matches("</details>").count());
        assert_eq!(folds, if count > 20 { 1 } else { count }, "{count}");
        let shown = comment.matches("ExternalClientApplication:App").count();
        if shown < count {
            let cut = format!("{} of {count} apps do not fit", count - shown);
            assert!(comment.contains(&cut), "{cut}");
        }
        assert!(shown == count || count == 3_000);
    }
}

#[test]
fn nothing_to_do() {
    let side = snapshot("ExternalClientApplication:Shop <label>a</label>");
    let plan = eca_plan::plan(
        Some(&side),
        &side,
        &side,
        &Facts::new(),
        &PlanOptions::default(),
    );
    assert_eq!(text(&plan, &Heading::new()), "nothing to do\n");
    assert_eq!(
        markdown(&plan, &Heading::new()),
        "<!-- eca-plan -->\n**nothing to do**\n\n"
    );
}
