//! What an attacker tries, and what then does not happen.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use eca_tests::{FakeOrg, Run, eca, find, run, run_line, run_with, storefront_copy};

const TOKEN: (&str, &str) = ("SF_ACCESS_TOKEN", "00D000000000001!LEAK");

/// A server that redirects every request.
fn redirecting(status: u16, to: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status} X\r\nLocation: {to}/elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The head; a body that follows does not matter.
            let _ = stream.read(&mut [0; 8192]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn no_redirect_is_followed() {
    let other = FakeOrg::start_generous();
    let project = storefront_copy();
    for status in [301, 302, 303, 307, 308] {
        let url = redirecting(status, &other.url);
        let environment = [TOKEN, ("SF_ORG_INSTANCE_URL", &url)];
        for line in ["list", "deploy", "retrieve --all", "deploys list"] {
            let words: Vec<_> = line.split(' ').collect();
            let run = run_with(project.path(), &words, environment);
            assert_ne!(run.code, 0, "{status} {line}: {run:?}");
        }
        let auth = "auth = { method = 'client-credentials', client-id = '3MVG9', client-secret = 'env:SECRET' }";
        eca_tests::configure(project.path(), &url, auth);
        let token = run_with(project.path(), &["token"], [("SECRET", "LEAK-secret")]);
        assert_ne!(token.code, 0, "{status}: {token:?}");
        fs::remove_file(project.path().join("eca.toml")).unwrap();
    }
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}

#[test]
fn requests_to_this_machine_use_no_proxy() {
    let (org, proxy) = (FakeOrg::start_generous(), FakeOrg::start_generous());
    let project = storefront_copy();
    let url = org.url.replace("127.0.0.1", "localhost");
    for instance in [org.url.as_str(), &url] {
        let mut environment = vec![TOKEN, ("SF_ORG_INSTANCE_URL", instance)];
        for name in [
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "HTTPS_PROXY",
            "all_proxy",
            "ALL_PROXY",
        ] {
            environment.push((name, &proxy.url));
        }
        run_with(project.path(), &["list"], environment);
    }
    assert!(!org.requests().is_empty());
    assert!(proxy.requests().is_empty(), "{:?}", proxy.requests());
}

#[test]
fn an_id_is_no_path_and_no_escape_sequence() {
    let org = FakeOrg::start_generous();
    let project = storefront_copy();
    let environment = [TOKEN, ("SF_ORG_INSTANCE_URL", org.url.as_str())];
    for id in [
        "../../0Af0000001",
        "0Af00000000001/../",
        "0Af\u{1b}[31m00000001",
        "0Af0000\n00000001",
        "",
        "%2e%2e%2f",
    ] {
        for command in [
            &["deploys", "show"][..],
            &["deploys", "watch"],
            &["deploy", "--cancel"],
            &["deploy", "--quick"],
        ] {
            let run = run_with(project.path(), &[command, &[id]].concat(), environment);
            assert_eq!(run.code, 3, "{command:?} {id:?}: {run:?}");
            assert!(!run.stderr.contains('\u{1b}'), "{id:?}: {run:?}");
        }
    }
    assert!(org.requests().is_empty(), "{:?}", org.requests());
}

/// Documents that read files, grow, or end a parser. `SECRET` is in a file beside them.
fn hostile_xml(secret: &Path) -> Vec<Vec<u8>> {
    let root = "ExternalClientApplication xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    let element = |content: &str| {
        format!(
            "<{root}><contactEmail>{content}</contactEmail><label>x</label></ExternalClientApplication>"
        )
    };
    let file = secret.display();
    let text = |text: String| text.into_bytes();
    vec![
        text(format!(
            "<!DOCTYPE a [<!ENTITY x SYSTEM \"file://{file}\">]>{}",
            element("&x;")
        )),
        text(format!(
            "<!DOCTYPE a [<!ENTITY % x SYSTEM \"file://{file}\"> %x;]>{}",
            element("y")
        )),
        text(format!(
            "<!DOCTYPE a SYSTEM \"file://{file}\">{}",
            element("y")
        )),
        text(format!(
            "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>{}",
            element("&b;&b;&b;&b;&b;&b;&b;&b;")
        )),
        text(element("&undefined;")),
        text(element("&#0;&#xFFFF;&#x110000;")),
        text(element(&format!(
            "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file://{file}\" parse=\"text\"/>"
        ))),
        text(format!(
            "<?xml-stylesheet href=\"file://{file}\"?>{}",
            element("y")
        )),
        text("<a>".repeat(100_000)),
        text(format!(
            "<{root} {}/>",
            (0..50_000)
                .map(|n| format!("a{n}='' "))
                .collect::<Vec<_>>()
                .concat()
        )),
        [
            b"\xff\xfe".to_vec(),
            element("y")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
        ]
        .concat(),
        [
            b"<?xml version=\"1.0\" encoding=\"UTF-7\"?>".to_vec(),
            text(element("+ADw-")),
        ]
        .concat(),
        [text(element("y")), b"\0\0\0".to_vec()].concat(),
        b"\x00\x00\x00<\x00\x00\x00a".to_vec(),
        b"\xed\xa0\x80<a/>".to_vec(),
        b"<a><![CDATA[".to_vec(),
        b"<a b=\"<!--".to_vec(),
        Vec::new(),
    ]
}

#[test]
fn a_hostile_file_is_a_finding_and_nothing_else() {
    let project = storefront_copy();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "LEAKED-BY-AN-ENTITY").unwrap();
    let file = find(project.path(), ".eca-meta.xml");
    for (number, content) in hostile_xml(&secret).iter().enumerate() {
        fs::write(&file, content).unwrap();
        for line in ["lint", "fmt --check", "show", "package --output p.zip"] {
            let run = run_line(project.path(), line);
            assert!([0, 1, 3].contains(&run.code), "{number} {line}: {run:?}");
            run.assert_hides(&["LEAKED-BY-AN-ENTITY", "panicked", "aaaaaaaaaaaaaaaaaaaa"]);
        }
        assert_eq!(&fs::read(&file).unwrap(), content, "{number}");
    }
}

/// Runs the program with a umask that allows everything.
#[cfg(unix)]
fn with_open_umask(folder: &Path, line: &str, environment: &[(&str, String)]) -> Run {
    let words: Vec<_> = line.split(' ').collect();
    let program = eca(folder, &words);
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(folder);
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.envs(environment.iter().map(|(name, value)| (name, value)));
    Run::from(shell.output().unwrap())
}

#[cfg(unix)]
#[test]
fn keys_and_state_are_the_owners_under_any_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let org = crate::embedded::EmbeddedOrg::start();
    let project = storefront_copy();
    let here = project.path();
    let environment = org.environment();
    for line in [
        "cert new --name x --key-out k.pem --cert-out c.pem",
        "key convert k.pem --to jwk --out k.jwk",
        "deploy",
    ] {
        let run = with_open_umask(here, line, &environment);
        assert_eq!(run.code, 0, "{line}: {run:?}");
    }
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&here.join("k.pem")), 0o600);
    assert_eq!(mode(&here.join("k.jwk")), 0o600);
    let mut open = vec![here.join("state/eca")];
    let mut journals = 0;
    while let Some(folder) = open.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                journals += 1;
            }
        }
    }
    assert!(journals > 0, "the deploy has no journal");
}

#[cfg(unix)]
#[test]
fn a_new_key_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim");
    fs::write(here.join("file"), "mine").unwrap();
    fs::write(&victim, "theirs").unwrap();
    let make_link =
        |to: &Path, name: &str| std::os::unix::fs::symlink(to, here.join(name)).unwrap();
    make_link(&victim, "link");
    make_link(&outside.path().join("new"), "dangling");
    fs::create_dir(here.join("folder")).unwrap();
    for (key, certificate) in [
        ("file", "c1.pem"),
        ("link", "c2.pem"),
        ("dangling", "c3.pem"),
        ("folder", "c4.pem"),
        ("k5.pem", "k5.pem"),
        ("k6.pem", "file"),
        ("k7.pem", "link"),
        ("k8.pem", "dangling"),
    ] {
        let line =
            format!("cert new --name x --key-out {key} --cert-out {certificate} --kind p-256");
        let run = run(here, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(run.code, 3, "{line}: {run:?}");
        // No key without its certificate, no certificate without its key.
        for new in [key, certificate] {
            let is_new = new.contains('.');
            assert!(!is_new || !here.join(new).exists(), "{line} left {new}");
        }
    }
    assert_eq!(fs::read_to_string(here.join("file")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "theirs");
    assert!(!outside.path().join("new").exists());
}
