use indexmap::IndexMap;

use crate::check::bulletin::CheckedBulletin;
use crate::check::claims::Claimable;
use crate::check::entry::{Checker, Origin};
use crate::check::gates::CheckedGate;
use crate::check::names::{Definition, Sort};
use crate::check::once::{Once, Owner};
use crate::check::policy::Ruled;
use crate::check::regions::CheckedRegions;
use crate::check::rules::RulesAround;
use crate::check::runbook::CheckedRunbook;
use crate::check::said_stages::{SaidStage, gates_of};
use crate::check::selector::Asking;
use crate::check::teams::CheckedTeams;
use crate::check::test_blocks::Tried;
use crate::check::used::Used;
use crate::diagnostic::{Code, Problem};
use crate::inventory::HostSet;
use crate::model::{Bulletin, Gate, GateId, Region, Rollout, Service};
use crate::source::Span;
use crate::syntax::ast::{self, BulletinMember, Name, RolloutMember};
use crate::time::{Moment, show_utc};

/// What rollouts are made of, each checked once; none where it has a fault.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    bulletins: IndexMap<&'a str, Option<CheckedBulletin>>,
    gates: IndexMap<&'a str, Option<CheckedGate>>,
    runbooks: IndexMap<&'a str, Option<CheckedRunbook>>,
    /// None where one is not sound.
    pub(super) services: Option<Vec<Service>>,
}

impl<'a> Parts<'a> {
    /// None where it is unknown or has a fault.
    pub(super) fn runbook(&self, name: &str) -> Option<&CheckedRunbook> {
        self.runbooks.get(name)?.as_ref()
    }
}

/// A rollout's members, each in its place.
struct Said<'a> {
    apply: Option<(&'a Name, &'a Name)>,
    to: Option<&'a ast::Expression>,
    start: Option<&'a ast::Expression>,
    deadline: Option<&'a ast::Deadline>,
    stages: Vec<SaidStage<'a>>,
    rules: Vec<&'a ast::Rule>,
    properties: Vec<&'a ast::Property>,
}

/// The gates that one rollout asks, in the order in which they are named.
#[derive(Debug, Default)]
pub(super) struct AskedGates {
    pub(super) gates: Vec<Gate>,
    uses: Vec<(GateId, Used)>,
}

impl AskedGates {
    pub(super) fn id(&self, name: &str) -> Option<GateId> {
        self.gates.iter().position(|gate| gate.name == name).map(|idx| GateId(idx as u32))
    }
}

impl<'a> Checker<'a> {
    /// The hosts of each rollout, in the order of the rollouts. None where they are unknown.
    pub(super) fn check_targets(&mut self) -> Vec<Option<HostSet>> {
        let all: Vec<_> = self.names.rollouts.values().copied().collect();
        all.into_iter()
            .map(|rollout| {
                let to = rollout.value.members.iter().find_map(|member| match member {
                    RolloutMember::To(expression) => Some(expression),
                    _ => None,
                });
                self.select(to?, Asking::TO, None)
            })
            .collect()
    }

    /// Bulletins, workarounds, gates and runbooks. Those of the library only where a rollout names them.
    pub(super) fn check_parts(&mut self) -> Parts<'a> {
        let named = self.parts_named();
        let mut parts = Parts::default();
        for (name, definition) in self.names.bulletins.clone() {
            if definition.origin == Origin::Own || named.contains(&name) {
                parts.bulletins.insert(name, self.check_bulletin(definition));
            }
        }
        for (name, definition) in self.names.workarounds.clone() {
            let checked = self.check_workaround(definition);
            self.workarounds.insert(name, checked);
        }
        for (name, definition) in self.names.gates.clone() {
            if definition.origin == Origin::Own || named.contains(&name) {
                parts.gates.insert(name, self.check_gate(definition));
            }
        }
        for (name, definition) in self.names.runbooks.clone() {
            if definition.origin == Origin::Own || named.contains(&name) {
                parts.runbooks.insert(name, self.check_runbook(definition));
            }
        }
        parts
    }

    fn parts_named(&self) -> Vec<&'a str> {
        let mut named: Vec<&'a str> = Vec::new();
        for rollout in self.names.rollouts.values() {
            for member in &rollout.value.members {
                if let RolloutMember::Apply { bulletin, runbook, .. } = member {
                    named.extend([bulletin.text.as_str(), &runbook.text]);
                }
            }
        }
        named.extend(self.written_stage_members().flat_map(gates_of).map(|name| name.text.as_str()));
        named
    }

    pub(super) fn check_rollouts(
        &mut self,
        targets: Vec<Option<HostSet>>,
        regions: &CheckedRegions,
        teams: &CheckedTeams,
        parts: &Parts<'a>,
    ) -> Vec<Rollout> {
        self.check_in_a_region(&targets, regions);
        self.check_lifts(&targets, parts);
        let all: Vec<_> = self.names.rollouts.values().copied().collect();
        let checked = all.into_iter().zip(targets);
        checked
            .filter_map(|(definition, targets)| self.check_rollout(definition, targets, regions, teams, parts))
            .collect()
    }

    fn check_rollout(
        &mut self,
        definition: Definition<'a, ast::Rollout>,
        targets: Option<HostSet>,
        regions: &CheckedRegions,
        teams: &CheckedTeams,
        parts: &Parts<'a>,
    ) -> Option<Rollout> {
        let name = &definition.value.name;
        let said = self.rollout_members(definition);
        let starts_at = said.start.map(|start| self.moment(start));
        let bulletin = said.apply.and_then(|(bulletin, _)| self.applied(bulletin, parts));
        let bulletin = bulletin.as_ref();
        let runbook = said.apply.and_then(|(_, runbook)| {
            self.find(Sort::Runbook, runbook, |names| &names.runbooks)?;
            parts.runbooks.get(runbook.text.as_str())?.as_ref()
        });
        let gates = self.asked_gates(name, &said, parts);
        let place = said.to.map_or(name.span, |to| to.span);
        let mut is_sound = !self.is_unclear(definition.span);
        if let (Some(bulletin), Some(targets)) = (bulletin, &targets) {
            is_sound &= self.check_one_package_each(bulletin, targets, place);
            if let Some(runbook) = runbook {
                is_sound &= self.check_package_commands(bulletin, &runbook.package_commands, targets);
            }
        }
        if let Some(targets) = &targets {
            is_sound &= self.are_in_regions(targets, regions);
            let of_gates = gates.as_ref().map(|gates| self.uses_of_gates(name, &said, gates, targets, regions));
            self.check_fields_used(bulletin, runbook, &of_gates.unwrap_or_default(), targets, regions);
        }
        let fallback = AskedGates::default();
        let asked = gates.as_ref().unwrap_or(&fallback);
        let refinements = self.refinements(name, place, targets.as_ref(), regions, asked);
        let stages = self.check_stages(&said.stages, targets.as_ref(), regions, teams, asked);
        self.check_asks(&said.stages);
        let around = RulesAround {
            runbook,
            regions,
            gates: asked,
            are_gates_known: gates.is_some(),
            asks_gates: !asked.gates.is_empty()
                || said.stages.iter().any(|stage| stage.gates().next().is_some())
                || said.stages.is_empty()
                || self.is_unclear(definition.span),
            stage_places: said.stages.iter().map(|stage| stage.place(stage.name.span).unwrap_or(stage.span)).collect(),
            targets: targets.as_ref().map(|targets| (targets, place)),
            without_deadline: said.deadline.is_none().then_some(name.span),
        };
        let rules = self.check_rules(&said.rules, &around);
        let deadline = said.deadline.map(|deadline| self.deadline(deadline, bulletin));
        let claimable = Claimable {
            stages: &said.stages,
            regions,
            gates: asked,
            services: parts.services.as_deref(),
            targets: targets.as_ref(),
            are_stages_known: !said.stages.is_empty() && !self.is_unclear(definition.span),
        };
        let properties = self.check_properties(&said.properties, &claimable);
        let tests = self.check_tests(name, &Tried { claimable: &claimable, runbook, teams });
        if let Some(runbook) = runbook {
            self.check_can_be_undone(&said.stages, &said.rules, runbook);
        }
        if !self.is_unclear(definition.span) {
            self.check_against_policies(&Ruled { name, stages: &said.stages, runbook });
        }
        if let (Some(start), Some(Some(at)), Some(bulletin)) = (said.start, starts_at, bulletin) {
            self.check_is_released(start.span, at, &bulletin.bulletin);
        }
        let starts_at = match starts_at {
            None => None,
            Some(moment) => Some(moment?),
        };
        let deadline = match deadline {
            None => None,
            Some(deadline) => Some(deadline?),
        };
        let (bulletin, runbook, gates) = (bulletin?, runbook?, gates?);
        is_sound &= bulletin.is_sound && runbook.is_sound;
        let rollout = Rollout {
            name: name.text.clone(),
            bulletin: bulletin.bulletin.clone(),
            steps: runbook.steps.clone(),
            runbook: said.apply.map(|(_, runbook)| runbook.text.clone())?,
            targets: targets?,
            starts_at,
            deadline,
            gates: gates.gates,
            workarounds: runbook.workarounds.clone(),
            stages: stages?,
            refinements: refinements?,
            rules,
            properties,
            span: definition.span,
            targets_span: place,
        };
        if is_sound {
            self.tests.extend(tests);
        }
        is_sound.then_some(rollout)
    }

    fn check_is_released(&mut self, start: Span, at: Moment, bulletin: &Bulletin) {
        let Some(released_at) = bulletin.released_at.filter(|released_at| at < *released_at) else { return };
        let message = format!("the rollout starts before `{}` is released", bulletin.name);
        let problem = Problem::warning(Code::MEMBERS_CLASH, message).label(start, show_utc(at));
        let written = self.names.bulletins.get(bulletin.name.as_str());
        let written = written.and_then(|definition| {
            definition.value.members.iter().find_map(|member| match member {
                BulletinMember::Released(expression) => Some(expression.span),
                _ => None,
            })
        });
        let problem = problem.label(written.unwrap_or(bulletin.span), format!("released {}", show_utc(released_at)));
        self.report(problem.help("start later, or correct the moment of the release"));
    }

    /// The bulletin, or the workaround as one, that `apply` names.
    fn applied(&mut self, name: &Name, parts: &Parts<'a>) -> Option<CheckedBulletin> {
        if self.names.workarounds.contains_key(name.text.as_str()) {
            let workaround = self.workarounds.get(name.text.as_str())?.as_ref()?;
            return Some(workaround.as_bulletin(&name.text));
        }
        if !self.names.bulletins.contains_key(name.text.as_str()) {
            let known: Vec<&str> = self.names.bulletins.keys().chain(self.names.workarounds.keys()).copied().collect();
            self.report_unknown(Sort::Bulletin, name, &known);
        }
        parts.bulletins.get(name.text.as_str())?.clone()
    }

    fn rollout_members(&mut self, definition: Definition<'a, ast::Rollout>) -> Said<'a> {
        let rollout = definition.value;
        let owner = Owner::new("rollout", &rollout.name, definition.span);
        let mut apply = Once::new("apply");
        let mut to = Once::new("to");
        let mut start = Once::new("start");
        let mut deadline = Once::new("deadline");
        let mut rules = Vec::new();
        let mut properties = Vec::new();
        for member in &rollout.members {
            match member {
                RolloutMember::Apply { bulletin, runbook, span } => apply.set(self, (bulletin, runbook), *span),
                RolloutMember::To(expression) => to.set(self, expression, expression.span),
                RolloutMember::Start(expression) => start.set(self, expression, expression.span),
                RolloutMember::Stage(_) | RolloutMember::Stages { .. } => {}
                RolloutMember::Deadline(found) => deadline.set(self, found, found.span),
                RolloutMember::Property(property) => properties.push(property),
                RolloutMember::Rule(rule) => rules.push(rule),
            }
        }
        let stages = self.said_stages(rollout);
        let names_stages = rollout.members.iter().any(|member| matches!(member, RolloutMember::Stages { .. }));
        if stages.is_empty() && !names_stages {
            self.report_missing_member("wave", &owner, "guinea-pig first { hosts one per package }  wave rest { }");
        }
        Said {
            apply: apply.required(self, &owner, "apply BULLETIN with RUNBOOK"),
            to: to.required(self, &owner, "to role == \"web\""),
            start: start.get(),
            deadline: deadline.get(),
            stages,
            rules,
            properties,
        }
    }

    /// The gates that the stages and the refinements name. None where one is unknown or has a fault.
    fn asked_gates(&mut self, rollout: &Name, said: &Said<'a>, parts: &Parts<'a>) -> Option<AskedGates> {
        let mut asked = Some(AskedGates::default());
        let refined = self.refines.iter().filter(|refine| refine.is_of(&rollout.text)).flat_map(|refine| &refine.gates);
        let refined: Vec<&'a Name> = refined.copied().collect();
        let names: Vec<&Name> = said.stages.iter().flat_map(SaidStage::gates).chain(refined).collect();
        for name in names {
            let found = self.find(Sort::Gate, name, |names| &names.gates);
            let gate = found.and_then(|_| parts.gates.get(name.text.as_str())?.as_ref());
            asked = asked.zip(gate).map(|(mut asked, gate)| {
                if asked.id(&gate.gate.name).is_none() {
                    let id = GateId(asked.gates.len() as u32);
                    asked.gates.push(gate.gate.clone());
                    asked.uses.extend(gate.uses.iter().map(|used| (id, *used)));
                }
                asked
            });
        }
        asked
    }

    fn check_fields_used(
        &mut self,
        bulletin: Option<&CheckedBulletin>,
        runbook: Option<&CheckedRunbook>,
        of_gates: &[(HostSet, Used)],
        targets: &HostSet,
        regions: &CheckedRegions,
    ) {
        let of_packages: Vec<(HostSet, &[Used])> = bulletin.map_or_else(Vec::new, |checked| {
            let packages = checked.bulletin.packages.iter().zip(&checked.uses);
            packages.map(|(package, uses)| (package.hosts.and(targets), uses.as_slice())).collect()
        });
        let of_steps = runbook.map_or(&[][..], |runbook| &runbook.uses);
        let lifted = runbook.map_or(&[][..], |runbook| runbook.workarounds.as_slice());
        let of_workarounds: Vec<(HostSet, Vec<Used>)> = lifted
            .iter()
            .filter_map(|lifted| self.workarounds.get(lifted.name.as_str())?.as_ref())
            .map(|workaround| (workaround.hosts.and(targets), workaround.uses.clone()))
            .collect();
        let mut uses: Vec<(Used, &HostSet)> = Vec::new();
        uses.extend(of_steps.iter().map(|one| (*one, targets)));
        uses.extend(of_gates.iter().map(|(hosts, one)| (*one, hosts)));
        for (hosts, all) in &of_packages {
            uses.extend(all.iter().map(|one| (*one, hosts)));
        }
        for (hosts, all) in &of_workarounds {
            uses.extend(all.iter().map(|one| (*one, hosts)));
        }
        self.check_used(&uses, regions);
    }

    /// What the gates use, each with the targets of which it may be asked: in a stage of some regions, and for a team that
    /// refines, of theirs.
    fn uses_of_gates(
        &self,
        rollout: &Name,
        said: &Said<'a>,
        gates: &AskedGates,
        targets: &HostSet,
        regions: &CheckedRegions,
    ) -> Vec<(HostSet, Used)> {
        let none = HostSet::none(targets.fleet_len());
        let mut asked: Vec<HostSet> = vec![none; gates.gates.len()];
        let mut ask = |name: &Name, hosts: &HostSet| {
            if let Some(asked) = gates.id(&name.text).and_then(|id| asked.get_mut(id.0 as usize)) {
                *asked = asked.or(&hosts.and(targets));
            }
        };
        for stage in &said.stages {
            let picked = stage.members.iter().find_map(|member| match member {
                ast::StageMember::Pick { pick: ast::Pick::Regions(names), .. } => Some(names),
                _ => None,
            });
            let of_stage = picked.map_or_else(
                || targets.clone(),
                |names| {
                    let is_named = |region: &&Region| names.iter().any(|name| name.text == region.name);
                    let named = regions.regions.iter().filter(is_named);
                    named.fold(HostSet::none(targets.fleet_len()), |all, region| all.or(&region.hosts))
                },
            );
            stage.gates().for_each(|name| ask(name, &of_stage));
        }
        for refine in self.refines.iter().filter(|refine| refine.is_of(&rollout.text)) {
            for region in refine.regions().filter_map(|region| regions.regions.get(region.0 as usize)) {
                refine.gates.iter().for_each(|name| ask(name, &region.hosts));
            }
        }
        gates.uses.iter().filter_map(|(id, used)| Some((asked.get(id.0 as usize)?.clone(), *used))).collect()
    }

    /// Each in exactly one.
    fn are_in_regions(&self, targets: &HostSet, regions: &CheckedRegions) -> bool {
        let none = HostSet::none(targets.fleet_len());
        let (inside, twice) = regions.regions.iter().fold((none.clone(), none), |(all, twice), region| {
            (all.or(&region.hosts), twice.or(&all.and(&region.hosts)))
        });
        targets.without(&inside).is_empty() && targets.and(&twice).is_empty()
    }
}
