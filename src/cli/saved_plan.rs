use std::path::Path;

use crate::diagnostic::{Code, Problem};
use crate::plan::{self, Plan};
use crate::world::{RealWorld, World};

/// A file that begins as JSON does is a saved plan; no script begins with a brace.
pub fn saved_plan(file: &Path) -> Option<Result<Plan, Problem>> {
    let bytes = RealWorld.read(file).ok()?;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return None;
    }
    let read = std::str::from_utf8(&bytes)
        .map_err(|_| plan::PlanFault { message: "it is not UTF-8".to_owned(), help: None })
        .and_then(plan::from_json);
    Some(read.map_err(|fault| {
        let name = file.display().to_string();
        let problem =
            Problem::error(Code::PLAN_CHANGED, format!("`{name}` is no plan that can run: {}", fault.message));
        problem.help(fault.help.unwrap_or_else(|| "make it again with `sunup plan FILE --save PLAN`".to_owned()))
    }))
}
