//! `eca emulate --tls`, as third-party clients meet it.

use std::process::Command;

use eca_tests::{Emulated, run, run_with, skip, storefront};

#[test]
fn clients_that_trust_the_printed_file_get_in_and_others_do_not() {
    let project = storefront();
    let project = project.to_str().expect("a path in UTF-8");
    let org = Emulated::start_with(&["--tls", "--seed", project, "--pace", "polls:1"]);
    let url = org.text("instance_url");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let file = org.text("ca_file").to_owned();
    let here = std::env::temp_dir();

    // The program itself.
    let mut environment: Vec<(String, String)> = org
        .environment()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let refused = run_with(
        &here,
        &["list", "ExternalClientApplication"],
        environment.clone(),
    );
    assert_ne!(refused.code, 0, "{refused:?}");
    environment.push(("SSL_CERT_FILE".to_owned(), file.clone()));
    let listed = run_with(&here, &["list", "ExternalClientApplication"], environment);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.stdout.contains("Storefront"), "{listed:?}");

    // Foreign judges of chain, name and dates.
    let port = url.rsplit(':').next().expect("a port");
    let script = format!(
        "import ssl,urllib.request\nprint(urllib.request.urlopen('https://localhost:{port}/services/data',context=ssl.create_default_context(cafile='{file}')).status)\ntry:\n urllib.request.urlopen('{url}/services/data')\nexcept Exception as e: print('refused')"
    );
    match Command::new("python3").args(["-c", &script]).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(said, "200\nrefused\n", "{output:?}");
        }
        Err(_) => skip("python3"),
    }
    let script = format!(
        "require('https').get('{url}/services/data',r=>console.log(r.statusCode)).on('error',e=>console.log(e.code))"
    );
    for (trust, expected) in [(Some(&file), "200\n"), (None, "SELF_SIGNED_CERT_IN_CHAIN")] {
        let mut node = Command::new("node");
        node.args(["-e", &script]).env_remove("NODE_EXTRA_CA_CERTS");
        node.envs(trust.map(|file| ("NODE_EXTRA_CA_CERTS", file)));
        match node.output() {
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                let is_right = match trust {
                    Some(_) => said == expected,
                    // The name of the refusal depends on the version of OpenSSL.
                    None => !said.contains("200"),
                };
                assert!(is_right, "{expected}: {output:?}");
            }
            Err(_) => skip("node"),
        }
    }
    assert_eq!(org.terminate(), 0);
    assert!(
        !std::path::Path::new(&file).exists(),
        "{file} is left behind"
    );
}

#[test]
fn an_org_in_a_folder_keeps_its_authority() {
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
fn what_stands_against_being_public_is_said() {
    let here = std::env::temp_dir();
    let missing = here.join("no-such.pem");
    let missing = missing.to_str().unwrap();
    for (arguments, expected) in [
        (&["--bind", "0.0.0.0"][..], "0.0.0.0"),
        (&["--bind", "0.0.0.0", "--i-know-this-is-public"], "TLS"),
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
fn a_certificate_of_ones_own_is_shown() {
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
