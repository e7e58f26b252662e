//! The words that health documents use, so that the description lists them.

use serde::Serialize;
use utoipa::ToSchema;

/// How a part, or the whole, is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum HealthWord {
    /// As it should.
    Healthy,
    /// Not as it should.
    Unhealthy,
}

/// How busy the server is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LoadWord {
    /// There is room.
    Healthy,
    /// Requests are turned away.
    Overloaded,
}

/// Whether the database answers.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConnectionWord {
    /// It does.
    Connected,
    /// It does not.
    Unreachable,
}

/// The word of a process that runs.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LivenessWord {
    /// It runs.
    Alive,
}

/// Whether requests may be sent here.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadinessWord {
    /// They may.
    Ready,
    /// They should go elsewhere.
    NotReady,
}

/// How the application is doing.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OperationWord {
    /// Everything works.
    Operational,
    /// The database does not answer.
    Degraded,
}

/// What an installation is for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum EnvironmentWord {
    /// For trying things out.
    Development,
    /// For people.
    Production,
}
