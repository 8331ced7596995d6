//! The program asks the network for nothing that the command does not name: no update check, no
//! telemetry, no file of a schema.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use eca_tests::{clean_storefront_copy, run_with};

use crate::embedded::EmbeddedOrg;

/// A proxy that counts connections and ends each at once. Every request to another host than this
/// machine goes through the proxy of the environment.
struct Proxy {
    url: String,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        thread::spawn(move || {
            for connection in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        Self { url, connections }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]
            .map(|name| (name, self.url.clone()))
            .to_vec()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

#[test]
fn nothing_asks_the_network_by_itself() {
    let proxy = Proxy::start();
    let project = clean_storefront_copy();
    let root = project.path();
    for line in [
        "--version",
        "--help",
        "lint",
        "show",
        "fmt",
        "graph",
        "schema",
        "schema ExtlClntAppOauthSettings",
        "explain ECA1304",
        "completions bash",
        "package --output package.zip",
        "cert check --within 30d",
        "diff . .",
        "demo",
    ] {
        let arguments: Vec<_> = line.split(' ').collect();
        let done = run_with(root, &arguments, proxy.environment());
        assert_eq!(done.code, 0, "{line}: {done:?}");
        assert_eq!(proxy.connections(), 0, "{line}");
    }
    // With an org, nobody but the org is asked.
    let org = EmbeddedOrg::start();
    let environment = || [proxy.environment(), org.environment().to_vec()].concat();
    for line in ["deploy", "retrieve --app Storefront", "list", "describe"] {
        let arguments: Vec<_> = line.split(' ').collect();
        let done = run_with(root, &arguments, environment());
        assert_eq!(done.code, 0, "{line}: {done:?}");
        assert_eq!(proxy.connections(), 0, "{line}");
    }
    // The proxy would have been used: a request to another host arrives there.
    let elsewhere = [
        ("SF_ACCESS_TOKEN", "00D000000000001!x".to_owned()),
        (
            "SF_ORG_INSTANCE_URL",
            "https://acme.my.salesforce.com".to_owned(),
        ),
    ];
    let done = run_with(
        root,
        &["list"],
        [proxy.environment(), elsewhere.to_vec()].concat(),
    );
    assert_eq!(done.code, 7, "{done:?}");
    assert!(proxy.connections() > 0, "{done:?}");
}
