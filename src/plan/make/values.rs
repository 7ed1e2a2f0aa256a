use indexmap::{IndexMap, IndexSet};

use crate::inventory::FieldId;
use crate::model::{Action, Argument, Command, Part, Probe, Rollout, Undo};
use crate::plan::make::Maker;
use crate::plan::{HostIdx, ValueColumn};

/// A column for each value that a command of the rollout names, in the order in which they are named.
pub(super) fn columns(maker: &Maker, picked: &[Vec<HostIdx>]) -> IndexMap<String, ValueColumn> {
    let column = |name: &str| (name.to_owned(), column(maker, picked, name));
    named(maker.rollout).into_iter().map(column).collect()
}

fn column(maker: &Maker, picked: &[Vec<HostIdx>], name: &str) -> ValueColumn {
    let Maker { model, rollout, fleet, targets, .. } = *maker;
    let hosts = (0..targets.len() as u32).map(HostIdx);
    match name {
        // No two hosts have the same name.
        "host.name" => ValueColumn {
            texts: targets.hosts.iter().map(|&host| fleet.name(host).into()).collect(),
            codes: (0..targets.len() as u32).collect(),
        },
        "site.name" => {
            let names: Vec<&str> = model.sites.iter().map(|site| site.name.as_str()).collect();
            told_by(&names, hosts.map(|idx| targets.site(idx).0))
        }
        "region.name" => {
            let names: Vec<&str> = model.regions.iter().map(|region| region.name.as_str()).collect();
            told_by(&names, hosts.map(|idx| targets.region(idx, model).0))
        }
        "package.name" => {
            let names: Vec<&str> = rollout.bulletin.packages.iter().map(|package| package.name.as_str()).collect();
            told_by(&names, hosts.map(|idx| targets.package(idx).0))
        }
        "stage.name" => {
            let names: Vec<&str> = rollout.stages.iter().map(|stage| stage.name.as_str()).collect();
            told_by(&names, maker.stage_of_each(picked).into_iter())
        }
        "rollout.name" => told_by(&[&rollout.name], hosts.map(|_| 0)),
        _ => match name.strip_prefix("host.").and_then(|field| fleet.field(field)) {
            Some(field) => of_field(maker, field),
            None => ValueColumn { texts: Vec::new(), codes: vec![NO_TEXT; targets.len()] },
        },
    }
}

/// The code of a host without a text.
const NO_TEXT: u32 = u32::MAX;

/// Each host's text is one of some names; names that are the same are one text.
fn told_by(names: &[&str], places: impl Iterator<Item = u32>) -> ValueColumn {
    let texts: IndexSet<&str> = names.iter().copied().collect();
    let codes: Vec<u32> =
        names.iter().map(|name| texts.get_index_of(name).map_or(NO_TEXT, |code| code as u32)).collect();
    ValueColumn {
        codes: places.map(|place| codes.get(place as usize).copied().unwrap_or(NO_TEXT)).collect(),
        texts: texts.into_iter().map(Into::into).collect(),
    }
}

/// The fleet's own codes, numbered anew in the order of the first target that has each.
fn of_field(maker: &Maker, field: FieldId) -> ValueColumn {
    let Maker { fleet, targets, .. } = *maker;
    let mut column = ValueColumn { texts: Vec::new(), codes: Vec::with_capacity(targets.len()) };
    let mut numbers = vec![NO_TEXT; fleet.distinct(field) + 1];
    for &host in &targets.hosts {
        let code = fleet.code(host, field) as usize;
        let is_new = numbers.get(code) == Some(&NO_TEXT);
        if let Some(text) = is_new.then(|| fleet.text(host, field)).flatten() {
            numbers[code] = column.texts.len() as u32;
            column.texts.push(text.into());
        }
        column.codes.push(numbers.get(code).copied().unwrap_or(NO_TEXT));
    }
    column
}

/// The names of the values in the commands of the steps, the packages and the gates.
fn named(rollout: &Rollout) -> IndexSet<&str> {
    let mut arguments: Vec<&Argument> = Vec::new();
    for step in &rollout.steps {
        let undo = match &step.undo {
            Undo::Action(action) => Some(action),
            Undo::NotNeeded | Undo::Impossible => None,
        };
        for action in [Some(&step.run), undo, step.verify.as_ref()].into_iter().flatten() {
            if let Action::Command(command) = action {
                arguments.extend(&command.arguments);
            }
        }
        arguments.extend(step.wait.as_ref().map(|wait| &wait.address));
    }
    for package in &rollout.bulletin.packages {
        let commands = [&package.install, &package.uninstall, &package.verify];
        arguments.extend(commands.into_iter().flatten().flat_map(|command: &Command| &command.arguments));
    }
    for gate in &rollout.gates {
        match &gate.probe {
            Probe::Command(command) => arguments.extend(&command.arguments),
            Probe::Tcp { address, .. } => arguments.push(address),
            Probe::Http { url, .. } => arguments.push(url),
        }
    }
    let parts = arguments.into_iter().flat_map(|argument| &argument.parts);
    parts
        .filter_map(|part| match part {
            Part::Value(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
        .collect()
}
