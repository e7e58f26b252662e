//! What others see of a person: the profile, the figures that their orders and reviews add up to, and
//! their place among others.

mod changes;
mod completeness;
mod figures;
mod leaderboard;
pub mod policy;
mod profile;

pub use changes::{FigureChange, figure_changes};
pub use completeness::{MIN_BIO_CHARS, ProfileFields, ProfileGap, missing_fields};
pub use figures::{Figures, Rating, SuccessRate};
pub use leaderboard::{Achievement, Period, rank};
pub use profile::{Bio, Education, MAX_TAGS, Profile, ProfilePatch, Tag, Tags, TagsError};
