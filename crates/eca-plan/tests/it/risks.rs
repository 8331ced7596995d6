//! Risks, by name, with whom they touch.

use eca_plan::{Facts, LintError, PlanOptions, RiskKind, Tokens, UserState};

use crate::sides::{APP, GLOBAL, OAUTH, POLICIES, planned};

fn facts() -> Facts {
    let mut facts = Facts::new();
    let holders = [("Till", 12), ("Empty", 0)];
    facts
        .permission_set_holders
        .extend(holders.map(|(name, users)| (name.to_owned(), users)));
    facts.profile_holders.insert("Admin".to_owned(), 1);
    facts
        .users
        .insert("bot@acme".to_owned(), UserState::ActiveApiOnly);
    facts
        .users
        .insert("gone@acme".to_owned(), UserState::Missing);
    facts
        .users
        .insert("off@acme".to_owned(), UserState::Inactive);
    facts.tokens.insert(
        "Shop".to_owned(),
        Tokens {
            count: 3,
            users: 2,
            last_used: Some("2026-11-30".to_owned()),
        },
    );
    facts
}

fn unused() -> Facts {
    let mut facts = facts();
    facts.tokens.insert("Shop".to_owned(), Tokens::default());
    facts
}

/// Each risk on a line, without the component.
fn risks(last: &str, desired: &str, actual: &str, facts: &Facts) -> Vec<String> {
    let plan = planned(last, desired, actual, facts, &PlanOptions::default());
    let line = |risk: &eca_plan::Risk| {
        let path = risk
            .path
            .as_ref()
            .map_or(String::new(), |path| format!(" {path}"));
        let affects = risk
            .affects
            .as_ref()
            .map_or(String::new(), |who| format!(" ({who})"));
        format!("{}{path}: {}{affects}", risk.kind, risk.message)
    };
    plan.risks.iter().map(line).collect()
}

fn check(last: &str, desired: &str, actual: &str, facts: &Facts, expected: &[&str]) {
    assert_eq!(risks(last, desired, actual, facts), expected, "{desired}");
}

const PRE: &str = "<permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>";
const TOKENS: &str = "(3 tokens of 2 users, last used 2026-11-30)";

fn policies(members: &str) -> String {
    format!("{POLICIES} {members}")
}

fn sets(names: &str) -> String {
    format!("<commaSeparatedPermissionSet>{names}</commaSeparatedPermissionSet>")
}

#[test]
fn users_are_shut_out() {
    let alone = format!(
        "lockout permittedUsersPolicyType: only pre-approved users get in, and no permission set and no profile is named {TOKENS}"
    );
    check("-", &policies(PRE), POLICIES, &facts(), &[&alone]);
    let nobody = format!(
        "lockout permittedUsersPolicyType: only pre-approved users get in, and nobody has Empty {TOKENS}"
    );
    check(
        "-",
        &policies(&format!("{PRE}{}", sets("Empty"))),
        POLICIES,
        &facts(),
        &[&nobody],
    );
    check(
        "-",
        &policies(&format!("{PRE}{}", sets("Unread"))),
        POLICIES,
        &facts(),
        &[
            "lockout permittedUsersPolicyType: only pre-approved users get in, and who has Unread is not known (whom it touches could not be read)",
        ],
    );
    check(
        "-",
        &policies(&format!("{PRE}{}", sets("Till"))),
        POLICIES,
        &facts(),
        &[],
    );
    // Nobody can be shut out of an app that the org does not have; who has tokens has one.
    let closed = policies(&format!("{PRE}{}", sets("Empty")));
    check("-", &closed, "", &unused(), &[]);
    check("-", &closed, "", &facts(), &[&nobody]);
    let profile = "<commaSeparatedProfile>Admin</commaSeparatedProfile>";
    check(
        "-",
        &policies(&format!("{PRE}{profile}")),
        POLICIES,
        &facts(),
        &[],
    );
    // A permission set that is no longer named.
    let both = policies(&format!("{PRE}{}", sets("Empty,Till")));
    let one = policies(&format!("{PRE}{}{profile}", sets("Empty")));
    check(
        &both,
        &one,
        &both,
        &facts(),
        &[
            "lockout commaSeparatedPermissionSet: users with Till are no longer pre-approved (12 users)",
        ],
    );
}

#[test]
fn integrations_are_shut_out() {
    let user = |name: &str| {
        policies(&format!(
            "<clientCredentialsFlowUser>{name}</clientCredentialsFlowUser>"
        ))
    };
    for (name, problem) in [
        ("gone@acme", Some("does not exist in the org")),
        ("off@acme", Some("is not active")),
        ("bot@acme", None),
        ("unread@acme", None),
    ] {
        let expected = problem.map(|problem| {
            format!("lockout clientCredentialsFlowUser: the user {name} {problem} {TOKENS}")
        });
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        check("-", &user(name), POLICIES, &facts(), &expected);
    }
    let certificate = |text: &str| format!("{GLOBAL} <certificate>{text}</certificate>");
    let swapped = format!(
        "lockout certificate: clients that sign with the old certificate's key can no longer log in {TOKENS}"
    );
    check(
        &certificate("a"),
        &certificate("b"),
        &certificate("a"),
        &facts(),
        &[&swapped],
    );
    let dropped = format!(
        "lockout certificate: the certificate is dropped, and clients that sign with its key can no longer log in {TOKENS}"
    );
    check(
        &certificate("a"),
        GLOBAL,
        &certificate("a"),
        &facts(),
        &[&dropped],
    );
    check(&certificate("a"), GLOBAL, &certificate("a"), &unused(), &[]);
    // Left out from the start, it is sent along.
    let renamed = format!("{GLOBAL} <label>new</label>");
    check(GLOBAL, &renamed, &certificate("a"), &facts(), &[]);
    let scopes = |scopes: &str| {
        format!("{OAUTH} <commaSeparatedOauthScopes>{scopes}</commaSeparatedOauthScopes>")
    };
    let fewer = format!("lockout commaSeparatedOauthScopes: live tokens lose Web {TOKENS}");
    check(
        &scopes("Api,Web"),
        &scopes("Api"),
        &scopes("Api,Web"),
        &facts(),
        &[&fewer],
    );
    check(
        &scopes("Api"),
        &scopes("Api,Web"),
        &scopes("Api"),
        &facts(),
        &[],
    );
}

#[test]
fn the_session_itself() {
    let mut facts = facts();
    facts.session_app = Some("Shop".to_owned());
    let changed = policies("<label>new</label>");
    check(
        POLICIES,
        &changed,
        POLICIES,
        &facts,
        &["lockout: the session that would apply it comes through this very app"],
    );
    facts.session_app = Some("Other".to_owned());
    check(POLICIES, &changed, POLICIES, &facts, &[]);
}

#[test]
fn values_are_lost() {
    let twice = "<customAttributes><formula>a</formula><key>k</key></customAttributes>\
                 <customAttributes><formula>b</formula><key>k</key></customAttributes>";
    check(
        "-",
        &format!("{OAUTH} <label>new</label>"),
        &format!("{OAUTH} {twice}"),
        &facts(),
        &["wipe customAttributes: the org's value cannot be sent along and is lost"],
    );
    let odd = "<isProtected>maybe</isProtected>";
    check(
        "-",
        &format!("{APP} <label>new</label>"),
        &format!("{APP} {odd}"),
        &facts(),
        &["reset isProtected: the org's value cannot be sent along and becomes false"],
    );
}

#[test]
fn consumers_and_what_does_not_come_back() {
    let rotate = format!("{GLOBAL} <shouldRotateConsumerKey>true</shouldRotateConsumerKey>");
    let replaced = format!(
        "consumer shouldRotateConsumerKey: the org replaces it, and clients with the old one fail {TOKENS}"
    );
    check(&rotate, &rotate, GLOBAL, &facts(), &[&replaced]);
    let ends =
        format!("consumer: the consumer key and every token of the app end with it {TOKENS}");
    check(
        APP,
        "",
        APP,
        &facts(),
        &[
            &ends,
            "irreversible: an app that is created again has another consumer key",
        ],
    );
    let credential = "ExternalCredential:Ledger <authenticationProtocol>Oauth</authenticationProtocol><label>l</label>";
    check(
        credential,
        "",
        credential,
        &facts(),
        &["irreversible: its stored credentials, if there are any, go with it"],
    );
    let mut stored = facts();
    let principals = ["Bot".to_owned()].into();
    stored
        .stored_credentials
        .insert("Ledger".to_owned(), principals);
    check(
        credential,
        "",
        credential,
        &stored,
        &["irreversible: the stored credentials of Bot go with it"],
    );
    stored
        .stored_credentials
        .insert("Ledger".to_owned(), [].into());
    check(credential, "", credential, &stored, &[]);
    // What was not applied from here is not deleted.
    check("-", "", APP, &facts(), &[]);
}

#[test]
fn lint() {
    let mut facts = Facts::new();
    facts.lint_errors.push(LintError {
        rule: "ECA1201".to_owned(),
        component: Some(OAUTH.parse().unwrap()),
        message: "Shop.ecaOauth:3:5: unknown scope".to_owned(),
    });
    let sent = format!("{OAUTH} <label>one</label>");
    check(
        "-",
        &sent,
        "",
        &facts,
        &["lint: ECA1201: Shop.ecaOauth:3:5: unknown scope"],
    );
    // What is not sent harms nobody.
    check("-", "", "", &facts, &[]);
}

#[test]
fn names() {
    for kind in RiskKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
        let json = serde_json::to_value(kind).unwrap();
        assert_eq!(json, kind.as_str());
    }
    let error = "all".parse::<RiskKind>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`all` is not a risk: lockout, wipe, reset, consumer, irreversible or lint"
    );
}
