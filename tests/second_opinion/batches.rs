//! Who is changed when: minute after minute, every lane that is ready looks for hosts that can begin now.

use std::ops::Range;
use std::rc::Rc;

use crate::case::{Case, Finish, Order, Refinement};
use crate::clocks::Clock;
use crate::opinion::{Group, Host, Lane, RegionOf, SiteOf, StageOpinion, Turn, by_keys};
use crate::refined::{Limits, refinement};

/// Which minutes are open at a site.
pub struct Stretch {
    pub open: Vec<bool>,
    pub clock: Rc<Clock>,
    /// The minutes of sunrise, where it is known.
    pub rises: Vec<usize>,
    pub is_always: bool,
    pub zone: String,
}

pub struct World<'a> {
    pub case: &'a Case,
    pub regions: &'a [RegionOf],
    pub sites: &'a [SiteOf],
    pub hosts: &'a [Option<Host>],
    pub groups: &'a [Group],
    pub stretches: &'a [Stretch],
    /// The first and the last minute that anybody looks at.
    pub from: usize,
    pub until: usize,
}

/// What fits no window in so many minutes fits none.
const LOOKS_AHEAD: usize = 400 * 1440;

#[derive(Debug, PartialEq, Eq)]
pub enum Why {
    NothingFits,
    TooFar,
}

struct Waiting {
    turn: usize,
    site: Option<usize>,
    /// The most hosts of a batch, and the most batches whose gates have not passed.
    limit: usize,
    width: usize,
    /// How long the gates last that are asked after its batches.
    gates: usize,
    began: usize,
    /// In their order.
    hosts: Vec<usize>,
    batches: Vec<(Vec<usize>, usize, usize)>,
}

impl World<'_> {
    pub fn stages(&self, picked: &[Vec<usize>]) -> Result<Vec<StageOpinion>, Why> {
        let mut at = self.case.start;
        let mut stages = Vec::new();
        for (idx, hosts) in picked.iter().enumerate() {
            let stage = &self.case.stages[idx];
            let can_start = self.can_start(stage.finish);
            let turns = self.turns(&stage.order, hosts, at);
            let mut done: Vec<Vec<Waiting>> = turns.iter().map(|_| Vec::new()).collect();
            let mut under_way = Vec::new();
            let mut through = at;
            if matches!(stage.order, Order::Together) {
                let lanes =
                    turns.iter().enumerate().flat_map(|(turn, region)| self.lanes(idx, turn, *region, hosts, at));
                through = self.go(lanes.collect(), &can_start, &mut under_way, &mut done)?.max(through);
            } else {
                for (turn, region) in turns.iter().enumerate() {
                    let lanes = self.lanes(idx, turn, *region, hosts, through);
                    through = self.go(lanes, &can_start, &mut under_way, &mut done)?.max(through);
                }
            }
            let refined = turns.iter().filter_map(|region| self.refinement(*region));
            let soak = refined.filter_map(|refinement| refinement.soak).fold(stage.soak, usize::max);
            let mut ends = through + soak;
            if soak > 0 {
                ends += turns.iter().map(|region| self.gates(idx, *region)).max().unwrap_or(0);
            }
            let site_name = |site: usize| self.sites[site].name.clone();
            let lane = |lane: Waiting| Lane { site: lane.site.map(site_name), batches: lane.batches };
            let turn = |(region, lanes): (&usize, Vec<Waiting>)| Turn {
                region: self.regions[*region].name.clone(),
                lanes: lanes.into_iter().map(lane).collect(),
            };
            stages.push(StageOpinion { starts: at, ends, turns: turns.iter().zip(done).map(turn).collect() });
            at = ends;
        }
        Ok(stages)
    }

    fn refinement(&self, region: usize) -> Option<&Refinement> {
        refinement(self.case, &self.regions[region].name)
    }

    /// How long the gates of a stage last that are asked of a region.
    fn gates(&self, stage: usize, region: usize) -> usize {
        let refined = self.refinement(region).into_iter().flat_map(|refinement| &refinement.gates);
        let all = self.case.stages[stage].gates.iter().chain(refined);
        all.map(|gate| self.case.gates[*gate]).max().unwrap_or(0)
    }

    /// What the steps take that run ahead, or the others.
    fn takes(&self, ahead: bool) -> usize {
        self.case.steps.iter().filter(|step| step.ahead == ahead).map(|step| step.takes).sum()
    }

    fn host(&self, host: usize) -> &Host {
        self.hosts[host].as_ref().unwrap()
    }

    /// The regions of a stage's hosts, in the order of their turns.
    fn turns(&self, order: &Order, hosts: &[usize], at: usize) -> Vec<usize> {
        let mut turns: Vec<usize> = (0..self.regions.len()).collect();
        turns.retain(|region| hosts.iter().any(|host| self.host(*host).region == *region));
        match order {
            Order::Together => {}
            Order::Named(names) => {
                turns.sort_by_key(|region| names.iter().position(|name| *name == self.regions[*region].name));
            }
            Order::Sun(from) => {
                // Of the sites of the hosts that are in the stage; of the first region, of all its sites if it has no host here.
                let opens = |region: usize| {
                    let theirs = hosts.iter().map(|host| self.host(*host)).filter(|host| host.region == region);
                    let mut sites: Vec<usize> = theirs.map(|host| host.site).collect();
                    if sites.is_empty() {
                        sites = (0..self.sites.len()).filter(|site| self.sites[*site].region == region).collect();
                    }
                    let opens = sites.iter().filter_map(|site| self.opens(*site, at)).min();
                    (opens.is_none(), opens, region)
                };
                let mut circle = turns.clone();
                let first =
                    from.as_ref().map(|name| self.regions.iter().position(|region| region.name == *name).unwrap());
                circle.extend(first.filter(|first| !turns.contains(first)));
                circle.sort_by_key(|region| opens(*region));
                if let Some(first) = first {
                    let place = circle.iter().position(|region| *region == first).unwrap();
                    circle.rotate_left(place);
                }
                circle.retain(|region| turns.contains(region));
                turns = circle;
            }
        }
        turns
    }

    /// The first open minute from one on.
    fn opens(&self, site: usize, at: usize) -> Option<usize> {
        let open = &self.stretches[site].open;
        (at..open.len()).find(|minute| open[*minute])
    }

    fn lanes(&self, stage: usize, turn: usize, region: usize, hosts: &[usize], at: usize) -> Vec<Waiting> {
        let limits = Limits::of(&self.case.stages[stage], self.refinement(region));
        // What runs ahead begins with the turn, and the first batch when it is done.
        let at = at + self.takes(true);
        let theirs: Vec<usize> = hosts.iter().copied().filter(|host| self.host(*host).region == region).collect();
        let per_site = limits.are_per_site();
        let keys = &self.case.stages[stage].order_by;
        let mut sites: Vec<Option<usize>> =
            theirs.iter().map(|host| per_site.then_some(self.host(*host).site)).collect();
        sites.sort_unstable();
        sites.dedup();
        let lane = |site: Option<usize>| {
            let of_site = |host: &usize| site.is_none_or(|site| self.host(*host).site == site);
            let mut hosts: Vec<usize> = theirs.iter().copied().filter(of_site).collect();
            let opens: Vec<Option<usize>> = (0..self.sites.len()).map(|site| self.opens(site, at)).collect();
            hosts.sort_by(|one, other| {
                let by_opening = opens[self.host(*one).site].cmp(&opens[self.host(*other).site]);
                by_opening.then_with(|| by_keys(self.case, keys, *one, *other)).then(one.cmp(other))
            });
            let (limit, width) = (limits.batch(hosts.len()), limits.width());
            Waiting {
                turn,
                site,
                limit,
                width,
                gates: self.gates(stage, region),
                began: at,
                hosts,
                batches: Vec::new(),
            }
        };
        sites.into_iter().map(lane).collect()
    }

    /// Until nobody waits; gives the minute at which the last gates have passed.
    fn go(
        &self,
        mut lanes: Vec<Waiting>,
        can_start: &[Vec<bool>],
        under_way: &mut Vec<(Vec<usize>, usize, usize)>,
        done: &mut [Vec<Waiting>],
    ) -> Result<usize, Why> {
        let length = self.takes(false);
        let longest = lanes.iter().map(|lane| lane.gates).max().unwrap_or(0);
        let mut through = 0;
        let mut now = lanes.iter().map(|lane| lane.began).min().unwrap_or(0);
        while lanes.iter().any(|lane| !lane.hosts.is_empty()) {
            if now + length + longest >= self.until {
                return Err(if self.is_hopeless(&lanes, can_start) { Why::NothingFits } else { Why::TooFar });
            }
            for lane in lanes.iter_mut().filter(|lane| lane.began <= now) {
                while lane.batches.iter().filter(|(_, _, end)| now < end + lane.gates).count() < lane.width {
                    let Some(batch) = self.batch(lane, now, can_start, under_way) else { break };
                    lane.hosts.retain(|host| !batch.contains(host));
                    through = through.max(now + length + lane.gates);
                    lane.batches.push((batch.clone(), now, now + length));
                    under_way.push((batch, now, now + length));
                }
            }
            now += 1;
            // Minutes at which nobody could begin anywhere.
            while now < self.until && !can_start.iter().any(|site| site[now]) {
                now += 1;
            }
        }
        for lane in lanes {
            done[lane.turn].push(lane);
        }
        Ok(through)
    }

    /// Whether a lane waits for hosts that could not begin within the days that a plan looks ahead.
    fn is_hopeless(&self, lanes: &[Waiting], can_start: &[Vec<bool>]) -> bool {
        lanes.iter().any(|lane| {
            let ready = lane.batches.last().map_or(lane.began, |(_, _, end)| *end);
            let horizon = ready + LOOKS_AHEAD;
            let never = |host: &usize| !can_start[self.host(*host).site][ready..horizon].contains(&true);
            horizon <= self.until && lane.hosts.iter().any(never)
        })
    }

    fn batch(
        &self,
        lane: &Waiting,
        now: usize,
        can_start: &[Vec<bool>],
        under_way: &[(Vec<usize>, usize, usize)],
    ) -> Option<Vec<usize>> {
        let can: Vec<usize> = lane.hosts.iter().copied().filter(|host| can_start[self.host(*host).site][now]).collect();
        let first = can.iter().copied().find(|host| self.has_room(&[], *host, now, under_way))?;
        let mut batch = Vec::new();
        for host in can.into_iter().filter(|host| self.are_alike(*host, first)) {
            if batch.len() < lane.limit && self.has_room(&batch, host, now, under_way) {
                batch.push(host);
            }
        }
        Some(batch)
    }

    /// Zone, windows and freezes.
    fn are_alike(&self, one: usize, other: usize) -> bool {
        let key = |host: usize| {
            let Host { site, region, .. } = self.host(host);
            (self.stretches[*site].zone.as_str(), format!("{:?}", self.regions[*region].openings))
        };
        key(one) == key(other)
    }

    fn has_room(&self, beside: &[usize], host: usize, now: usize, under_way: &[(Vec<usize>, usize, usize)]) -> bool {
        let is_down = |member: &&usize| {
            **member == host
                || beside.contains(member)
                || under_way.iter().any(|(hosts, start, end)| hosts.contains(member) && *start <= now && now < *end)
        };
        let is_kept = |group: &&Group| {
            let down = group.hosts.iter().filter(is_down).count();
            group.hosts.len() - down >= group.keep
        };
        self.groups.iter().filter(|group| group.hosts.contains(&host)).all(|group| is_kept(&group))
    }

    /// For each site, the minutes at which all steps fit whole into open time, and end before what bounds them.
    fn can_start(&self, finish: Option<Finish>) -> Vec<Vec<bool>> {
        let length = self.takes(false);
        let of_site = |(site, stretch): (usize, &Stretch)| {
            let refined = self.refinement(self.sites[site].region).and_then(|refinement| refinement.finish);
            let bounds: Vec<Finish> = finish.into_iter().chain(refined).collect();
            can_start(stretch, length, &bounds, self.from..self.until)
        };
        self.stretches.iter().enumerate().map(of_site).collect()
    }
}

fn can_start(stretch: &Stretch, length: usize, bounds: &[Finish], within: Range<usize>) -> Vec<bool> {
    let until = within.end;
    let mut can = vec![false; until];
    if stretch.is_always && bounds.is_empty() {
        can.fill(true);
        return can;
    }
    let mut start = within.start;
    while start < until {
        if !stretch.open[start] {
            start += 1;
            continue;
        }
        let mut end = start;
        while end < until && stretch.open[end] {
            end += 1;
        }
        for (from, to) in pieces(stretch, start, end, bounds) {
            // Nothing that takes no time would be open at the end of its stretch.
            for (minute, can) in can.iter_mut().enumerate().take(to).skip(from) {
                *can = minute + length <= to;
            }
        }
        start = end;
    }
    can
}

/// The parts of a stretch that nothing may straddle: up to the first coming of a bound after it opens; where one comes again
/// before the stretch ends, from each to the next.
fn pieces(stretch: &Stretch, start: usize, end: usize, bounds: &[Finish]) -> Vec<(usize, usize)> {
    let comings: Vec<Vec<usize>> = bounds.iter().map(|bound| comings(stretch, start, end, *bound)).collect();
    if comings.iter().all(|comings| comings.len() < 2) {
        // A time that comes twice is the earlier, which may have been before it opens: then nothing is left of the night.
        let first = comings.iter().flatten().min().map_or(end, |first| *first);
        return vec![(start, first.max(start))];
    }
    let mut edges: Vec<usize> = comings.into_iter().flatten().filter(|coming| *coming > start).collect();
    edges.extend([start, end]);
    edges.sort_unstable();
    edges.dedup();
    edges.windows(2).map(|edge| (edge[0], edge[1])).collect()
}

/// When a bound comes after a stretch opens and before it ends.
fn comings(stretch: &Stretch, start: usize, end: usize, bound: Finish) -> Vec<usize> {
    match bound {
        Finish::Time(minute) => {
            let opens = stretch.clock.local(start);
            let today = opens.div_euclid(1440) * 1440 + minute as i32;
            let first = if today > opens { today } else { today + 1440 };
            (0..600).map(|day| stretch.clock.first(first + day * 1440)).take_while(|coming| *coming < end).collect()
        }
        Finish::Sunrise => {
            stretch.rises.iter().copied().filter(|rise| *rise > start).take_while(|rise| *rise < end).collect()
        }
    }
}
