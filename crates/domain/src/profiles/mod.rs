//! What others see of a person: the profile, and the figures that their orders and reviews add up to.

mod changes;
mod completeness;
mod figures;

pub use changes::{FigureChange, figure_changes};
pub use completeness::{MIN_BIO_CHARS, ProfileFields, ProfileGap, missing_fields};
pub use figures::{Figures, Rating, SuccessRate};
