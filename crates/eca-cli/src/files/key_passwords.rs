//! Where the password of a key file comes from: never the command line, which everybody on the
//! machine can read.

use eca_attest::Password;

use crate::config::{KeyConfig, OrgEntry, SecretMember, SecretSource};
use crate::exit::Exit;
use crate::failure::Failure;

/// How to open a key file.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct InputPassword {
    /// The environment variable that holds the key file's password
    #[arg(long, value_name = "VAR", conflicts_with = "password_fd")]
    password_env: Option<String>,
    /// The open file descriptor whose first line is the key file's password
    #[cfg(unix)]
    #[arg(long, value_name = "NUMBER")]
    password_fd: Option<u32>,
    /// The entry of the key store, or the `kid` in a JSON Web Key Set, when it holds several keys
    #[arg(long, value_name = "NAME")]
    pub(crate) alias: Option<String>,
    /// The password source and alias of `eca.toml`, in place of options.
    #[arg(skip)]
    configured: Option<Configured>,
}

/// How to open a key file that an org of `eca.toml` names.
#[derive(Debug)]
struct Configured {
    org: String,
    password: Option<(SecretSource, SecretMember)>,
}

/// How to encrypt a key file that is written.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct OutputPassword {
    /// The environment variable that holds the password to encrypt the new key file with
    #[arg(long, value_name = "VAR", conflicts_with = "out_password_fd")]
    out_password_env: Option<String>,
    /// The open file descriptor whose first line is the password to encrypt the new key file with
    #[cfg(unix)]
    #[arg(long, value_name = "NUMBER")]
    out_password_fd: Option<u32>,
}

impl InputPassword {
    /// Taken from an org of `eca.toml`.
    pub(crate) fn configured(entry: &OrgEntry, key: &KeyConfig) -> Self {
        let source = key.password.clone();
        Self {
            alias: key.alias.clone(),
            configured: Some(Configured {
                org: entry.name.clone(),
                password: source.map(|source| {
                    let member = entry.secret(&source, "key-password");
                    (source, member)
                }),
            }),
            ..Self::default()
        }
    }

    /// The password, if one was announced. It is read before the file, so that a wrong name is told
    /// at once.
    pub(crate) fn read(&self) -> Result<Option<Password>, Failure> {
        if let Some(Configured { password, .. }) = &self.configured {
            let password = password.as_ref();
            let read = password.map(|(source, member)| source.read(member));
            return Ok(read.transpose()?.map(Password::new));
        }
        #[cfg(unix)]
        if let Some(number) = self.password_fd {
            return from_descriptor(number, "--password-fd").map(Some);
        }
        self.password_env.as_deref().map(from_variable).transpose()
    }

    /// The org of `eca.toml` that names the key file.
    pub(crate) fn org(&self) -> Option<&str> {
        self.configured
            .as_ref()
            .map(|configured| configured.org.as_str())
    }
}

impl OutputPassword {
    /// The password, if the new file is to have one.
    pub(crate) fn read(&self) -> Result<Option<Password>, Failure> {
        #[cfg(unix)]
        if let Some(number) = self.out_password_fd {
            return from_descriptor(number, "--out-password-fd").map(Some);
        }
        let name = self.out_password_env.as_deref();
        name.map(from_variable).transpose()
    }

    pub(crate) fn is_given(&self) -> bool {
        #[cfg(unix)]
        if self.out_password_fd.is_some() {
            return true;
        }
        self.out_password_env.is_some()
    }
}

fn from_variable(name: &str) -> Result<Password, Failure> {
    let password = std::env::var(name).map_err(|error| {
        let message = format!("no password in the environment variable {name}");
        Failure::caused_by(Exit::Usage, message, &error).hint(format!(
            "set it for the command: read -rs {name} && export {name}"
        ))
    })?;
    Ok(Password::new(password))
}

#[cfg(unix)]
fn from_descriptor(number: u32, option: &str) -> Result<Password, Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        let message = format!("no password from the file descriptor {number}");
        Failure::caused_by(Exit::Usage, message, error)
            .hint(format!("open it for the command: eca … {option} 3 3< FILE"))
    };
    let file = std::fs::File::open(format!("/dev/fd/{number}")).map_err(|error| failed(&error))?;
    Password::read_line(file).map_err(|error| failed(&error))
}
