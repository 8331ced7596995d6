//! The cost of packaging, memory and parsing: `cargo bench -p eca-deploy`.
//!
//! Without a framework: each figure is the median of a few runs. Where there is a reference, the
//! two alternate, and their ratio is printed.

#![expect(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking"
)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use eca_deploy::{ApiVersion, Client, Deployment, Endpoint, Limits, Package};
use eca_http::testing::ScriptedTransport;
use eca_http::{HttpClient, ReqwestTransport, TokioTimer, Transport};
use eca_oauth::{AccessToken, StaticToken};
use flate2::{Compress, Compression, FlushCompress, Status};
use http::Response;

fn main() {
    // First, since it measures the peak of the whole process.
    memory(10_000);
    package(1_000);
    status(10_000);
}

/// The five files of an app.
fn files(app: usize) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (folder, suffix, root, members) in [
        (
            "externalClientApps",
            "eca",
            "ExternalClientApplication",
            "    <contactEmail>shop@example.com</contactEmail>\n    <distributionState>Local</distributionState>\n",
        ),
        (
            "extlClntAppOauthSettings",
            "ecaOauth",
            "ExtlClntAppOauthSettings",
            "    <commaSeparatedOauthScopes>Api, OpenID, RefreshToken</commaSeparatedOauthScopes>\n",
        ),
        (
            "extlClntAppGlobalOauthSets",
            "ecaGlblOauth",
            "ExtlClntAppGlobalOauthSettings",
            "    <callbackUrl>https://shop.example.com/callback</callbackUrl>\n    <isPkceRequired>true</isPkceRequired>\n",
        ),
        (
            "extlClntAppOauthPolicies",
            "ecaOauthPlcy",
            "ExtlClntAppOauthConfigurablePolicies",
            "    <permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>\n",
        ),
        (
            "extlClntAppPolicies",
            "ecaPlcy",
            "ExtlClntAppConfigurablePolicies",
            "    <isEnabled>true</isEnabled>\n    <isOauthPluginEnabled>true</isOauthPluginEnabled>\n",
        ),
    ] {
        let owner = if suffix == "eca" {
            String::new()
        } else {
            format!("    <externalClientApplication>App{app}</externalClientApplication>\n")
        };
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}{owner}    <label>App {app}</label>\n</{root}>\n"
        );
        files.push((format!("{folder}/App{app}.{suffix}"), text.into_bytes()));
    }
    files
}

const DEPLOY: &str = "0Af000000000018AAA";

/// The number of runs per figure.
const RUNS: usize = 15;

/// The time of one run: this thread's CPU time where the system has it, which does not depend on
/// other processes, otherwise the elapsed time.
fn measure<T>(run: impl FnOnce() -> T) -> Duration {
    let (start, before) = (Instant::now(), cpu_time());
    std::hint::black_box(run());
    match (before, cpu_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.elapsed(),
    }
}

/// The first figure of Linux's `schedstat` (kernel documentation, `sched-stats`), in nanoseconds.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn median_time<T>(mut run: impl FnMut() -> T) -> Duration {
    median((0..RUNS).map(|_| measure(&mut run)).collect())
}

/// The medians of two alternating runs, so that both have the same conditions.
fn median_times<A, B>(
    mut one: impl FnMut() -> A,
    mut other: impl FnMut() -> B,
) -> (Duration, Duration) {
    let pairs = (0..RUNS).map(|_| (measure(&mut one), measure(&mut other)));
    let (ones, others) = pairs.unzip();
    (median(ones), median(others))
}

/// The reference for packaging: finds the files of a folder, reads and deflates them, with the same
/// library at the same level. Without checksums and parsing.
fn read_and_deflate(folder: &Path) -> usize {
    let mut deflate = Compress::new(Compression::new(6), false);
    let mut bytes = 0;
    for file in walk(folder) {
        let content = std::fs::read(file).unwrap();
        let mut deflated = Vec::with_capacity(content.len());
        deflate.reset();
        let finish = FlushCompress::Finish;
        let status = deflate
            .compress_vec(&content, &mut deflated, finish)
            .unwrap();
        assert_eq!(status, Status::StreamEnd);
        bytes += deflated.len();
    }
    bytes
}

/// Every file below a folder, sorted by name within each folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let listing = std::fs::read_dir(folder).unwrap();
    let mut entries: Vec<_> = listing.map(Result::unwrap).collect();
    entries.sort_by_cached_key(std::fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        if entry.file_type().unwrap().is_dir() {
            files.append(&mut walk(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

/// Measures packaging the files of a folder, and reading and deflating them as the reference.
fn package(apps: usize) {
    let disk = folder(apps);
    let folder = disk.path();
    let (packaged, deflated) = median_times(
        || {
            let project = eca_model::Project::load(folder).unwrap();
            Package::builder(&project).build().unwrap()
        },
        || read_and_deflate(folder),
    );
    let project = eca_model::Project::load(folder).unwrap();
    let built = median_time(|| Package::builder(&project).build().unwrap());
    println!(
        "package of {apps} apps ({} files) from a folder: {packaged:.1?}; finding, reading and deflating \
         its files {deflated:.1?}; ratio {:.2}; from a project in memory {built:.1?}",
        walk(folder).len(),
        packaged.as_secs_f64() / deflated.as_secs_f64()
    );
}

/// Measures the memory for packaging a folder and uploading the package to a server that discards
/// it: the peak of the process, less its peak before the folder was loaded.
fn memory(apps: usize) {
    let disk = folder(apps);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (url, server) = sink();
    let transport = ReqwestTransport::new("eca-bench/1", eca_http::Limits::default()).unwrap();
    let client = client(&url, transport);
    // The Metadata API's own limit is 10,000 files.
    let mut limits = Limits::default();
    limits.files = 60_000;

    let before = peak_memory();
    let project = eca_model::Project::load(disk.path()).unwrap();
    let package = Package::builder(&project).limits(limits).build().unwrap();
    drop(project);
    let packaged = peak_memory();
    let started = runtime.block_on(client.deploy(&package).start());
    assert_eq!(started.unwrap().id().as_str(), DEPLOY);
    let length = server.join().unwrap();
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "memory for {apps} apps ({} files): peak {:.1} MB for the package, {:.1} MB with its upload of {:.1} MB; \
         peak of the whole process {:.1} MB",
        apps * 5,
        megabytes(packaged - before),
        megabytes(peak_memory() - before),
        megabytes(length),
        megabytes(peak_memory()),
    );
}

/// A client of the org at this URL.
fn client(url: &str, transport: impl Transport + 'static) -> Client {
    let endpoint = Endpoint::new(&url.parse().unwrap(), ApiVersion::new(66));
    let http = HttpClient::new(Arc::new(transport), Arc::new(TokioTimer::new()));
    let token = AccessToken::new("00D000000000001!FAKE").unwrap();
    Client::new(endpoint, http, Arc::new(StaticToken::new(token)))
}

/// A temporary folder with the files of this many apps.
fn folder(apps: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, _) in files(0) {
        std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
    }
    for app in 0..apps {
        for (path, content) in files(app) {
            std::fs::write(folder.path().join(path), content).unwrap();
        }
    }
    folder
}

/// A server for one request. Its thread returns the size of the body in bytes.
fn sink() -> (String, std::thread::JoinHandle<u64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let (mut line, mut length) = (String::new(), 0);
        while stream.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let read = std::io::copy(&mut (&mut stream).take(length), &mut std::io::sink()).unwrap();
        let body = format!(r#"{{"id":"{DEPLOY}"}}"#);
        let length = body.len();
        write!(
            stream.get_mut(),
            "HTTP/1.1 201 Created\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        read
    });
    (url, server)
}

/// The peak resident memory of this process in bytes; 0 where the system does not have it.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Measures one status request with details.
fn status(components: usize) {
    let mut successes = String::new();
    for number in 0..components {
        let separator = if number == 0 { "" } else { "," };
        write!(
            successes,
            r#"{separator}{{"changed":true,"componentType":"ExternalClientApplication","created":false,"createdDate":"2026-11-20T17:44:26.000Z","deleted":false,"fileName":"externalClientApps/App{number}.eca","fullName":"App{number}","id":"8880000000000{number:05}","success":true}}"#
        )
        .unwrap();
    }
    let body = Bytes::from(format!(
        r#"{{"id":"{DEPLOY}","deployResult":{{"status":"Succeeded","done":true,"success":true,"details":{{"componentSuccesses":[{successes}]}}}}}}"#
    ));
    let megabytes = body.len() as f64 / 1e6;
    let transport = ScriptedTransport::with_handler(move |_| Some(Ok(Response::new(body.clone()))));
    let client = client("https://acme.my.salesforce.com", transport);
    let deployment = Deployment::attach(&client, DEPLOY.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let polled = median_time(|| runtime.block_on(deployment.status_with_retry()).unwrap());
    println!("status of {components} components ({megabytes:.1} MB): {polled:.1?} (goal: 20 ms)");
}
