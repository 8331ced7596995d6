//! The example project, built into the program so that the demo works anywhere.

/// A file of `examples/storefront`: path and content. The crate's `storefront` is a copy of it, so
/// that the published crate carries the files too; `cargo xtask tidy` compares them.
macro_rules! example {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../../storefront/", $path)))),*]
    };
}

/// Every file of the example that belongs to the project.
pub(super) const FILES: &[(&str, &[u8])] = example![
    ".forceignore",
    "force-app/main/default/externalAuthIdentityProviders/Fulfilment_Idp.externalAuthIdentityProvider-meta.xml",
    "force-app/main/default/externalClientApps/Storefront.eca-meta.xml",
    "force-app/main/default/externalCredentials/Fulfilment.externalCredential-meta.xml",
    "force-app/main/default/extlClntAppGlobalOauthSets/Storefront_glbloauth.ecaGlblOauth-meta.xml",
    "force-app/main/default/extlClntAppOauthPolicies/Storefront_oauthPlcy.ecaOauthPlcy-meta.xml",
    "force-app/main/default/extlClntAppOauthSettings/Storefront_oauth.ecaOauth-meta.xml",
    "force-app/main/default/extlClntAppPolicies/Storefront_plcy.ecaPlcy-meta.xml",
    "force-app/main/default/namedCredentials/Fulfilment_Api.namedCredential-meta.xml",
    "force-app/main/default/permissionsets/Storefront_Shopper.permissionset-meta.xml",
    "sfdx-project.json",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::FILES;

    #[test]
    fn every_file_is_built_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("storefront");
        let mut found = BTreeSet::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(&root).unwrap();
                    found.insert(path.to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        let listed: BTreeSet<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(listed, found);
    }
}
