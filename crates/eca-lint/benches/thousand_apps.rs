//! The time of linting compared with loading: 1,000 apps of five files each, on disk, all profiles.
//!
//! `cargo bench -p eca-lint` prints both times, the best of five runs, and their ratio. It fails
//! when linting takes more than twice as long as loading.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use eca_lint::{Options, Profile, lint};
use eca_model::Project;

const APPS: usize = 1000;
const RUNS: usize = 5;
const FILES: [&str; 5] = [
    ".eca-",
    ".ecaOauth-",
    ".ecaGlblOauth-",
    ".ecaOauthPlcy-",
    ".ecaPlcy-",
];
const CERTIFICATE: &str = include_str!("../tests/it/certificates/rsa-2048.txt");

fn main() -> ExitCode {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
    let root = std::env::temp_dir().join(format!("eca-lint-bench-{}", std::process::id()));
    let measured = write(&example, &root).and_then(|()| measure(&root));
    // A folder that is left in the temporary folder does no harm.
    let _ = fs::remove_dir_all(&root);
    match measured {
        Ok((loading, linting)) => {
            let ratio = linting.as_secs_f64() / loading.as_secs_f64();
            println!("{APPS} apps, {} files, all profiles", APPS * FILES.len());
            println!(
                "load {loading:>8.1?}\nlint {linting:>8.1?}\nlint / load = {ratio:.2} (at most 2)"
            );
            if ratio <= 2.0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the example's app under 1,000 names, with a certificate in each.
fn write(example: &Path, root: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let project = Project::load(example)?;
    fs::create_dir_all(root)?;
    fs::write(
        root.join("sfdx-project.json"),
        r#"{"packageDirectories": [{"path": "app"}], "sourceApiVersion": "66.0"}"#,
    )?;
    let certificate = format!(
        "    <clientAssertionCertificate>{}</clientAssertionCertificate>\n    <commaSeparatedOauthScopes>",
        CERTIFICATE.trim()
    );
    let ours = |path: &str| FILES.iter().any(|suffix| path.contains(suffix));
    for component in project.components().iter().filter(|c| ours(c.path())) {
        let schema = component.kind().schema();
        let folder = root.join("app").join(schema.directory);
        fs::create_dir_all(&folder)?;
        for index in 0..APPS {
            let name = component
                .full_name()
                .replace("Storefront", &format!("Storefront{index}"));
            let app = format!(">Storefront{index}<");
            let text = component.file().text().replace(">Storefront<", &app);
            let text = text.replace("    <commaSeparatedOauthScopes>", &certificate);
            fs::write(
                folder.join(format!("{name}.{}-meta.xml", schema.suffix)),
                text,
            )?;
        }
    }
    Ok(())
}

fn measure(root: &Path) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    let mut options = Options::new(SystemTime::now());
    options.profiles = Profile::ALL.to_vec();
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        let start = Instant::now();
        let project: Project = Project::load(root)?;
        best.0 = best.0.min(start.elapsed());
        assert_eq!(
            project.components().len(),
            APPS * FILES.len(),
            "all files are there"
        );
        let start = Instant::now();
        let report = lint(&project, &options);
        best.1 = best.1.min(start.elapsed());
        std::hint::black_box(report.findings().len());
    }
    Ok(best)
}
