//! Answers of a hostile org.

use std::sync::{Arc, Mutex};

use eca_tests::{FakeOrg, USER, run_with, storefront_copy};
use fastrand::Rng;

use crate::damage::{damage, one, word};
use crate::output::check;
use crate::{Case, End};

const TOKEN: &str = "00D000000000001!LEAK.torture";

const COMMANDS: &[&str] = &[
    "list",
    "describe",
    "deploys list",
    "deploys show 0Af000000000001AAA",
    "deploy --check-only --wait 1ms",
    "deploy --quick 0Af000000000001AAA --wait 1ms",
    "doctor org",
    "login",
    "retrieve --all --dry-run",
];

/// Sound answers to many questions; an org can give any of them to any.
const ANSWERS: &[&str] = &[
    USER,
    r#"[{"version":"66.0","url":"/services/data/v66.0","label":"Spring"}]"#,
    r#"{"id":"0Af000000000001AAA","deployResult":{"id":"0Af000000000001AAA","done":false,"status":"Pending","success":false}}"#,
    r#"{"id":"0Af000000000001AAA","deployResult":{"id":"0Af000000000001AAA","done":true,"status":"Failed","success":false,"numberComponentErrors":1,"details":{"componentFailures":[{"fullName":"A","fileName":"a.eca","componentType":"ExternalClientApplication","problem":"boom","problemType":"Error","success":false}]}}}"#,
    r#"{"size":1,"totalSize":1,"done":true,"records":[{"Id":"0Af000000000001AAA","Status":"Succeeded","CreatedDate":"2026-11-30T12:00:00.000+0000","Name":"x"}]}"#,
    r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#,
    r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><listMetadataResponse><result><fullName>A</fullName><fileName>a.eca</fileName><type>ExternalClientApplication</type></result></listMetadataResponse></soapenv:Body></soapenv:Envelope>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>boom</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><describeMetadataResponse><result><metadataObjects><directoryName>externalClientApps</directoryName><inFolder>false</inFolder><metaFile>false</metaFile><suffix>eca</suffix><xmlName>ExternalClientApplication</xmlName></metadataObjects><organizationNamespace></organizationNamespace><partialSaveAllowed>true</partialSaveAllowed><testRequired>false</testRequired></result></describeMetadataResponse></soapenv:Body></soapenv:Envelope>"#,
];

fn answer(rng: &mut Rng) -> (u16, String) {
    let status = *one(rng, &[&200, &200, &200, &201, &400, &401, &403, &404]);
    let mut text = one(rng, ANSWERS).to_owned();
    if rng.bool() {
        text = text
            .replace("boom", word(rng))
            .replace("\"A\"", "\"::error::A\"");
    }
    let mut bytes = text.into_bytes();
    if rng.bool() {
        damage(rng, &mut bytes);
    }
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// Whatever an org answers, the program ends with a documented code, prints only text, and shows
/// no token.
pub(crate) fn of_an_org() -> Case {
    let shared = Arc::new(Mutex::new(Rng::with_seed(0)));
    let answers = Arc::clone(&shared);
    let org = FakeOrg::start(move |_, _| answer(&mut answers.lock().expect("no panic")));
    let project = storefront_copy();
    Box::new(move |rng| {
        *shared.lock().expect("no panic") = rng.fork();
        let line = one(rng, COMMANDS);
        let flag = one(rng, &["", " --json", " -vvv"]);
        let line = format!("{line}{flag}");
        let arguments: Vec<_> = line.split(' ').collect();
        let environment = [
            ("SF_ACCESS_TOKEN", TOKEN),
            ("SF_ORG_INSTANCE_URL", org.url.as_str()),
        ];
        let run = run_with(project.path(), &arguments, environment);
        assert!(!run.stderr.contains("unexpected argument"), "{run:?}");
        check(&arguments, &run, &["LEAK"]);
        if run.code == 0 {
            End::Accepted
        } else {
            End::Refused
        }
    })
}
