use serde::Deserialize;

use crate::plan::Plan;

mod claims;
mod read;
mod shape;
mod sound;
#[cfg(test)]
mod tests;
mod write;

/// The version of the JSON shape.
pub const PLAN_VERSION: u32 = 3;

/// Why a file is no plan that we can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFault {
    pub message: String,
    pub help: Option<String>,
}

/// The plan as versioned JSON: own structs, documented in `docs/plan-json.md`; the same plan gives the same bytes.
pub fn to_json(plan: &Plan) -> String {
    // INVARIANT: the shape is text, numbers and lists under names, which can always be written as JSON.
    let mut json = serde_json::to_string(&write::shape_of(plan)).unwrap_or_default();
    json.push('\n');
    json
}

/// Reads what [`to_json`] wrote; checks every index and the version.
///
/// # Errors
/// A text that is no such JSON, a version that is not ours, a zone that our zone data lack, and anything that a plan
/// made by [`crate::plan::make`] never holds: a place that is not there, a host that is in no batch or in two.
pub fn from_json(text: &str) -> Result<Plan, PlanFault> {
    let Head { format, version } = serde_json::from_str(text).map_err(|error| PlanFault::unreadable(&error))?;
    if format.as_deref() != Some(shape::FORMAT) {
        let help = "`sunup plan FILE --save PLAN` writes one".to_owned();
        return Err(PlanFault { message: "this is no saved plan".to_owned(), help: Some(help) });
    }
    if version != Some(PLAN_VERSION.into()) {
        let version = version.map_or("without a version".to_owned(), |version| format!("of version {version}"));
        return Err(PlanFault {
            message: format!("the plan is {version}, and this sunup reads version {PLAN_VERSION}"),
            help: Some("make the plan again with this sunup, or run it with the one that made it".to_owned()),
        });
    }
    let saved = serde_json::from_str(text).map_err(|error| PlanFault::unreadable(&error))?;
    let plan = read::plan_of(saved)?;
    sound::check(&plan)?;
    Ok(plan)
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<u64>,
}

impl PlanFault {
    fn damaged(message: impl Into<String>) -> PlanFault {
        let help = "the file was changed after it was written: make the plan again".to_owned();
        PlanFault { message: format!("the plan is damaged: {}", message.into()), help: Some(help) }
    }

    fn unreadable(error: &serde_json::Error) -> PlanFault {
        PlanFault::damaged(error.to_string())
    }
}
