//! A project, an org without a network, and responses.

use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use bytes::Bytes;
use eca_deploy::{ApiVersion, Client, DeployApi, Deployment, Endpoint, Package, StartError};
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{BoxFuture, HttpClient};
use eca_model::Project;
use eca_oauth::{AccessToken, InstanceUrl, StaticToken, TokenSource};
use http::Request;
use zip::write::SimpleFileOptions;

pub(crate) const TOKEN: &str = "00D5g000004Abcd!FAKE.TOKEN";
pub(crate) const DEPLOY: &str = "0Af5g00000AAAAAAAA";
pub(crate) const EXPIRED: &str =
    r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#;
pub(crate) const RETRIEVE: &str = "09S5g00000BBBBBBBB";

/// The files of a first-party app in the source format.
pub(crate) fn files(distribution_state: &str) -> Vec<(String, Vec<u8>)> {
    let file = |path: &str, root: &str, members: &str| {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}</{root}>\n"
        );
        (
            format!("force-app/main/default/{path}-meta.xml"),
            text.into_bytes(),
        )
    };
    vec![
        file(
            "externalClientApps/Shop.eca",
            "ExternalClientApplication",
            &format!(
                "    <contactEmail>shop@example.com</contactEmail>\n\
                 \x20   <distributionState>{distribution_state}</distributionState>\n\
                 \x20   <label>Shop</label>\n\
                 \x20   <orgScopedExternalApp>00D5g000004Abcd:Shop</orgScopedExternalApp>\n"
            ),
        ),
        file(
            "extlClntAppOauthSettings/Shop_oauth.ecaOauth",
            "ExtlClntAppOauthSettings",
            "    <!-- what the shop may do -->\n\
             \x20   <commaSeparatedOauthScopes>Api, OpenID</commaSeparatedOauthScopes>\n\
             \x20   <externalClientApplication>Shop</externalClientApplication>\n\
             \x20   <isFirstPartyAppEnabled>true</isFirstPartyAppEnabled>\n\
             \x20   <label>Shop OAuth</label>\n\
             \x20   <oauthLink>00D5g000004Abcd:8885g0000000001</oauthLink>\n\
             \x20   <singleLogoutUrl>https://shop.example.com/out</singleLogoutUrl>\n",
        ),
        file(
            "extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth",
            "ExtlClntAppGlobalOauthSettings",
            "    <callbackUrl>https://shop.example.com/callback</callbackUrl>\n\
             \x20   <consumerKey>3MVG9fakeConsumerKey</consumerKey>\n\
             \x20   <consumerSecret>FAKE-SECRET-0123456789</consumerSecret>\n\
             \x20   <externalClientApplication>Shop</externalClientApplication>\n\
             \x20   <isPkceRequired>true</isPkceRequired>\n\
             \x20   <shouldRotateConsumerKey>false</shouldRotateConsumerKey>\n",
        ),
        (
            "sfdx-project.json".to_owned(),
            br#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#.to_vec(),
        ),
    ]
}

pub(crate) fn project() -> Project {
    Project::from_entries(files("Local"))
}

pub(crate) fn package() -> Package {
    Package::builder(&project()).build().unwrap()
}

/// The zip of a package.
pub(crate) fn bytes(package: &Package) -> Bytes {
    package.zip().as_bytes().to_vec().into()
}

pub(crate) fn token() -> AccessToken {
    AccessToken::new(TOKEN).unwrap()
}

pub(crate) fn endpoint(version: u16) -> Endpoint {
    let instance: InstanceUrl = "https://acme.my.salesforce.com".parse().unwrap();
    Endpoint::new(&instance, ApiVersion::new(version))
}

/// A client of an org with scripted responses, and a clock that moves only when it sleeps.
pub(crate) struct ScriptedOrg {
    pub(crate) transport: Arc<ScriptedTransport>,
    pub(crate) timer: Arc<ManualTimer>,
    pub(crate) client: Client,
}

impl ScriptedOrg {
    pub(crate) fn new() -> Self {
        Self::at(endpoint(66), token())
    }

    /// Deploys over SOAP.
    pub(crate) fn over_soap() -> Self {
        let mut org = Self::new();
        org.client = org.client.with_deploy_api(DeployApi::Soap);
        org
    }

    pub(crate) fn at(endpoint: Endpoint, token: AccessToken) -> Self {
        let tokens = Arc::new(StaticToken::new(token));
        Self::with(ScriptedTransport::new(), endpoint, tokens)
    }

    /// An org that gives the same response to every request.
    pub(crate) fn always(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::with_handler(move |_| (status, content_type, body.clone()))
    }

    /// An org whose responses (status, content type, body) depend on the request.
    pub(crate) fn with_handler(
        mut respond: impl FnMut(&Request<Bytes>) -> (u16, &'static str, Bytes) + Send + 'static,
    ) -> Self {
        let transport = ScriptedTransport::with_handler(move |request| {
            let (status, content_type, body) = respond(request);
            let response = http::Response::builder()
                .status(status)
                .header("content-type", content_type);
            Some(Ok(response.body(body).unwrap()))
        });
        Self::with(transport, endpoint(66), Arc::new(StaticToken::new(token())))
    }

    /// An org that issues a new token each time one is refused.
    pub(crate) fn renewing() -> Self {
        let tokens = Arc::new(RenewingTokens::default());
        Self::with(ScriptedTransport::new(), endpoint(66), tokens)
    }

    fn with(
        transport: ScriptedTransport,
        endpoint: Endpoint,
        tokens: Arc<dyn TokenSource>,
    ) -> Self {
        let (transport, timer) = (Arc::new(transport), Arc::new(ManualTimer::new()));
        let http = HttpClient::new(transport.clone(), timer.clone());
        Self {
            client: Client::new(endpoint, http, tokens),
            transport,
            timer,
        }
    }

    /// Scripts a response of XML.
    pub(crate) fn xml(&self, status: u16, body: impl Into<Bytes>) -> &Self {
        self.transport.answer(status, "text/xml", body);
        self
    }

    /// The requests so far, one line each.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.transport.requests().iter().map(brief).collect()
    }
}

/// Issues a new token each time one is refused.
#[derive(Default)]
struct RenewingTokens(Mutex<Option<Arc<AccessToken>>>);

impl TokenSource for RenewingTokens {
    fn access_token(&self) -> BoxFuture<'_, Result<Arc<AccessToken>, Arc<eca_oauth::Error>>> {
        let token = self
            .0
            .lock()
            .unwrap()
            .get_or_insert_with(|| Arc::new(token()))
            .clone();
        Box::pin(std::future::ready(Ok(token)))
    }

    fn invalidate(&self, refused: &Arc<AccessToken>) {
        let mut current = self.0.lock().unwrap();
        if current
            .as_ref()
            .is_some_and(|token| Arc::ptr_eq(token, refused))
        {
            *current = None;
        }
    }
}

/// Method, path and, for SOAP, the operation.
pub(crate) fn brief(request: &Request<Bytes>) -> String {
    let path = request
        .uri()
        .path_and_query()
        .map_or("", |path| path.as_str());
    let body = String::from_utf8_lossy(request.body());
    let operation = body
        .split_once("<soapenv:Body><")
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(String::new(), |(operation, _)| format!(" {operation}"));
    let zip = if body.contains("<includeZip>true") {
        " with zip"
    } else {
        ""
    };
    format!("{} {path}{operation}{zip}", request.method())
}

/// A request as text, for golden files. The zip is replaced: by its name, and in SOAP by the base64
/// of "PK", so that the golden file stays valid against the WSDL.
pub(crate) fn show(request: &Request<Bytes>, zip: &[u8]) -> String {
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        // A release changes the crate's version, and must not change the golden files.
        let value = value.to_str().unwrap();
        let value = value.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        text += &format!("{name}: {value}\n");
    }
    text.push('\n');
    let mut body = request.body().to_vec();
    let position = body.windows(zip.len()).position(|window| window == zip);
    if let Some(at) = position {
        body.splice(at..at + zip.len(), b"[the zip]".iter().copied());
    }
    let base64 = base64::engine::general_purpose::STANDARD.encode(zip);
    let body = String::from_utf8(body).unwrap();
    text += &body.replace(&base64, "UEs=").replace("\r\n", "\n");
    text.push('\n');
    text
}

/// Starts a deploy of [`package`] with the default options.
pub(crate) async fn start(org: &ScriptedOrg) -> Result<Deployment, StartError> {
    org.client.deploy(&package()).start().await
}

/// A `deployRequest` response.
pub(crate) fn status(status: &str, done: bool, success: bool, details: &str) -> String {
    format!(
        r#"{{"id":"{DEPLOY}","deployResult":{{"id":"{DEPLOY}","status":"{status}","done":{done},"success":{success},
            "numberComponentsTotal":3,"numberComponentsDeployed":1,"details":{details}}}}}"#
    )
}

pub(crate) fn started() -> String {
    format!(
        r#"{{"id":"{DEPLOY}","deployResult":{{"id":"{DEPLOY}","status":"Pending","done":false,"success":false}}}}"#
    )
}

/// A SOAP envelope around an operation's result.
pub(crate) fn soap(operation: &str, result: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><{operation}Response><result>{result}</result></{operation}Response></soapenv:Body></soapenv:Envelope>"#
    )
}

pub(crate) fn fault(code: &str, text: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"#
    )
}

/// A zip without the checks of the package builder.
pub(crate) fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
