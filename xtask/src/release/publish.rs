//! Publishing crate after crate, so that what broke off can go on.

/// Where crates are published.
pub(super) trait Registry {
    /// Why it could not be asked or did not do it.
    type Error;

    /// Whether it has this crate in the version that is released.
    fn has(&self, name: &str) -> Result<bool, Self::Error>;

    /// Publishes this crate and waits until others can depend on it; `false` when it was not taken.
    fn publish(&mut self, name: &str) -> Result<bool, Self::Error>;
}

/// Publishes those of the crates that the registry does not have, in this order. The first that is
/// not taken ends it, and is in the value.
pub(super) fn missing<'a, R: Registry>(
    crates: &'a [String],
    registry: &mut R,
) -> Result<Result<(), &'a str>, R::Error> {
    for name in crates {
        if registry.has(name)? {
            eprintln!("release: {name} is published already");
        } else if !registry.publish(name)? {
            return Ok(Err(name));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes everything but one crate.
    struct Memory {
        has: Vec<String>,
        refuses: &'static str,
    }

    impl Registry for Memory {
        type Error = std::convert::Infallible;

        fn has(&self, name: &str) -> Result<bool, Self::Error> {
            Ok(self.has.iter().any(|own| own == name))
        }

        fn publish(&mut self, name: &str) -> Result<bool, Self::Error> {
            assert!(!self.has(name)?, "{name} twice");
            if name == self.refuses {
                return Ok(false);
            }
            self.has.push(name.to_owned());
            Ok(true)
        }
    }

    #[test]
    fn what_broke_off_goes_on_where_it_was() {
        let crates = ["core", "net", "program"].map(str::to_owned);
        let mut registry = Memory {
            has: Vec::new(),
            refuses: "net",
        };
        assert_eq!(missing(&crates, &mut registry), Ok(Err("net")));
        assert_eq!(registry.has, ["core"]);
        registry.refuses = "";
        assert_eq!(missing(&crates, &mut registry), Ok(Ok(())));
        assert_eq!(registry.has, crates);
    }
}
