//! Values per org, put over a project.

use eca_model::{
    AssignedValue, Assignment, FieldValue, Origin, Overlaid, Overlay, Position, Project,
};

use crate::XMLNS;

fn project() -> Project {
    let file = |path: &str, root: &str, members: &str| {
        let text = format!("<{root} {XMLNS}>\n    {members}\n</{root}>\n");
        (path.to_owned(), text.into_bytes())
    };
    Project::from_entries([
        file(
            "Billing.eca-meta.xml",
            "ExternalClientApplication",
            "<contactEmail>dev@acme.example</contactEmail>\n    <!-- ours -->\n    <label>Billing</label>",
        ),
        file(
            "Billing.ecaGlblOauth-meta.xml",
            "ExtlClntAppGlobalOauthSettings",
            "<callbackUrl>https://dev.acme.example/callback</callbackUrl>\n    \
             <externalClientApplication>Billing</externalClientApplication>\n    <label>Billing</label>",
        ),
        // It has a historic callbackUrl too.
        file(
            "Billing.ecaOauth-meta.xml",
            "ExtlClntAppOauthSettings",
            "<externalClientApplication>Billing</externalClientApplication>",
        ),
        file(
            "Ledger_Api.namedCredential-meta.xml",
            "NamedCredential",
            "<label>Ledger</label>\n    <namedCredentialParameters>\n        <parameterName>Url</parameterName>\n        \
             <parameterType>Url</parameterType>\n        <parameterValue>https://dev.example</parameterValue>\n    </namedCredentialParameters>",
        ),
    ])
}

/// Values from lines of `SUBJECT PATH = VALUE`; the line is the place.
fn assignments(lines: &str) -> Vec<Assignment> {
    let lines = lines.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let assignment = |(index, line): (usize, &str)| {
        let (subject, rest) = line.trim().split_once(' ').unwrap();
        let (path, value) = rest.split_once(" = ").unwrap();
        let value = match value {
            "absent" => AssignedValue::Absent,
            "true" => AssignedValue::Value(true.into()),
            "7" => AssignedValue::Value(7.into()),
            list if list.starts_with('[') => {
                let items = list.trim_matches(['[', ']']).split(", ");
                AssignedValue::Value(items.collect::<FieldValue>())
            }
            file if file.starts_with('@') => AssignedValue::Certificate(file[1..].to_owned()),
            text => AssignedValue::Value(text.into()),
        };
        Assignment {
            subject: subject.into(),
            path: path.parse().unwrap(),
            value,
            origin: Origin {
                file: "eca.toml".to_owned(),
                position: Position {
                    line: u32::try_from(index).unwrap() + 1,
                    column: 3,
                },
            },
        }
    };
    lines.map(assignment).collect()
}

fn overlaid(environments: &str, org: &str) -> Result<Overlaid, String> {
    let overlay = Overlay {
        environments: assignments(environments),
        org: assignments(org),
    };
    project().with_overlay(&overlay).map_err(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        errors.join("\n")
    })
}

#[test]
fn only_the_lines_of_the_members_differ() {
    let overlaid = overlaid(
        "Billing contactEmail = emea@acme.example",
        "Billing callbackUrl = [https://de.example/a, https://de.example/b]\n\
         Billing certificate = @MIID\n\
         ExternalClientApplication:Billing label = absent\n\
         NamedCredential:Ledger_Api namedCredentialParameters[parameterName=Url].parameterValue = https://ledger.example",
    )
    .unwrap();
    assert_eq!(overlaid.count(), 5);
    let text = |path: &str| {
        let mut components = overlaid.project.components().iter();
        let found = components.find(|component| component.path() == path);
        found.unwrap().file().text().to_owned()
    };
    let header = format!(
        "<ExternalClientApplication {XMLNS}>\n    <contactEmail>emea@acme.example</contactEmail>\n    \
         <!-- ours -->\n</ExternalClientApplication>\n"
    );
    assert_eq!(text("Billing.eca-meta.xml"), header);
    let global = text("Billing.ecaGlblOauth-meta.xml");
    assert!(
        global.contains("<callbackUrl>https://de.example/a\nhttps://de.example/b</callbackUrl>")
    );
    assert!(global.contains("<certificate>MIID</certificate>"));
    let credential = text("Ledger_Api.namedCredential-meta.xml");
    assert!(credential.contains("<parameterValue>https://ledger.example</parameterValue>"));
    // Where the values are written, by the whole path of a snapshot and by the place in the file.
    let name = "NamedCredential:Ledger_Api".parse().unwrap();
    let path = "namedCredentialParameters[parameterType=Url,parameterName=Url].parameterValue";
    let origin = overlaid.origin(&name, &path.parse().unwrap());
    assert_eq!(origin.unwrap().to_string(), "eca.toml:4");
    assert_eq!(overlaid.origin(&name, &"label".parse().unwrap()), None);
    let component = overlaid.project.component(&name).unwrap();
    let at = component
        .file()
        .position_of("namedCredentialParameters[0].parameterValue");
    assert!(component.origin_at(at).is_some());
    let at = component.file().position_of("label");
    assert_eq!(component.origin_at(at), None);
}

#[test]
fn which_value_counts() {
    let email = |environments: &str, org: &str| {
        let overlaid = overlaid(environments, org)?;
        let name = "ExternalClientApplication:Billing".parse().unwrap();
        let value = overlaid
            .project
            .component(&name)
            .unwrap()
            .get(&"contactEmail".parse().unwrap());
        Ok::<_, String>(value.unwrap().unwrap().to_string())
    };
    let a = "Billing contactEmail = a@acme.example";
    let b = "ExternalClientApplication:Billing contactEmail = b@acme.example";
    for (environments, org, expected) in [
        ("", "", Ok("dev@acme.example")),
        (a, "", Ok("a@acme.example")),
        ("", b, Ok("b@acme.example")),
        (a, b, Ok("b@acme.example")),
        (&*format!("{a}\n{a}"), "", Ok("a@acme.example")),
        (
            &*format!("{a}\n{b}"),
            "",
            Err(
                "eca.toml:2:3: `contactEmail` has another value at eca.toml:1, which counts as much: remove one of them, or give the org its own",
            ),
        ),
        // The org settles it.
        (&*format!("{a}\n{b}"), a, Ok("a@acme.example")),
        (
            "",
            &*format!("{a}\n{b}"),
            Err(
                "eca.toml:2:3: `contactEmail` has another value at eca.toml:1, which counts as much: remove one of them, or give the org its own",
            ),
        ),
    ] {
        let found = email(environments, org);
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(found, expected, "{environments}\n{org}");
    }
}

#[test]
fn wrong_values_name_their_place() {
    for (line, expected) in [
        (
            "Biling label = x",
            "the project has no app `Biling`; did you mean `Billing`?",
        ),
        ("Other label = x", "the project has no app `Other`"),
        (
            "NamedCredential:Ledger_Ap label = x",
            "the project has no component `NamedCredential:Ledger_Ap`; did you mean `NamedCredential:Ledger_Api`?",
        ),
        (
            "ApexClass:A label = x",
            "the project has no component `ApexClass:A`",
        ),
        (
            "Billing label = x",
            "`label` is a member of ExternalClientApplication:Billing and ExtlClntAppGlobalOauthSettings:Billing and ExtlClntAppOauthSettings:Billing: give the value to one of them by its name",
        ),
        (
            "Billing contactEmial = x",
            "no component of Billing has a member `contactEmial`; did you mean `contactEmail`?",
        ),
        (
            "Billing nonsense = x",
            "no component of Billing has a member `nonsense`",
        ),
        (
            "Billing clientCredentialsFlowUser = bot@acme.example",
            "no component of Billing has a member `clientCredentialsFlowUser`; ExtlClntAppOauthConfigurablePolicies has one, and the app has no file of it",
        ),
        (
            "ExternalClientApplication:Billing contactEmial = x",
            "ExternalClientApplication has no member `contactEmial`; did you mean `contactEmail`?",
        ),
        (
            "Billing callbackUrl = hunter2",
            "`callbackUrl` takes a list",
        ),
        (
            "Billing isProtected = hunter2",
            "`isProtected` takes true or false",
        ),
        ("Billing contactEmail = 7", "`contactEmail` takes a text"),
        (
            "Billing distributionState = hunter2",
            "`distributionState` takes one of Local, Global, Packaged, Managed, AutoInstalled",
        ),
        (
            "Billing consumerSecret = hunter2",
            "`consumerSecret` is a secret and must not be in a file",
        ),
        (
            "Billing consumerKey = hunter2",
            "`consumerKey` is made by the org and cannot be given to it",
        ),
        (
            "ExtlClntAppGlobalOauthSettings:Billing externalClientApplication = Other",
            "`externalClientApplication` names the app of the component and is the same in every org",
        ),
        (
            "Billing contactEmail = @hunter2",
            "`contactEmail` holds no certificate, and only certificates come from files",
        ),
        (
            "NamedCredential:Ledger_Api namedCredentialParameters[parameterName=New].parameterValue = x",
            "`namedCredentialParameters[parameterName=New].parameterValue`: a new record is chosen by namedCredentialParameters[parameterType=…,parameterName=…]",
        ),
    ] {
        let found = overlaid("", line).unwrap_err();
        assert_eq!(found, format!("eca.toml:1:3: {expected}"), "{line}");
        assert!(!found.contains("hunter2"), "{line}");
    }
    // All of them, in the order of their places.
    let found = overlaid("Other a = x", "\nBilling nonsense = x").unwrap_err();
    assert_eq!(found.lines().count(), 2);
    assert!(found.starts_with("eca.toml:1:3"), "{found}");
}
