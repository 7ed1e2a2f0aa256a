use std::path::Path;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, StateArguments, moment};
use crate::cli::output::Output;
use crate::cli::saved_plan::saved_plan;
use crate::cli::{problems, state};
use crate::diagnostic::{Code, Problem, Problems, nearest};
use crate::plan::{self, Asked, HostIdx, Plan, Reason, Said};
use crate::report;
use crate::run::History;
use crate::session::{Session, compare};
use crate::source::Sources;
use crate::time::Moment;
use crate::world::{RealWorld, World};

/// Say why a host is changed in this stage, with this package, at this time, each with the line that decided it
///
/// Of a run it also says how the host stands, what keeps it, and which command lets it go on.
#[derive(Debug, Args)]
pub struct WhyArguments {
    /// A script, a plan from `sunup plan --save`, or a run
    #[arg(value_name = "FILE|RUN")]
    of: String,
    #[arg(value_name = "HOST")]
    host: String,
    /// Why not at this moment, and when next: `2007-05-09 12:00 UTC`
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    /// The rollout to take, where the script has several
    #[arg(long, value_name = "NAME")]
    rollout: Option<String>,
    #[command(flatten)]
    state: StateArguments,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(arguments: &WhyArguments, output: &Output) -> Exit {
    match answer(arguments, output) {
        Ok(text) => {
            output.result(&text);
            Exit::Fine
        }
        Err(exit) => exit,
    }
}

/// What is known of the plan that is asked about.
struct Subject {
    plan: Plan,
    /// What it was made from, where that is still the same.
    session: Option<Session>,
    history: Option<History>,
}

fn answer(arguments: &WhyArguments, output: &Output) -> Result<String, Exit> {
    let subject = subject(arguments, output)?;
    let Subject { plan, session, history } = &subject;
    let said = session.as_ref().and_then(|session| said(session, &plan.rollout));
    let none = Sources::default();
    let sources = session.as_ref().map_or(&none, |session| &session.sources);
    let asked = Asked { plan, said };
    let Some(host) = find(plan, &arguments.host) else {
        return no_target(arguments, &asked, sources, output);
    };
    let mut now: Vec<Reason> = history.as_ref().map(|history| report::standing(history, host)).unwrap_or_default();
    now.extend(arguments.at.map(|at| plan::why_not_at(&asked, host, at)).unwrap_or_default());
    let why = plan::why(&asked, host);
    Ok(match arguments.format {
        Format::Text => report::why_text(plan, &why, &now, sources, output.width()),
        Format::Json => report::why_json(plan, &why, &now, sources),
    })
}

fn find(plan: &Plan, name: &str) -> Option<HostIdx> {
    plan.hosts.iter().position(|host| &*host.name == name).map(|idx| HostIdx(idx as u32))
}

fn said<'a>(session: &'a Session, rollout: &str) -> Option<Said<'a>> {
    let (model, fleet) = (session.model.as_ref()?, session.fleet.as_ref()?);
    let rollout = model.rollouts.iter().find(|one| one.name == rollout)?;
    Some(Said { model, rollout, fleet })
}

/// The host is not in the plan: it is no target, or there is none of that name.
fn no_target(arguments: &WhyArguments, asked: &Asked, sources: &Sources, output: &Output) -> Result<String, Exit> {
    let name = arguments.host.as_str();
    let in_fleet = asked.said.and_then(|said| Some((said, said.fleet.find(name)?)));
    if let Some((said, host)) = in_fleet {
        let reasons = plan::why_no_target(&said, host, sources.text(said.rollout.targets_span));
        return Ok(match arguments.format {
            Format::Text => report::reasons_text(&reasons, sources, output.width()),
            Format::Json => report::no_target_json(name, &said.rollout.name, &reasons, sources),
        });
    }
    let planned = asked.plan.hosts.iter().map(|host| &*host.name);
    let near = match asked.said {
        Some(said) => nearest(name, said.fleet.hosts().map(|host| said.fleet.name(host))),
        None => nearest(name, planned),
    };
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`sunup plan FILE --hosts` lists the hosts of a rollout".to_owned(),
    };
    let place = if asked.said.is_some() { "in the inventory" } else { "in the plan" };
    let problem = Problem::error(Code::UNKNOWN_NAME, format!("there is no host `{name}` {place}")).help(help);
    Err(refuse(problem, output))
}

fn subject(arguments: &WhyArguments, output: &Output) -> Result<Subject, Exit> {
    let path = Path::new(&arguments.of);
    if !RealWorld.is_file(path) && !arguments.of.ends_with(".sunup") {
        let history = state::existing(&arguments.state).and_then(|folder| History::read(&folder, Some(&arguments.of)));
        let history = history.map_err(|fault| problems::run_fault(&fault, output))?;
        let plan = Plan::clone(history.plan());
        return Ok(Subject { session: unchanged(&plan, output), plan, history: Some(history) });
    }
    match saved_plan(path) {
        Some(Ok(plan)) => Ok(Subject { session: unchanged(&plan, output), plan, history: None }),
        Some(Err(problem)) => Err(refuse(problem, output)),
        None => {
            let session = Session::load(&RealWorld, path);
            let planned = session.plan(arguments.rollout.as_deref(), None);
            match planned.plan {
                Some(plan) => Ok(Subject { plan, session: Some(session), history: None }),
                None => Err(problems::report(&planned.problems, &session, Format::Text, output)),
            }
        }
    }
}

/// What a plan was made from, if it is what it was.
fn unchanged(plan: &Plan, output: &Output) -> Option<Session> {
    let script = Path::new(&plan.directory).join(Path::new(&plan.script).file_name().unwrap_or_default());
    let session = Session::load(&RealWorld, &script);
    if compare::changed(plan, &session).is_some() {
        output.talk("The script or what it names is another today: no lines of it are shown.\n");
        return None;
    }
    Some(session)
}

fn refuse(problem: Problem, output: &Output) -> Exit {
    output.fault(&problems::drawn(&Problems::from_iter([problem]), &Sources::default(), output));
    Exit::Problems
}
