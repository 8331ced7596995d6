//! Differences for people.

use crate::schema::compare::Difference;

/// A table with a head, or an empty text without differences.
pub(crate) fn render(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let mut rows = vec![[
        "API".to_owned(),
        "What".to_owned(),
        "WSDL".to_owned(),
        "eca-model".to_owned(),
    ]];
    rows.extend(differences.iter().map(|one| {
        [
            one.version.to_string(),
            one.place.to_string(),
            one.wsdl.clone(),
            one.table.clone(),
        ]
    }));
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].len());
        widths.max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    let line = |[version, place, wsdl, table]: &[String; 4]| {
        let [first, second, third] = widths;
        format!("{version:first$}  {place:second$}  {wsdl:third$}  {table}\n")
    };
    rows.iter().map(line).collect()
}

/// `no difference`, `1 difference`, `2 differences`.
pub(crate) fn count(number: usize) -> String {
    match number {
        0 => "no difference".to_owned(),
        1 => "1 difference".to_owned(),
        more => format!("{more} differences"),
    }
}

#[cfg(test)]
mod tests {
    use eca_model::ApiVersion;

    use super::super::compare::Place;
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let difference = |place, wsdl: &str| Difference {
            version: ApiVersion::new(66),
            place,
            wsdl: wsdl.to_owned(),
            table: "nothing".to_owned(),
            missing: true,
        };
        let differences = [
            difference(Place::Type("Shop".into()), "a type"),
            difference(Place::Member("Shop".into(), "label".into()), "xsd:string"),
        ];
        let expected = "\
API   What        WSDL        eca-model
66.0  Shop        a type      nothing
66.0  Shop.label  xsd:string  nothing
";
        assert_eq!(render(&differences), expected);
        assert_eq!(render(&[]), "");
        assert_eq!(count(2), "2 differences");
    }
}
