//! `/services/data`: the versions of the REST API and what each offers here.

use eca_model::ApiVersion;
use http::StatusCode;
use serde_json::json;

use crate::{
    call::{Reply, json_reply},
    metadata::package::OLDEST,
    state::Core,
};

/// The version of a path segment such as `v66.0`, if the org has it.
pub(crate) fn version(core: &Core, segment: &str) -> Option<ApiVersion> {
    segment
        .strip_prefix('v')?
        .parse()
        .ok()
        .filter(|version| (OLDEST..=core.facts.api_version).contains(version))
}

/// All versions, oldest first.
pub(crate) fn versions(core: &Core) -> Reply {
    let versions: Vec<_> = (OLDEST.major()..=core.facts.api_version.major())
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

/// The resources of one version.
pub(crate) fn resources(core: &Core, version: ApiVersion) -> Reply {
    let (state, _) = core.state();
    let user = state
        .users
        .get(&core.facts.admin_username)
        .map_or("", |user| user.id.as_str());
    let facts = &core.facts;
    json_reply(
        StatusCode::OK,
        &json!({
            "identity": format!("{}/id/{}/{user}", facts.instance_url, facts.org_id),
            "metadata": format!("/services/data/v{version}/metadata"),
        }),
    )
}

/// Three releases a year: 58.0 is Summer '23.
fn release(major: u16) -> String {
    let count = major.saturating_sub(OLDEST.major()) + 1;
    let season = ["Spring", "Summer", "Winter"][usize::from(count % 3)];
    // Winter carries the number of the year that it leads into.
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
