//! Positions of the members of repeated elements.

use eca_model::{Component, Position};

/// The position of `member` in the item `index` (from 0) of the repeated element `list`; that of
/// the item itself if the member is absent.
pub(crate) fn item_position(
    component: &Component,
    list: &str,
    index: usize,
    member: &str,
) -> Position {
    let root = component.file().document().root();
    let item = root.children_named(list).nth(index).unwrap_or(root);
    item.child(member).unwrap_or(item).position()
}
