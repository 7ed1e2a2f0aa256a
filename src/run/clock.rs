use crate::time::Moment;
use crate::world::{RealWorld, World};

/// What time it is for a run. It never goes back, whatever the machine's clock does.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    now: Moment,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wall,
    /// Stands until it is told to jump.
    Virtual,
}

impl Clock {
    /// The machine's, but no earlier than `at`.
    pub fn wall(at: Moment) -> Clock {
        Clock { now: at.max(RealWorld.now()), kind: Kind::Wall }
    }

    /// A rehearsal's.
    pub fn virtual_from(at: Moment) -> Clock {
        Clock { now: at, kind: Kind::Virtual }
    }

    pub fn is_virtual(&self) -> bool {
        self.kind == Kind::Virtual
    }

    pub fn now(&mut self) -> Moment {
        if self.kind == Kind::Wall {
            self.now = self.now.max(RealWorld.now());
        }
        self.now
    }

    /// Only a virtual clock jumps.
    pub fn jump(&mut self, to: Moment) {
        if self.kind == Kind::Virtual {
            self.now = self.now.max(to);
        }
    }
}
