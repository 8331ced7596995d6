//! The OAuth consumer: callback URLs and rotation.

use std::net::IpAddr;

use eca_model::text::LineList;
use eca_model::types::ExtlClntAppGlobalOauthSettings;

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

/// The limit for all callback URLs of an app together, in characters.
const MAX_CALLBACKS: usize = 2000;

pub(crate) static CALLBACK_LENGTH: Rule = Rule {
    id: RuleId(1202),
    name: "callback-length",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "the callback URLs have at most 2000 characters in total",
    explanation: "All callback URLs of an app share one field, one URL per line, and the limit applies to the \
        whole field. Apps with a callback for each environment reach it sooner than expected, and the deploy then \
        fails for all.",
    source: "Salesforce Help, \"Configure the External Client App OAuth Settings\"",
    pair: include_str!("../../pairs/ECA1202-callback-length.txt"),
    check: callback_length,
};

fn callback_length(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, global) in context.project.of_type::<ExtlClntAppGlobalOauthSettings>() {
        let length = global
            .callback_url
            .as_ref()
            .map_or(0, |urls| urls.as_str().trim().chars().count());
        if length > MAX_CALLBACKS {
            findings.at_element(
                component,
                "callbackUrl",
                format!("the callback URLs have {length} characters; {MAX_CALLBACKS} are allowed"),
            );
        }
    }
}

pub(crate) static CALLBACK_SCHEME: Rule = Rule {
    id: RuleId(1203),
    name: "callback-scheme",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a callback URL uses https, a custom scheme, or http to a loopback address",
    explanation: "Authorization codes, and in some flows tokens, travel in the callback. Over plain http \
        anyone on the network path can read them. A callback is matched as a whole, so a stray space, or two URLs \
        on one line, makes every login fail with redirect_uri_mismatch.",
    source: "Salesforce Help, \"Configure the External Client App OAuth Settings\"; RFC 8252, sections 7.1 and 7.3",
    pair: include_str!("../../pairs/ECA1203-callback-scheme.txt"),
    check: callback_scheme,
};

fn callback_scheme(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, global) in context.project.of_type::<ExtlClntAppGlobalOauthSettings>() {
        let callbacks = global.callback_url.iter().flat_map(LineList::iter);
        for callback in callbacks.filter(|line| !is_placeholder(line)) {
            if let Some(flaw) = flaw(callback) {
                findings.at_element(
                    component,
                    "callbackUrl",
                    format!("the callback {} {flaw}", Quoted(callback)),
                );
            }
        }
    }
}

fn flaw(callback: &str) -> Option<&'static str> {
    if callback.contains(char::is_whitespace) {
        return Some("contains white space; each URL needs a line of its own");
    }
    // Each of these makes of several URLs one that no request matches.
    let has_another = |mark: &str| {
        callback
            .split(mark)
            .skip(1)
            .any(|rest| rest.contains("://"))
    };
    if [",", ";", "\\n", "\\r"].into_iter().any(has_another) {
        return Some("holds several URLs; each needs a line of its own");
    }
    if callback.contains("\\n") {
        return Some("contains \\n as two characters; each URL needs a line of its own");
    }
    if callback.contains('#') {
        return Some(
            "has a fragment, which a redirect URI must not have (RFC 6749, section 3.1.2)",
        );
    }
    let Some((scheme, rest)) = callback.split_once(':') else {
        return Some("has no scheme");
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !is_scheme {
        return Some("has no scheme");
    }
    if ["javascript", "data", "vbscript", "file"]
        .iter()
        .any(|bad| scheme.eq_ignore_ascii_case(bad))
    {
        return Some("has a scheme that a browser runs or reads itself");
    }
    let authority = rest
        .trim_start_matches('/')
        .split(['/', '?'])
        .next()
        .unwrap_or_default();
    if rest.starts_with("//") && authority.contains('@') {
        return Some("has a user name or a password in it");
    }
    if rest
        .trim_end_matches('/')
        .ends_with("/services/oauth2/token")
    {
        return Some(
            "is a token endpoint of Salesforce; it takes no redirects, and no browser reaches the app by it",
        );
    }
    // A loopback redirect has any port (RFC 8252, section 7.3).
    if callback.contains('*') && !is_loopback(rest) {
        return Some("has a wildcard; an org compares callbacks to the letter");
    }
    let insecure = scheme.eq_ignore_ascii_case("http") && !is_loopback(rest);
    insecure.then_some("uses plain http; use https or a custom scheme")
}

/// Whether the rest of an `http:` URL names the loopback interface.
fn is_loopback(rest: &str) -> bool {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

pub(crate) static ROTATE_FLAGS: Rule = Rule {
    id: RuleId(1204),
    name: "rotate-flags",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "shouldRotateConsumerKey and shouldRotateConsumerSecret are false in source",
    explanation: "With one of these flags true, each deploy replaces the consumer key or the secret, and every client that \
        has the old one is locked out at once. The org answers with a warning, so such a deploy also needs \
        ignoreWarnings. Keep both flags false in source, and rotate in a separate, deliberate deploy.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1204-rotate-flags.txt"),
    check: rotate_flags,
};

fn rotate_flags(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, global) in context.project.of_type::<ExtlClntAppGlobalOauthSettings>() {
        for (element, value, what) in [
            (
                "shouldRotateConsumerKey",
                global.should_rotate_consumer_key,
                "key",
            ),
            (
                "shouldRotateConsumerSecret",
                global.should_rotate_consumer_secret,
                "secret",
            ),
        ] {
            if value == Some(true) {
                findings
                    .at_element(
                        component,
                        element,
                        format!("every deploy would replace the consumer {what}"),
                    )
                    .fix(
                        component,
                        format!("set {element} to false"),
                        |global: &mut ExtlClntAppGlobalOauthSettings| {
                            if what == "key" {
                                global.should_rotate_consumer_key = Some(false);
                            } else {
                                global.should_rotate_consumer_secret = Some(false);
                            }
                        },
                    );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn callbacks() {
        for good in [
            "https://www.shop.example/callback",
            "shop://callback",
            "com.shop.example:/callback",
            "http://localhost:1717/OauthRedirect",
            "http://LOCALHOST",
            "http://127.0.0.1:8080/x",
            "http://[::1]/x",
            "http://localhost:*/callback",
        ] {
            assert_eq!(flaw(good), None, "{good}");
        }
        for bad in [
            "http://www.shop.example/callback",
            "http://localhost.evil.example/",
            "https://a.example https://b.example",
            "www.shop.example/callback",
            "1shop://callback",
            ":",
        ] {
            assert!(flaw(bad).is_some(), "{bad}");
        }
    }
}
