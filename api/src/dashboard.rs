//! What a builder looks at first: where homes and contracts stand, how the month goes, what happened lately.

mod read;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::App;
pub use wire::{DashboardOut, DashboardParams, HomesOut, MonthOut, MonthsOut, StageOut};

/// The slice's operation.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read::read))
}
