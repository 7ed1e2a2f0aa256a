use crate::diagnostic::{Code, Problem};
use crate::model::{Finish, Stage};
use crate::plan::HostIdx;
use crate::plan::make::batches::UnfitStrand;
use crate::plan::make::prove::freezes;
use crate::plan::make::{Maker, targets};
use crate::source::Span;
use crate::time::{Duration, Interval, NoFit};

/// What fits no window, gathered by its cause: the windows as they are written and the `finish` that bounds them.
#[derive(Default)]
pub(super) struct Unfit {
    causes: Vec<Cause>,
}

struct Cause {
    windows: Vec<Span>,
    finish: Vec<Span>,
    problem: Worst,
    hosts: Vec<HostIdx>,
    sites: Vec<u32>,
}

/// Where by most is missing.
struct Worst {
    no_fit: NoFit,
    site: u32,
    message: String,
    /// What the steps of a batch take there.
    takes: Duration,
}

impl Unfit {
    /// `takes` is what the steps of a batch take.
    pub(super) fn add(&mut self, maker: &Maker, stage: &Stage, takes: Duration, strands: Vec<UnfitStrand>) {
        for UnfitStrand { hosts, no_fit } in strands {
            let Some(&first) = hosts.first() else { continue };
            let site = maker.targets.site(first).0;
            let region = maker.targets.region(first, maker.model);
            let windows = maker.model.regions.get(region.0 as usize).map(|region| region.window_spans.clone());
            let windows = windows.unwrap_or_default();
            let finishes = maker.finishes(stage, region);
            let finish: Vec<Span> = finishes.iter().filter_map(|(_, span)| *span).collect();
            let message = message(maker, &finishes, takes, site, &no_fit);
            let worst = Worst { message, no_fit, site, takes };
            let same = |cause: &&mut Cause| {
                let sunless = [&cause.problem.no_fit, &worst.no_fit].map(|no_fit| no_fit.sunless.is_some());
                cause.windows == windows && cause.finish == finish && sunless[0] == sunless[1]
            };
            match self.causes.iter_mut().find(same) {
                Some(cause) => cause.join(worst, hosts),
                None => self.causes.push(Cause { windows, finish, problem: worst, hosts, sites: vec![site] }),
            }
        }
    }

    pub(super) fn into_problems(self, maker: &Maker) -> impl Iterator<Item = Problem> {
        self.causes.into_iter().map(|cause| cause.into_problem(maker))
    }
}

impl Cause {
    fn join(&mut self, other: Worst, hosts: Vec<HostIdx>) {
        self.hosts.extend(hosts);
        if !self.sites.contains(&other.site) {
            self.sites.push(other.site);
        }
        if other.no_fit.short_by > self.problem.no_fit.short_by {
            self.problem = other;
        }
    }

    fn into_problem(mut self, maker: &Maker) -> Problem {
        self.hosts.sort_unstable();
        let more = match self.sites.len() - 1 {
            0 => String::new(),
            more if self.problem.no_fit.sunless.is_some() => format!("; nor at {}", targets::count(more, "other site")),
            more => format!("; nor does it fit at {}", targets::count(more, "other site")),
        };
        if self.problem.no_fit.sunless.is_some() {
            return self.sunless(maker, &more);
        }
        if self.problem.no_fit.longest.is_none() {
            return freezes::never_opens(maker, &self.sites).hosts(listed(maker, &self.hosts));
        }
        let mut problem = Problem::error(Code::NO_WINDOW_FITS, self.problem.message + &more);
        for window in &self.windows {
            problem = problem.label(*window, "when change is allowed");
        }
        let rollout = maker.rollout;
        for finish in &self.finish {
            problem = problem.label(*finish, "it must have ended by then");
        }
        let mut in_batch = rollout.steps.iter().filter(|step| !step.ahead);
        if let Some(first) = in_batch.next() {
            let last = in_batch.next_back().unwrap_or(first);
            let takes = self.problem.takes;
            problem = problem.label(first.span.to(last.span), format!("these steps take {takes} together"));
        }
        let help = match self.finish.is_empty() {
            false => "make the window longer, the steps shorter, or let it finish later",
            true => "make the window longer, or the steps shorter",
        };
        problem.hosts(listed(maker, &self.hosts)).help(help)
    }

    fn sunless(&self, maker: &Maker, more: &str) -> Problem {
        let mut problem = Problem::error(Code::NO_SUNRISE, format!("{}{more}", self.problem.message));
        for finish in &self.finish {
            problem = problem.label(*finish, "before which sunrise?");
        }
        for window in &self.windows {
            problem = problem.label(*window, "when change is allowed");
        }
        let help = "say a time of day for these regions: `finish before 05:00`";
        problem.hosts(listed(maker, &self.hosts)).help(help)
    }
}

fn listed<'a>(maker: &'a Maker, hosts: &'a [HostIdx]) -> impl Iterator<Item = &'a str> {
    hosts.iter().take(targets::LISTED).map(|&host| maker.fleet.name(maker.targets.host(host)))
}

/// `the sun does not rise at `tromso` within a day of Sat 2024-05-18 22:00 +02:00, when its window opens`
fn sunless_message(maker: &Maker, site: u32, window: Interval) -> String {
    let Some(site) = maker.model.sites.get(site as usize) else { return String::new() };
    let opens = site.schedule.zone.show(window.start);
    format!("the sun does not rise at `{}` within a day of {opens}, when its window opens", site.name)
}

/// `a batch takes 37m, the longest window at `sydney` is 30m: 7m too short`
fn message(maker: &Maker, finishes: &[(Finish, Option<Span>)], takes: Duration, site: u32, no_fit: &NoFit) -> String {
    if let Some(window) = no_fit.sunless {
        return sunless_message(maker, site, window);
    }
    let site = maker.model.sites.get(site as usize).map_or("", |site| &site.name);
    let Some(longest) = no_fit.longest else { return format!("no window opens at `{site}` within 400 days") };
    let bounds: Vec<String> = finishes.iter().map(|(finish, _)| finish_words(*finish)).collect();
    let until = if bounds.is_empty() { String::new() } else { format!(" before {}", bounds.join(" and ")) };
    let (length, short_by) = (longest.length(), no_fit.short_by);
    format!("a batch takes {takes}, the longest window at `{site}`{until} is {length}: {short_by} too short")
}

/// `05:00`, `sunrise`
pub(super) fn finish_words(finish: Finish) -> String {
    match finish {
        Finish::Time(time) => time.format("%H:%M").to_string(),
        Finish::Sunrise => "sunrise".to_owned(),
    }
}
