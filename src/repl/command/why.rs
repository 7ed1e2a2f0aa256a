use crate::diagnostic::harmless;
use crate::plan::{self, Asked, HostIdx, Plan};
use crate::repl::command::schedule::{moment, planned};
use crate::repl::place::unknown_host;
use crate::repl::prompt::{Prompt, Said};
use crate::report;

/// Why a host is changed as it is; with `at`, and on a walk, why not now.
pub(super) fn why(prompt: &mut Prompt<'_>, text: &str) -> Said {
    let (name, at) = match text.split_once(" at ") {
        Some((name, at)) => (name.trim(), Some(at.trim())),
        None => (text, None),
    };
    let name = name.trim_matches('"');
    if name.is_empty() {
        return Said::fault(
            "the name of a host belongs here",
            "write `:why HOST` or `:why HOST at 2007-05-09 12:00 UTC`",
        );
    }
    let found = match &prompt.walking {
        Some(walking) => Ok(Plan::clone(&walking.plan)),
        None => planned(prompt, ""),
    };
    let plan = match found {
        Ok(plan) => plan,
        Err(said) => return *said,
    };
    let here = prompt.walking.as_ref().map(|walking| walking.here.walk.world().now());
    let at = match at.map(|at| moment(at, here.unwrap_or(plan.starts_at)).ok_or(at)) {
        Some(Ok(at)) => Some(at),
        Some(Err(at)) => {
            return Said::fault(format!("`{}` is no moment", harmless(at)), "write `2007-05-09 12:00 UTC` or `+2h`");
        }
        None => here,
    };
    Said::answer(match answer(prompt, &plan, name, at) {
        Ok(text) => text,
        Err(said) => return *said,
    })
}

fn answer(prompt: &Prompt<'_>, plan: &Plan, name: &str, at: Option<crate::time::Moment>) -> Result<String, Box<Said>> {
    let session = prompt.session();
    let (sources, width) = (&session.sources, prompt.look.width);
    let said = session.model.as_ref().zip(session.fleet.as_ref()).and_then(|(model, fleet)| {
        let rollout = model.rollouts.iter().find(|rollout| rollout.name == plan.rollout)?;
        Some(plan::Said { model, rollout, fleet })
    });
    let asked = Asked { plan, said };
    let Some(host) = plan.hosts.iter().position(|host| &*host.name == name) else {
        let in_fleet = said.and_then(|said| Some((said, said.fleet.find(name)?)));
        let (said, host) = in_fleet.ok_or_else(|| unknown_host(prompt, name))?;
        let reasons = plan::why_no_target(&said, host, sources.text(said.rollout.targets_span));
        return Ok(report::reasons_text(&reasons, sources, width));
    };
    let host = HostIdx(host as u32);
    let now = at.map(|at| plan::why_not_at(&asked, host, at)).unwrap_or_default();
    let mut text = report::why_text(plan, &plan::why(&asked, host), &now, sources, width);
    if let Some(walking) = &prompt.walking {
        text.push_str(&format!("On this walk: {}\n", report::host_sentence(walking.here.walk.world(), host)));
    }
    Ok(text)
}
