//! One element of the tree.

use std::ops::Range;

/// One element, as ranges of the text. Nodes are in document order; a node's children follow it
/// directly.
#[derive(Clone)]
pub(super) struct Node {
    /// From `<` to behind the `>` of the start tag.
    pub(super) open: Range<u32>,
    /// The end tag; empty and at the end of `open` when the element closes itself.
    pub(super) close: Range<u32>,
    /// The name inside the start tag without its prefix, which starts one byte behind the tag.
    pub(super) name: Range<u32>,
    /// The index behind the last node below this one.
    pub(super) subtree_end: u32,
    /// The index of the parent; a node's own index for the root.
    pub(super) parent: u32,
}

impl Node {
    /// The name without its prefix.
    pub(super) fn local_name<'a>(&self, text: &'a str) -> &'a str {
        &text[self.name.start as usize..self.name.end as usize]
    }
}
