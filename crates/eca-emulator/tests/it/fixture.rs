//! A first-party app, and an org for it.

use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eca_emulator::{Builder, Org, Pace};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::server::http::{Answer, send};

pub(crate) const APP: &str = "Storefront";
pub(crate) const USER: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const APP_KEY: &str = include_str!("../data/test-only-app.key.pem");
pub(crate) const OTHER_KEY: &str = include_str!("../data/test-only-other.key.pem");
pub(crate) const APP_CERTIFICATE: &str = include_str!("../data/test-only-app.cert.pem");

pub(crate) const HEADER: &str = "externalClientApps/Storefront.eca";
pub(crate) const SETTINGS: &str = "extlClntAppOauthSettings/Storefront_oauth.ecaOauth";
pub(crate) const GLOBAL: &str = "extlClntAppGlobalOauthSets/Storefront_glbloauth.ecaGlblOauth";
pub(crate) const OAUTH_POLICIES: &str =
    "extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy";
pub(crate) const POLICIES: &str = "extlClntAppPolicies/Storefront_plcy.ecaPlcy";
pub(crate) const PERMISSION_SET: &str = "permissionsets/Shoppers.permissionset";
pub(crate) const PROVIDER: &str =
    "externalAuthIdentityProviders/Ledger_IdP.externalAuthIdentityProvider";
pub(crate) const CREDENTIAL: &str = "externalCredentials/Ledger.externalCredential";
pub(crate) const NAMED: &str = "namedCredentials/Ledger_API.namedCredential";

/// The base64 body of a certificate.
pub(crate) fn body(pem: &str) -> String {
    pem.lines()
        .filter(|line| !line.starts_with("-----"))
        .collect()
}

/// A package: paths and texts.
#[derive(Clone)]
pub(crate) struct Package {
    pub(crate) files: Vec<(String, String)>,
    pub(crate) version: String,
}

impl Package {
    /// The components that headless login needs, and an outbound credential.
    pub(crate) fn storefront() -> Self {
        let settings = include_str!("../data/storefront/Storefront_oauth.ecaOauth")
            .replace("CERTIFICATE", &body(APP_CERTIFICATE));
        let files = [
            (HEADER, include_str!("../data/storefront/Storefront.eca")),
            (SETTINGS, settings.as_str()),
            (
                GLOBAL,
                include_str!("../data/storefront/Storefront_glbloauth.ecaGlblOauth"),
            ),
            (
                OAUTH_POLICIES,
                include_str!("../data/storefront/Storefront_oauthPlcy.ecaOauthPlcy"),
            ),
            (
                POLICIES,
                include_str!("../data/storefront/Storefront_plcy.ecaPlcy"),
            ),
            (
                PERMISSION_SET,
                include_str!("../data/storefront/Shoppers.permissionset"),
            ),
            (
                PROVIDER,
                include_str!("../data/storefront/Ledger_IdP.externalAuthIdentityProvider"),
            ),
            (
                CREDENTIAL,
                include_str!("../data/storefront/Ledger.externalCredential"),
            ),
            (
                NAMED,
                include_str!("../data/storefront/Ledger_API.namedCredential"),
            ),
        ];
        Self {
            files: files
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .to_vec(),
            version: "66.0".to_owned(),
        }
    }

    /// Only some of the files.
    pub(crate) fn only(mut self, paths: &[&str]) -> Self {
        self.files
            .retain(|(path, _)| paths.contains(&path.as_str()));
        self
    }

    /// All but one of the files.
    pub(crate) fn without(mut self, path: &str) -> Self {
        self.files.retain(|(own, _)| own != path);
        self
    }

    /// Replaces a part of a file, which must exist.
    pub(crate) fn replace(mut self, path: &str, from: &str, to: &str) -> Self {
        let (_, text) = self.files.iter_mut().find(|(own, _)| own == path).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        *text = text.replacen(from, to, 1);
        self
    }

    pub(crate) fn rename(mut self, from: &str, to: &str) -> Self {
        let (path, _) = self.files.iter_mut().find(|(own, _)| own == from).unwrap();
        to.clone_into(path);
        self
    }

    pub(crate) fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// A `package.xml` that names every file.
    pub(crate) fn manifest(&self) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n",
        );
        for (path, _) in &self.files {
            let (directory, file) = path.split_once('/').unwrap();
            let (name, _) = file.rsplit_once('.').unwrap();
            let kind = match directory {
                "externalClientApps" => "ExternalClientApplication",
                "extlClntAppOauthSettings" => "ExtlClntAppOauthSettings",
                "extlClntAppGlobalOauthSets" => "ExtlClntAppGlobalOauthSettings",
                "extlClntAppOauthPolicies" => "ExtlClntAppOauthConfigurablePolicies",
                "extlClntAppPolicies" => "ExtlClntAppConfigurablePolicies",
                "extlClntAppOauthSecuritySettings" => "ExtlClntAppOauthSecuritySettings",
                "profiles" => "Profile",
                "oauthtokenexchangehandlers" => "OauthTokenExchangeHandler",
                "settings" => "Settings",
                "permissionsets" => "PermissionSet",
                "externalAuthIdentityProviders" => "ExternalAuthIdentityProvider",
                "externalCredentials" => "ExternalCredential",
                "namedCredentials" => "NamedCredential",
                other => panic!("{other}"),
            };
            write!(text, "    <types>\n        <members>{name}</members>\n        <name>{kind}</name>\n    </types>\n"
            ).unwrap();
        }
        write!(
            text,
            "    <version>{}</version>\n</Package>\n",
            self.version
        )
        .unwrap();
        text
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut files = self.files.clone();
        files.insert(0, ("package.xml".to_owned(), self.manifest()));
        zip(&files)
    }
}

/// Files in a zip, with entries for their folders as real clients write them.
pub(crate) fn zip(files: &[(String, String)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut folders = Vec::new();
    for (path, text) in files {
        if let Some((folder, _)) = path.rsplit_once('/')
            && !folders.contains(&folder)
        {
            folders.push(folder);
            writer
                .add_directory(folder, SimpleFileOptions::default())
                .unwrap();
        }
        writer
            .start_file(path.as_str(), SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The files of a zip.
pub(crate) fn unzip(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let path = file.name().unwrap().into_owned();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (path, text)
        })
        .collect()
}

/// An org whose jobs are done at the first status request.
pub(crate) fn builder() -> Builder {
    Org::builder().pace(Pace::Polls(1)).seed([42; 32])
}

/// Requests to an org.
pub(crate) struct Client<'a>(pub(crate) &'a Org);

impl Client<'_> {
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address()
    }

    pub(crate) fn token(&self) -> &str {
        self.0.admin_access_token().expose_secret()
    }

    /// POSTs a form.
    pub(crate) fn form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut headers = headers.to_vec();
        headers.push(("Content-Type", "application/x-www-form-urlencoded"));
        send(
            self.address(),
            "POST",
            path,
            &headers,
            form.finish().as_bytes(),
        )
    }

    /// A REST call with the administrator's token.
    pub(crate) fn rest(&self, method: &str, path: &str, body: &str) -> Answer {
        self.rest_with(method, path, body, &[])
    }

    /// As [`rest`](Self::rest), with more headers.
    pub(crate) fn rest_with(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token());
        let mut all = vec![
            ("Authorization", &*bearer),
            ("Content-Type", "application/json"),
        ];
        all.extend(headers);
        send(self.address(), method, path, &all, body.as_bytes())
    }

    /// Starts a deploy as the `sf` program does: the zip first, parts named file and
    /// entity_content.
    pub(crate) fn start_deploy(&self, zip: &[u8], options: &str) -> Answer {
        let mut body = Vec::new();
        body.extend(b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"package.xml\"\r\nContent-Type: application/zip\r\n\r\n");
        body.extend(zip);
        body.extend(b"\r\n--XX\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json\r\n\r\n");
        body.extend(format!("{{\"deployOptions\":{options}}}").bytes());
        body.extend(b"\r\n--XX--\r\n");
        let bearer = format!("Bearer {}", self.token());
        send(
            self.address(),
            "POST",
            "/services/data/v66.0/metadata/deployRequest",
            &[
                ("Authorization", &bearer),
                ("Content-Type", "multipart/form-data; boundary=XX"),
            ],
            &body,
        )
    }

    pub(crate) fn deploy_status(&self, id: &str) -> Value {
        self.rest(
            "GET",
            &format!("/services/data/v66.0/metadata/deployRequest/{id}?includeDetails=true"),
            "",
        )
        .json()["deployResult"]
            .clone()
    }

    /// Deploys and returns the result.
    pub(crate) fn deploy_with(&self, zip: &[u8], options: &str) -> Value {
        let started = self.start_deploy(zip, options);
        assert_eq!(started.status, 201, "{}", started.body);
        self.deploy_status(started.json()["id"].as_str().unwrap())
    }

    /// Deploys a package, all or nothing.
    pub(crate) fn deploy(&self, package: &Package) -> Value {
        self.deploy_with(
            &package.zip(),
            r#"{"singlePackage":true,"rollbackOnError":true}"#,
        )
    }

    /// A SOAP call with the administrator's session, in the shape of `sf`.
    pub(crate) fn soap(&self, operation: &str) -> Answer {
        self.soap_with("66.0", self.token(), operation)
    }

    pub(crate) fn soap_with(&self, version: &str, session: &str, operation: &str) -> Answer {
        let body = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header xmlns="http://soap.sforce.com/2006/04/metadata"><SessionHeader><sessionId>{session}</sessionId></SessionHeader><CallOptions><client>test</client></CallOptions></soapenv:Header><soapenv:Body xmlns="http://soap.sforce.com/2006/04/metadata">{operation}</soapenv:Body></soapenv:Envelope>"#
        );
        send(
            self.address(),
            "POST",
            &format!("/services/Soap/m/{version}"),
            &[("Content-Type", "text/xml"), ("SOAPAction", "\"\"")],
            body.as_bytes(),
        )
    }

    /// Retrieves what `types` names and returns the files of the zip.
    pub(crate) fn retrieve(&self, version: &str, types: &str) -> Vec<(String, String)> {
        let started = self.soap(&format!(
            "<retrieve><request><apiVersion>{version}</apiVersion><singlePackage>true</singlePackage><unpackaged>{types}<version>{version}</version></unpackaged></request></retrieve>"
        ));
        let id = started.element("id").unwrap();
        let done = self.soap(&format!(
            "<checkRetrieveStatus><asyncProcessId>{id}</asyncProcessId></checkRetrieveStatus>"
        ));
        unzip(&STANDARD.decode(done.element("zipFile").unwrap()).unwrap())
    }
}

/// The failures of a deploy, one per line: `file:line:column type name: problem`.
pub(crate) fn failures(result: &Value) -> String {
    let mut text = String::new();
    for failure in result["details"]["componentFailures"].as_array().unwrap() {
        let part = |name: &str| failure[name].as_str().unwrap_or_default();
        let number = |name: &str| {
            failure[name]
                .as_u64()
                .map_or("-".to_owned(), |n| n.to_string())
        };
        writeln!(
            text,
            "{}:{}:{} {} {}: {} {}",
            part("fileName"),
            number("lineNumber"),
            number("columnNumber"),
            part("componentType"),
            part("fullName"),
            part("problemType"),
            part("problem"),
        )
        .unwrap();
    }
    text
}

/// An org with the storefront deployed and a customer who may use it.
pub(crate) async fn storefront(builder: Builder) -> Org {
    let org = builder.start().await.unwrap();
    let result = Client(&org).deploy(&Package::storefront());
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    org.create_external_user(USER, PASSWORD).unwrap();
    org.assign_permission_set(USER, "Shoppers").unwrap();
    // The run-as user of the client credentials flow.
    org.assign_permission_set(org.admin_username(), "Shoppers")
        .unwrap();
    org
}

/// A file that grants user permissions.
pub(crate) fn grants(kind: &str, label: &str, permissions: &[&str], enabled: bool) -> String {
    let mut text = format!("<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{label}");
    for name in permissions {
        writeln!(
            text,
            "    <userPermissions><enabled>{enabled}</enabled><name>{name}</name></userPermissions>"
        )
        .unwrap();
    }
    writeln!(text, "</{kind}>").unwrap();
    text
}

/// An integration user with these user permissions, whom the app's client credentials flow runs as;
/// an access token of that user.
pub(crate) fn bot(org: &Org, permissions: &[&str]) -> String {
    const BOT: &str = "bot@example.com";
    org.create_integration_user(BOT).unwrap();
    let client = Client(org);
    let mut package = Package::storefront().replace(OAUTH_POLICIES, "admin@embedded.example", BOT);
    package.files.push((
        "permissionsets/Keepers.permissionset".to_owned(),
        grants(
            "PermissionSet",
            "    <label>Keepers</label>\n",
            permissions,
            true,
        ),
    ));
    let result = client.deploy(&package);
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    for set in ["Keepers", "Shoppers"] {
        org.assign_permission_set(BOT, set).unwrap();
    }
    let (key, secret) = (
        org.consumer_key(APP).unwrap(),
        org.consumer_secret(APP).unwrap(),
    );
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", &key),
        ("client_secret", secret.expose_secret()),
    ];
    let answer = client.form("/services/oauth2/token", &[], &fields);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}
