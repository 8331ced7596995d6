//! PKCS#11 URIs (RFC 7512).

use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// A private key in a token, as a PKCS#11 URI (RFC 7512) names it.
///
/// The supported attributes are `token`, `serial`, `object`, `id`, `type`, `module-path` and
/// `pin-source`. A module is code that runs in this process, so take its path only from a trusted
/// source.
///
/// ```
/// use eca_attest::Pkcs11Key;
///
/// let key: Pkcs11Key =
///     "pkcs11:token=eca;object=storefront?module-path=/usr/lib/softhsm/libsofthsm2.so".parse()?;
/// assert_eq!(key.object(), Some("storefront"));
/// # Ok::<(), eca_attest::Pkcs11KeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pkcs11Key {
    module: PathBuf,
    token: Option<String>,
    serial: Option<String>,
    object: Option<String>,
    id: Option<Vec<u8>>,
    pin_file: Option<PathBuf>,
}

/// A text is not a usable PKCS#11 URI. Values are not shown, since they may be a PIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Pkcs11KeyError {
    /// Another scheme, or none.
    #[error("the PKCS#11 URI does not begin with \"pkcs11:\"")]
    Scheme,
    /// An attribute without a value, or whose value is not UTF-8.
    #[error("the attribute {attribute:?} of the PKCS#11 URI has no valid value")]
    Value {
        /// Its name.
        attribute: String,
    },
    /// An unsupported attribute.
    #[error(
        "the attribute {attribute:?} of the PKCS#11 URI is not supported, only token, serial, \
         object, id, type, module-path and pin-source are"
    )]
    Attribute {
        /// Its name.
        attribute: String,
    },
    /// A repeated attribute.
    #[error("the PKCS#11 URI has the attribute {attribute:?} twice")]
    Twice {
        /// Its name.
        attribute: String,
    },
    /// No `module-path`.
    #[error("the PKCS#11 URI has no module-path, which names the token's library")]
    NoModule,
    /// Neither `object` nor `id`.
    #[error("the PKCS#11 URI names no key: it has neither object nor id")]
    NoKey,
    /// `pin-value`: all users of the machine can read command lines.
    #[error("the PKCS#11 URI contains the PIN itself (pin-value)")]
    Pin,
    /// A `pin-source` that is not a file.
    #[error("the pin-source of the PKCS#11 URI is not a file")]
    PinSource,
    /// A `type` other than `private`.
    #[error("the PKCS#11 URI is for an object that is not a private key (type)")]
    NotPrivate,
}

impl Pkcs11KeyError {
    /// The next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Pkcs11KeyError::Pin => {
                "remove it and change the PIN, since other users can read command lines; \
                 name a file instead: pin-source=file:PATH"
            }
            Pkcs11KeyError::PinSource => "name a file: pin-source=file:PATH",
            _ => {
                "for example pkcs11:token=LABEL;object=KEY?module-path=/usr/lib/softhsm/libsofthsm2.so"
            }
        }
    }
}

impl Pkcs11Key {
    /// The vendor's shared library.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The token's label.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The key's label (`CKA_LABEL`).
    pub fn object(&self) -> Option<&str> {
        self.object.as_deref()
    }

    /// The key's identifier (`CKA_ID`).
    pub fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    /// The file that holds the PIN, if the URI names one.
    pub fn pin_file(&self) -> Option<&Path> {
        self.pin_file.as_deref()
    }

    pub(super) fn fits_token(&self, label: &str, serial: &str) -> bool {
        self.token.as_deref().is_none_or(|wanted| wanted == label)
            && self.serial.as_deref().is_none_or(|wanted| wanted == serial)
    }

    /// The key, for messages.
    pub(super) fn describe(&self) -> String {
        let label = self.object.as_ref().map(|label| format!("named {label:?}"));
        let id = self.id.as_ref().map(|id| {
            let pairs: Vec<_> = id.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("of id {}", pairs.concat())
        });
        let parts: Vec<String> = label.into_iter().chain(id).collect();
        parts.join(" and ")
    }
}

impl FromStr for Pkcs11Key {
    type Err = Pkcs11KeyError;

    fn from_str(uri: &str) -> Result<Pkcs11Key, Pkcs11KeyError> {
        let rest = uri.strip_prefix("pkcs11:").ok_or(Pkcs11KeyError::Scheme)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut attributes = UriAttributes::default();
        let path = path.split(';').map(|part| (part, false));
        let query = query.split('&').map(|part| (part, true));
        for (part, in_query) in path.chain(query).filter(|(part, _)| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            attributes.take(name, value, in_query)?;
        }
        if attributes.object.is_none() && attributes.id.is_none() {
            return Err(Pkcs11KeyError::NoKey);
        }
        Ok(Pkcs11Key {
            module: attributes.module.ok_or(Pkcs11KeyError::NoModule)?.into(),
            token: attributes.token,
            serial: attributes.serial,
            object: attributes.object,
            id: attributes.id,
            pin_file: attributes.pin_file,
        })
    }
}

#[derive(Default)]
struct UriAttributes {
    module: Option<String>,
    token: Option<String>,
    serial: Option<String>,
    object: Option<String>,
    id: Option<Vec<u8>>,
    kind: Option<String>,
    pin_file: Option<PathBuf>,
}

impl UriAttributes {
    fn take(&mut self, name: &str, value: &str, in_query: bool) -> Result<(), Pkcs11KeyError> {
        let attribute = || name.chars().take(32).collect::<String>();
        let bytes: Vec<u8> = percent_decode_str(value).collect();
        let invalid = || Pkcs11KeyError::Value {
            attribute: attribute(),
        };
        if bytes.is_empty() {
            return Err(invalid());
        }
        let text = || String::from_utf8(bytes.clone()).map_err(|_| invalid());
        let before = match (in_query, name) {
            (false, "token") => self.token.replace(text()?).is_some(),
            (false, "serial") => self.serial.replace(text()?).is_some(),
            (false, "object") => self.object.replace(text()?).is_some(),
            (false, "id") => self.id.replace(bytes).is_some(),
            (false, "type") => {
                if value != "private" {
                    return Err(Pkcs11KeyError::NotPrivate);
                }
                self.kind.replace(text()?).is_some()
            }
            (true, "module-path") => self.module.replace(text()?).is_some(),
            (true, "pin-source") => {
                // RFC 7512, section 2.4: a file URI, or a path; "|" begins a command.
                let source = text()?;
                let path = source.strip_prefix("file:").unwrap_or(&source);
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() || source.starts_with('|') {
                    return Err(Pkcs11KeyError::PinSource);
                }
                self.pin_file.replace(path.into()).is_some()
            }
            (_, "pin-value") => return Err(Pkcs11KeyError::Pin),
            _ => {
                return Err(Pkcs11KeyError::Attribute {
                    attribute: attribute(),
                });
            }
        };
        if before {
            return Err(Pkcs11KeyError::Twice {
                attribute: attribute(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        let uri = "pkcs11:token=My%20HSM;serial=0a1b;type=private;id=%01%ff;object=Z%C3%BCrich\
                   ?module-path=/usr/lib/x.so&pin-source=file:///run/pin";
        let key: Pkcs11Key = uri.parse().unwrap();
        assert_eq!(key.module(), Path::new("/usr/lib/x.so"));
        assert_eq!(key.token(), Some("My HSM"));
        assert_eq!(key.object(), Some("Zürich"));
        assert_eq!(key.id(), Some(&[1, 0xff][..]));
        assert_eq!(key.pin_file(), Some(Path::new("/run/pin")));
        assert_eq!(key.describe(), "named \"Zürich\" and of id 01ff");
        assert!(key.fits_token("My HSM", "0a1b") && !key.fits_token("My HSM", "0"));
        let relative = "pkcs11:object=a?pin-source=pin&module-path=x.so";
        let relative: Pkcs11Key = relative.parse().unwrap();
        assert_eq!(relative.pin_file(), Some(Path::new("pin")));
        assert!(relative.fits_token("any", "any"));
    }

    #[test]
    fn refusals_name_the_attribute_and_show_no_value() {
        use Pkcs11KeyError as E;
        let module = "?module-path=x.so";
        let named = |attribute: &str| attribute.to_owned();
        for (uri, expected) in [
            ("object=hunter2", E::Scheme),
            ("PKCS12:hunter2", E::Scheme),
            ("pkcs11:object=hunter2", E::NoModule),
            ("pkcs11:token=hunter2?module-path=x.so", E::NoKey),
            ("pkcs11:object=a?pin-value=hunter2&module-path=x.so", E::Pin),
            ("pkcs11:object=a;pin-value=hunter2", E::Pin),
            ("pkcs11:object=a?pin-source=|hunter2", E::PinSource),
            ("pkcs11:object=a?pin-source=file:", E::PinSource),
            ("pkcs11:object=a;type=cert", E::NotPrivate),
            (
                "pkcs11:object=a;slot-id=hunter2",
                E::Attribute {
                    attribute: named("slot-id"),
                },
            ),
            (
                "pkcs11:object=a;module-path=hunter2",
                E::Attribute {
                    attribute: named("module-path"),
                },
            ),
            (
                "pkcs11:object=a;object=hunter2",
                E::Twice {
                    attribute: named("object"),
                },
            ),
            (
                "pkcs11:object=%ff",
                E::Value {
                    attribute: named("object"),
                },
            ),
            (
                "pkcs11:object",
                E::Value {
                    attribute: named("object"),
                },
            ),
        ] {
            let error = uri.parse::<Pkcs11Key>().unwrap_err();
            assert_eq!(error, expected, "{uri}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{uri}");
        }
        assert!(
            format!("pkcs11:id=%00{module}")
                .parse::<Pkcs11Key>()
                .is_ok()
        );
    }
}
