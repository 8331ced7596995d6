//! `/services/data`: the versions of the REST API and their resources, as far as clients need them
//! to log in and look around.

mod access;
mod describe;
mod objects;
mod query;
mod soql;
mod table;

use eca_model::ApiVersion;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::core::{Core, StateView};
use crate::metadata::package::OLDEST;
use crate::server::call::{Call, Reply, json_reply, not_found, wrong_method};

use crate::data::query::attributes;
use crate::data::table::View;
use crate::oauth::session;
pub(crate) use table::Api;

/// The oldest version of the REST API that has not been retired (Salesforce Help, "Salesforce
/// Platform API Versions 21.0 through 30.0 Retirement"). Clients ask old versions for simple
/// things: `sf` reads its user with 51.0.
const OLDEST_DATA: ApiVersion = ApiVersion::new(31);

/// The version of a path segment such as `v66.0`, if the org has it.
pub(crate) fn version(core: &Core, segment: &str) -> Option<ApiVersion> {
    segment
        .strip_prefix('v')?
        .parse()
        .ok()
        .filter(|version| (OLDEST_DATA..=core.config.api_version).contains(version))
}

/// Whether the Metadata API of this org has a version.
pub(crate) fn has_metadata(version: ApiVersion) -> bool {
    version >= OLDEST
}

/// Answers `query`, `sobjects/…` and their siblings below `tooling`; `rest` is the rest of the
/// path.
pub(crate) fn answer(
    core: &Core,
    call: &Call,
    version: ApiVersion,
    api: Api,
    rest: &[&str],
) -> Reply {
    let answer: &dyn Fn() -> Reply = match rest {
        ["limits"] if api == Api::Data => &limits,
        ["query"] => &|| dated(core, query::first(core, call, version, api)),
        ["query", locator] => &|| dated(core, query::next(core, call, version, api, locator)),
        ["sobjects"] => &|| describe::objects(core, call, version, api),
        ["sobjects", object, "describe"] => &|| describe::object(core, call, version, api, object),
        ["sobjects", object, id] => &|| record(core, call, version, api, object, id),
        _ => return not_found(),
    };
    if matches!(call.method, Method::GET | Method::HEAD) {
        answer()
    } else {
        wrong_method(call)
    }
}

/// Some limits of an org (REST API Developer Guide, "Limits"). This org does not count: nothing is
/// ever used up.
fn limits() -> Reply {
    let unused = |max: u64| json!({ "Max": max, "Remaining": max });
    json_reply(
        StatusCode::OK,
        &json!({
            "DailyApiRequests": unused(15_000),
            "DataStorageMB": unused(5),
            "FileStorageMB": unused(20),
        }),
    )
}

/// The org as the user of a call sees it.
fn view<'a>(core: &'a Core, state: &'a StateView<'_>, call: &Call) -> View<'a> {
    View {
        state,
        config: &core.config,
        user: session::user(state, call, state.now()),
        now: state.now(),
    }
}

fn record(
    core: &Core,
    call: &Call,
    version: ApiVersion,
    api: Api,
    object: &str,
    id: &str,
) -> Reply {
    let state = core.read();
    let view = view(core, &state, call);
    let Some(table) = objects::table(&view, api, object) else {
        return not_found();
    };
    let row = table.rows.iter().find(|row| {
        let row_id = soql::value(row, "Id").as_str().unwrap_or_default();
        row_id == id || (id.len() == 15 && row_id.starts_with(id))
    });
    let Some(row) = row else {
        return not_found();
    };
    let mut record = row.clone();
    record.insert(
        "attributes".into(),
        attributes(version, api, table.name, row),
    );
    json_reply(StatusCode::OK, &Value::Object(record))
}

/// All versions, oldest first.
pub(crate) fn versions(core: &Core) -> Reply {
    let versions: Vec<_> = (OLDEST.major()..=core.config.api_version.major())
        .map(|major| {
            json!({
                "label": release(major),
                "url": format!("/services/data/v{major}.0"),
                "version": format!("{major}.0"),
            })
        })
        .collect();
    json_reply(StatusCode::OK, &json!(versions))
}

/// A reply with the time of the org in its `Date`: clients compare it with the times of records.
fn dated(core: &Core, mut reply: Reply) -> Reply {
    let date = httpdate::fmt_http_date(core.read().now());
    if let Ok(date) = HeaderValue::from_str(&date) {
        reply.headers_mut().insert(header::DATE, date);
    }
    reply
}

/// The resources of one version; `identity` is the URL of the token's user.
pub(crate) fn resources(core: &Core, call: &Call, version: ApiVersion) -> Reply {
    let state = core.read();
    let user = session::user(&state, call, state.now()).map_or("", |user| user.id.as_str());
    let config = &core.config;
    let reply = json_reply(
        StatusCode::OK,
        &json!({
            "identity": format!("{}/id/{}/{user}", config.instance_url, state.org_id),
            "limits": format!("/services/data/v{version}/limits"),
            "metadata": format!("/services/data/v{version}/metadata"),
            "query": format!("/services/data/v{version}/query"),
            "sobjects": format!("/services/data/v{version}/sobjects"),
            "tooling": format!("/services/data/v{version}/tooling"),
        }),
    );
    drop(state);
    dated(core, reply)
}

/// Three releases a year: 58.0 is Summer '23.
fn release(major: u16) -> String {
    let count = major.saturating_sub(OLDEST.major()) + 1;
    let season = ["Spring", "Summer", "Winter"][usize::from(count % 3)];
    // The year in the name of a Winter release is the following year.
    let year = 23 + (count + u16::from(count % 3 == 2)) / 3;
    format!("{season} '{year}")
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn versions_have_the_names_of_their_releases() {
        for (major, name) in [
            (58, "Summer '23"),
            (59, "Winter '24"),
            (60, "Spring '24"),
            (61, "Summer '24"),
            (62, "Winter '25"),
            (66, "Spring '26"),
            (67, "Summer '26"),
            (68, "Winter '27"),
        ] {
            assert_eq!(release(major), name, "{major}");
        }
    }
}
