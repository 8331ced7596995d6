//! `eca emulate --tls`, with `eca` and with other clients.

use std::path::PathBuf;
use std::process::Command;

use eca_tests::{Emulated, run, run_with, skip, storefront};

/// An org with the example project, behind TLS.
fn start() -> Emulated {
    let project = storefront();
    let project = project.to_str().expect("a path in UTF-8");
    Emulated::start_with(&["--tls", "--seed", project, "--pace", "polls:1"])
}

#[test]
fn eca_connects_only_with_the_printed_authority() {
    let org = start();
    let list = |environment: Vec<(&str, String)>| {
        let here = std::env::temp_dir();
        run_with(&here, &["list", "ExternalClientApplication"], environment)
    };
    let mut environment = org.environment().to_vec();
    let refused = list(environment.clone());
    assert_ne!(refused.code, 0, "{refused:?}");
    environment.push(("SSL_CERT_FILE", org.text("ca_file").to_owned()));
    let listed = list(environment);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.stdout.contains("Storefront"), "{listed:?}");
}

#[test]
fn python_connects_only_with_the_printed_authority() {
    let org = start();
    let (url, file) = (org.text("instance_url"), org.text("ca_file"));
    let port = url.rsplit(':').next().expect("a port");
    let script = format!(
        "import ssl,urllib.request\nprint(urllib.request.urlopen('https://localhost:{port}/services/data',context=ssl.create_default_context(cafile='{file}')).status)\ntry:\n urllib.request.urlopen('{url}/services/data')\nexcept Exception as e: print('refused')"
    );
    match Command::new("python3").args(["-c", &script]).output() {
        Ok(output) => assert_eq!(output.stdout, b"200\nrefused\n", "{output:?}"),
        Err(_) => skip("python3"),
    }
}

#[test]
fn node_connects_only_with_the_printed_authority() {
    let org = start();
    let (url, file) = (org.text("instance_url"), org.text("ca_file"));
    let script = format!(
        "require('https').get('{url}/services/data',r=>console.log(r.statusCode)).on('error',e=>console.log('refused'))"
    );
    for (authority, expected) in [(Some(file), "200\n"), (None, "refused\n")] {
        let mut node = Command::new("node");
        node.args(["-e", &script]).env_remove("NODE_EXTRA_CA_CERTS");
        node.envs(authority.map(|file| ("NODE_EXTRA_CA_CERTS", file)));
        match node.output() {
            Ok(output) => assert_eq!(output.stdout, expected.as_bytes(), "{output:?}"),
            Err(_) => skip("node"),
        }
    }
}

#[test]
fn the_authority_is_gone_after_the_org_stops() {
    let org = start();
    let url = org.text("instance_url");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let file = PathBuf::from(org.text("ca_file"));
    assert!(file.is_file(), "{}", file.display());
    assert_eq!(org.terminate(), 0);
    assert!(!file.exists(), "{} is left behind", file.display());
}

#[test]
fn a_stored_org_keeps_its_authority() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let read = || {
        let org = Emulated::start_with(&["--tls", "--state", path]);
        let file = org.text("ca_file").to_owned();
        assert_eq!(org.terminate(), 0);
        std::fs::read_to_string(file).unwrap()
    };
    let first = read();
    assert!(first.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(read(), first);
}

#[test]
fn wrong_options_for_a_public_org() {
    let here = std::env::temp_dir();
    let missing = here.join("no-such.pem");
    let missing = missing.to_str().unwrap();
    for (arguments, expected) in [
        (&["--bind", "0.0.0.0"][..], "0.0.0.0"),
        (&["--bind", "0.0.0.0", "--i-know-this-is-public"], "--tls"),
        (&["--tls-cert", missing], "--tls-key"),
        (
            &["--tls", "--tls-cert", missing, "--tls-key", missing],
            "cannot be used with",
        ),
        (
            &["--tls-cert", missing, "--tls-key", missing],
            "no-such.pem",
        ),
    ] {
        let run = run(&here, &[&["emulate"], arguments].concat());
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stderr.contains(expected), "{run:?}");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
}

#[test]
fn a_given_certificate_is_presented() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, certificate) = (file("key.pem"), file("cert.pem"));
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=org.example.com"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-keyout", &key, "-out", &certificate])
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        return skip("openssl");
    }
    let org = Emulated::start_with(&["--tls-cert", &certificate, "--tls-key", &key]);
    let url = org.text("instance_url");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let script = format!(
        "import ssl,urllib.request\nprint(urllib.request.urlopen('{url}/services/data',context=ssl.create_default_context(cafile='{certificate}')).status)"
    );
    match Command::new("python3").args(["-c", &script]).output() {
        Ok(output) => assert_eq!(output.stdout, b"200\n", "{output:?}"),
        Err(_) => skip("python3"),
    }
    assert_eq!(org.terminate(), 0);
}

#[test]
fn only_current_versions_of_tls_are_served() {
    let org = start();
    let address = org
        .text("instance_url")
        .trim_start_matches("https://")
        .to_owned();
    for (version, expected) in [
        ("-tls1", false),
        ("-tls1_1", false),
        ("-tls1_2", true),
        ("-tls1_3", true),
    ] {
        let mut openssl = Command::new("openssl");
        openssl
            // The old versions need ciphers that openssl itself disables by default.
            .args([
                "s_client",
                "-connect",
                &address,
                version,
                "-cipher",
                "ALL:@SECLEVEL=0",
            ])
            .stdin(std::process::Stdio::null());
        match openssl.output() {
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout);
                let connected = text.contains("Cipher is ") && !text.contains("Cipher is (NONE)");
                assert_eq!(connected, expected, "{version}: {text}");
            }
            Err(_) => skip("openssl"),
        }
    }
}
