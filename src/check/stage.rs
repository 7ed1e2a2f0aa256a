use crate::check::entry::{Checker, Origin};
use crate::check::host_problems::count;
use crate::check::names::{defined_twice, list};
use crate::check::once::Once;
use crate::check::refine::finish_of;
use crate::check::regions::CheckedRegions;
use crate::check::rollout::AskedGates;
use crate::check::said_stages::SaidStage;
use crate::check::selector::Asking;
use crate::check::teams::CheckedTeams;
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::inventory::HostSet;
use crate::model::{Approval, AtOnce, Batch, GateId, Otherwise, Pick, RegionOrder, Scope, SiteId, Stage, StageKind};
use crate::source::Span;
use crate::syntax::ast::{self, At, Name, StageMember};
use crate::time::Duration;

/// What a stage needs to know of the rest.
struct Around<'c> {
    targets: Option<&'c HostSet>,
    regions: &'c CheckedRegions,
    teams: &'c CheckedTeams,
    gates: &'c AskedGates,
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 6;

/// In `hosts one per package` the word means the package, whatever fields there are.
const PACKAGE: &str = "package";

impl<'a> Checker<'a> {
    /// None where one is not sound.
    pub(super) fn check_stages(
        &mut self,
        stages: &[SaidStage<'a>],
        targets: Option<&HostSet>,
        regions: &CheckedRegions,
        teams: &CheckedTeams,
        gates: &AskedGates,
    ) -> Option<Vec<Stage>> {
        let around = Around { targets, regions, teams, gates };
        let mut checked = Some(Vec::new());
        for (idx, stage) in stages.iter().enumerate() {
            let first = stages[..idx].iter().find(|first| first.name.text == stage.name.text);
            if let Some(first) = first {
                self.report(defined_twice("stage", first.name, Origin::Own, stage.name));
            }
            let found = self.check_stage(stage, &around).filter(|_| first.is_none());
            checked = checked.zip(found).map(|(mut checked, found)| {
                checked.push(found);
                checked
            });
        }
        checked.filter(|stages| !stages.is_empty())
    }

    fn check_stage(&mut self, stage: &SaidStage<'a>, around: &Around) -> Option<Stage> {
        let mut pick = Once::new("hosts");
        let mut order = Once::new("regions");
        let mut order_by = Once::new("order by");
        let mut batch = Once::new("batch");
        let mut at_once = Once::new("at most … at once");
        let mut soak = Once::new("soak");
        let mut approval = Once::new("approve");
        let mut finish = Once::new("finish before");
        let mut gates: Vec<&'a Name> = Vec::new();
        for member in stage.members.iter().copied() {
            match member {
                StageMember::Pick { pick: found, span } => pick.set(self, found, *span),
                StageMember::Order { order: found, span } => order.set(self, found, *span),
                StageMember::Batch(found) => batch.set(self, found, found.span),
                StageMember::Soak(length) => soak.set(self, length, length.span),
                StageMember::Gates(names) => gates.extend(names),
                StageMember::Approval(found) => approval.set(self, found, found.span),
                StageMember::FinishBefore(time) => finish.set(self, time, time.span),
                StageMember::OrderBy { keys, span } => order_by.set(self, keys, *span),
                StageMember::AtOnce(found) => at_once.set(self, found, found.span),
            }
        }
        self.check_gates_once(&gates);
        if let (Some(batch), Some(at_once)) = (batch.span(), at_once.span()) {
            self.report_batch_and_at_once(batch, at_once);
        }
        let pick_span = pick.span();
        let soak = soak.get();
        let is_watched = self.check_is_positive(soak);
        let pick = pick.get().map_or(Some(Pick::Rest), |pick| self.pick(pick, pick_span.unwrap_or(stage.span), around));
        let order = order.get().map_or(Some(RegionOrder::Together), |order| self.order(order, around.regions));
        let order_by = order_by.get().map_or(Some(Vec::new()), |keys| self.order_by(keys));
        let batch = batch.get().map(|batch| self.batch(batch));
        let at_once = at_once.get().map(|at_once| self.at_once(at_once));
        let approval = approval.get().map(|approval| self.approval(approval, around.teams));
        let gates: Option<Vec<GateId>> = gates.iter().map(|name| around.gates.id(&name.text)).collect();
        let finish = finish.get();
        if !is_watched {
            return None;
        }
        Some(Stage {
            name: stage.name.text.clone(),
            kind: match stage.kind {
                ast::StageKind::GuineaPig => StageKind::GuineaPig,
                ast::StageKind::Wave => StageKind::Wave,
            },
            pick: pick?,
            order: order?,
            order_by: order_by?,
            batch: match batch {
                None => None,
                Some(batch) => Some(batch?),
            },
            at_once: match at_once {
                None => None,
                Some(at_once) => Some(at_once?),
            },
            soak: soak.map_or(Duration::ZERO, |soak| soak.value),
            gates: gates?,
            approval: match approval {
                None => None,
                Some(approval) => Some(approval?),
            },
            finish_before: finish.map(|finish| finish_of(finish.value)),
            span: stage.span,
            name_span: stage.place(stage.name.span).unwrap_or(stage.span),
            pick_span: pick_span.and_then(|span| stage.place(span)),
            finish_span: finish.map(|time| time.span),
            soak_span: soak.map(|soak| soak.span),
        })
    }

    /// What nobody asks about, nobody hears of: the rollout goes on over hosts that came back broken. One problem a rollout,
    /// for it is one mend.
    pub(super) fn check_asks(&mut self, stages: &[SaidStage<'a>]) {
        let asks = |member: &&StageMember| matches!(member, StageMember::Gates(_) | StageMember::Approval(_));
        let silent: Vec<&SaidStage> =
            stages.iter().filter(|stage| !stage.members.iter().any(asks) && !self.is_unclear(stage.span)).collect();
        let Some(first) = silent.first() else { return };
        let message = match silent.as_slice() {
            [stage] => format!("the {} `{}` asks no gate and no person", stage.word(), stage.name.text),
            _ => {
                let names = list(silent.iter().map(|stage| &stage.name.text), silent.len());
                format!("{} stages ask no gate and no person: {names}", silent.len())
            }
        };
        let place = |stage: &SaidStage| stage.place(stage.name.span).unwrap_or(stage.span);
        let problem = Problem::warning(Code::NO_GATE, message)
            .label(place(first), "goes on whatever its hosts are like afterwards");
        let others = silent.iter().skip(1).take(MOST_LABELS).map(|stage| place(stage));
        let problem = others.fold(problem, |problem, place| problem.label(place, "and so does this"));
        let gates: Vec<&str> = self.names.gates.keys().take(3).copied().collect();
        self.report(problem.help(match gates.is_empty() {
            true => {
                "define a gate and ask it: `gate up per host { tcp host.name 22  within 5m }`, `gate up`".to_owned()
            }
            false => format!("ask a gate, `gate {}`, or a person, `approve by …`", gates.join(", ")),
        }));
    }

    pub(super) fn check_gates_once(&mut self, gates: &[&'a Name]) {
        for (idx, name) in gates.iter().enumerate() {
            if let Some(first) = gates[..idx].iter().find(|first| first.text == name.text) {
                let problem =
                    Problem::error(Code::MEMBER_TWICE, format!("the stage asks the gate `{}` twice", name.text))
                        .label(name.span, "again here")
                        .label(first.span, "first here")
                        .help("one of them has to go");
                self.report(problem);
            }
        }
    }

    fn pick(&mut self, pick: &'a ast::Pick, span: Span, around: &Around) -> Option<Pick> {
        match pick {
            ast::Pick::Where(expression) => self.select(expression, Asking::HOSTS, around.targets).map(Pick::Hosts),
            ast::Pick::OnePer(names) => self.one_per(names),
            ast::Pick::Amount(amount) => self.budget(&At { value: *amount, span }).map(Pick::Amount),
            ast::Pick::Regions(names) => {
                let found: Vec<_> = names.iter().map(|name| self.region(name, around.regions)).collect();
                found.into_iter().collect::<Option<_>>().map(Pick::Regions)
            }
            ast::Pick::Sites(names) => {
                let found: Vec<_> = names.iter().map(|name| self.sites_by_name(name, around.regions)).collect();
                let found: Option<Vec<Vec<SiteId>>> = found.into_iter().collect();
                found.map(|sites| Pick::Sites(sites.concat()))
            }
        }
    }

    fn one_per(&mut self, names: &'a [Name]) -> Option<Pick> {
        let package = names.iter().any(|name| name.text == PACKAGE);
        let (meant, fields): (Vec<Name>, Vec<Name>) =
            names.iter().filter(|name| name.text != PACKAGE).cloned().partition(|name| self.means_package(name));
        for name in &meant {
            let problem = Problem::error(Code::UNKNOWN_FIELD, format!("no host has a field `{}`", name.text))
                .label(name.span, "no such field")
                .help("did you mean `package`, one for each package?")
                .fix("write `package`", name.span, PACKAGE);
            self.report(problem);
        }
        if !meant.is_empty() {
            return None;
        }
        Some(Pick::OnePer { fields: self.grouping_fields(&fields)?, package })
    }

    /// A slip of `package`, where no field is as near.
    fn means_package(&self, name: &Name) -> bool {
        let Some(fleet) = self.input.fleet else { return false };
        let fields = fleet.fields().map(|(_, field)| field);
        fleet.field(&name.text).is_none() && nearest(&name.text, fields.chain([PACKAGE])) == Some(PACKAGE)
    }

    /// One name can be a place in two regions, or one with hosts in two zones.
    pub(super) fn sites_by_name(&mut self, name: &At<String>, regions: &CheckedRegions) -> Option<Vec<SiteId>> {
        let named = regions.sites.iter().enumerate().filter(|(_, site)| site.name == name.value);
        let found: Vec<SiteId> = named.map(|(idx, _)| SiteId(idx as u32)).collect();
        if !found.is_empty() {
            return Some(found);
        }
        if regions.are_all_known() {
            self.report_unknown_site(name, regions);
        }
        None
    }

    fn report_unknown_site(&mut self, name: &At<String>, regions: &CheckedRegions) {
        let problem = Problem::error(Code::UNKNOWN_VALUE, format!("there is no site `{}`", name.value))
            .label(name.span, "no such site");
        let sites: Vec<&str> = regions.sites.iter().map(|site| site.name.as_str()).collect();
        let near = nearest(&name.value, sites.iter().copied());
        let found = near.and_then(|near| regions.sites.iter().find(|site| site.name == near));
        self.report(match found {
            Some(site) => {
                let quoted = super::conversion::quoted(&site.name);
                problem.help(format!("did you mean {quoted} ({})?", count(site.hosts.len()))).fix_if(
                    is_certain(&name.value, sites.iter().copied()),
                    format!("write {quoted}"),
                    name.span,
                    quoted,
                )
            }
            None => problem.help(format!("the sites are {}", list(sites.iter(), sites.len()))),
        });
    }

    fn order(&mut self, order: &'a ast::RegionOrder, regions: &CheckedRegions) -> Option<RegionOrder> {
        match order {
            ast::RegionOrder::Together => Some(RegionOrder::Together),
            ast::RegionOrder::InOrder(names) => {
                for (idx, name) in names.iter().enumerate() {
                    if let Some(first) = names[..idx].iter().find(|first| first.text == name.text) {
                        let message = format!("the region `{}` would have two turns", name.text);
                        let problem = Problem::error(Code::MEMBER_TWICE, message);
                        let problem = problem.label(name.span, "again here").label(first.span, "first here");
                        self.report(problem.help("one of them has to go"));
                    }
                }
                let found: Vec<_> = names.iter().map(|name| self.region(name, regions)).collect();
                found.into_iter().collect::<Option<_>>().map(RegionOrder::InOrder)
            }
            ast::RegionOrder::FollowingTheSun { from: None } => Some(RegionOrder::FollowingTheSun { from: None }),
            ast::RegionOrder::FollowingTheSun { from: Some(name) } => {
                self.region(name, regions).map(|region| RegionOrder::FollowingTheSun { from: Some(region) })
            }
        }
    }

    pub(super) fn batch(&mut self, batch: &'a ast::Batch) -> Option<Batch> {
        let amount = self.budget(&batch.amount);
        // The parser takes `site` and `region`; without a word a batch is of a region.
        let is_site = batch.scope.as_ref().is_some_and(|scope| scope.value == ast::Scope::Site);
        let at_most = match &batch.at_most {
            None => Some(None),
            Some(most) if most.value == 0 => {
                self.report_zero(most.span);
                None
            }
            Some(most) => Some(Some(most.value)),
        };
        Some(Batch {
            amount: amount?,
            scope: if is_site { Scope::Site } else { Scope::Region },
            at_most: at_most?,
            span: batch.span,
        })
    }

    pub(super) fn at_once(&mut self, at_once: &ast::AtOnce) -> Option<AtOnce> {
        if at_once.most.value == 0 {
            self.report_zero(at_once.most.span);
            return None;
        }
        let is_site = at_once.scope.as_ref().is_some_and(|scope| scope.value == ast::Scope::Site);
        let scope = if is_site { Scope::Site } else { Scope::Region };
        Some(AtOnce { most: at_once.most.value, scope, span: at_once.span })
    }

    pub(super) fn report_batch_and_at_once(&mut self, batch: Span, at_once: Span) {
        let message = "`batch` and `at most … at once` both say how many hosts change at once";
        let problem = Problem::error(Code::MEMBER_TWICE, message)
            .label(batch, "a batch after the other, with gates between them")
            .label(at_once, "each host for itself, the next when one is through its gates")
            .help("keep one of them");
        self.report(problem);
    }

    fn approval(&mut self, approval: &'a ast::Approval, teams: &CheckedTeams) -> Option<Approval> {
        let team = self.team(&approval.team)?;
        self.check_may_approve(team, teams, approval.team.span);
        if !self.check_is_positive(approval.within.as_ref()) {
            return None;
        }
        Some(Approval {
            team,
            within: approval.within.as_ref().map(|within| within.value),
            otherwise: match approval.otherwise.as_ref().map(|otherwise| otherwise.value) {
                None | Some(ast::Otherwise::Hold) => Otherwise::Hold,
                Some(ast::Otherwise::Rollback) => Otherwise::Rollback,
            },
            span: approval.span,
        })
    }
}
