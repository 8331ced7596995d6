//! Which apps hold tokens.

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::wire::connect::{get, next_page, part};
use crate::wire::tree::Node;

/// The pages that are fetched. A page has 100 apps.
const MAX_PAGES: usize = 100;

/// An app with usage data (Connect REST API Developer Guide, "OAuth Usage", 59.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppUsage {
    /// The developer name.
    pub developer_name: String,
    /// The id of the app.
    pub identifier: String,
}

/// The apps with usage data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageList {
    /// The apps.
    pub apps: Vec<AppUsage>,
    /// Whether these are all: at most 100 pages are fetched.
    pub is_complete: bool,
}

struct Page {
    apps: Vec<AppUsage>,
    /// Items of whatever list.
    items: usize,
    next: Option<String>,
}

impl Page {
    fn read(node: &Node<'_>) -> Self {
        let app = |node: &Node<'_>| {
            Some(AppUsage {
                developer_name: node.string_of(&["developerName"])?,
                identifier: node.string_of(&["identifier"])?,
            })
        };
        let children = node.children().iter();
        Self {
            apps: node.all("apps").filter_map(app).collect(),
            items: children
                .filter(|child| !child.name().ends_with("PageUrl"))
                .count(),
            next: next_page(node),
        }
    }
}

/// The apps that have usage data. Every page names a next one, also the last: the end is a page
/// without apps.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn oauth_usage(client: &Client) -> Result<UsageList, Error> {
    const NAME: &str = "REST OAuth usage";
    let mut list = UsageList::default();
    let mut resource = "apps/oauth/usage?page=0&pageSize=100".to_owned();
    for _ in 0..MAX_PAGES {
        let page = client.execute(get(NAME, resource, Page::read)).await?;
        let is_last = page.items == 0;
        list.apps.extend(page.apps);
        match page.next {
            Some(next) if !is_last => resource = next,
            _ => {
                list.is_complete = true;
                break;
            }
        }
    }
    Ok(list)
}

/// Whether anybody has tokens of an app, by the app's id: the list of its users has an entry
/// ("OAuth Usage", `/apps/oauth/usage/{app}/users`). No public page names the members of an entry,
/// so none is read.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn has_oauth_users(client: &Client, app_id: &str) -> Result<bool, Error> {
    const NAME: &str = "REST OAuth usage of an app";
    let resource = format!("apps/oauth/usage/{}/users?page=0&pageSize=1", part(app_id));
    let page = client.execute(get(NAME, resource, Page::read)).await?;
    Ok(page.items > 0)
}
