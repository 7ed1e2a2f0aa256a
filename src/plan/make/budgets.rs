use std::collections::BTreeMap;

use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::{Fleet, HostId};
use crate::model::{Budget, Keep, Service};
use crate::plan::make::partition::Partition;
use crate::plan::make::{Maker, amount, targets};
use crate::plan::{BudgetGroup, HostIdx};
use crate::source::Span;

/// The groups of all budgets, with where each budget is written.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    /// In the order of the services, their budgets, and the groups' first hosts.
    pub(super) groups: Vec<BudgetGroup>,
    /// For each group its place in `keeps`.
    pub(super) of_groups: Vec<u32>,
    pub(super) keeps: Vec<Span>,
}

/// Every group of every budget that a target is in.
///
/// Reports the budgets that a batch would break, of however few hosts it is, and those that can never hold. One that
/// merely allows less than a batch asks for is no problem: such a batch is made smaller.
pub(super) fn groups(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) -> Budgets {
    // A runbook that takes no host down draws on no budget, and breaks none.
    let takes_down = maker.rollout.steps.iter().any(|step| step.down);
    let mut budgets = Budgets::default();
    for service in &maker.model.services {
        let members: Vec<HostId> = service.hosts.iter().collect();
        for keep in &service.keeps {
            let groups = groups_of(maker, service, keep, &members);
            if takes_down {
                refuse(maker, keep, &groups, picked, problems);
            }
            budgets.of_groups.resize(budgets.of_groups.len() + groups.len(), budgets.keeps.len() as u32);
            budgets.keeps.push(keep.span);
            budgets.groups.extend(groups);
        }
    }
    budgets
}

fn groups_of(maker: &Maker, service: &Service, keep: &Keep, members: &[HostId]) -> Vec<BudgetGroup> {
    let parts = Partition::by(maker.fleet, &keep.per, members);
    let mut hosts = vec![Vec::new(); parts.firsts.len()];
    let mut sizes = vec![0u32; parts.firsts.len()];
    for (&part, &host) in parts.parts.iter().zip(members) {
        sizes[part as usize] += 1;
        hosts[part as usize].extend(maker.targets.place(host));
    }
    let group = |((&first, size), hosts): ((&HostId, u32), Vec<HostIdx>)| BudgetGroup {
        service: service.name.clone(),
        group: name_of(maker.fleet, keep, first),
        rule: rule_of(keep.at_least),
        size,
        keep: amount::to_keep(keep.at_least, size as usize),
        hosts,
    };
    parts.firsts.iter().zip(sizes).zip(hosts).filter(|(_, hosts)| !hosts.is_empty()).map(group).collect()
}

/// `cluster sydney-exchange-1`; where a host lacks the field, `no cluster`.
fn name_of(fleet: &Fleet, keep: &Keep, host: HostId) -> String {
    let parts = keep.per.iter().zip(&keep.per_names).map(|(&field, name)| match fleet.text(host, field) {
        Some(value) => format!("{name} {value}"),
        None => format!("no {name}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// `at least 50% up`
pub(in crate::plan) fn rule_of(at_least: Budget) -> String {
    match at_least {
        Budget::Hosts(hosts) => format!("at least {hosts} up"),
        Budget::Percent(percent) => format!("at least {percent}% up"),
    }
}

/// One problem for each kind of group that has nothing to spare: the cause is the `keep`, not the group.
fn refuse(maker: &Maker, keep: &Keep, groups: &[BudgetGroup], picked: &[Vec<HostIdx>], problems: &mut Problems) {
    let mut found: BTreeMap<Refusal, Vec<&BudgetGroup>> = BTreeMap::new();
    for group in groups.iter().filter(|group| group.most_down() == 0) {
        found.entry(Refusal::of(group)).or_default().push(group);
    }
    for (refusal, groups) in found {
        let [first, ..] = groups.as_slice() else { continue };
        let hosts = groups.iter().flat_map(|group| &group.hosts).take(targets::LISTED);
        let more = match groups.len() - 1 {
            0 => String::new(),
            more => format!("; so it is with {}", targets::count(more, "other group")),
        };
        let problem = Problem::error(refusal.code(), refusal.message(first) + &more)
            .label(keep.span, format!("`{}` must keep {}", first.service, first.rule))
            .hosts(hosts.map(|&host| maker.fleet.name(maker.targets.host(host))))
            .help(refusal.help());
        problems.push(label_takers(maker, problem, first, picked));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Refusal {
    /// More must stay up than there are: it does not hold even while nothing is changed.
    TooFew,
    /// A group of one.
    Alone,
    /// All must stay up, so the smallest batch breaks it.
    All,
}

impl Refusal {
    fn of(group: &BudgetGroup) -> Self {
        match group {
            _ if group.keep > group.size => Refusal::TooFew,
            _ if group.size == 1 => Refusal::Alone,
            _ => Refusal::All,
        }
    }

    fn code(self) -> Code {
        match self {
            Refusal::TooFew | Refusal::Alone => Code::BUDGET_NEVER_HOLDS,
            Refusal::All => Code::BUDGET_BROKEN,
        }
    }

    fn message(self, group: &BudgetGroup) -> String {
        let of_service = match group.group.as_str() {
            "" => format!("`{}`", group.service),
            name => format!("{name} of `{}`", group.service),
        };
        let BudgetGroup { size, keep, .. } = group;
        match self {
            Refusal::TooFew => {
                format!("{of_service} has {} and must keep {keep} up: that can never hold", hosts(*size))
            }
            Refusal::Alone => format!("{of_service} has one host and must keep {keep} up: it can never be changed"),
            Refusal::All => {
                format!(
                    "with one of its {size} hosts down, {of_service} would have {} up and must keep {keep}",
                    size - 1
                )
            }
        }
    }

    fn help(self) -> &'static str {
        match self {
            Refusal::TooFew => {
                "lower what `keep` asks for, or correct the inventory if hosts of this group are missing"
            }
            Refusal::Alone => {
                "add a second host to it, leave it out of `to`, or leave it out of the service's `hosts` if it may be down"
            }
            Refusal::All => "lower what `keep` asks for by one at least, or leave these hosts out of `to`",
        }
    }
}

fn hosts(number: u32) -> String {
    targets::count(number as usize, "host")
}

/// The other end of the conflict: the batch, or else the stage, that would take the first of the hosts.
fn label_takers(maker: &Maker, problem: Problem, group: &BudgetGroup, picked: &[Vec<HostIdx>]) -> Problem {
    let taker =
        group.hosts.first().and_then(|first| picked.iter().position(|hosts| hosts.binary_search(first).is_ok()));
    match taker.and_then(|stage| maker.rollout.stages.get(stage)) {
        Some(stage) => match &stage.batch {
            Some(batch) => problem.label(batch.span, format!("a batch of `{}` takes at least one down", stage.name)),
            None => problem.label(stage.span, format!("`{}` takes at least one down", stage.name)),
        },
        None => problem.label(maker.rollout.targets_span, "these hosts are to be changed"),
    }
}
