//! Checkouts of strangers: `eca.toml` and the names of files.

use std::fs;
use std::path::Path;

use eca_tests::{Run, eca, storefront_copy};
use fastrand::Rng;

use crate::damage::{damaged_text, one, one_or_word, word};
use crate::output::check;
use crate::{Case, End};

/// The program as a stranger's checkout meets it: nothing is trusted.
fn run(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = eca(folder, arguments);
    command.env_remove("ECA_TRUST_CONFIG");
    Run::from(command.output().expect("eca runs"))
}

fn end(run: &Run) -> End {
    if run.code == 0 {
        End::Accepted
    } else {
        End::Refused
    }
}

/// No `eca.toml` of a checkout runs anything.
pub(crate) fn configurations() -> Case {
    let project = storefront_copy();
    Box::new(move |rng| {
        let ran = project.path().join("ran");
        let text = configuration(rng, &format!("cmd:touch '{}'", ran.display()));
        fs::write(project.path().join("eca.toml"), &text).expect("a file");
        let line = one(
            rng,
            &[
                "list",
                "lint",
                "fmt --check",
                "describe",
                "login",
                "token",
                "deploy --check-only",
            ],
        );
        let arguments: Vec<_> = line.split(' ').collect();
        let run = run(project.path(), &arguments);
        assert!(!ran.exists(), "{line} ran a command of:\n{text}");
        check(&arguments, &run, &[]);
        end(&run)
    })
}

fn configuration(rng: &mut Rng, command: &str) -> String {
    let name = one_or_word(rng, &["a", "../a", "a b", ""]);
    let quoted = serde_json::to_string(name).expect("a text");
    let auth = match rng.u8(..4) {
        0 => format!("{{ method = 'access-token', access-token = \"{command}\" }}"),
        1 => format!(
            "{{ method = 'client-credentials', client-id = 'x', client-secret = \"{command}\" }}"
        ),
        2 => format!(
            "{{ method = 'jwt', client-id = 'x', username = 'y', key = 'k', key-password = \"{command}\" }}"
        ),
        _ => "{ method = 'sf' }".to_owned(),
    };
    let url = one_or_word(rng, &["http://127.0.0.1:9", "https://a.my.salesforce.com"]);
    let url = serde_json::to_string(url).expect("a text");
    let text =
        format!("default-org = {quoted}\n[orgs.{quoted}]\ninstance-url = {url}\nauth = {auth}\n");
    if rng.bool() {
        damaged_text(rng, &text)
    } else {
        text
    }
}

/// Names of files reach no terminal and no CI as orders.
pub(crate) fn names() -> Case {
    Box::new(|rng| {
        let project = storefront_copy();
        let app = project
            .path()
            .join("force-app/main/default/externalClientApps");
        for _ in 0..3 {
            let name = format!("{}{}.eca-meta.xml", word(rng), word(rng));
            let name = name.replace(['/', '\0'], "_");
            // The system may refuse a name, too.
            let _ = fs::write(app.join(name), one_or_word(rng, &["", "<x>"]));
        }
        let line = one(
            rng,
            &[
                "lint",
                "lint --format short",
                "lint --format github",
                "lint --format sarif",
                "lint --format gitlab",
                "fmt --check",
                "show",
                "graph",
                "package",
            ],
        );
        let arguments: Vec<_> = line.split(' ').collect();
        let run = run(project.path(), &arguments);
        check(&arguments, &run, &[]);
        end(&run)
    })
}
