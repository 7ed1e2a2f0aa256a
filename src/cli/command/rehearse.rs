use std::sync::Arc;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{Format, ScriptArguments, StateArguments};
use crate::cli::output::Output;
use crate::cli::progress;
use crate::cli::{problems, state};
use crate::model::Connection;
use crate::run::{Controller, Rehearsal, Settings};
use crate::session::Session;
use crate::world::RealWorld;

/// Rehearse a rollout: the same run with waits skipped, on this machine
///
/// Windows, soaks and pauses are skipped; hosts are reached by `local` or `simulated` and never another; no network probe is
/// sent. Steps and gates fail where you say so: `--fail mailflow@sydney`, `--fail install@exc-syd-01`.
#[derive(Debug, Args)]
pub struct RehearseArguments {
    #[command(flatten)]
    script: ScriptArguments,
    #[command(flatten)]
    state: StateArguments,
    /// Make a gate or a step fail: GATE@SITE, GATE@REGION, GATE@HOST, GATE@*, STEP@HOST or STEP@SITE
    #[arg(long, value_name = "WHAT@WHERE")]
    fail: Vec<String>,
    /// Start no process at all, also where the script says `connect local`
    #[arg(long)]
    simulated: bool,
    /// Leave approvals to people in other terminals, instead of giving them
    #[arg(long)]
    ask: bool,
}

pub fn run(arguments: &RehearseArguments, output: &Output) -> Exit {
    let session = Session::load(&RealWorld, &arguments.script.script);
    let planned = session.plan(arguments.script.rollout.as_deref(), arguments.script.at);
    let Some(plan) = planned.plan else {
        return problems::report(&planned.problems, &session, Format::Text, output);
    };
    problems::remark(&planned.problems, &session, output);
    if !arguments.simulated && plan.hosts.iter().any(|host| host.connection == Some(Connection::Local)) {
        output.talk("The script's own commands are started on this machine; `--simulated` starts none.\n");
    }
    let rehearsal =
        Rehearsal { all_simulated: arguments.simulated, people_approve: arguments.ask, fail: arguments.fail.clone() };
    let person = state::person();
    let begun = state::settings(Settings::default()).and_then(|settings| {
        let folder = state::folder(&arguments.state)?;
        Controller::rehearse(&folder, Arc::new(plan), &person, rehearsal, settings)
    });
    progress::carry_on(begun, output)
}
