//! What projects mean: compared, merged, as snapshots.

mod diff;
mod merge;
mod snapshot;
