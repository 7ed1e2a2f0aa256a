use crate::diagnostic::{Code, Problem};
use crate::plan::Plan;
use crate::session::Session;

/// What is not as it was when the plan was made, as a problem; none where the same would be planned today.
pub fn changed(plan: &Plan, session: &Session) -> Option<Problem> {
    let today = session.inputs.fingerprint(&plan.rollout, &plan.starts_at.to_rfc3339());
    if today.whole == plan.fingerprint.whole {
        return None;
    }
    let find = |inputs: &[crate::plan::Input], kind: &str, name: &str| {
        inputs.iter().find(|input| input.kind == kind && input.name == name).map(|input| input.hash.clone())
    };
    let (then, now) = (&plan.fingerprint.inputs, &today.inputs);
    let mut differences: Vec<String> = Vec::new();
    for input in then {
        match find(now, &input.kind, &input.name) {
            None => differences.push(format!("{} `{}` is gone", input.kind, input.name)),
            Some(hash) if hash != input.hash => differences.push(format!("{} `{}` is another", input.kind, input.name)),
            Some(_) => {}
        }
    }
    for input in now {
        if find(then, &input.kind, &input.name).is_none() {
            differences.push(format!("{} `{}` is new", input.kind, input.name));
        }
    }
    if differences.is_empty() {
        differences.push("the order of its inputs is another".to_owned());
    }
    let message = format!("the plan is not what would be planned today: {}", differences.join("; "));
    Some(
        Problem::error(Code::PLAN_CHANGED, message)
            .help("plan again with `sunup plan`, look at what is different, and agree on it anew"),
    )
}
