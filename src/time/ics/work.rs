/// What one file may ask for. A line of twenty letters can ask for a day in every week of a century, so the work is
/// counted and not the bytes.
#[derive(Debug, Default)]
pub(super) struct Work {
    followed: i64,
    covered: usize,
    replaced: usize,
}

/// About nine hundred events that recur for ever; some seconds of work.
const MOST_FOLLOWED: i64 = 30_000_000;

/// Events of one `UID` that recur, times those that replace an occurrence of it: of a calendar program the first is one.
const MOST_REPLACED: usize = 1_000_000;

/// So many days may all events together cover, counted with repetition.
const MOST_COVERED: usize = 1_000_000;

impl Work {
    /// A rule is followed through so many days.
    pub(super) fn follow(&mut self, days: i64) -> Result<(), String> {
        self.followed = self.followed.saturating_add(days);
        match self.followed <= MOST_FOLLOWED {
            true => Ok(()),
            false => Err("so many rules that recur for so long are too much work: say `UNTIL`".to_owned()),
        }
    }

    /// So many events replace occurrences of one more event.
    pub(super) fn replace(&mut self, count: usize) -> Result<(), String> {
        self.replaced += count;
        match self.replaced <= MOST_REPLACED {
            true => Ok(()),
            false => Err("so many events of one `UID` and so many that replace them are too much work".to_owned()),
        }
    }

    /// One more day is covered.
    pub(super) fn cover(&mut self) -> Result<(), String> {
        self.covered += 1;
        match self.covered <= MOST_COVERED {
            true => Ok(()),
            false => Err(format!("the events cover more than {MOST_COVERED} days")),
        }
    }
}
