//! Damaged requests to every endpoint: each gets an answer, and the org keeps working.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_emulator::Org;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::fixture::{APP, Client, PASSWORD, Package, USER, builder, storefront};
use crate::server::http::send;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data; boundary=XX";
const XML: &str = "text/xml";

/// A well-formed request; its ids may be unknown to the org.
struct Sound {
    method: &'static str,
    path: String,
    content_type: &'static str,
    body: Vec<u8>,
}

/// One request for every endpoint that reads input.
fn sound(org: &Org) -> Vec<Sound> {
    let key = org.consumer_key(APP).unwrap();
    let secret = org.consumer_secret(APP).unwrap();
    let client = format!("client_id={key}&client_secret={}", secret.expose_secret());
    let envelope = |operation: &str| {
        let session = org.admin_access_token().expose_secret();
        format!(
            r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header xmlns="http://soap.sforce.com/2006/04/metadata"><SessionHeader><sessionId>{session}</sessionId></SessionHeader></e:Header><e:Body xmlns="http://soap.sforce.com/2006/04/metadata">{operation}</e:Body></e:Envelope>"#
        )
    };
    let zip = Package::storefront().zip();
    let mut multipart = b"--XX\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n{\"deployOptions\":{\"singlePackage\":true,\"checkOnly\":true}}\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\nContent-Type: application/zip\r\n\r\n".to_vec();
    multipart.extend(&zip);
    multipart.extend(b"\r\n--XX--\r\n");
    let zip = STANDARD.encode(zip);
    let challenge = &org.challenge_profile().endpoint_path;
    let site = org.site_url().replace(org.instance_url(), "");
    let soap = "/services/Soap/m/66.0";
    let rest = "/services/data/v66.0";
    [
        ("POST", soap.to_owned(), XML, envelope(&format!("<deploy><ZipFile>{zip}</ZipFile><DeployOptions><checkOnly>true</checkOnly></DeployOptions></deploy>"))),
        ("POST", soap.to_owned(), XML, envelope("<retrieve><request><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage><unpackaged><types><members>*</members><name>ExternalClientApplication</name></types><version>66.0</version></unpackaged></request></retrieve>")),
        ("POST", soap.to_owned(), XML, envelope("<checkDeployStatus><asyncProcessId>0Af000000000001AAA</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>")),
        ("POST", soap.to_owned(), XML, envelope("<listMetadata><queries><folder>f</folder><type>NamedCredential</type></queries><asOfVersion>66.0</asOfVersion></listMetadata>")),
        ("POST", soap.to_owned(), XML, envelope("<describeValueType><type>{http://soap.sforce.com/2006/04/metadata}ExternalCredential</type></describeValueType>")),
        ("POST", soap.to_owned(), XML, envelope("<readMetadata><type>ExternalClientApplication</type><fullNames>Storefront</fullNames></readMetadata>")),
        ("POST", soap.to_owned(), XML, envelope("<updateMetadata><metadata xsi:type=\"ExternalClientApplication\"><fullName>Storefront</fullName><contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState><label>S</label></metadata></updateMetadata>")),
        ("POST", soap.to_owned(), XML, envelope("<deleteMetadata><type>NamedCredential</type><fullNames>Nobody</fullNames></deleteMetadata>")),
        ("PATCH", format!("{rest}/metadata/deployRequest/0Af000000000001AAA"), JSON, r#"{"deployResult":{"status":"Canceling"}}"#.to_owned()),
        ("POST", format!("{rest}/metadata/deployRequest"), JSON, r#"{"validatedDeployRequestId":"0Af000000000001AAA"}"#.to_owned()),
        ("GET", format!("{rest}/query?q=SELECT+Id,Name+FROM+Organization+WHERE+Id+%3D+'x'+LIMIT+1"), JSON, String::new()),
        ("GET", format!("{rest}/tooling/query?q=SELECT+Id+FROM+DeployRequest+ORDER+BY+CreatedDate+DESC"), JSON, String::new()),
        ("PATCH", format!("{rest}/apps/oauth/credentials/x"), JSON, r#"{"command":"rotate"}"#.to_owned()),
        ("POST", "/services/oauth2/token".to_owned(), FORM, format!("grant_type=client_credentials&{client}")),
        ("POST", "/services/oauth2/token".to_owned(), FORM, format!("grant_type=authorization_code&code=x&code_verifier=y&redirect_uri=https%3A%2F%2Fexample.com&{client}")),
        ("POST", "/services/oauth2/token".to_owned(), FORM, format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=e30.e30.e30&{client}")),
        ("POST", "/services/oauth2/introspect".to_owned(), FORM, format!("token=x&token_type_hint=access_token&{client}")),
        ("POST", "/services/oauth2/revoke".to_owned(), FORM, format!("token=x&{client}")),
        ("GET", format!("/services/oauth2/authorize?response_type=code&client_id={key}&redirect_uri=https%3A%2F%2Fexample.com&state=%22%3E"), FORM, String::new()),
        ("POST", "/services/oauth2/authorize".to_owned(), FORM, format!("username={USER}&password={}&client_id={key}", PASSWORD.replace(' ', "+"))),
        ("POST", format!("{site}{challenge}"), FORM, format!("username={USER}&code_challenge=x&code_challenge_method=S256&{client}")),
        ("POST", format!("{site}/services/auth/headless/init/passwordless/login"), JSON, r#"{"username":"ada@example.com","verificationmethod":"email"}"#.to_owned()),
        ("POST", format!("{site}/services/auth/headless/init/registration"), JSON, r#"{"userdata":{"firstName":"A","lastName":"B","email":"a@example.com"},"verificationMethod":"email"}"#.to_owned()),
        ("POST", "/_org/faults".to_owned(), JSON, r#"{"fault":"slow","path":"/nowhere","milliseconds":1,"times":1}"#.to_owned()),
        ("POST", "/_org/clock".to_owned(), JSON, r#"{"advance_seconds":1}"#.to_owned()),
        ("POST", "/_org/users".to_owned(), JSON, r#"{"username":"b@example.com","password":"p"}"#.to_owned()),
    ]
    .map(|(method, path, content_type, body)| Sound { method, path, content_type, body: body.into_bytes() })
    .into_iter()
    .chain([Sound { method: "POST", path: format!("{rest}/metadata/deployRequest"), content_type: MULTIPART, body: multipart }])
    .collect()
}

/// A change of the bytes of a request.
#[derive(Debug, Clone)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
}

/// Bytes that parsers often handle wrongly.
const HOSTILE: &[&str] = &[
    "\0",
    "%",
    "%00",
    "<!--",
    "&#x0;",
    "<![CDATA[",
    "{",
    "[[[[",
    "99999999999999999999",
    "-1",
    "--XX",
    "null",
    "<a>",
    "</e:Envelope>",
    "\r\n\r\n",
    "'",
    "\u{202e}",
];

fn damage() -> impl Strategy<Value = Damage> {
    let hostile = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..12),
        proptest::sample::select(HOSTILE).prop_map(|text| text.as_bytes().to_vec()),
        Just(b"\xc3\x28".to_vec()),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), hostile).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |index: &Index| index.index(bytes.len() + 1);
        match self {
            Self::Flip(at, byte) => {
                let at = place(at);
                if let Some(own) = bytes.get_mut(at) {
                    *own = *byte;
                }
            }
            Self::Cut(at) => {
                let at = place(at);
                bytes.truncate(at);
            }
            Self::Insert(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Repeat(from, to) => {
                let (from, to) = (place(from), place(to));
                let piece = bytes[from.min(to)..from.max(to)].to_vec();
                bytes.extend(piece);
            }
        }
    }
}

/// The bytes that the target of a request line may contain; a request with others never gets
/// past the parser of HTTP.
fn as_target(bytes: &[u8]) -> String {
    let is_fit = |byte: &&u8| byte.is_ascii_graphic() && **byte != b'#';
    bytes
        .iter()
        .filter(is_fit)
        .map(|byte| char::from(*byte))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_requests_are_answered_and_the_org_keeps_working() {
    let org = storefront(builder()).await;
    let requests = sound(&org);
    let client = Client(&org);
    let bearer = format!("Bearer {}", client.token());
    let check = |request: &Sound, path: &str, body: &[u8]| {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", request.content_type),
        ];
        let answer = send(client.address(), request.method, path, &headers, body);
        // SOAP faults have status 500; anywhere else it means an internal error.
        let is_fault = answer.body.contains("<faultcode>");
        assert!(
            answer.status < 500 || is_fault,
            "{} {path}: {}",
            request.method,
            answer.body
        );
    };
    for request in &requests {
        check(request, &request.path, &request.body);
    }
    let config = ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let strategy = (
        any::<Index>(),
        any::<bool>(),
        proptest::collection::vec(damage(), 1..4),
    );
    proptest!(config, |((which, hits_path, all) in strategy)| {
        let request = which.get(&requests);
        let (mut path, mut body) = (request.path.clone().into_bytes(), request.body.clone());
        for damage in &all {
            damage.apply(if hits_path && path.len() > 1 { &mut path } else { &mut body });
        }
        let path = as_target(&path);
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        check(request, &path, &body);
    });
    // The org still works.
    client.rest("DELETE", "/_org/faults", "");
    assert_eq!(client.soap("<describeMetadata/>").status, 200);
    assert_eq!(client.deploy(&Package::storefront())["status"], "Succeeded");
}
