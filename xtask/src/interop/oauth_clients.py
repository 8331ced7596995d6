"""Authlib and requests-oauthlib against the OAuth endpoints of an embedded org. What is asserted is what the
libraries themselves report: Authlib validates metadata (RFC 8414, OpenID Connect Discovery) and ID tokens."""

import html
import os
import re
import time
import urllib.parse

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet
from requests_oauthlib import OAuth2Session as Oauthlib
from script import APP, ORG, operation, refused

URL = ORG["instance_url"]
CALLBACK = "http://localhost:1717/OauthRedirect"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
ID, SECRET = APP["client_id"], APP["client_secret"]
KEY = open(os.environ["INTEROP_KEY"]).read()
META = requests.get(f"{URL}/.well-known/openid-configuration").json()


def visit(url, username=ORG["username"], password=ORG["password"], decision="allow"):
    """Does what a person with a browser would; the URL that the browser is sent to."""
    browser = requests.Session()
    page = browser.get(url)
    assert page.status_code == 200, page.text
    inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    form = {name: html.unescape(value) for name, value in inputs}
    form |= {"username": username, "password": password, "decision": decision}
    action = html.unescape(re.search(r'action="([^"]*)"', page.text)[1])
    sent = browser.post(urllib.parse.urljoin(page.url, action), data=form, allow_redirects=False)
    assert sent.status_code == 302, f"{sent.status_code} {sent.text}"
    return sent.headers["Location"]


def client(**words):
    words = {"client_secret": SECRET, "redirect_uri": CALLBACK, "code_challenge_method": "S256", **words}
    return OAuth2Session(ID, scope="openid api refresh_token", token_endpoint=META["token_endpoint"], **words)


def authorize(own, **words):
    url, state = own.create_authorization_url(META["authorization_endpoint"], code_verifier=VERIFIER, **words)
    return visit(url), state


def log_in(own, **words):
    location, state = authorize(own, **words)
    return own.fetch_token(authorization_response=location, state=state, code_verifier=VERIFIER)


def whoami(token):
    return requests.get(META["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"})


@operation("discovery (RFC 8414)")
def _():
    told = requests.get(f"{URL}/.well-known/oauth-authorization-server").json()
    AuthorizationServerMetadata(told).validate()
    assert told["issuer"] == URL, told


@operation("discovery (OpenID Connect)")
def _():
    OpenIDProviderMetadata(META).validate()
    assert META["issuer"] == URL, META


tokens = {}


@operation("authorization code with PKCE")
def _():
    tokens.update(log_in(client(), nonce="n-0S6_WzA2Mj"))
    assert tokens["token_type"] == "Bearer" and tokens["instance_url"] == URL, sorted(tokens)
    assert whoami(tokens["access_token"]).json()["preferred_username"] == ORG["username"]


@operation("ID token")
def _():
    keys = KeySet.import_key_set(requests.get(META["jwks_uri"]).json())
    read = jwt.decode(tokens["id_token"], keys, algorithms=META["id_token_signing_alg_values_supported"])
    options = {"iss": {"values": [URL]}, "aud": {"values": [ID]}}
    params = {"nonce": "n-0S6_WzA2Mj", "client_id": ID, "access_token": tokens["access_token"]}
    claims = CodeIDToken(read.claims, read.header, options, params)
    claims.validate(int(time.time()))
    assert claims["sub"] == whoami(tokens["access_token"]).json()["sub"], claims


@operation("a code serves once, and for its verifier only")
def _():
    own = client()
    location, state = authorize(own)
    other = VERIFIER[::-1]
    words = {"authorization_response": location, "state": state}
    refused("invalid_grant", lambda: own.fetch_token(code_verifier=other, **words))
    location, state = authorize(own)
    words = {"authorization_response": location, "state": state, "code_verifier": VERIFIER}
    first = own.fetch_token(**words)
    refused("invalid_grant", lambda: client().fetch_token(**words))
    assert first["access_token"]


@operation("refresh with rotation, and the end of a family")
def _():
    first = log_in(client())
    own = client(token=first)
    second = dict(own.refresh_token(META["token_endpoint"], refresh_token=first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert whoami(second["access_token"]).status_code == 200
    # Whoever comes with the old one ends them all.
    words = {"refresh_token": first["refresh_token"]}
    refused("invalid_grant", lambda: client().refresh_token(META["token_endpoint"], **words))
    words = {"refresh_token": second["refresh_token"]}
    refused("invalid_grant", lambda: client().refresh_token(META["token_endpoint"], **words))


for method in ("client_secret_basic", "client_secret_post"):

    @operation(f"client credentials ({method})")
    def _():
        own = OAuth2Session(ID, SECRET, token_endpoint_auth_method=method)
        token = own.fetch_token(META["token_endpoint"], grant_type="client_credentials")
        assert whoami(token["access_token"]).status_code == 200
        assert "refresh_token" not in token, sorted(token)


@operation("be refused with a wrong secret")
def _():
    own = OAuth2Session(ID, SECRET[::-1])
    error = refused("invalid", lambda: own.fetch_token(META["token_endpoint"], grant_type="client_credentials"))
    assert isinstance(error, OAuthError), error


@operation("JWT bearer")
def _():
    own = AssertionSession(
        META["token_endpoint"],
        issuer=ID,
        subject=ORG["username"],
        audience="https://login.salesforce.com",
        grant_type=AssertionSession.JWT_BEARER_GRANT_TYPE,
        key=KEY,
        alg="RS256",
    )
    assert own.get(META["userinfo_endpoint"]).json()["preferred_username"] == ORG["username"]


@operation("signed assertion in the place of the secret")
def _():
    own = client(client_secret=KEY, token_endpoint_auth_method="private_key_jwt")
    # Left alone, the library makes assertions for an hour, and this org takes five minutes at most.
    own.register_client_auth_method(PrivateKeyJWT(META["token_endpoint"]))
    refused("invalid client assertion", lambda: log_in(own))
    claims = {"exp": int(time.time()) + 240}
    own.register_client_auth_method(PrivateKeyJWT(META["token_endpoint"], claims=claims))
    assert whoami(log_in(own)["access_token"]).status_code == 200


@operation("introspection (RFC 7662)")
def _():
    own = client(token=log_in(client()))
    told = own.introspect_token(META["introspection_endpoint"], token=own.token["access_token"]).json()
    assert told["active"] is True and told["client_id"] == ID and told["username"] == ORG["username"], told
    told = own.introspect_token(META["introspection_endpoint"], token="nobody's").json()
    assert told == {"active": False}, told


@operation("revocation (RFC 7009)")
def _():
    own = client(token=log_in(client()))
    token = dict(own.token)
    answer = own.revoke_token(META["revocation_endpoint"], token=token["refresh_token"])
    assert answer.status_code == 200, answer.text
    assert whoami(token["access_token"]).status_code == 403
    told = own.introspect_token(META["introspection_endpoint"], token=token["access_token"]).json()
    assert told == {"active": False}, told


@operation("web server flow of requests-oauthlib")
def _():
    own = Oauthlib(ID, redirect_uri=CALLBACK, scope=["api", "refresh_token"], pkce="S256")
    url, _ = own.authorization_url(META["authorization_endpoint"])
    location = visit(url)
    # It refuses to send a code over http unless told so, and warns when the scope is another order.
    os.environ |= {"OAUTHLIB_INSECURE_TRANSPORT": "1", "OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    token = own.fetch_token(META["token_endpoint"], authorization_response=location, client_secret=SECRET)
    assert own.get(META["userinfo_endpoint"]).json()["organization_id"] == ORG["org_id"]
    words = {"client_id": ID, "client_secret": SECRET}
    second = own.refresh_token(META["token_endpoint"], refresh_token=token["refresh_token"], **words)
    assert second["refresh_token"] != token["refresh_token"]


@operation("be denied by the user")
def _():
    own = Oauthlib(ID, redirect_uri=CALLBACK, scope=["api"], pkce="S256")
    location = visit(own.authorization_url(META["authorization_endpoint"])[0], decision="deny")
    words = {"authorization_response": location, "client_secret": SECRET}
    refused("end-user denied authorization", lambda: own.fetch_token(META["token_endpoint"], **words))
