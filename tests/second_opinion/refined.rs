//! What a region's team says of the rollout, and whether it only tightens.

use crate::batches::Stretch;
use crate::case::{Batch, Case, Finish, Openings, Refinement, Stage, Window};
use crate::opinion::{Host, RegionOf, SiteOf, Sky, stretch};

/// For how many minutes from the start windows are compared.
const COMPARED: usize = 400 * 1440;

pub fn refinement<'a>(case: &'a Case, region: &str) -> Option<&'a Refinement> {
    case.refinements.iter().find(|refinement| refinement.regions.iter().any(|name| name == region))
}

/// The regions as they are for the rollout.
pub fn refined(case: &Case, regions: &[RegionOf]) -> Vec<RegionOf> {
    let refine = |region: &RegionOf| {
        let mut openings = region.openings.clone();
        if let Some(refinement) = refinement(case, &region.name) {
            if !refinement.openings.windows.is_empty() {
                openings.windows = refinement.openings.windows.clone();
            }
            openings.freezes.extend(&refinement.openings.freezes);
        }
        RegionOf { name: region.name.clone(), hosts: region.hosts.clone(), openings }
    };
    regions.iter().map(refine).collect()
}

/// What a stage's or a refinement's `batch` or `at most N at once` says.
pub struct Limits<'a> {
    batch: &'a Option<Batch>,
    at_once: Option<(usize, bool)>,
}

impl<'a> Limits<'a> {
    pub fn of(stage: &'a Stage, refinement: Option<&'a Refinement>) -> Limits<'a> {
        match refinement.filter(|refinement| refinement.batch.is_some() || refinement.at_once.is_some()) {
            Some(refinement) => Limits { batch: &refinement.batch, at_once: refinement.at_once },
            None => Limits { batch: &stage.batch, at_once: stage.at_once },
        }
    }

    pub fn are_per_site(&self) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.per_site) || self.at_once.is_some_and(|(_, per_site)| per_site)
    }

    /// The most hosts of a batch of a lane of so many.
    pub fn batch(&self, hosts: usize) -> usize {
        match self.batch {
            None if self.at_once.is_some() => 1,
            None => hosts,
            Some(batch) => batch.amount.to_take(hosts).min(batch.at_most.unwrap_or(usize::MAX)).max(1),
        }
    }

    /// The most batches of a lane whose gates have not passed.
    pub fn width(&self) -> usize {
        self.at_once.map_or(1, |(most, _)| most)
    }

    /// The most hosts of a site that are changed before gates have answered, of those of the region's sites.
    fn of_site(&self, site: usize, sites: &[usize]) -> usize {
        let lane = if self.are_per_site() { sites[site] } else { sites.iter().sum() };
        (self.batch(lane) * self.width()).min(sites[site])
    }

    fn of_region(&self, sites: &[usize]) -> usize {
        match self.are_per_site() {
            true => (0..sites.len()).map(|site| self.of_site(site, sites)).sum(),
            false => {
                let lane = sites.iter().sum();
                (self.batch(lane) * self.width()).min(lane)
            }
        }
    }
}

/// Whether some refinement would allow more than the rollout does.
pub fn loosens(
    case: &Case,
    sky: &Sky,
    regions: &[RegionOf],
    sites: &[SiteOf],
    hosts: &[Option<Host>],
    picked: &[Vec<usize>],
) -> bool {
    regions.iter().enumerate().any(|(idx, region)| {
        let Some(refinement) = refinement(case, &region.name) else { return false };
        let here = |host: &&usize| hosts[**host].as_ref().unwrap().region == idx;
        let stages = case.stages.iter().zip(picked);
        let loosens_stage = |(stage, picked): (&Stage, &Vec<usize>)| {
            let theirs: Vec<usize> = picked.iter().filter(here).copied().collect();
            let of_site =
                |site: usize| theirs.iter().filter(|host| hosts[**host].as_ref().unwrap().site == site).count();
            let counts: Vec<usize> = (0..sites.len()).map(of_site).collect();
            let before = Limits::of(stage, None);
            let after = Limits::of(stage, Some(refinement));
            let more_at = |site: usize| after.of_site(site, &counts) > before.of_site(site, &counts);
            !theirs.is_empty()
                && (after.of_region(&counts) > before.of_region(&counts)
                    || (0..sites.len()).any(more_at)
                    || refinement.soak.is_some_and(|soak| soak < stage.soak)
                    || ends_later(refinement, stage, &region.openings))
        };
        stages.into_iter().any(loosens_stage) || opens_more(case, sky, region, sites, idx, refinement)
    })
}

/// Whether the refinement's end comes after the stage's in some window, as it is for the rollout.
fn ends_later(refinement: &Refinement, stage: &Stage, own: &Openings) -> bool {
    let (Some(Finish::Time(later)), Some(Finish::Time(end))) = (refinement.finish, stage.finish) else { return false };
    let windows = if refinement.openings.windows.is_empty() { &own.windows } else { &refinement.openings.windows };
    windows.iter().any(|window| {
        // Minute after minute from the opening, until one of both comes.
        let first = (1..=1440).map(|minute| (window.opens + minute) % 1440).find(|now| *now == later || *now == end);
        later != end && first == Some(end)
    })
}

/// Whether one of the refinement's windows is open at a minute at which the region is not.
fn opens_more(
    case: &Case,
    sky: &Sky,
    region: &RegionOf,
    sites: &[SiteOf],
    idx: usize,
    refinement: &Refinement,
) -> bool {
    let within = case.start.saturating_sub(10 * 1440)..case.start + COMPARED;
    let open = |site: &SiteOf, windows: &[Window], freezes: Vec<usize>| -> Stretch {
        let openings = Openings { windows: windows.to_vec(), freezes };
        stretch(case, sky, &openings, site, within.clone(), 0)
    };
    let own = &region.openings;
    if refinement.openings.windows.is_empty() {
        return false;
    }
    let mut asked: Vec<&str> = Vec::new();
    sites.iter().filter(|site| site.region == idx).any(|site| {
        if asked.contains(&site.zone.as_str()) {
            return false;
        }
        asked.push(&site.zone);
        let before = open(site, &own.windows, own.freezes.clone());
        refinement.openings.windows.iter().any(|window| {
            let freezes = own.freezes.iter().chain(&refinement.openings.freezes).copied().collect();
            let after = open(site, std::slice::from_ref(window), freezes);
            (case.start..case.start + COMPARED).any(|minute| after.open[minute] && !before.open[minute])
        })
    })
}
