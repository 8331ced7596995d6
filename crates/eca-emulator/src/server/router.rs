//! Routes: which code answers which path.

use http::Method;

use crate::core::Core;
use crate::data::Api;
use crate::oauth::browser::{authorize, login_host};
use crate::oauth::token::device;
use crate::oauth::{challenge, discovery, headless, revoke, session, soap_login, token, userinfo};
use crate::server::call::{Call, Reply, not_found, wrong_method};
use crate::{control, credentials, data, metadata, named_credentials};

/// An endpoint that takes packages, which are large.
pub(crate) enum DeployEndpoint {
    Rest,
    Soap { version: String },
}

/// The endpoint of a request that may contain a package.
pub(crate) fn deploy_endpoint(core: &Core, method: &Method, path: &str) -> Option<DeployEndpoint> {
    if *method != Method::POST {
        return None;
    }
    let segments: Vec<_> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["services", "Soap", "m", version, ..] => Some(DeployEndpoint::Soap {
            version: (*version).to_owned(),
        }),
        ["services", "data", version, "metadata", "deployRequest"] => data::version(core, version)
            .filter(|version| data::has_metadata(*version))
            .map(|_| DeployEndpoint::Rest),
        _ => None,
    }
}

/// Answers a request.
pub(crate) fn route(core: &Core, call: &Call) -> Reply {
    let path = call.path.as_str();
    let site = &core.config.site_path;
    // A site without its own path shares the instance's.
    if let Some(below) = path.strip_prefix(site.as_str())
        && (below.is_empty() || below.starts_with('/'))
    {
        if below == core.config.profile.endpoint_path {
            return challenge::answer(core, call);
        }
        if let Some(path) = below.strip_prefix("/services/auth/headless") {
            return headless::answer(core, call, path);
        }
        match below {
            "/services/oauth2/authorize" => return authorize::answer(core, call, true),
            "/services/oauth2/echo" => return get(call, || headless::authorize::echo(call)),
            "/services/oauth2/revoke" => return revoke::revoke(core, call),
            "/services/oauth2/introspect" => return revoke::introspect(core, call),
            "/services/oauth2/token" => return token::answer(core, call, true),
            "/services/oauth2/userinfo" => {
                return get(call, || userinfo::userinfo(core, call, true));
            }
            "/.well-known/openid-configuration" => {
                return get(call, || discovery::answer(core, true));
            }
            _ => {}
        }
    }
    if path.starts_with("/services/oauth2/")
        && let Some(reply) = login_host::refuse(core, call)
    {
        return reply;
    }
    // RFC 8414 section 3.1: the well-known part goes between host and path.
    if let Some(issuer) = path.strip_prefix("/.well-known/oauth-authorization-server") {
        return match issuer {
            "" => get(call, || discovery::answer(core, false)),
            issuer if issuer == site => get(call, || discovery::answer(core, true)),
            _ => not_found(),
        };
    }
    let segments: Vec<_> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["services", "oauth2", "authorize"] => authorize::answer(core, call, false),
        ["services", "oauth2", "revoke"] => revoke::revoke(core, call),
        ["services", "oauth2", "introspect"] => revoke::introspect(core, call),
        ["setup", "connect"] => device::connect(core, call),
        ["id", "keys"] => get(call, || discovery::keys(core)),
        ["services", "oauth2", "token"] => token::answer(core, call, false),
        ["services", "oauth2", "userinfo"] => get(call, || userinfo::userinfo(core, call, false)),
        [".well-known", "openid-configuration"] => get(call, || discovery::answer(core, false)),
        ["id", organization, user] => {
            get(call, || userinfo::identity(core, call, organization, user))
        }
        ["services", "Soap", "m", version, ..] => {
            if call.method == Method::POST {
                metadata::soap::answer(core, call, version)
            } else {
                wrong_method(call)
            }
        }
        ["services", "Soap", api @ ("u" | "c"), version, ..] => {
            soap_login::answer(call, api, version)
        }
        ["_org", path @ ..] => control::answer(core, call, path),
        // The list of versions needs no session.
        ["services", "data"] => get(call, || data::versions(core)),
        ["services", "data", version, rest @ ..] => match data::version(core, version) {
            None => not_found(),
            Some(version) => match session::refuse(core, call.bearer()) {
                Some(reply) => reply,
                None => match rest {
                    [] => get(call, || data::resources(core, call, version)),
                    ["metadata", ..] if !data::has_metadata(version) => not_found(),
                    ["metadata", "deployRequest"] => metadata::rest::answer(core, call, None),
                    ["metadata", "deployRequest", id] => {
                        metadata::rest::answer(core, call, Some(id))
                    }
                    ["apps", "oauth", path @ ..] => credentials::answer(core, call, path),
                    ["named-credentials", path @ ..] => named_credentials::answer(core, call, path),
                    ["tooling", rest @ ..] => data::answer(core, call, version, Api::Tooling, rest),
                    rest => data::answer(core, call, version, Api::Data, rest),
                },
            },
        },
        _ => not_found(),
    }
}

fn get(call: &Call, answer: impl FnOnce() -> Reply) -> Reply {
    // Some clients POST to userinfo (OpenID Connect Core section 5.3.1).
    if matches!(call.method, Method::GET | Method::HEAD | Method::POST) {
        answer()
    } else {
        wrong_method(call)
    }
}
