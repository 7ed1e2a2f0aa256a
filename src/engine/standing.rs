use crate::engine::{Engine, Target, Waiting};
use crate::plan::HostIdx;

impl Engine {
    /// All that keeps one host from going on now: of what the run waits for, what concerns the host, its stage or a stage
    /// before it.
    ///
    /// INVARIANT: `host` is one of the plan's.
    pub fn keeps_back(&self, host: HostIdx) -> Vec<Waiting> {
        let stage = self.plan.host(host).stage;
        let is_stage_past = self.stage().is_none_or(|now| now > stage);
        let concerns = |waiting: &Waiting| match waiting {
            Waiting::Window { stage: waits, opens_at } => {
                *waits < stage || *waits == stage && self.lane_waits_until(host).is_none_or(|opens| opens == *opens_at)
            }
            Waiting::Soak { stage: waits, .. } | Waiting::Approval { stage: waits, .. } => *waits < stage,
            Waiting::Budget { host: waits, .. } => *waits == host,
            Waiting::Person { what, .. } => self.is_part(host, *what) || !is_stage_past && self.keeps_stage_back(*what),
        };
        self.waiting().into_iter().filter(concerns).collect()
    }

    fn lane_waits_until(&self, host: HostIdx) -> Option<crate::time::Moment> {
        let lane = self.layout.lane_of(host)?;
        self.lane(lane).window.map(|(_, opens_at)| opens_at)
    }

    fn is_part(&self, host: HostIdx, what: Target) -> bool {
        let planned = self.plan.host(host);
        match what {
            Target::Rollout => true,
            Target::Stage(stage) => stage == planned.stage,
            Target::Region(region) => region == self.plan.region_of(host),
            Target::Site(site) => site == planned.site,
            Target::Batch { .. } => self.layout.batch_of(host).is_some_and(|batch| self.layout.target(batch) == what),
            Target::Host(one) => one == host,
        }
    }

    /// What is held in a stage before keeps the later ones waiting, if the whole stage is.
    fn keeps_stage_back(&self, what: Target) -> bool {
        matches!(what, Target::Stage(stage) if Some(stage) == self.stage())
    }
}
