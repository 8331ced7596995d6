//! Wrong values and their errors: line, column, member, and never the value of a secret.

use crate::config::Config;

/// `{ORG}` stands for the first two lines of an org's entry.
const CASES: &[(&str, &str)] = &[
    (
        "orgs = ",
        "1:8: string values must be quoted, expected literal string",
    ),
    ("orgs = 1", "1:8: orgs: expected a table"),
    (
        "default_org = 'a'",
        "1:1: `default_org` is unknown; did you mean `default-org`?",
    ),
    (
        "[lint]\nprofiles = ['nonsense']",
        "2:12: lint.profiles: no profile is called \"nonsense\"; there are default, first-party, isv-2026, hardening, packaging, external-credential",
    ),
    (
        "[lint.rules]\nECA9999 = 'off'",
        "2:1: lint.rules.ECA9999: no rule is called `ECA9999`; eca explain lists the rules",
    ),
    (
        "[lint.rules]\ncallback-schema = 'off'",
        "2:1: lint.rules.callback-schema: no rule is called `callback-schema`; did you mean callback-scheme?",
    ),
    (
        "[lint.rules]\nECA1203 = 'no'",
        "2:11: lint.rules.ECA1203: no severity is called \"no\"; there are info, warning, error, and off for rules",
    ),
    (
        "[[lint.exclude]]\npath = 'a'",
        "1:1: lint.exclude: `reason` is missing",
    ),
    (
        "[[lint.exclude]]\npath = 'a'\nreason = ' '",
        "3:10: lint.exclude.reason: an exclude needs a reason",
    ),
    (
        "[orgs.a]\ninstance_url = 'x'",
        "2:1: orgs.a: `instance_url` is unknown; did you mean `instance-url`?",
    ),
    (
        "[orgs.a]\nsecret = 'hunter2'",
        "2:1: orgs.a: `secret` is unknown; expected `instance-url`, `host`, `audience`, `allow-instance`, `allow-audience`, `api-version`, `deploy-api`, `auth`, `headless`, `identity`, `allow`, `values`",
    ),
    (
        "[orgs.a]\ninstance-url = 'http://acme.my.salesforce.com'",
        "2:16: orgs.a.instance-url: instance url acme.my.salesforce.com cannot be used: plain http is allowed only to this machine (localhost, 127.0.0.0/8, [::1]); use https",
    ),
    (
        "[orgs.a]\ninstance-url = 'https://hunter2@acme.my.salesforce.com'",
        "2:16: orgs.a.instance-url: instance url acme.my.salesforce.com cannot be used: the url has a user name or password before the host",
    ),
    (
        "{ORG}host = 'acme'",
        "3:8: orgs.a.host: login url (no host) cannot be used: it is not an absolute url such as https://acme.my.site.com/portal",
    ),
    (
        "{ORG}audience = 'nowhere'",
        "3:12: orgs.a.audience: the audience \"nowhere\" is not an https URL",
    ),
    (
        "{ORG}api-version = '1.5'",
        "3:15: orgs.a.api-version: `1.5` is not an API version such as 66.0",
    ),
    (
        "{ORG}deploy-api = 'bulk'",
        "3:14: orgs.a.deploy-api: expected `rest`, `soap`",
    ),
    (
        "{ORG}deploy-api = 'soup'",
        "3:14: orgs.a.deploy-api: expected `rest`, `soap`; did you mean `soap`?",
    ),
    (
        "[environments.emea]\nvalues = {}",
        "1:1: environments.emea: `orgs` is missing",
    ),
    (
        "[environments.emea]\norgs = ['b']\n{ORG}auth = { method = 'sf' }",
        "2:9: environments.emea.orgs: no org is called `b`",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.values]\nBilling = 'hunter2'",
        "5:11: orgs.a.values.Billing: expected a table of members",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.values.Billing]\nlabel = 1.5",
        "5:9: orgs.a.values.Billing.label: expected a text, a number, true, false, a list of texts, { absent = true }, { file = \"PATH\" } or the members of a record",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.values.Billing]\nlabel = { absent = false }",
        "5:9: orgs.a.values.Billing.label: `absent` can only be true",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.values.Billing]\nlabel = { file = 'a', other = 'b' }",
        "5:9: orgs.a.values.Billing.label: `absent` and `file` stand alone, without other members",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.values.Billing]\n'a[b' = 'c'",
        "5:1: orgs.a.values.Billing.a[b: `a[b` is not the path of a member: a record is chosen by its index, or by name=text",
    ),
    ("{ORG}", "1:1: orgs.a: `auth` is missing"),
    (
        "{ORG}auth = 'hunter2'",
        "3:8: orgs.a.auth: expected `access-token`, `client-credentials`, `token-exchange`, `jwt`, `login`, `sfdx-auth-url`, `sf`",
    ),
    ("{ORG}auth = {}", "3:8: orgs.a.auth: `method` is missing"),
    (
        "{ORG}auth = { method = 1 }",
        "3:19: orgs.a.auth.method: expected a string",
    ),
    (
        "{ORG}auth = { method = 'client-credential' }",
        "3:19: orgs.a.auth.method: expected `access-token`, `client-credentials`, `token-exchange`, `jwt`, `login`, `sfdx-auth-url`, `sf`; did you mean `client-credentials`?",
    ),
    (
        "{ORG}auth = { method = 'access-token', access-token = 'hunter2' }",
        "3:50: orgs.a.auth.access-token: a secret is given as env:NAME, file:PATH or cmd:COMMAND, never inline",
    ),
    (
        "{ORG}auth = { method = 'access-token', access-token = 4711 }",
        "3:50: orgs.a.auth.access-token: expected a string",
    ),
    (
        "{ORG}auth = { method = 'sf', client-id = 'x' }",
        "3:25: orgs.a.auth: `client-id` is unknown; expected `target-org`",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'client-credentials'\nclient-id = 'a b'",
        "5:13: orgs.a.auth.client-id: the client id has an invalid character at position 2",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'client-credentials'\nclient-secret = 'env:S'",
        "3:1: orgs.a.auth: `client-id` is missing",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'client-credentials'\nclient-id = 'a'\nclient-assertion = { key-password = 'env:P' }",
        "6:37: orgs.a.auth.client-assertion: `key` is missing",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'client-credentials'\nclient-id = 'a'\nclient-assertion = { key = 'k', key-password = 'hunter2' }",
        "6:48: orgs.a.auth.client-assertion.key-password: a secret is given as env:NAME, file:PATH or cmd:COMMAND, never inline",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'client-credentials'\nclient-id = 'a'\nclient-assertion = 'hunter2'",
        "6:20: orgs.a.auth.client-assertion: expected a table",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'jwt'\nclient-id = 'a'\nusername = 'u'\nkey = 'k'\nkey-pasword = 'hunter2'",
        "8:1: orgs.a.auth: `key-pasword` is unknown; did you mean `key-password`?",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'login'\nclient-id = 'a'\nscope = 'api \"'",
        "6:9: orgs.a.auth.scope: scope \"\\\"\" is not a scope token",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'login'\nclient-id = 'a'\nredirect-port = 'hunter2'",
        "6:17: orgs.a.auth.redirect-port: expected a number up to 65535",
    ),
    (
        "{ORG}[orgs.a.auth]\nmethod = 'login'\nclient-id = 'a'\nredirect-port = 65536",
        "6:17: orgs.a.auth.redirect-port: expected a number up to 65535",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.headless]\nsite-url = 'https://acme.my.salesforce.com'",
        "5:12: orgs.a.headless.site-url: site url acme.my.salesforce.com cannot be used: it is the org's own host; headless calls go to an experience cloud site, such as https://acme.my.site.com/portal",
    ),
    (
        "{ORG}auth = { method = 'sf' }\nheadless = { profile = { endpoint = 'discover', attestation = { header = 'host' } } }",
        "4:63: orgs.a.headless.profile.attestation: \"host\" cannot be the header of a client attestation",
    ),
    (
        "{ORG}auth = { method = 'sf' }\n[orgs.a.identity]\ngate = { recaptcha-event = { token = 'hunter2' } }",
        "5:38: orgs.a.identity.gate.recaptcha-event.token: a secret is given as env:NAME, file:PATH or cmd:COMMAND, never inline",
    ),
];

const ORG: &str = "[orgs.a]\ninstance-url = 'https://acme.my.salesforce.com'\n";

#[test]
fn refusals_name_the_place_and_keep_secrets() {
    for (text, message) in CASES {
        let text = text.replace("{ORG}", ORG);
        let error = Config::parse("eca.toml".into(), &text)
            .unwrap_err()
            .to_string();
        let (first, _) = error.split_once('\n').unwrap();
        assert_eq!(first, format!("error: eca.toml:{message}"), "{text}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
