use crate::plan::{BatchPlan, Ledger, Plan};
use crate::time::Moment;

/// How many hosts of each budget group are down at once at the worst moment of a plan, if all goes as planned.
pub fn most_down(plan: &Plan) -> Vec<u32> {
    let mut most = vec![0; plan.budgets.len()];
    if !plan.steps.iter().any(|step| step.down) {
        return most;
    }
    let mut ledger = Ledger::of(plan);
    for (_, change, batch) in changes(plan) {
        for &host in &batch.hosts {
            match change {
                Change::End => ledger.bring_up(host),
                Change::Start => {
                    ledger.take_down(host);
                    for &group in ledger.groups_of(host) {
                        let group = group as usize;
                        most[group] = ledger.down_in(group).max(most[group]);
                    }
                }
            }
        }
    }
    most
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// Comes first: who ends at a moment is up when another begins at it.
    End,
    Start,
}

fn changes<'a>(plan: &'a Plan) -> Vec<(Moment, Change, &'a BatchPlan)> {
    let turns = plan.stages.iter().flat_map(|stage| &stage.turns);
    let batches = turns.flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches);
    let of_batch =
        |batch: &'a BatchPlan| [(batch.starts_at, Change::Start, batch), (batch.ends_at, Change::End, batch)];
    let mut changes: Vec<_> = batches.flat_map(of_batch).collect();
    changes.sort_by_key(|(at, change, _)| (*at, *change));
    changes
}

#[cfg(test)]
mod tests {
    use crate::model::{Budget, Scope};
    use crate::plan::example::{Example, batch};
    use crate::plan::most_down;

    #[test]
    fn the_worst_moment_counts() {
        let mut example = Example::plain(7);
        example.rest().batch = batch(Budget::Hosts(3), Scope::Site, None);
        example.service("mail", "site", "here", &[(Budget::Hosts(2), None), (Budget::Percent(0.0), Some("cluster"))]);
        assert_eq!(most_down(&example.plan("2007-05-08 12:00Z")), [3, 2, 1, 2, 1]);
        example.rollout.steps[0].down = false;
        assert_eq!(most_down(&example.plan("2007-05-08 12:00Z")), [0; 5]);
    }
}
