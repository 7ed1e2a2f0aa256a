use std::iter::Sum;

use crate::time::Duration;

/// What a run waits for, so that it would be over sooner if that went faster.
///
/// Several things may go on at once, in different regions: the first of these in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// Hosts wait for room in a budget, while steps are under way.
    Budget,
    /// Steps and their undos, and the pauses between their attempts.
    Steps,
    /// Gates that are asked again until they pass, for long enough or not in time.
    Gate,
    Approval,
    Soak,
    /// A region's window, or the rollout's start.
    Window,
    /// A hold, or a lost step, that people must do something about.
    People,
}

impl Binding {
    pub const ALL: [Binding; 7] = [
        Binding::Budget,
        Binding::Steps,
        Binding::Gate,
        Binding::Approval,
        Binding::Soak,
        Binding::Window,
        Binding::People,
    ];
}

/// For how long something was waited for, by what it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waited {
    by: [Duration; Binding::ALL.len()],
}

impl Waited {
    pub(super) fn note(&mut self, binding: Binding, length: Duration) {
        let sum = &mut self.by[binding as usize];
        *sum = *sum + length;
    }

    pub fn on(&self, binding: Binding) -> Duration {
        self.by[binding as usize]
    }

    pub fn total(&self) -> Duration {
        self.by.iter().copied().sum()
    }

    /// From 0 to 1; 0 where nothing was waited for at all.
    pub fn share(&self, binding: Binding) -> f64 {
        match self.total().seconds() {
            0 => 0.0,
            total => self.on(binding).seconds() as f64 / total as f64,
        }
    }
}

impl Sum for Waited {
    fn sum<I: Iterator<Item = Waited>>(all: I) -> Waited {
        let mut sum = Waited::default();
        for waited in all {
            Binding::ALL.into_iter().for_each(|binding| sum.note(binding, waited.on(binding)));
        }
        sum
    }
}
