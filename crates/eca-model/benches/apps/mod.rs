//! Apps as an org's retrieve writes them: five files each. `cargo xtask fixtures --project` writes
//! the same ones.

/// The five files of one app in the source format, by path below the project's folder. Their
/// content depends only on the seed and the number: app 7 is the same in a project of ten apps and
/// in one of ten thousand.
pub(crate) fn files_of(seed: u64, number: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    let app = App::new(seed, number);
    TEMPLATES
        .iter()
        .map(move |template| (template.path(&app.number), template.fill(&app)))
}

/// One of the files of an app.
pub(crate) struct Template {
    folder: &'static str,
    end: &'static str,
    text: &'static str,
}

impl Template {
    pub(crate) fn path(&self, number: &str) -> String {
        let Self { folder, end, .. } = self;
        format!("{folder}/App_{number}{end}-meta.xml")
    }

    /// The text, without spare capacity.
    pub(crate) fn fill(&self, app: &App) -> Vec<u8> {
        let mut text = self.text.to_owned();
        for (name, value) in app.values() {
            if text.contains(name) {
                text = text.replace(name, value);
            }
        }
        text.shrink_to_fit();
        text.into_bytes()
    }
}

/// The values that differ from app to app.
pub(crate) struct App {
    number: String,
    description: &'static str,
    host: String,
    rotation: &'static str,
    scopes: &'static str,
    days: String,
    minutes: &'static str,
}

impl App {
    pub(crate) fn new(seed: u64, number: usize) -> Self {
        let mut dice = Dice::new(seed, number);
        Self {
            number: number.to_string(),
            description: dice.one_of(&DESCRIPTIONS),
            host: format!("{}-{number}", dice.one_of(&HOSTS)),
            rotation: dice.one_of(&["true", "false"]),
            scopes: dice.one_of(&SCOPES),
            days: (1 + dice.below(90)).to_string(),
            minutes: dice.one_of(&MINUTES),
        }
    }

    fn values(&self) -> [(&'static str, &str); 7] {
        [
            ("{number}", &self.number),
            ("{description}", self.description),
            ("{host}", &self.host),
            ("{rotation}", self.rotation),
            ("{scopes}", self.scopes),
            ("{days}", &self.days),
            ("{minutes}", self.minutes),
        ]
    }
}

/// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): a
/// generator whose numbers are the same on every machine.
struct Dice(u64);

impl Dice {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    fn new(seed: u64, number: usize) -> Self {
        let mut dice = Self(seed);
        let start = dice.roll();
        Self(start ^ (number as u64).wrapping_mul(Self::STEP))
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(Self::STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        // The remainder is smaller than `end`, so it fits.
        usize::try_from(self.roll() % end as u64).unwrap_or_default()
    }

    fn one_of(&mut self, values: &[&'static str]) -> &'static str {
        values[self.below(values.len())]
    }
}

const DESCRIPTIONS: [&str; 4] = [
    "The shop&apos;s own app and web site. Shoppers sign in inside the app, without a browser redirect.",
    "Orders &amp; returns, for the people in the warehouse.",
    "Nightly export of invoices into the ledger.",
    "Appointments in stores: sales staff sign in on shared tablets and leave within minutes.",
];

const HOSTS: [&str; 5] = ["www", "orders", "ledger", "stores", "staff"];

const SCOPES: [&str; 4] = [
    "Basic, Api, RefreshToken, OpenID",
    "Api, RefreshToken",
    "Api, Web, RefreshToken, OpenID, Profile, Email",
    "Basic, Api, RefreshToken",
];

/// The session lengths that Setup offers, except the longest.
const MINUTES: [&str; 6] = ["15", "30", "60", "120", "240", "480"];

pub(crate) const TEMPLATES: [Template; 5] = [
    Template {
        folder: "externalClientApps",
        end: ".eca",
        text: include_str!("app.xml"),
    },
    Template {
        folder: "extlClntAppGlobalOauthSets",
        end: "_glbloauth.ecaGlblOauth",
        text: include_str!("global.xml"),
    },
    Template {
        folder: "extlClntAppOauthPolicies",
        end: "_oauthPlcy.ecaOauthPlcy",
        text: include_str!("oauth_policies.xml"),
    },
    Template {
        folder: "extlClntAppOauthSettings",
        end: "_oauth.ecaOauth",
        text: include_str!("oauth.xml"),
    },
    Template {
        folder: "extlClntAppPolicies",
        end: "_plcy.ecaPlcy",
        text: include_str!("policies.xml"),
    },
];
