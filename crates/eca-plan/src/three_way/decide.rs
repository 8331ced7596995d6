//! The table of a member.

use eca_model::FieldValue;

use crate::change::Verdict;

/// The three values of a member. What a side does not write is `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) last: Option<&'a FieldValue>,
    pub(super) desired: Option<&'a FieldValue>,
    /// The org's value: written, or else the default that stands for it.
    pub(super) actual: Option<&'a FieldValue>,
    /// Whether the org's value is another one than the default.
    pub(super) is_set_in_the_org: bool,
    /// What an org takes when the member is left out.
    pub(super) default: Option<&'a FieldValue>,
}

/// What the values of a member mean together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing to say.
    Same,
    Member(Verdict),
    Conflict,
}

/// Decides by the table: what each side has, and whether it was ever ours.
pub(super) fn decide(values: Values<'_>) -> Decision {
    let Values {
        last,
        desired,
        actual,
        is_set_in_the_org,
        default,
    } = values;
    match (last, desired) {
        (Some(last), Some(desired)) if Some(desired) == actual => {
            if last == desired {
                Decision::Same
            } else {
                Decision::Member(Verdict::AlreadyThere)
            }
        }
        (None, Some(desired)) if Some(desired) == actual => Decision::Same,
        (None, Some(_)) if is_set_in_the_org => Decision::Member(Verdict::Adopt),
        (None, Some(_)) => Decision::Member(Verdict::Update),
        (Some(last), Some(_)) if Some(last) == actual => Decision::Member(Verdict::Update),
        (Some(last), Some(desired)) if last == desired => Decision::Member(Verdict::Drift),
        (Some(last), None) if actual == default => {
            if Some(last) == default {
                Decision::Same
            } else {
                Decision::Member(Verdict::AlreadyThere)
            }
        }
        (Some(last), None) if Some(last) == actual => Decision::Member(Verdict::Remove),
        // The project no longer writes the default; somebody set another value.
        (Some(last), None) if Some(last) == default => Decision::Member(Verdict::Unmanaged),
        (Some(_), _) => Decision::Conflict,
        (None, None) if is_set_in_the_org => Decision::Member(Verdict::Unmanaged),
        (None, None) => Decision::Same,
    }
}
