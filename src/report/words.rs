//! The model's words as the language writes them.

use crate::model::{Finish, Otherwise, Per, Scope, Severity, StageKind, StatedSeverity};

/// `critical`, `at most critical`
pub(super) fn severity(severity: StatedSeverity) -> String {
    let level = level(severity.level);
    if severity.at_most { format!("at most {level}") } else { level.to_owned() }
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Moderate => "moderate",
        Severity::Important => "important",
        Severity::Critical => "critical",
    }
}

/// `05:00`, `sunrise`
pub(super) fn finish(finish: Finish) -> String {
    match finish {
        Finish::Time(time) => time.format("%H:%M").to_string(),
        Finish::Sunrise => "sunrise".to_owned(),
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

pub(super) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Host => "host",
        Scope::Batch => "batch",
        Scope::Site => "site",
        Scope::Region => "region",
        Scope::Stage => "stage",
        Scope::Rollout => "rollout",
    }
}

pub(super) fn otherwise(otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::Hold => "hold",
        Otherwise::Rollback => "rollback",
    }
}
