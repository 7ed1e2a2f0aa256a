use crate::diagnostic::{Code, Edit, Fix, Problem, Problems};
use crate::model::{Budget, Demand, PolicyRule, RegionId, Scope, SiteId, Stage};
use crate::plan::make::prove::freezes::region_windows;
use crate::plan::make::prove::words::{hosts, list};
use crate::plan::make::{Maker, amount, targets};
use crate::plan::{BatchPlan, HostIdx, Lane, RegionTurn, StagePlan};
use crate::source::Span;
use crate::time::{Schedule, WeekStretch, Window};

/// What policies say of windows and of batches.
pub(in crate::plan::make) fn prove(maker: &Maker, stages: Option<&[StagePlan]>, problems: &mut Problems) {
    for policy in &maker.model.policies {
        for rule in &policy.rules {
            let ruled = Ruled { maker, policy: &policy.name, rule };
            match rule.demand {
                Demand::NotWithin(week) => problems.extend(ruled.windows(stages, week)),
                Demand::BatchAtMost { amount, scope } => {
                    problems.extend(stages.and_then(|stages| ruled.batches_above(stages, amount, scope)));
                }
            }
        }
    }
}

struct Ruled<'a> {
    maker: &'a Maker<'a>,
    policy: &'a str,
    rule: &'a PolicyRule,
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 6;

impl Ruled<'_> {
    /// The windows of the rollout's regions that are open when nothing may be changed.
    fn windows(&self, stages: Option<&[StagePlan]>, week: WeekStretch) -> Option<Problem> {
        let mut regions: Vec<RegionId> = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        for site in self.sites() {
            let Some(planned) = self.maker.model.sites.get(site.0 as usize) else { continue };
            let Some(region) = self.maker.model.regions.get(planned.region.0 as usize) else { continue };
            let schedule = planned.schedule.as_ref();
            if schedule.opens_within(week).is_none() {
                continue;
            }
            if !regions.contains(&planned.region) {
                regions.push(planned.region);
            }
            let windows = region_windows(region, schedule).into_iter().zip(&schedule.windows);
            let mut found: Vec<Open> =
                windows.filter_map(|(span, window)| Open::of(schedule, window, span, week)).collect();
            if schedule.windows.is_empty() {
                found.push(Open { span: region.span, label: "open at all times".to_owned(), mend: None });
            }
            for one in found {
                if !open.iter().any(|known| known.span == one.span) {
                    open.push(one);
                }
            }
        }
        let names = regions.iter().filter_map(|region| self.maker.model.regions.get(region.0 as usize));
        let names: Vec<&str> = names.map(|region| region.name.as_str()).collect();
        if names.is_empty() {
            return None;
        }
        let message = format!(
            "`{}` forbids changes from {} to {}, and in {} `{}` could change then",
            self.policy,
            week.from,
            week.to,
            list(&names),
            self.maker.rollout.name
        );
        let mut problem = Problem::error(Code::POLICY_BROKEN, message);
        for one in open.iter().take(MOST_LABELS) {
            problem = problem.label(one.span, one.label.clone());
        }
        problem = problem.label(self.rule.span, "nothing is changed then");
        if let Some((place, label)) = stages.and_then(|stages| self.planned_within(stages, week)) {
            problem = problem.label(place, label);
        }
        let here = |host: &HostIdx| regions.contains(&self.maker.targets.region(*host, self.maker.model));
        let theirs = (0..self.maker.targets.len() as u32).map(HostIdx).filter(here);
        problem = problem
            .hosts(theirs.take(targets::LISTED).map(|host| self.maker.fleet.name(self.maker.targets.host(host))))
            .help("give these regions windows outside of it");
        let edits: Option<Vec<Edit>> = open.into_iter().map(|one| one.mend).collect();
        problem.fixes.extend(edits.map(|edits| Fix { title: "leave these days out".to_owned(), edits }));
        Some(problem)
    }

    /// The sites that the rollout goes to.
    fn sites(&self) -> Vec<SiteId> {
        let mut sites = self.maker.targets.sites.clone();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    /// A stage of which a batch is planned when nothing may be changed, and when that is.
    fn planned_within(&self, stages: &[StagePlan], week: WeekStretch) -> Option<(Span, String)> {
        let planned_at = |batch: &BatchPlan| {
            let site = self.maker.targets.site(*batch.hosts.first()?);
            let zone = &self.maker.model.sites.get(site.0 as usize)?.schedule.zone;
            let is_within = week.overlaps(zone.local(batch.starts_at).0, zone.local(batch.ends_at).0);
            is_within.then(|| zone.show(batch.starts_at))
        };
        self.maker.rollout.stages.iter().zip(stages).find_map(|(stage, planned)| {
            let at = batches(planned).find_map(planned_at)?;
            Some((stage.name_span, format!("a batch of it is planned then, on {at}")))
        })
    }

    /// The stages that change more of a place at once than a batch of the policy's would.
    fn batches_above(&self, stages: &[StagePlan], amount: Budget, scope: Scope) -> Option<Problem> {
        let stages = self.maker.rollout.stages.iter().zip(stages);
        let broken: Vec<(&Stage, Crowd)> =
            stages.filter_map(|(stage, planned)| Some((stage, self.worst(planned, amount, scope)?))).collect();
        let (_, worst) = broken.iter().max_by_key(|(_, crowd)| crowd.at_once - crowd.may)?;
        let names = list(broken.iter().map(|(stage, _)| &stage.name));
        let message = format!(
            "{names} of `{}` would change {} of `{}` at once, and `{}` allows {}",
            self.maker.rollout.name,
            hosts(worst.at_once),
            worst.place,
            self.policy,
            worst.may
        );
        let mut problem = Problem::error(Code::POLICY_BROKEN, message);
        for (stage, crowd) in broken.iter().take(MOST_LABELS) {
            let place = place_of(stage);
            let label =
                format!("{} of the {} in `{}` at once; {} may be", crowd.at_once, crowd.of, crowd.place, crowd.may);
            problem = problem.label(place, label);
        }
        let said = shown(amount, scope);
        problem = problem
            .label(self.rule.span, format!("no batch is larger than {said}"))
            .hosts(
                worst
                    .hosts
                    .iter()
                    .take(targets::LISTED)
                    .map(|&host| self.maker.fleet.name(self.maker.targets.host(host))),
            )
            .help(format!("say `batch {said}`, or less"));
        let mend = |stage: &Stage| {
            let batch = stage.batch.as_ref().filter(|batch| batch.scope == scope)?;
            let most = batch.at_most.map_or(String::new(), |most| format!(" at most {most}"));
            let is_own = batch.span.file == self.maker.rollout.span.file;
            is_own.then(|| Edit { span: batch.span, replacement: format!("batch {said}{most}") })
        };
        let edits: Option<Vec<Edit>> = broken.iter().map(|(stage, _)| mend(stage)).collect();
        problem.fixes.extend(edits.map(|edits| Fix { title: format!("batch {said}"), edits }));
        Some(problem)
    }

    /// Where by most too many would be changed at once in a stage.
    fn worst(&self, planned: &StagePlan, amount: Budget, scope: Scope) -> Option<Crowd> {
        let crowds = planned.turns.iter().flat_map(|turn| match scope {
            Scope::Site => self.at_sites(turn, amount),
            _ => self.in_region(turn, amount).into_iter().collect(),
        });
        let too_many = crowds.filter(|crowd| crowd.at_once > crowd.may);
        too_many.max_by(|one, other| {
            (one.at_once - one.may).cmp(&(other.at_once - other.may)).then(std::cmp::Ordering::Greater)
        })
    }

    /// The lanes of a region run side by side.
    fn in_region(&self, turn: &RegionTurn, amount: Budget) -> Option<Crowd> {
        let region = self.maker.model.regions.get(turn.region.0 as usize)?;
        let largest = turn.lanes.iter().map(|lane| at_once(lane, |_| true));
        let of: usize = turn.lanes.iter().flat_map(|lane| &lane.batches).map(|batch| batch.hosts.len()).sum();
        Some(Crowd::of(region.name.clone(), largest.flatten().collect(), of, amount))
    }

    fn at_sites(&self, turn: &RegionTurn, amount: Budget) -> Vec<Crowd> {
        let everybody = turn.lanes.iter().flat_map(|lane| &lane.batches).flat_map(|batch| &batch.hosts);
        let mut sites: Vec<SiteId> = everybody.map(|host| self.maker.targets.site(*host)).collect();
        sites.sort_unstable();
        let crowd = |sites: &[SiteId]| {
            let site = sites.first().copied()?;
            let name = &self.maker.model.sites.get(site.0 as usize)?.name;
            let is_here = |host: HostIdx| self.maker.targets.site(host) == site;
            let largest = turn.lanes.iter().flat_map(|lane| at_once(lane, is_here)).collect();
            Some(Crowd::of(name.clone(), largest, sites.len(), amount))
        };
        sites.chunk_by(|one, other| one == other).filter_map(crowd).collect()
    }
}

/// Hosts of one place that would be changed at once.
struct Crowd {
    place: String,
    hosts: Vec<HostIdx>,
    at_once: usize,
    may: usize,
    /// Of so many that the stage changes there.
    of: usize,
}

impl Crowd {
    fn of(place: String, hosts: Vec<HostIdx>, of: usize, amount: Budget) -> Crowd {
        Crowd { place, at_once: hosts.len(), hosts, may: amount::to_take(amount, of), of }
    }
}

/// The most hosts of a lane that can be under way at once, of those that count: of its largest batch, or of as many batches
/// as it is wide.
fn at_once(lane: &Lane, counts: impl Fn(HostIdx) -> bool) -> Vec<HostIdx> {
    let of_batch = |batch: &BatchPlan| batch.hosts.iter().copied().filter(|host| counts(*host)).collect::<Vec<_>>();
    let mut batches: Vec<Vec<HostIdx>> = lane.batches.iter().map(of_batch).collect();
    batches.sort_by_key(|hosts| std::cmp::Reverse(hosts.len()));
    batches.into_iter().take(lane.width as usize).flatten().collect()
}

/// A window that is open when it must not be.
struct Open {
    span: Span,
    label: String,
    /// The window without the days on which it is; none where that leaves it none.
    mend: Option<Edit>,
}

impl Open {
    fn of(schedule: &Schedule, window: &Window, span: Span, week: WeekStretch) -> Option<Open> {
        let alone = |window: Window| Schedule { windows: vec![window], ..schedule.clone() };
        let (start, end) = alone(window.clone()).opens_within(week)?;
        let label = format!("open from {} to {}", start.format("%a %H:%M"), end.format("%a %H:%M")).to_lowercase();
        let is_outside =
            |day: &chrono::Weekday| alone(Window { days: vec![*day], ..window.clone() }).opens_within(week).is_none();
        let days: Vec<chrono::Weekday> = window.days.iter().copied().filter(is_outside).collect();
        let mended = Window { days, ..window.clone() };
        let mend = (!mended.days.is_empty()).then(|| Edit { span, replacement: format!("window {mended}") });
        Some(Open { span, label, mend })
    }
}

fn batches(stage: &StagePlan) -> impl Iterator<Item = &BatchPlan> {
    stage.turns.iter().flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches)
}

/// Where a stage says how much it takes at once.
fn place_of(stage: &Stage) -> Span {
    let batch = stage.batch.as_ref().map(|batch| batch.span);
    batch.or(stage.at_once.as_ref().map(|at_once| at_once.span)).unwrap_or(stage.name_span)
}

/// `25% of site`, `4 per region`
fn shown(amount: Budget, scope: Scope) -> String {
    let scope = if scope == Scope::Site { "site" } else { "region" };
    match amount {
        Budget::Hosts(hosts) => format!("{hosts} per {scope}"),
        Budget::Percent(percent) => format!("{percent}% of {scope}"),
    }
}
