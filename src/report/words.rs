//! The model's words as the language writes them.

use crate::model::{Otherwise, Per, Severity, StageKind};

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Moderate => "moderate",
        Severity::Important => "important",
        Severity::Critical => "critical",
    }
}

pub(super) fn kind(kind: StageKind) -> &'static str {
    match kind {
        StageKind::GuineaPig => "guinea-pig",
        StageKind::Wave => "wave",
    }
}

pub(super) fn per(per: Per) -> &'static str {
    match per {
        Per::Host => "host",
        Per::Site => "site",
        Per::Region => "region",
        Per::Batch => "batch",
    }
}

pub(super) fn otherwise(otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::Hold => "hold",
        Otherwise::Rollback => "rollback",
    }
}
