use std::collections::HashMap;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::model::{Action, Argument, Command, Part, Probe, Rollout, Undo};
use crate::plan::make::Maker;
use crate::plan::{HostIdx, ValueColumn};

/// A column for each value that a command of the rollout names, in the order in which they are named.
pub(super) fn columns(maker: &Maker, picked: &[Vec<HostIdx>]) -> IndexMap<String, ValueColumn> {
    let column = |name: &str| (name.to_owned(), column(maker, picked, name));
    named(maker.rollout).into_iter().map(column).collect()
}

fn column(maker: &Maker, picked: &[Vec<HostIdx>], name: &str) -> ValueColumn {
    let Maker { model, rollout, fleet, targets } = maker;
    let mut column = Builder::new(targets.len());
    match name {
        "host.name" => column.each(|idx| Some(fleet.name(targets.host(idx)))),
        "site.name" => column.each(|idx| model.sites.get(targets.site(idx).0 as usize).map(|site| site.name.as_str())),
        "region.name" => column.each(|idx| {
            let region = targets.region(idx, model);
            model.regions.get(region.0 as usize).map(|region| region.name.as_str())
        }),
        "package.name" => column.each(|idx| {
            let package = targets.package(idx);
            rollout.bulletin.packages.get(package.0 as usize).map(|package| package.name.as_str())
        }),
        "rollout.name" => column.each(|_| Some(rollout.name.as_str())),
        "stage.name" => {
            let stages = maker.stage_of_each(picked);
            column.each(|idx| rollout.stages.get(stages[idx.0 as usize] as usize).map(|stage| stage.name.as_str()));
        }
        _ => {
            let field = name.strip_prefix("host.").and_then(|field| fleet.field(field));
            column.each(|idx| field.and_then(|field| fleet.text(targets.host(idx), field)));
        }
    }
    column.column
}

/// A column while it grows; each distinct text gets a code once.
struct Builder {
    column: ValueColumn,
    codes: HashMap<Arc<str>, u32>,
    hosts: usize,
}

impl Builder {
    fn new(hosts: usize) -> Builder {
        let column = ValueColumn { texts: Vec::new(), codes: Vec::with_capacity(hosts) };
        Builder { column, codes: HashMap::new(), hosts }
    }

    fn each<T: AsRef<str>>(&mut self, text_of: impl Fn(HostIdx) -> Option<T>) {
        for host in 0..self.hosts as u32 {
            let code = text_of(HostIdx(host)).map_or(u32::MAX, |text| self.code(text.as_ref()));
            self.column.codes.push(code);
        }
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.codes.get(text) {
            return code;
        }
        let (shared, code): (Arc<str>, u32) = (text.into(), self.column.texts.len() as u32);
        self.column.texts.push(shared.clone());
        self.codes.insert(shared, code);
        code
    }
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
