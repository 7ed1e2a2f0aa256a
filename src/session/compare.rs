use crate::diagnostic::{Code, Problem};
use crate::plan::{Input, Plan, to_json};
use crate::session::Session;

/// Why a saved plan is not what would be planned today, as a problem; none where it is, to the byte.
///
/// What the plan was made from is compared first, since that names the file that is another. Then the plan itself: the same
/// inputs give the same plan, so one that differs all the same was changed after it was saved.
pub fn changed(plan: &Plan, session: &Session) -> Option<Problem> {
    let today = session.inputs.fingerprint(&plan.rollout, &plan.starts_at.to_rfc3339());
    if today.whole != plan.fingerprint.whole {
        let what = differences(&plan.fingerprint.inputs, &today.inputs);
        return Some(problem(&format!("the plan is not what would be planned today: {what}")));
    }
    let planned = session.plan(Some(&plan.rollout), Some(plan.starts_at)).plan;
    // The same script may be named from another folder today.
    let same = planned.map(|today| Plan { script: plan.script.clone(), ..today }).map(|today| to_json(&today));
    match same {
        Some(today) if today == to_json(plan) => None,
        Some(_) => Some(problem(
            "the plan is not what its script and inventory give: it was changed after it was saved, or another version \
             of sunup made it",
        )),
        None => Some(problem("the plan's script and inventory give no plan today")),
    }
}

fn differences(then: &[Input], now: &[Input]) -> String {
    let find = |inputs: &[Input], wanted: &Input| {
        inputs
            .iter()
            .find(|input| input.kind == wanted.kind && input.name == wanted.name)
            .map(|input| input.hash.clone())
    };
    let gone_or_other = then.iter().filter_map(|input| match find(now, input) {
        None => Some(format!("{} `{}` is gone", input.kind, input.name)),
        Some(hash) if hash != input.hash => Some(format!("{} `{}` is another", input.kind, input.name)),
        Some(_) => None,
    });
    let new = now.iter().filter(|input| find(then, input).is_none());
    let new = new.map(|input| format!("{} `{}` is new", input.kind, input.name));
    let all: Vec<String> = gone_or_other.chain(new).collect();
    match all.is_empty() {
        true => "its inputs are read in another order, or its rollout or start is another".to_owned(),
        false => all.join("; "),
    }
}

fn problem(message: &str) -> Problem {
    Problem::error(Code::PLAN_CHANGED, message)
        .help("plan again with `sunup plan`, look at what is different, and agree on it anew")
}
