use crate::engine::layout::{LaneIdx, LanePlace};
use crate::engine::{Engine, HostState, Status};
use crate::plan::HostIdx;

/// What runs ahead of the batches: the first steps of every host of a turn, as soon as the turn begins. They wait for no
/// window and draw on no budget, since they take no host down.
impl Engine {
    /// Begins what runs ahead on every host of a lane that is not held.
    pub(super) fn begin_ahead(&mut self, lane: LaneIdx) {
        if self.lane(lane).ahead.is_empty() || self.is_lane_held(lane) {
            return;
        }
        let waiting = std::mem::take(&mut self.lane_mut(lane).ahead);
        let (held, free): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|host| self.is_host_held(*host));
        self.lane_mut(lane).ahead = held.into();
        if free.is_empty() {
            return;
        }
        let LanePlace { stage, turn, lane, .. } = *self.layout.lane(lane);
        self.tell(Status::AheadBegan { stage, turn, lane, hosts: free.clone() });
        for host in free {
            self.begin_first_step(host);
        }
    }

    /// All that runs ahead is done on the host; its batch comes next.
    pub(super) fn is_ready(&mut self, host: HostIdx) {
        self.deactivate(host);
        self.set_state(host, HostState::Ready);
        self.wait_for_batch(host);
    }

    /// The state of a host that is in a step on its way forward.
    pub(super) fn in_step(&self, step: u32) -> HostState {
        if step < self.layout.ahead { HostState::Ahead { step } } else { HostState::Changing { step } }
    }
}
